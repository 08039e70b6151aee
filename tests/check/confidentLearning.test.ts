/** Which labels are probably wrong, from scores of examples left out. */
import { expect, test } from 'vitest';
import { averagePrecision, confidentLearning } from '#eft/check/confidentLearning.js';
import { RandomStream } from '#eft/random.js';

/** Scores that are mostly right, of three classes; `wrong` of the labels are others. */
function noisy(count: number, share: number, seed = 1) {
  const random = new RandomStream(seed, 'test');
  const truth = Int32Array.from({ length: count }, () => random.nextInteger(3));
  const wrong = new Set<number>();
  const labels = truth.map((label, i) => {
    if (random.next() >= share) return label;
    wrong.add(i);
    return (label + 1 + random.nextInteger(2)) % 3;
  });
  const probabilities = new Float64Array(3 * count);
  truth.forEach((label, i) => {
    const sure = 0.5 + 0.5 * random.next();
    for (let c = 0; c < 3; c++) probabilities[3 * i + c] = c === label ? sure : (1 - sure) / 2;
  });
  return { probabilities, labels, classes: 3, wrong };
}

test('the number of wrong labels is estimated, and they come first', () => {
  const { wrong, ...scores } = noisy(2000, 0.1);
  const { estimated, ranking, rivals, joint } = confidentLearning(scores);
  expect(Math.abs(estimated - wrong.size)).toBeLessThan(0.2 * wrong.size);
  expect(averagePrecision(ranking, (i) => wrong.has(i))).toBeGreaterThan(0.95);
  for (const i of ranking.slice(0, 50)) expect(rivals[i]).not.toBe(scores.labels[i]);
  expect(joint.flatMap((row) => [...row]).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 10);
});

test('where all agree, none is doubted', () => {
  const { wrong, ...scores } = noisy(300, 0);
  expect(wrong.size).toBe(0);
  expect(confidentLearning(scores).estimated).toBe(0);
});

test('a class that nobody has is no threshold', () => {
  const probabilities = Float64Array.of(0.9, 0.05, 0.05, 0.1, 0.85, 0.05);
  const found = confidentLearning({ probabilities, labels: Int32Array.of(0, 1), classes: 3 });
  expect(found.estimated).toBe(0);
  expect(
    confidentLearning({ probabilities: new Float64Array(), labels: new Int32Array(), classes: 2 }).ranking,
  ).toEqual([]);
});

test('average precision is the mean precision at each one that is wrong', () => {
  expect(averagePrecision([3, 1, 2], (i) => i === 3 || i === 2)).toBeCloseTo((1 + 2 / 3) / 2, 12);
  expect(averagePrecision([1], () => false)).toBe(0);
});
