/** Models of bytes: files of any kind and texts; n-grams of bytes as the linear path, one checkpoint at any length. */
import { describe, expect, it } from 'vitest';
import { Classifier } from '#eft/inference/classifier.js';
import { encoderFromJSON } from '#eft/input/index.js';
import { NgramEncoder } from '#eft/input/ngrams.js';
import { hashOnto, mix } from '#eft/input/tokenHashes.js';
import { train } from '#eft/learning/train.js';
import { MemoryStore } from '#eft/platform/store.js';
import { RandomStream } from '#eft/random.js';

/** Four bytes in one order or the other among random ones, and bytes of a wave: three kinds of files. */
function files(count: number, seed: number): { bytes: Uint8Array; label: string }[] {
  const random = new RandomStream(seed, 'test');
  return Array.from({ length: count }, (_, i) => {
    const size = 60 + random.nextInteger(60);
    const wave = i % 3 === 2;
    const bytes = Uint8Array.from({ length: size }, (_, t) =>
      wave ? 128 + Math.round(100 * Math.sin(t / 5)) : random.nextInteger(256),
    );
    if (!wave) bytes.set(i % 3 === 0 ? [0, 255, 7, 9] : [9, 7, 255, 0], random.nextInteger(size - 4));
    return { bytes, label: ['up', 'down', 'wave'][i % 3] };
  });
}

const OPTIONS = { tokenizer: 'bytes', sequenceLength: 128, seed: 1, threads: 1 } as const;

describe.each(['elastic', 'linear'] as const)('%s on files', (model) => {
  it('learns them, and predicts the same when it is loaded', async () => {
    const classifier = await train({
      ...{ data: files(240, 1), model, ...OPTIONS },
      ...(model === 'elastic' ? { epochs: 3, bank: 16, channels: 8 } : {}),
    });
    expect(classifier.inputKind).toBe('bytes');
    const test = files(90, 2);
    expect((await classifier.evaluate(test)).accuracy).toBeGreaterThan(0.95);
    const inputs = test.slice(0, 6).map(({ bytes }) => bytes);
    const told = await classifier.predict(inputs);
    const store = new MemoryStore();
    await classifier.save(store);
    await classifier.dispose();
    const again = await Classifier.load(store, { threads: 1 });
    expect(await again.predict(inputs)).toEqual(told);
    // A text stands for its UTF-8.
    const text = new TextDecoder().decode(Uint8Array.of(9, 7, 65));
    expect(await again.predict(text)).toEqual(await again.predict(Uint8Array.of(9, 7, 65)));
    expect(again.extentOf(new Uint8Array(500))).toEqual({ tokens: 500, read: 128 });
    await expect(again.predict({ channels: 1, values: new Float32Array(4) })).rejects.toThrow(
      /is a signal; this model takes bytes/,
    );
    const [{ text: most }] = await again.explain(files(1, 5)[0].bytes);
    expect(most).toMatch(/^(\\x[0-9a-f]{2}|[ -~])+$/);
    await again.dispose();
  });
});

describe('a model of bytes', () => {
  it('reads as many of them with its linear path as with its deep one, at any length asked for', async () => {
    const marked = Array.from({ length: 120 }, (_, i) => ({
      text: `${'.'.repeat(i % 7)} ${i % 2 === 0 ? 'good' : 'poor'} ${'x'.repeat(40)}`,
      label: i % 2 === 0 ? 'yes' : 'no',
    }));
    const classifier = await train({
      ...{ data: marked, model: 'elastic', ...OPTIONS, sequenceLength: 30, epochs: 1, bank: 4, channels: 4 },
    });
    const store = new MemoryStore();
    await classifier.save(store);
    await classifier.dispose();
    const late = `${'x'.repeat(50)} good`;
    const short = await Classifier.load(store, { threads: 1 });
    const long = await Classifier.load(store, { threads: 1, sequenceLength: 64 });
    const without = await short.predict('x'.repeat(50));
    expect(await short.predict(late)).toEqual(without);
    expect(await long.predict(late)).not.toEqual(without);
    expect((await long.predict(late))[0].label).toBe('yes');
    await short.dispose();
    await long.dispose();
  });

  it('is asked for where the data are bytes', async () => {
    await expect(train({ data: files(30, 1), model: 'elastic', threads: 1 })).rejects.toThrow(
      /these data are bytes.*tokenizer: 'bytes'/,
    );
    await expect(train({ data: files(30, 1), model: 'rocket', threads: 1 })).rejects.toThrow(/takes signals/);
  });
});

describe('n-grams of bytes', () => {
  const texts = Array.from({ length: 8 }, () => 'abcdefgh');

  it('are those of 1, 2, 3, 5 and 7 bytes that five inputs have', () => {
    const encoder = NgramEncoder.learn([...texts, 'zz'], { unit: 'bytes', ngrams: 7 });
    const hash = (gram: string): number =>
      [...new TextEncoder().encode(gram)].map((byte) => mix(byte + 1)).reduce(hashOnto) >>> 0;
    const grams = [1, 2, 3, 5, 7].flatMap((order) =>
      Array.from({ length: 9 - order }, (_, at) => 'abcdefgh'.slice(at, at + order)),
    );
    expect([...encoder.arrays.get('hashes')!]).toEqual(grams.map(hash).sort((a, b) => a - b));
    expect(encoder.encode('zz', 9)).toEqual({ ids: Int32Array.of(1), weights: Float32Array.of(0) });
    expect(encoder.knownShare('abcz', 9)).toBe(0.75);
    expect(encoder.count('é')).toBe(2);
    // Learned from the beginnings alone, where no more is read.
    const begun = NgramEncoder.learn(texts, { unit: 'bytes', ngrams: 7, maxLength: 3 });
    expect(begun.vocabulary).toBe(3 + 2 + 1);
  });

  it('come back from what is saved', () => {
    const encoder = NgramEncoder.learn(texts, { unit: 'bytes', ngrams: 5 });
    const json = JSON.parse(JSON.stringify(encoder));
    const again = encoderFromJSON(json, 'the test', encoder.arrays);
    expect(again.encode('xabcdex', 99)).toEqual(encoder.encode('xabcdex', 99));
    expect(again.inputKind).toBe('bytes');
  });
});
