/** Distributions against printed tables and closed forms. */
import { describe, expect, it } from 'vitest';
import {
  betaProbability,
  betaQuantile,
  normalQuantile,
  studentQuantile,
  studentTwoSided,
} from '#eft/evaluation/distributions.js';

describe('normalQuantile', () => {
  it.each([
    [0.5, 0],
    [0.9, 1.2815515655446],
    [0.975, 1.95996398454005],
    [0.995, 2.5758293035489],
    [0.9995, 3.29052673149193],
  ])('of %d', (p, z) => expect(normalQuantile(p)).toBeCloseTo(z, 7));
});

describe('the beta distribution', () => {
  it('has its closed forms', () => {
    // I_x(a, 1) = x^a; I_x(1, b) = 1 − (1 − x)^b; I_x(2, 2) = 3x² − 2x³.
    expect(betaProbability(0.3, 2.5, 1)).toBeCloseTo(0.3 ** 2.5, 13);
    expect(betaProbability(0.3, 1, 4)).toBeCloseTo(1 - 0.7 ** 4, 13);
    expect(betaProbability(0.3, 2, 2)).toBeCloseTo(0.27 - 0.054, 13);
  });
  it('is a sum of binomial terms for whole numbers', () => {
    // I_½(3, 4) = P(at least 3 of 6 coins) = 42/64.
    expect(betaProbability(0.5, 3, 4)).toBeCloseTo(42 / 64, 13);
  });
  it('has the quantiles of Clopper and Pearson: no success in 10, upper end 1 − 0.025^(1/10)', () => {
    expect(betaQuantile(0.975, 1, 10)).toBeCloseTo(1 - 0.025 ** 0.1, 10);
  });
});

describe('Student’s t', () => {
  it.each([
    [1, 12.7062],
    [2, 4.3027],
    [4, 2.7764],
    [30, 2.0423],
    [60, 2.0003],
    [1e6, 1.95996],
  ])('has the printed 97.5 %% quantile for %d degrees of freedom', (freedom, t) => {
    expect(studentQuantile(0.975, freedom)).toBeCloseTo(t, 4);
  });
  it('is the inverse of its tail', () => {
    for (const freedom of [1, 2.5, 75.3]) {
      expect(studentTwoSided(studentQuantile(0.995, freedom), freedom)).toBeCloseTo(0.01, 9);
    }
    expect(studentTwoSided(0, 5)).toBe(1);
    expect(studentQuantile(0.5, 5)).toBe(0);
  });
});
