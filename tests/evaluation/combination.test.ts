/** Sums of models: factors of least loss, none below 0. */
import { expect, test } from 'vitest';
import { combinedLogits, fitCombination } from '#eft/evaluation/combination.js';
import { crossEntropies } from '#eft/evaluation/metrics.js';
import { RandomStream } from '#eft/random.js';

const CLASSES = 3;
const COUNT = 400;
const random = new RandomStream(3, 'test');
const labels = Int32Array.from({ length: COUNT }, (_, i) => i % CLASSES);
/** @param strength by how much the label's class stands out of the noise */
const model = (strength: number): Float64Array =>
  Float64Array.from(
    { length: COUNT * CLASSES },
    (_, at) => random.nextNormal() + (at % CLASSES === labels[Math.floor(at / CLASSES)] ? strength : 0),
  );
const good = model(1.5);
const other = model(1.5);
const bad = model(-0.5);

const lossOf = (logits: Float64Array): number =>
  crossEntropies(logits, labels, CLASSES).reduce((sum, loss) => sum + loss, 0);

test('two that err apart are better than each, and one that errs on purpose is left out', () => {
  const factors = fitCombination({ logits: [good, bad, other], labels, classes: CLASSES });
  expect(factors[1]).toBe(0);
  expect(factors[0]).toBeGreaterThan(0.5);
  expect(factors[2]).toBeGreaterThan(0.5);
  const [alone] = fitCombination({ logits: [good], labels, classes: CLASSES });
  expect(lossOf(combinedLogits([good, bad, other], factors))).toBeLessThan(
    lossOf(combinedLogits([good], [alone])),
  );
});

test('the factors are a minimum, but for the caution', () => {
  const logits = [good, other];
  const factors = fitCombination({ logits, labels, classes: CLASSES });
  const penalised = (tried: readonly number[]): number =>
    lossOf(combinedLogits(logits, tried)) + tried.reduce((sum, factor) => sum + factor ** 2 / 2, 0);
  const least = penalised(factors);
  for (const m of [0, 1]) {
    for (const step of [-0.01, 0.01]) {
      expect(penalised(factors.map((factor, i) => (i === m ? factor + step : factor)))).toBeGreaterThan(
        least,
      );
    }
  }
});

test('answers that are all right call for no certainty without end', () => {
  const right = Float64Array.from({ length: 30 * CLASSES }, (_, at) =>
    at % CLASSES === labels[Math.floor(at / CLASSES)] ? 4 : 0,
  );
  const [factor] = fitCombination({ logits: [right], labels: labels.slice(0, 30), classes: CLASSES });
  expect(factor).toBeGreaterThan(0.5);
  expect(factor).toBeLessThan(3);
});
