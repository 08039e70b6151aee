/** Learning rate by step. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { learningRateAt } from '#eft/learning/schedule.js';

test('rises in a line to its peak, then falls along half a cosine', () => {
  const settings = { learningRate: 1, warmupShare: 0.2 };
  const rates = Array.from({ length: 10 }, (_, step) => learningRateAt(settings, step, 10));
  expect(rates.slice(0, 3)).toEqual([0.5, 1, 1]);
  // 2 steps of warm-up leave 8: a half of the cosine is step 2 + 4.
  expect(rates[6]).toBeCloseTo(0.5, 15);
  expect(rates[9]).toBeCloseTo(0.5 * (1 + Math.cos((7 / 8) * Math.PI)), 15);
});

test('stays between 0 and its peak, for any settings', () => {
  const steps = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), steps, fc.nat(), (warmupShare, total, at) => {
      const rate = learningRateAt({ learningRate: 3, warmupShare }, at % total, total);
      expect(rate).toBeGreaterThan(0);
      expect(rate).toBeLessThanOrEqual(3);
    }),
  );
});
