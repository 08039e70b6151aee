/** Resampling: sines are their formula at the new places, what is too high is gone, constants stay. */
import { describe, expect, it } from 'vitest';
import { InputError } from '#eft/errors.js';
import type { Signal } from '#eft/input/input.js';
import { resample } from '#eft/input/resample.js';

const sine = (pitch: number, rate: number, steps: number): Signal => ({
  channels: 1,
  rate,
  values: Float32Array.from({ length: steps }, (_, t) => Math.sin((2 * Math.PI * pitch * t) / rate + 0.3)),
});

/** Far from the ends, where a sine that is cut off is none. */
const middle = ({ values }: Signal): Float32Array =>
  values.subarray(Math.floor(values.length / 4), Math.floor((3 * values.length) / 4));

describe.each([
  [44_100, 8000],
  [8000, 16_000],
  [16_000, 8000],
  [48_000, 44_100],
  [8000, 11_025],
])('from %i to %i samples a second', (from, to) => {
  const steps = 2 * Math.ceil(from / 10);
  const half = Math.min(from, to) / 2;

  it.each([0.01, 0.3, 0.6, 0.9])('a sine at %f of the lower half rate is itself', (share) => {
    const found = resample(sine(share * half, from, steps), to);
    expect(found.rate).toBe(to);
    expect(found.values.length).toBe(Math.round((steps * to) / from));
    const expected = middle(sine(share * half, to, found.values.length));
    middle(found).forEach((value, t) => {
      expect(Math.abs(value - expected[t])).toBeLessThan(2e-4);
    });
  });

  it('what is above both is gone', () => {
    if (from < to) return;
    for (const share of [1.0, 1.02, 1.5, 0.98 * (from / to)]) {
      if (share * half >= from / 2) continue;
      const found = middle(resample(sine(share * half, from, steps), to));
      for (const value of found) expect(Math.abs(value)).toBeLessThan(2e-4);
    }
  });

  it('a constant stays, to its ends', () => {
    const flat = { channels: 1, rate: from, values: new Float32Array(steps).fill(1000) };
    for (const value of resample(flat, to).values) expect(value).toBeCloseTo(1000, 3);
  });
});

describe('a signal', () => {
  it('keeps its channels apart', () => {
    const [one, two] = [sine(300, 8000, 800), sine(900, 8000, 800)];
    const values = Float32Array.from({ length: 1600 }, (_, i) => (i % 2 ? two : one).values[i >> 1]);
    const found = resample({ channels: 2, rate: 8000, values }, 12_000);
    expect([...found.values].filter((_, i) => i % 2 === 0)).toEqual([...resample(one, 12_000).values]);
    expect([...found.values].filter((_, i) => i % 2 === 1)).toEqual([...resample(two, 12_000).values]);
  });

  it('at the rate asked for is left alone; one step gives one value', () => {
    const same = sine(300, 8000, 100);
    expect(resample(same, 8000)).toBe(same);
    expect([...resample({ channels: 1, rate: 8, values: Float32Array.of(3) }, 2).values]).toEqual([3]);
  });

  it('of unknown or absurd rate is refused', () => {
    const { rate: _, ...unknown } = sine(300, 8000, 100);
    expect(() => resample(unknown, 8000)).toThrow(/unknown rate/);
    expect(() => resample(sine(1, 2, 100), 8000)).toThrow(/is the rate that it says right/);
    expect(() => resample(sine(1, 8000, 100), 0.5)).toThrow(InputError);
  });
});

it('rates without a common divisor: steps whose weights are not kept are right too', () => {
  // 1,009 phases of 6,090 weights; of some 340 they are kept.
  const found = resample(sine(200, 48_000, 24_000), 1009);
  const expected = middle(sine(200, 1009, found.values.length));
  expect(found.values).toHaveLength(505);
  middle(found).forEach((value, t) => {
    expect(Math.abs(value - expected[t])).toBeLessThan(2e-4);
  });
});
