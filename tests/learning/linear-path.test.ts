/** The linear family from texts to answers: accuracy, size, calibration, evidence, and the same bits whatever happens. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example } from '#eft/data/dataset.js';
import type { Engine } from '#eft/engine/engine.js';
import { createWasmEngine } from '#eft/engine/wasm/engine.js';
import { InputError, InterruptedError } from '#eft/errors.js';
import { RunFolder } from '#eft/formats/runFolder.js';
import { Classifier } from '#eft/inference/classifier.js';
import { parseTrainOptions } from '#eft/learning/options.js';
import { type Prepared, partsOf, prepare } from '#eft/learning/prepare.js';
import { type RunOptions, type RunResult, trainRun } from '#eft/learning/run.js';
import { train } from '#eft/learning/train.js';
import { MemoryStore } from '#eft/platform/store.js';
import { RandomStream } from '#eft/random.js';

const FILLER = ['the', 'film', 'was', 'and', 'plot', 'actors', 'it', 'music', 'scene', ',', '.'];

/** Reviews that "not" turns round, some with a wrong label: words alone cannot tell, pairs can. */
function reviews(count: number, classes: number, seed = 1, wrongShare = 0.05): Example<string>[] {
  const random = new RandomStream(seed, 'test');
  const pick = (words: readonly string[]): string => words[random.nextInteger(words.length)];
  return Array.from({ length: count }, (_, i) => {
    const label = i % classes;
    const judgement =
      classes === 2
        ? label === 1
          ? ['not bad', 'good', 'good']
          : ['not good', 'bad', 'bad']
        : [`kind${label}`];
    const words = Array.from({ length: 4 + random.nextInteger(12) }, () => pick(FILLER));
    words.splice(random.nextInteger(words.length), 0, pick(judgement));
    const wrong = random.next() < wrongShare;
    return { input: words.join(' '), label: `c${wrong ? (label + 1) % classes : label}` };
  });
}

let engine: Engine;
beforeAll(async () => {
  engine = await createWasmEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

const prepared = (classes: number, more: object = {}): Promise<Prepared> =>
  prepare(
    partsOf(
      { name: 'reviews', examples: reviews(400, classes) },
      { name: 'validation', examples: reviews(200, classes, 2) },
    ),
    parseTrainOptions({ model: 'linear', seed: 3, ...more }),
  );

const run = (folder: MemoryStore, parts: Prepared, more: Partial<RunOptions> = {}): Promise<RunResult> =>
  trainRun({
    engine,
    ...parts,
    reading: { long: parts.long },
    data: { name: 'reviews' },
    folder: new RunFolder(folder),
    ...more,
  });

const open = (folder: MemoryStore): Promise<Classifier> => Classifier.load(folder, { threads: 1 });

describe.each([2, 5])('%i classes', (classes) => {
  const store = new MemoryStore();
  const validation = reviews(200, classes, 2);
  let result: RunResult;
  let classifier: Classifier;
  beforeAll(async () => {
    result = await run(store, await prepared(classes));
    classifier = await open(store);
  });
  afterAll(() => classifier.dispose());

  test('finds what decides, wrong labels or not', async () => {
    const { accuracy } = await classifier.evaluate(reviews(400, classes, 3, 0));
    expect(accuracy).toBeGreaterThan(0.96);
  });

  test('the engine gives what the solver was judged by, calibrated', async () => {
    const { validation: best } = result.state.history[result.state.bestEpoch - 1];
    const { accuracy, loss } = await classifier.evaluate(validation);
    expect(accuracy).toBe(best.accuracy);
    expect(loss).toBeLessThan(best.loss + 1e-6);
  });

  test('the file holds a hash and a byte for each output of each n-gram, and little more', async () => {
    const { configuration } = classifier;
    const bytes = store.files.get('model.safetensors')!.length;
    const outputs = classes === 2 ? 1 : classes;
    const rare = classes === 2 ? 0 : 1;
    expect(bytes).toBeLessThan(configuration.vocabulary * (4 + outputs + rare) + 1500);
  });

  test('evidence adds up to the logits', async () => {
    const text = 'the film was good and kind1 , not bad . unheard';
    const pieces = await classifier.explain(text);
    const nothing = await classifier.explain('unheard');
    expect(nothing).toEqual([]);
    const logitsOf = async (input: string): Promise<number[]> => {
      const scores = new Map((await classifier.predict(input)).map(({ label, score }) => [label, score]));
      return classifier.classes.map((label) => Math.log(scores.get(label)!));
    };
    const [some, none] = [await logitsOf(text), await logitsOf('unheard')];
    for (let c = 1; c < classes; c++) {
      const sum = pieces.reduce((total, { evidence }) => total + evidence[c] - evidence[0], 0);
      expect(some[c] - some[0] - (none[c] - none[0])).toBeCloseTo(sum, 4);
    }
    const [{ label }] = await classifier.predict(text);
    const of = classifier.classes.indexOf(label);
    const sizes = pieces.map(({ evidence }) => Math.abs(evidence[of]));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(pieces.map((piece) => piece.text)).toContain(classes === 2 ? 'not bad' : 'kind1');
  });

  test('resumes after an interruption at any step with the same bits', async () => {
    for (const stopAfter of [1, 6, 8, 20]) {
      const other = new MemoryStore();
      const controller = new AbortController();
      const hooks = { onStep: ({ step }: { step: number }) => step >= stopAfter && controller.abort() };
      const parts = await prepared(classes);
      await expect(run(other, parts, { hooks, signal: controller.signal })).rejects.toThrow(InterruptedError);
      await (await open(other)).dispose();
      await run(other, parts, { resume: true });
      expect(other.files.get('model.safetensors')).toEqual(store.files.get('model.safetensors'));
      const withoutTimes = ({ state }: { state: unknown }): unknown =>
        JSON.parse(JSON.stringify(state), (key, value: unknown) => (key === 'seconds' ? 0 : value));
      const checkpoint = await run(other, parts, { resume: true });
      expect(withoutTimes(checkpoint)).toEqual(withoutTimes(result));
    }
  });
});

test('keeps no more n-grams than it is told to', async () => {
  const store = new MemoryStore();
  const { best } = await run(store, await prepared(2, { maxFeatures: 12 }));
  expect(best.encoder.vocabulary).toBe(12);
  const classifier = await open(store);
  expect((await classifier.evaluate(reviews(400, 2, 3, 0))).accuracy).toBeGreaterThan(0.9);
  await classifier.dispose();
});

test('texts that have nothing in common train a model all the same', async () => {
  const examples = Array.from({ length: 40 }, (_, i) => ({ text: `w${i}`, label: i % 2 ? 'a' : 'b' }));
  const classifier = await train({ data: examples, validation: examples, model: 'linear', threads: 1 });
  const [{ score }] = await classifier.predict('w1');
  expect(score).toBeCloseTo(0.5, 1);
  expect(classifier.hasKnownTokens('w1')).toBe(false);
  await classifier.dispose();
});

test('refuses options that mean nothing to it, and other models to explain', async () => {
  const data = reviews(40, 2).map(({ input, label }) => ({ text: input, label }));
  const wrong = train({ data, model: 'linear', weightDecay: 0.1, threads: 1 });
  await expect(wrong).rejects.toThrow("model 'linear' has no option 'weightDecay'");
  const bag = await train({ data, model: 'bag', epochs: 1, threads: 1 });
  await expect(bag.explain('good')).rejects.toThrow(InputError);
  await bag.dispose();
});
