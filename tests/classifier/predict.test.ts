/** Streaming prediction: order, portions, and sources that are slow or fail. */
import { expect, test } from 'vitest';
import { PORTION, Predictor } from '#eft/classifier/predict.js';
import type { Batch, Forward } from '#eft/engine/engine.js';
import { WordTokenizer } from '#eft/input/words.js';
import { configureModel } from '#eft/model/configuration.js';
import { ScriptedSession } from '../training/scripted-session.js';

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

function predictor() {
  const session = new FirstWordSession();
  const tokenizer = new WordTokenizer(['ham', 'spam'], { vocabulary: 10 });
  const model = configureModel({ model: 'bag', sequenceLength: 4, vocabulary: 10 });
  return { session, predictor: new Predictor(session, tokenizer, model, ['ham', 'spam']) };
}

async function* textsOf(count: number, fails = false): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield i % 3 === 0 ? 'spam' : 'ham';
  if (fails) throw new Error('the source broke');
}

test('softmax of the logits; the first class of equal ones', async () => {
  const { predictor: one } = predictor();
  const e = Math.E;
  const [known, unknown] = await one.predict(['spam', 'neither']);
  expect(known.label).toBe('spam');
  expect(known.scores.spam).toBeCloseTo(e / (e + 1), 12);
  expect(known.scores.ham).toBeCloseTo(1 / (e + 1), 12);
  expect(unknown).toEqual({ label: 'ham', scores: { ham: 0.5, spam: 0.5 } });
});

test.each([0, 1, PORTION, 3 * PORTION + 5])('a stream of %i texts keeps its order', async (count) => {
  const { session, predictor: one } = predictor();
  const labels: string[] = [];
  for await (const { label } of one.stream(textsOf(count))) labels.push(label);
  expect(labels).toEqual(Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 'spam' : 'ham')));
  expect(Math.max(0, ...session.portions)).toBeLessThanOrEqual(PORTION);
});

test('a source that pauses gets its answers before it goes on', async () => {
  const { predictor: one } = predictor();
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
  for await (const { label } of one.stream(source())) {
    labels.push(label);
    answered();
  }
  expect(labels).toEqual(['spam', 'ham']);
});

test('a fault of the source is thrown, after the full portions before it', async () => {
  const { predictor: one } = predictor();
  const labels: string[] = [];
  const all = async (): Promise<void> => {
    for await (const { label } of one.stream(textsOf(PORTION + 3, true))) labels.push(label);
  };
  await expect(all()).rejects.toThrow('the source broke');
  expect(labels.length).toBeGreaterThanOrEqual(PORTION);
});

test('a reader that stops ends the source', async () => {
  const { predictor: one } = predictor();
  let ended = false;
  const source = async function* (): AsyncGenerator<string> {
    try {
      for (;;) yield 'spam';
    } finally {
      ended = true;
    }
  };
  for await (const _ of one.stream(source())) break;
  expect(ended).toBe(true);
});
