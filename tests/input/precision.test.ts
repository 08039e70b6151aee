import { describe, expect, it } from 'vitest';
import { precisionFault } from '#eft/input/precision.js';

const from = (start: number, step: number): number[] =>
  Array.from({ length: 30 }, (_, t) => start + t * step);

describe('precisionFault', () => {
  it.each([
    ['times a second apart', from(1.7e9, 1)],
    ['times in milliseconds', from(1.7e12, 20)],
    ['whole numbers behind 2^24', from(2 ** 26, 1)],
    ['small differences', from(1e6, 0.01)],
    ['below zero', from(-1.7e9, 1)],
    ['with gaps', [Number.NaN, ...from(1.7e9, 1), Number.NaN]],
  ])('finds values that become equal as 32-bit numbers: %s', (_, values) => {
    expect(precisionFault(values)).toMatch(
      /^values from .* cannot be told apart as 32-bit numbers.*subtract a constant/,
    );
  });

  it.each([
    ['whole numbers below 2^24', from(16_000_000, 1)],
    ['a pressure in pascal', from(101_325, 0.1)],
    ['numbers that are far apart', from(1.7e9, 1e6)],
    ['a constant that is rounded', Array.from({ length: 5 }, () => 1_700_000_001)],
    ['decimals', from(0.1, 0.1)],
    ['tiny numbers', from(1e-30, 1e-31)],
    ['none', []],
    ['gaps alone', [Number.NaN]],
  ])('leaves others alone: %s', (_, values) => {
    expect(precisionFault(values)).toBeUndefined();
  });

  it('looks at one channel of several', () => {
    const both = from(1.7e9, 1).flatMap((value, t) => [t, value]);
    expect(precisionFault(both, 0, 2)).toBeUndefined();
    expect(precisionFault(both, 1, 2)).toMatch(/1700000000 to 1700000029/);
  });
});
