/** The elastic family: a linear and a deep path, fused where both help; kept, resumed and explained like any other. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example } from '#eft/data/dataset.js';
import type { Engine } from '#eft/engine/engine.js';
import { createWasmEngine } from '#eft/engine/wasm/engine.js';
import { InputError, InterruptedError } from '#eft/errors.js';
import { RunFolder } from '#eft/formats/runFolder.js';
import { decodeSafetensors } from '#eft/formats/safetensors.js';
import { Classifier } from '#eft/inference/classifier.js';
import { parseTrainOptions } from '#eft/learning/options.js';
import { type Prepared, partsOf, prepare } from '#eft/learning/prepare.js';
import { type RunOptions, type RunResult, trainRun } from '#eft/learning/run.js';
import { train } from '#eft/learning/train.js';
import { MemoryStore } from '#eft/platform/store.js';
import { RandomStream } from '#eft/random.js';

/** Two words in one order or the other, with any of many others between: a pattern that no n-gram has often. */
function ordered(count: number, seed: number): Example<string>[] {
  const random = new RandomStream(seed, 'test');
  const filler = (): string => `w${random.nextInteger(300)}`;
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2;
    const words = Array.from({ length: 6 + random.nextInteger(8) }, filler);
    const pattern = label === 1 ? ['left', filler(), 'right'] : ['right', filler(), 'left'];
    words.splice(random.nextInteger(words.length), 0, ...pattern);
    return { input: words.join(' '), label: `c${label}` };
  });
}

/** One word decides: nothing is left for a deep path. */
function plain(count: number, seed: number): Example<string>[] {
  const random = new RandomStream(seed, 'test');
  return Array.from({ length: count }, (_, i) => {
    const label = random.next() < 0.1 ? (i + 1) % 2 : i % 2;
    const words = Array.from({ length: 8 }, () => `w${random.nextInteger(40)}`);
    words.splice(random.nextInteger(words.length), 0, `sign${i % 2}`);
    return { input: words.join(' '), label: `c${label}` };
  });
}

