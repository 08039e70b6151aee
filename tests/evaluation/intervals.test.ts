/** Intervals against published or independently computed values. */
import { describe, expect, it } from 'vitest';
import {
  accuracyBootstrap,
  fitPowerLaw,
  meanInterval,
  pairedBootstrap,
  ratioBootstrap,
} from '#eft/evaluation/intervals.js';
import { wilsonInterval } from '#eft/evaluation/wilson.js';

describe('wilsonInterval', () => {
  // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d', (successes, total, low, high) => {
    const interval = wilsonInterval(successes, total);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });
  it('by the formula, at the size of a test split', () => {
    const [n, p, z] = [10_000, 0.8736, 1.959963984540054];
    const [low, high] = [-1, 1].map(
      (sign) =>
        (p + z ** 2 / (2 * n) + sign * z * Math.sqrt((p * (1 - p)) / n + (z / (2 * n)) ** 2)) /
        (1 + z ** 2 / n),
    );
    const interval = wilsonInterval(8736, n);
    expect(interval[0]).toBeCloseTo(low, 10);
    expect(interval[1]).toBeCloseTo(high, 10);
    expect(low).toBeCloseTo(0.86693, 4);
    expect(high).toBeCloseTo(0.87997, 4);
  });
  it('is everything where nothing was tried', () => expect(wilsonInterval(0, 0)).toEqual([0, 1]));
});

describe('meanInterval', () => {
  it('is t · s / √n', () => {
    // s = √2.5, t(4 degrees of freedom) = 2.7764.
    const { mean, margin } = meanInterval([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(margin).toBeCloseTo((2.7764 * Math.sqrt(2.5)) / Math.sqrt(5), 4);
  });
  it('has no margin for one value', () => expect(meanInterval([7])).toEqual({ mean: 7, margin: Number.NaN }));
  it('is right for many values', () => {
    const values = Array.from({ length: 61 }, (_, i) => i);
    const spread = Math.sqrt((61 * 62) / 12);
    // t(60) = 2.000298
    expect(meanInterval(values).margin).toBeCloseTo((2.000298 * spread) / Math.sqrt(61), 3);
  });
});

describe('bootstraps', () => {
  const share = (right: number, total: number): boolean[] =>
    Array.from({ length: total }, (_, i) => i < right);
  it('agrees with the normal interval of a paired difference', () => {
    // b is wrong on 100 items that a gets right: mean 0.1, standard error √(0.1·0.9/1000).
    const { difference, interval } = pairedBootstrap([share(900, 1000)], [share(800, 1000)]);
    const error = Math.sqrt(0.09 / 1000);
    expect(difference).toBeCloseTo(0.1, 12);
    // Quantiles of 2000 draws have a standard error of about 0.06 of the spread; four of them.
    expect(Math.abs(interval[0] - (0.1 - 1.96 * error))).toBeLessThan(0.25 * error);
    expect(Math.abs(interval[1] - (0.1 + 1.96 * error))).toBeLessThan(0.25 * error);
  });
  it('shows no difference between equals, and repeats itself', () => {
    const runs = [share(70, 100), share(80, 100)];
    const first = pairedBootstrap(runs, runs);
    expect(first.difference).toBe(0);
    expect(first.interval[0]).toBeLessThan(0);
    expect(first.interval[1]).toBeGreaterThan(0);
    expect(pairedBootstrap(runs, runs)).toEqual(first);
  });
  it('puts seeds and items into the interval of one model', () => {
    const [low, high] = accuracyBootstrap([share(90, 100), share(80, 100)]);
    expect(low).toBeLessThan(0.82);
    expect(high).toBeGreaterThan(0.88);
  });
  it('draws the seeds of both models', () => {
    // Seeds of 60 and 90 of 100: in a quarter of the draws twice the one, in a quarter twice the other.
    const [fixed, varied] = [[share(75, 100)], [share(60, 100), share(90, 100)]];
    for (const { interval } of [pairedBootstrap(fixed, varied), pairedBootstrap(varied, fixed)]) {
      expect(interval[0]).toBeLessThan(-0.15);
      expect(interval[1]).toBeGreaterThan(0.15);
    }
  });
  it('brackets a ratio of medians', () => {
    const slow = [
      [10, 11, 12],
      [10, 10, 11],
    ];
    const fast = [
      [5, 5.5, 6],
      [5, 5, 5.5],
    ];
    const [low, high] = ratioBootstrap(fast, slow);
    expect(low).toBeGreaterThanOrEqual(10 / 6);
    expect(high).toBeLessThanOrEqual(12 / 5);
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(2);
  });
});

describe('fitPowerLaw', () => {
  it('finds an exact law', () => {
    const xs = [256, 512, 1024, 2048];
    const { exponent, factor, standardError } = fitPowerLaw(
      xs,
      xs.map((x) => 3 * x ** 1.5),
    );
    expect(exponent).toBeCloseTo(1.5, 10);
    expect(factor).toBeCloseTo(3, 8);
    expect(standardError).toBeLessThan(1e-7);
  });
  it('gives the textbook standard error', () => {
    // log₂ x = 0, 1, 2; log₂ y = 0, 2, 2: slope 1, residuals −1/3, 2/3, −1/3, error √((2/3) / 1 / 2).
    const { exponent, standardError } = fitPowerLaw([1, 2, 4], [1, 4, 4]);
    expect(exponent).toBeCloseTo(1, 12);
    expect(standardError).toBeCloseTo(Math.sqrt(1 / 3), 12);
  });
});
