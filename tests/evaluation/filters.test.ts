/** Summaries of filters whose kernels are known. */
import { describe, expect, it } from 'vitest';
import { summarizeFilter, summarizeFilters } from '#eft/evaluation/filters.js';
import { RandomStream } from '#eft/random.js';

const of = (n: number) => ({ model: 'elastic-fourier', sequenceLength: n, unit: 'token', layer: 0 }) as const;

describe('summarizeFilter', () => {
  it('finds the delay of a pure shift', () => {
    const n = 16;
    const angle = (k: number): number => (2 * Math.PI * k * 4) / n;
    const real = Float64Array.from({ length: 9 }, (_, k) => Math.cos(angle(k)));
    const imaginary = Float64Array.from({ length: 9 }, (_, k) => -Math.sin(angle(k)));
    const { magnitude, kernel } = summarizeFilter(of(n), real, imaginary);
    for (const { value } of magnitude) expect(value).toBeCloseTo(1, 12);
    expect(magnitude.at(-1)?.frequency).toBe(0.5);
    for (const { distance, energy } of kernel) {
      // All energy in one of 16 places: 16 times the mean there, half of it as the mean of both directions.
      expect(energy).toBeCloseTo(distance === 4 ? 8 : 0, 10);
    }
  });
  it.each([15, 16, 1024])('is 1 on the mean over all distances, n = %i', (n) => {
    const random = new RandomStream(1, 'test');
    const count = (Math.floor(n / 2) + 1) * 4;
    const draw = (): Float64Array => Float64Array.from({ length: count }, () => random.nextNormal());
    const { kernel, magnitude } = summarizeFilter(of(n), draw(), draw());
    expect(magnitude.length).toBeLessThanOrEqual(128);
    expect(kernel.length).toBeLessThanOrEqual(128);
    expect(kernel[0].distance).toBe(0);
    expect(kernel.at(-1)?.distance).toBe(Math.floor(n / 2));
    if (n > 128) return;
    const sum = kernel.reduce(
      (total, { distance, energy }) => total + (distance === 0 || 2 * distance === n ? energy : 2 * energy),
      0,
    );
    expect(sum / n).toBeCloseTo(1, 10);
  });
  it('takes a filter of zeros', () => {
    const { kernel } = summarizeFilter(of(8), new Float32Array(10), new Float32Array(10));
    expect(kernel.every(({ energy }) => energy === 0)).toBe(true);
  });
});

describe('summarizeFilters', () => {
  it('finds the layers in the order of their numbers', () => {
    const parameters = new Map(
      ['blocks.10', 'blocks.9', 'blocks.0'].flatMap((name, i): [string, Float32Array][] => [
        [`${name}.mixer.real_filter`, new Float32Array(6).fill(i + 1)],
        [`${name}.mixer.imag_filter`, new Float32Array(6)],
        [`${name}.hidden.weight`, new Float32Array(6)],
      ]),
    );
    const filters = summarizeFilters(
      { model: 'elastic-fourier', sequenceLength: 4, unit: 'token' },
      parameters,
    );
    expect(filters.map(({ layer, magnitude }) => [layer, magnitude[0].value])).toEqual([
      [0, 3],
      [1, 2],
      [2, 1],
    ]);
  });
});