let engine: Engine;
beforeAll(async () => {
  engine = await createWasmEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

const SMALL = {
  model: 'elastic',
  seed: 3,
  sequenceLength: 32,
  epochs: 6,
  learningRate: 0.01,
  batchSize: 16,
  vocabulary: 400,
  channels: 16,
  bank: 64,
  dropout: 0.2,
  wordDropout: 0,
} as const;

type Kind = (count: number, seed: number) => Example<string>[];

const prepared = (kind: Kind, more: object = {}): Promise<Prepared> =>
  prepare(
    partsOf({ name: 'texts', examples: kind(600, 1) }, { name: 'validation', examples: kind(300, 2) }),
    parseTrainOptions({ ...SMALL, ...more }),
  );

const run = (folder: MemoryStore, parts: Prepared, more: Partial<RunOptions> = {}): Promise<RunResult> =>
  trainRun({
    engine,
    ...parts,
    reading: { long: parts.long },
    data: { name: 'texts' },
    folder: new RunFolder(folder),
    ...more,
  });

const open = (folder: MemoryStore, options = {}): Promise<Classifier> =>
  Classifier.load(folder, { threads: 1, ...options });

/** Not `toEqual`, which takes seconds for so many bytes. */
const sameModel = (a: MemoryStore, b: MemoryStore): boolean =>
  Buffer.compare(a.files.get('model.safetensors')!, b.files.get('model.safetensors')!) === 0;

const tensorsOf = (folder: MemoryStore): string[] => {
  const file = folder.files.get('model.safetensors')!;
  return [...decodeSafetensors(file, 'model').tensors.keys()];
};

describe('where the order of words decides', () => {
  const store = new MemoryStore();
  let result: RunResult;
  let classifier: Classifier;
  beforeAll(async () => {
    result = await run(store, await prepared(ordered));
    classifier = await open(store);
  });
  afterAll(() => classifier.dispose());

  test('the deep path is kept and finds what n-grams cannot', async () => {
    expect(classifier.fusion!.deep).toBeGreaterThan(0);
    expect(classifier.fusion!.gain).toBeGreaterThan(0);
    const test = ordered(600, 4);
    const linear = await train({
      data: ordered(600, 1).map(({ input, label }) => ({ text: input, label })),
      model: 'linear',
      threads: 1,
    });
    const [own, others] = [await classifier.evaluate(test), await linear.evaluate(test)];
    await linear.dispose();
    expect(own.accuracy).toBeGreaterThan(0.95);
    expect(own.accuracy).toBeGreaterThan(others.accuracy + 0.1);
  });

  test('the saved model gives what validation was told', async () => {
    const { validation: best } = result.state.history[result.state.bestEpoch - 1];
    const { accuracy, loss } = await classifier.evaluate(ordered(300, 2));
    expect(accuracy).toBe(best.accuracy);
    // Embeddings are kept in half precision.
    expect(Math.abs(loss - best.loss)).toBeLessThan(2e-3);
    const losses = result.state.history.map(({ validation }) => validation.loss);
    expect(best.loss).toBe(Math.min(...losses));
  });

  test('the configuration says what came of it', async () => {
    const { fusion } = await new RunFolder(store).readConfig();
    expect(fusion).toEqual(classifier.fusion);
  });

  test('one file holds both paths, and saves to the same bytes', async () => {
    const names = tensorsOf(store);
    expect(names).toContain('embedding.token.weight');
    expect(names).toContain('linear.evidence.weight');
    expect(names).toContain('linear.encoder.hashes');
    const copy = new MemoryStore();
    await classifier.save(copy);
    expect(sameModel(copy, store)).toBe(true);
  });

  test('the checkpoint serves other lengths as it is', async () => {
    const test = ordered(200, 5);
    const { accuracy } = await classifier.evaluate(test);
    for (const sequenceLength of [24, 64, 256]) {
      const other = await open(store, { sequenceLength });
      expect((await other.evaluate(test)).accuracy).toBeCloseTo(accuracy, 1);
      await other.dispose();
    }
  });

  test('answers do not depend on what is asked beside', async () => {
    const texts = ordered(70, 6).map(({ input }) => input);
    const together = await classifier.predict(texts);
    const alone = await Promise.all(texts.slice(0, 5).map((text) => classifier.predict(text)));
    expect(together.slice(0, 5)).toEqual(alone);
  });

  test('any number of threads gives the same bits', async () => {
    for (const threads of [2, 3]) {
      const other = new MemoryStore();
      const many = await createWasmEngine({ threads });
      await run(other, await prepared(ordered), { engine: many }).finally(() => many.dispose());
      expect(sameModel(other, store)).toBe(true);
    }
  });

  test('resumes after an interruption at any step with the same bits', async () => {
    const steps = result.state.step;
    for (const stopAfter of [1, Math.floor(steps / 3), steps - 1]) {
      const other = new MemoryStore();
      const controller = new AbortController();
      const hooks = { onStep: ({ step }: { step: number }) => step >= stopAfter && controller.abort() };
      const parts = await prepared(ordered);
      await expect(run(other, parts, { hooks, signal: controller.signal })).rejects.toThrow(InterruptedError);
      await (await open(other)).dispose();
      await run(other, parts, { resume: true });
      expect(sameModel(other, store)).toBe(true);
    }
  });

  test('a description of the linear path that does not fit is refused', async () => {
    const { tensors, metadata } = decodeSafetensors(store.files.get('model.safetensors')!, 'model');
    const other = new MemoryStore();
    for (const [name, bytes] of store.files) other.files.set(name, bytes);
    const { encodeSafetensors } = await import('#eft/formats/safetensors.js');
    for (const linear of ['{', '{}', metadata.linear.replace('"classes":2', '"classes":3')]) {
      const bytes = encodeSafetensors({ tensors, metadata: { ...metadata, linear } });
      other.files.set('model.safetensors', Buffer.concat(bytes));
      await expect(open(other)).rejects.toThrow(InputError);
      await expect(open(other)).rejects.toThrow('the linear path is described wrongly');
    }
  });
});

describe('where single words decide', () => {
  test('the deep path is left out, and the file is as small as the linear one', async () => {
    const store = new MemoryStore();
    await run(store, await prepared(plain));
    const names = tensorsOf(store);
    expect(names.filter((name) => !name.startsWith('linear.'))).toEqual([]);
    const classifier = await open(store);
    expect(classifier.fusion!.deep).toBe(0);
    const data = plain(600, 1).map(({ input, label }) => ({ text: input, label }));
    const validation = plain(300, 2).map(({ input, label }) => ({ text: input, label }));
    const linear = await train({ data, validation, model: 'linear', seed: 3, threads: 1 });
    const test = plain(600, 7);
    const [own, other] = [await classifier.evaluate(test), await linear.evaluate(test)];
    expect(own.confusion).toEqual(other.confusion);
    const [first] = await classifier.explain('w1 sign1 w2');
    expect(first.text).toContain('sign1');
    await classifier.dispose();
    await linear.dispose();
  });
});

test('without the linear path it is the deep one alone', async () => {
  const store = new MemoryStore();
  const { best } = await run(store, await prepared(ordered, { deepOnly: true, epochs: 1 }));
  expect(best.linear).toBeUndefined();
  expect(tensorsOf(store).filter((name) => name.startsWith('linear.'))).toEqual([]);
  const classifier = await open(store);
  await expect(classifier.explain('left')).rejects.toThrow(InputError);
  await classifier.dispose();
});
