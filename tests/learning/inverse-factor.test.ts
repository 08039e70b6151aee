import { describe, expect, it } from 'vitest';
import { InverseFactor } from '#eft/learning/solvers/inverseFactor.js';
import { RandomStream } from '#eft/random.js';

/** Products of random rows with each other: symmetric, and of rank `width` at most. */
function products(count: number, width: number): Float64Array {
  const random = new RandomStream(count, 'test', 0);
  const rows = Float64Array.from({ length: count * width }, () => random.nextNormal());
  const K = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      for (let f = 0; f < width; f++) K[i * count + j] += rows[i * width + f] * rows[j * width + f];
    }
  }
  return K;
}

describe('the inverse factor', () => {
  // Below, at and beyond the edges of its blocks and tiles.
  it.each([1, 2, 3, 7, 63, 64, 65, 130, 193])('solves %i equations', (count) => {
    const K = products(count, count + 3);
    const kept = K.slice();
    const factor = new InverseFactor(K, count, 0.5);
    const identity = new Float64Array(count * count);
    for (let i = 0; i < count; i++) identity[i * count + i] = 1;
    const inverse = factor.times(identity, count);
    const diagonal = factor.diagonal();
    let furthest = 0;
    for (let i = 0; i < count; i++) {
      furthest = Math.max(furthest, Math.abs(diagonal[i] - inverse[i * count + i]));
      for (let j = 0; j < count; j++) {
        let sum = 0.5 * inverse[i * count + j];
        for (let k = 0; k < count; k++) sum += K[i * count + k] * inverse[k * count + j];
        furthest = Math.max(furthest, Math.abs(sum - (i === j ? 1 : 0)));
      }
    }
    expect(furthest).toBeLessThan(1e-10);
    expect(K).toEqual(kept);
  });

  it('stays finite where K is singular and the penalty is next to nothing', () => {
    const factor = new InverseFactor(products(40, 3), 40, 1e-13);
    expect(factor.times(new Float64Array(40).fill(1), 1).every(Number.isFinite)).toBe(true);
    expect(factor.diagonal().every((value) => value > 0 && Number.isFinite(value))).toBe(true);
  });
});
