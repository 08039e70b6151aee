/** Fusion of two models' logits: the factors of least loss, and whether the second is worth having. */
import { describe, expect, test } from 'vitest';
import { type FusionProblem, fitFusion, fusedLogits } from '#eft/evaluation/fusion.js';
import { crossEntropies } from '#eft/evaluation/metrics.js';
import { RandomStream } from '#eft/random.js';

/** Labels drawn from softmax(a · linear + b · deep) of random logits: a and b are then the factors to find. */
function drawn(count: number, classes: number, [a, b]: readonly [number, number], seed = 1): FusionProblem {
  const random = new RandomStream(seed, 'test');
  const linear = Float64Array.from({ length: count * classes }, () => 2 * random.nextNormal());
  const deep = Float64Array.from({ length: count * classes }, () => 2 * random.nextNormal());
  const logits = linear.map((value, i) => a * value + b * deep[i]);
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const weights = Array.from(logits.subarray(i * classes, (i + 1) * classes), Math.exp);
    let rest = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
    const label = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    return label < 0 ? classes - 1 : label;
  });
  return { linear, deep, labels, classes };
}

const lossOf = (problem: FusionProblem, weights: readonly [number, number]): number => {
  const losses = crossEntropies(fusedLogits(problem, weights), problem.labels, problem.classes);
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
};

describe.each([2, 5])('%i classes', (classes) => {
  test('finds the factors that the labels were drawn with', () => {
    const { linear, deep, gain, error } = fitFusion(drawn(4000, classes, [0.7, 0.4]));
    expect(linear).toBeCloseTo(0.7, 1);
    expect(deep).toBeCloseTo(0.4, 1);
    expect(gain).toBeGreaterThan(5 * error);
  });

  test('no factors nearby are better', () => {
    const problem = drawn(2000, classes, [0.7, 0.4]);
    const { linear, deep } = fitFusion(problem);
    const least = lossOf(problem, [linear, deep]);
    for (const [a, b] of [
      [0.02, 0],
      [-0.02, 0],
      [0, 0.02],
      [0, -0.02],
    ]) {
      expect(lossOf(problem, [linear + a, deep + b])).toBeGreaterThan(least);
    }
  });

  test('leaves out a second model that says nothing, and mends the scale of the first', () => {
    const kept = Array.from({ length: 40 }, (_, i) =>
      fitFusion(drawn(400, classes, [0.5, 0], 100 + i)),
    ).filter(({ deep }) => deep !== 0);
    // Two standard errors: some 2% are kept by chance.
    expect(kept.length).toBeLessThanOrEqual(4);
    const { linear } = fitFusion(drawn(4000, classes, [0.5, 0]));
    expect(linear).toBeCloseTo(0.5, 1);
  });

  test('leaves out one that points the wrong way: no factor is below 0', () => {
    const { deep, gain } = fitFusion(drawn(2000, classes, [0.7, -0.4]));
    expect(deep).toBe(0);
    expect(gain).toBeLessThanOrEqual(1e-3);
  });

  test('a first model that points the wrong way counts for nothing', () => {
    const { linear, deep } = fitFusion(drawn(2000, classes, [-0.5, 0.7]));
    expect(linear).toBe(0);
    expect(deep).toBeGreaterThan(0.4);
  });
});

test('a few examples that are all right give no certainty', () => {
  const linear = Float64Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 8 : -8));
  const problem = { linear, deep: linear, labels: new Int32Array(30), classes: 2 };
  const { linear: a, deep: b } = fitFusion(problem);
  expect(a).toBeGreaterThan(0.9);
  expect(a + b).toBeLessThan(2);
});

test('too few examples to tell, and none at all, leave the linear path alone', () => {
  const few = drawn(8, 2, [0, 3]);
  expect(fitFusion(few).deep).toBe(0);
  const none = {
    linear: new Float64Array(0),
    deep: new Float64Array(0),
    labels: new Int32Array(0),
    classes: 2,
  };
  expect(fitFusion(none)).toEqual({ linear: 1, deep: 0, gain: 0, error: 0 });
});
