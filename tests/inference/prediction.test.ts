/** What a classifier says of an input: order, ties, and how many classes. */
import { describe, expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import { predictionOf, requireTopK } from '#eft/inference/prediction.js';

const CLASSES = ['a', 'b', 'c'];

test('classes by their probabilities, of equal ones the first first', () => {
  const labels = predictionOf([0, 1, 1], CLASSES).map(({ label }) => label);
  expect(labels).toEqual(['b', 'c', 'a']);
  expect(predictionOf([0, 0, 0], CLASSES, 1)[0].label).toBe('a');
});

describe('topK', () => {
  test.each([
    [undefined, 3],
    [1, 1],
    [2, 2],
    [3, 3],
    [100, 3],
  ])('%s gives %i classes', (topK, count) => {
    expect(predictionOf([1, 2, 3], CLASSES, topK)).toHaveLength(count);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null, true])('%s is refused', (topK) => {
    const call = () => predictionOf([1, 2, 3], CLASSES, topK as number);
    expect(call).toThrow(InputError);
    expect(call).toThrow(/^topK must be a whole number of classes, at least 1, not /);
    expect(call).toThrow(String(topK));
  });

  test('is named as it was given', () => {
    expect(() => requireTopK(0, 'top_k')).toThrow(/^top_k must be a whole number .* not 0$/);
  });
});
