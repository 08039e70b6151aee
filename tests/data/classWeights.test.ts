import { expect, test } from 'vitest';
import { balancedWeights } from '#eft/data/classWeights.js';

test('classes count alike, examples 1 on average, and a class without examples changes nothing', () => {
  const labels = Int32Array.of(0, 0, 0, 0, 0, 2);
  const weights = balancedWeights(labels, 3);
  expect([...weights]).toEqual([Math.fround(0.6), 1, 3]);
  const sums = [0, 0, 0];
  for (const label of labels) sums[label] += weights[label];
  expect(sums[0]).toBeCloseTo(sums[2], 6);
  expect(sums[0] + sums[2]).toBeCloseTo(labels.length, 6);
});
