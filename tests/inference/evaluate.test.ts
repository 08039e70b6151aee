/** Scores of labelled data, some of whose classes the model does not know. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import type { Classifier } from '#eft/inference/classifier.js';
import { train } from '#eft/node.js';

let classifier: Classifier;
beforeAll(async () => {
  const data = Array.from({ length: 60 }, (_, i) => ({
    text: `${i % 2 ? 'win free money' : 'review the patch'} ${i}`,
    label: i % 2 ? 'spam' : 'ham',
  }));
  classifier = await train({ data, model: 'linear', threads: 1 });
});
afterAll(() => classifier.dispose());

/** More than are worked on at once, every third of a class that training had not. */
const many = Array.from({ length: 301 }, (_, i) => ({
  text: i % 2 ? 'win free money' : 'review the patch',
  label: i % 3 === 0 ? `new ${i % 2}` : i % 2 ? 'spam' : 'ham',
}));

test('unknown classes count as wrong, and leave the scores of the others as they are', async () => {
  const result = await classifier.evaluate(many);
  const known = await classifier.evaluate(many.filter(({ label }) => !label.startsWith('new')));
  expect(result.examples).toBe(301);
  expect([known.accuracy, result.accuracy]).toEqual([1, 200 / 301]);
  expect(result.loss).toBeCloseTo(known.loss, 12);
  expect(result.confusion).toEqual(known.confusion);
  expect(known.unknown).toBeUndefined();
  expect(result.unknown).toEqual({
    examples: 101,
    labels: [
      { label: 'new 0', examples: 51 },
      { label: 'new 1', examples: 50 },
    ],
    predicted: [51, 50],
  });
  expect(result.labels.filter((label) => label === -1)).toHaveLength(101);
  expect(result.losses.filter((loss) => loss === Number.POSITIVE_INFINITY)).toHaveLength(101);
});

test('portions come in order, with every example once', async () => {
  const seen: number[] = [];
  await classifier.evaluate(many, {
    onPortion(examples, logits, first) {
      expect(logits).toHaveLength(2 * examples.length);
      expect(first).toBe(seen.length);
      for (const { row } of examples) seen.push(row);
    },
  });
  expect(seen).toEqual(many.map((_, i) => i + 1));
});

test('data without any class of the model are other data', async () => {
  const foreign = classifier.evaluate([{ text: 'win', label: 'eggs' }]);
  await expect(foreign).rejects.toThrow(InputError);
  await expect(foreign).rejects.toThrow(
    "none of its labels ('eggs') is a class of the model ('ham', 'spam')",
  );
});
