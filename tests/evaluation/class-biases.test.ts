/** Biases of classes that scores know nothing of. */
import { expect, it } from 'vitest';
import { fitClassBiases } from '#eft/evaluation/classBiases.js';
import { crossEntropies, softmax } from '#eft/evaluation/metrics.js';
import { RandomStream } from '#eft/random.js';

const CLASSES = 3;
const random = new RandomStream(1, 'test');
const logits = Float64Array.from({ length: CLASSES * 600 }, () => random.nextNormal());
const TRUE = [1.2, 0, -1.2];
const labels = Int32Array.from({ length: 600 }, (_, i) => {
  const chances = softmax(TRUE.map((bias, c) => logits[i * CLASSES + c] + bias));
  const place = random.next();
  return place < chances[0] ? 0 : place < chances[0] + chances[1] ? 1 : 2;
});
const lossWith = (biases: ArrayLike<number>): number =>
  crossEntropies(
    logits.map((value, at) => value + biases[at % CLASSES]),
    labels,
    CLASSES,
  ).reduce((sum, loss) => sum + loss, 0) + Array.from(biases).reduce((sum, bias) => sum + bias * bias, 0);

it('finds the biases that labels were drawn with', () => {
  const found = fitClassBiases(logits, labels, CLASSES);
  found.forEach((bias, c) => {
    expect(Math.abs(bias - TRUE[c])).toBeLessThan(0.3);
  });
  expect(found.reduce((sum, bias) => sum + bias, 0)).toBeCloseTo(0, 10);
});

it('nothing near them has less loss', () => {
  const found = fitClassBiases(logits, labels, CLASSES);
  const least = lossWith(found);
  for (let c = 0; c < CLASSES; c++) {
    for (const move of [-0.02, 0.02]) {
      // Moves that keep the sum at 0.
      const other = found.map((bias, o) => bias + (o === c ? move : -move / (CLASSES - 1)));
      expect(lossWith(other)).toBeGreaterThan(least);
    }
  }
});

it('few examples move little, and a class that none has stays finite', () => {
  const found = fitClassBiases(new Float64Array(2 * CLASSES), Int32Array.of(0, 0), CLASSES);
  expect(found[0]).toBeGreaterThan(0);
  expect(Math.max(...found.map(Math.abs))).toBeLessThan(1);
});
