/** Prediction: order, overlapping calls, streams, and sources that are slow or fail. */

import { expect, test } from 'vitest';
import type { Batch, Engine, Forward } from '#eft/engine/engine.js';
import { Classifier } from '#eft/inference/classifier.js';
import { FORWARD_BATCH } from '#eft/inference/forwardQueue.js';
import { WordEncoder } from '#eft/input/words.js';
import { configureModel } from '#eft/model/configuration.js';
import { trainingSettingsSchema } from '#eft/model/trainingSettings.js';
import { ScriptedSession } from '../learning/scripted-session.js';

/** Ids of the words are 2, 3, …: the logit of a class is 1 where the first word is its own. */
class FirstWordSession extends ScriptedSession {
  readonly portions: number[] = [];

  override async forward({ tokens, offsets, labels }: Batch): Promise<Forward> {
    this.portions.push(labels.length);
    const logits = new Float32Array(2 * labels.length);
    labels.forEach((_, i) => {
      const first = tokens[offsets[i]] - 2;
      if (first >= 0 && first < 2) logits[2 * i + first] = 1;
    });
    return { logits, losses: new Float32Array(labels.length) };
  }
}

async function predictor(long: 'head' | 'windows' = 'head') {
  const session = new FirstWordSession();
  const engine: Engine = {
    name: 'scripted',
    tier: 'none',
    arithmetic: 'none',
    threads: 1,
    createTraining: async () => session,
    createInference: async () => session,
    async dispose() {},
  };
  const encoder = new WordEncoder(['ham', 'spam'], { vocabulary: 10 });
  const model = configureModel({ model: 'bag', sequenceLength: 4, vocabulary: 10 });
  const config = {
    model,
    classes: ['ham', 'spam'],
    training: trainingSettingsSchema.parse({ learningRate: 0.01 }),
    reading: { long },
    data: {},
  };
  const saved = { config, encoder, parameters: new Map<string, Float32Array>(), epoch: 1 };
  return { session, classifier: await Classifier.open(saved, engine) };
}

async function* textsOf(count: number, fails = false): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield i % 3 === 0 ? 'spam' : 'ham';
  if (fails) throw new Error('the source broke');
}

test('softmax of the logits, largest first; the first class of equal ones', async () => {
  const { classifier } = await predictor();
  const e = Math.E;
  const [known, unknown] = await classifier.predict(['spam', 'neither']);
  expect(known.map(({ label }) => label)).toEqual(['spam', 'ham']);
  expect(known[0].score).toBeCloseTo(e / (e + 1), 12);
  expect(known[1].score).toBeCloseTo(1 / (e + 1), 12);
  expect(unknown).toEqual([
    { label: 'ham', score: 0.5 },
    { label: 'spam', score: 0.5 },
  ]);
  expect(await classifier.predict('spam', { topK: 1 })).toEqual(known.slice(0, 1));
});

test('overlapping calls get the answers that they would get one by one, in shared batches', async () => {
  const { classifier, session } = await predictor();
  const texts = Array.from({ length: 100 }, (_, i) => (i % 7 < 3 ? 'spam' : 'ham'));
  const whole = await classifier.predict(texts);
  session.portions.length = 0;
  const calls = await Promise.all(Array.from({ length: 100 }, () => classifier.predict(texts)));
  for (const answer of calls) expect(answer).toEqual(whole);
  expect(Math.max(...session.portions)).toBe(FORWARD_BATCH);
  expect(session.portions.length).toBe(Math.ceil(10_000 / FORWARD_BATCH));
});

test('disposing answers what was asked before, and takes nothing after', async () => {
  const { classifier } = await predictor();
  const asked = classifier.predict('spam');
  await classifier.dispose();
  expect((await asked)[0].label).toBe('spam');
  await expect(classifier.predict('spam')).rejects.toThrow('disposed of');
});

test.each([0, 1, FORWARD_BATCH, 3 * FORWARD_BATCH + 5])(
  'a stream of %i texts keeps its order',
  async (count) => {
    const { session, classifier } = await predictor();
    const labels: string[] = [];
    for await (const [{ label }] of classifier.predictStream(textsOf(count))) labels.push(label);
    expect(labels).toEqual(Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 'spam' : 'ham')));
    expect(Math.max(0, ...session.portions)).toBeLessThanOrEqual(FORWARD_BATCH);
  },
);

test('a source that pauses gets its answers before it goes on', async () => {
  const { classifier } = await predictor();
  let answered = (): void => {};
  const firstAnswer = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const source = async function* (): AsyncGenerator<string> {
    yield 'spam';
    // Comes only once the first text is answered: a stream that waited for a full portion would never end.
    await firstAnswer;
    yield 'ham';
  };
  const labels: string[] = [];
  for await (const [{ label }] of classifier.predictStream(source())) {
    labels.push(label);
    answered();
  }
  expect(labels).toEqual(['spam', 'ham']);
});

test('a fault of the source is thrown, after the full portions before it', async () => {
  const { classifier } = await predictor();
  const labels: string[] = [];
  const all = async (): Promise<void> => {
    for await (const [{ label }] of classifier.predictStream(textsOf(FORWARD_BATCH + 3, true)))
      labels.push(label);
  };
  await expect(all()).rejects.toThrow('the source broke');
  expect(labels.length).toBeGreaterThanOrEqual(FORWARD_BATCH);
});

test('a reader that stops ends the source', async () => {
  const { classifier } = await predictor();
  let ended = false;
  const source = async function* (): AsyncGenerator<string> {
    try {
      for (;;) yield 'spam';
    } finally {
      ended = true;
    }
  };
  for await (const _ of classifier.predictStream(source())) break;
  expect(ended).toBe(true);
});

test('a short text is answered before one of many windows that came first', async () => {
  const { classifier } = await predictor('windows');
  const answered: string[] = [];
  const long = classifier.predict('spam '.repeat(4000)).then(() => answered.push('long'));
  const short = classifier.predict('ham').then(() => answered.push('short'));
  await Promise.all([long, short]);
  expect(answered).toEqual(['short', 'long']);
});

test('a prediction ends with its signal, and its windows are not worked on', async () => {
  const { session, classifier } = await predictor('windows');
  const controller = new AbortController();
  const counts: number[] = [];
  const reason = new Error('the client is gone');
  const onSequences = (count: number): void => {
    counts.push(count);
    queueMicrotask(() => controller.abort(reason));
  };
  const options = { signal: controller.signal, onSequences };
  await expect(classifier.predict('spam '.repeat(8002), options)).rejects.toMatchObject({
    code: 'interrupted',
    cause: reason,
  });
  expect(counts).toEqual([4000]);
  expect(session.portions.reduce((sum, size) => sum + size, 0)).toBeLessThan(4000);
  await expect(classifier.predict('spam', options)).rejects.toMatchObject({
    code: 'interrupted',
    cause: reason,
  });
});

test('an input that is refused for its number of windows does no work', async () => {
  const { session, classifier } = await predictor('windows');
  const onSequences = (count: number): void => {
    throw new Error(`${count} are too many`);
  };
  await expect(classifier.predict('spam '.repeat(102), { onSequences })).rejects.toThrow('50 are too many');
  expect(session.portions).toEqual([]);
});
