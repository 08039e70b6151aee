/** Inputs that come in chunks: a running answer is what `predict` says of what has come, the last one that of the whole. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Classifier } from '#eft/inference/classifier.js';
import type { Input, Signal } from '#eft/input/input.js';
import type { LongMode } from '#eft/input/long.js';
import { type TrainOptions, train } from '#eft/learning/train.js';
import { MemoryStore } from '#eft/platform/store.js';
import { RandomStream } from '#eft/random.js';

function signalOf(steps: number, seed: number, channels = 2): Signal {
  const random = new RandomStream(seed, 'test');
  const values = Float32Array.from(
    { length: steps * channels },
    (_, i) => random.nextNormal() + Math.sin((i * (1 + (seed % 2))) / 7),
  );
  return { channels, values };
}

const WORDS = ['good', 'bad', 'plot', 'zéro', 'naïve', '🎬', 'fin', "it's", 'a', 'the', '<br />', '.'];

function textOf(words: number, seed: number): string {
  const random = new RandomStream(seed, 'test');
  const drawn = Array.from({ length: words }, () => WORDS[random.nextInteger(WORDS.length)]);
  return `${drawn.join(' ')} ${seed % 2 === 0 ? 'good' : 'bad'}`;
}

const SIGNALS = Array.from({ length: 40 }, (_, i) => ({
  signal: signalOf(60 + i, i),
  label: `kind ${i % 2}`,
}));
const TEXTS = Array.from({ length: 60 }, (_, i) => ({ text: textOf(20, i), label: `kind ${i % 2}` }));
const BYTES = TEXTS.map(({ text, label }) => ({ input: new TextEncoder().encode(text), label }));

const SMALL = { epochs: 1, channels: 8, blocks: 1 } as const;

/** What is read of inputs by each kind of model. */
const KINDS: Readonly<Record<string, { options: Partial<TrainOptions>; longs: readonly LongMode[] }>> = {
  'elastic on signals in windows': {
    options: { data: SIGNALS, model: 'elastic', patch: 4, window: 10, filters: 4, scales: 2 },
    longs: ['head', 'tail', 'head-tail', 'windows'],
  },
  'elastic-fourier on signals': {
    options: { data: SIGNALS, model: 'elastic-fourier', hidden: 8 },
    longs: ['head', 'windows'],
  },
  'rocket on signals': { options: { data: SIGNALS, model: 'rocket' }, longs: ['head'] },
  'elastic on bytes': {
    options: { data: BYTES, model: 'elastic', tokenizer: 'bytes', sequenceLength: 100 },
    longs: ['head', 'tail'],
  },
  'the deep path of elastic on bytes': {
    options: {
      ...{ data: BYTES, model: 'elastic', tokenizer: 'bytes' },
      sequenceLength: 300,
      deepOnly: true,
    },
    longs: ['head'],
  },
  'elastic on words': {
    options: { data: TEXTS, model: 'elastic', sequenceLength: 30 },
    longs: ['head', 'windows'],
  },
};

const opened: Classifier[] = [];
afterAll(async () => {
  for (const classifier of opened) await classifier.dispose();
});

async function classifiersOf(name: string): Promise<Classifier[]> {
  const { options, longs } = KINDS[name];
  const shape = options.model === 'rocket' ? {} : SMALL;
  const trained = await train({ threads: 1, seed: 1, ...shape, ...options } as TrainOptions);
  const store = new MemoryStore();
  await trained.save(store);
  await trained.dispose();
  const found: Classifier[] = [];
  for (const long of longs) found.push(await Classifier.load(store, { threads: 1, long }));
  opened.push(...found);
  return found;
}

/** Units of an input from … to − 1; of a text, UTF-16 units. */
const cut = (input: Input, from: number, to: number): Input =>
  typeof input === 'string' || input instanceof Uint8Array
    ? input.slice(from, to)
    : { ...input, values: input.values.slice(from * input.channels, to * input.channels) };

const lengthOf = (input: Input): number =>
  typeof input === 'string' || input instanceof Uint8Array
    ? input.length
    : input.values.length / input.channels;

function expectSame(
  found: readonly { label: string; score: number }[],
  expected: readonly { label: string; score: number }[],
): void {
  const scores = new Map(found.map(({ label, score }) => [label, score]));
  for (const { label, score } of expected) expect(Math.abs(scores.get(label)! - score)).toBeLessThan(1e-5);
}

describe.each(Object.keys(KINDS))('a stream of %s', (name) => {
  it('answers as predict does, at every place and whatever the chunks', async () => {
    const inputOf = (size: number, seed: number): Input => {
      if (name.endsWith('signals') || name.endsWith('windows')) return signalOf(1 + size, seed);
      const text = textOf(Math.ceil(size / 5), seed);
      return name.endsWith('bytes') ? new TextEncoder().encode(text) : text;
    };
    for (const classifier of await classifiersOf(name)) {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 400 }),
          fc.nat(1000),
          fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 6 }),
          async (size, seed, chunks) => {
            const input = inputOf(size, seed);
            const stream = classifier.stream();
            for (let from = 0, i = 0; from < lengthOf(input); i++) {
              const to = Math.min(lengthOf(input), from + chunks[i % chunks.length]);
              const chunk = cut(input, from, to);
              await stream.push(chunk);
              // What is given is not held on to.
              if (typeof chunk !== 'string') (chunk instanceof Uint8Array ? chunk : chunk.values).fill(7);
              if (i % 3 === 1) expectSame(await stream.answer(), await classifier.predict(cut(input, 0, to)));
              from = to;
            }
            expectSame(await stream.end(), await classifier.predict(input));
          },
        ),
        { numRuns: 15 },
      );
    }
  });
});

describe('a stream', () => {
  it('takes pieces of a text for a model of bytes, also where a character is cut', async () => {
    const [classifier] = await classifiersOf('elastic on bytes');
    const text = 'naïve 🎬🎬 plot';
    const stream = classifier.stream();
    for (const unit of text.split('')) await stream.push(unit);
    expectSame(await stream.end(), await classifier.predict(text));
    const half = classifier.stream();
    await half.push('a\ud83c');
    expectSame(await half.end(), await classifier.predict('a\ud83c'));
  });

  it('refuses what does not fit, says where, and goes on', async () => {
    const [classifier] = await classifiersOf('elastic on signals in windows');
    const stream = classifier.stream({ topK: 1 });
    await expect(stream.answer()).rejects.toThrow(/nothing has come/);
    await expect(stream.push('text')).rejects.toThrow(/takes signals/);
    await expect(stream.push(signalOf(5, 1, 3))).rejects.toThrow(/3 channels; 2 are needed/);
    await expect(stream.push(new Float32Array(5))).rejects.toThrow(/no whole number of steps of 2 channels/);
    await stream.push(new Float32Array(6));
    await expect(stream.push(Float32Array.of(1, 2, Number.NaN, 1))).rejects.toThrow(
      /chunk at step 4 of the stream: step 2 .*NaN/,
    );
    expect(stream.length).toBe(3);
    // Calls that overlap keep their order.
    const [, answer, whole] = await Promise.all([stream.push(signalOf(9, 1)), stream.answer(), stream.end()]);
    expect(answer).toHaveLength(1);
    expect(whole).toEqual(answer);
    await expect(stream.push(signalOf(1, 1))).rejects.toThrow(/has ended/);
    const [words] = await classifiersOf('elastic on words');
    await expect(words.stream().push(new Uint8Array(3))).rejects.toThrow(/takes texts, not bytes/);
    await expect(words.stream().push(signalOf(3, 1))).rejects.toThrow(/takes texts, not signals/);
  });
});
