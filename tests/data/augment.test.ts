import { describe, expect, it } from 'vitest';
import { type Augmentation, augmentBatch } from '#eft/data/augment.js';
import type { Batch } from '#eft/engine/engine.js';

const NONE: Augmentation = { timeShift: 0, timeStretch: 0, timeMask: 0, gain: 0 };
const KEY = { seed: 1, step: 2 };

/** Two signals of 40 rows of 2 steps of one channel, both the same ramp. */
function ramps(): Batch {
  const frames = Float32Array.from({ length: 160 }, (_, i) => 1 + (i % 80));
  return {
    tokens: new Int32Array(80).fill(1),
    offsets: Int32Array.of(0, 40, 80),
    labels: new Int32Array(2),
    frames,
  };
}

const changed = (by: Partial<Augmentation>, key = KEY): number[] => [
  ...augmentBatch(ramps(), 1, { ...NONE, ...by }, key).frames!,
];

describe('augmentation', () => {
  it('leaves a batch as it is where nothing is asked for', () => {
    expect(changed({})).toEqual([...ramps().frames!]);
  });

  it('follows from seed, step and place alone', () => {
    const all = { timeShift: 0.3, timeStretch: 0.2, timeMask: 0.3, gain: 0.5 };
    expect(changed(all)).toEqual(changed(all));
    expect(changed(all)).not.toEqual(changed(all, { seed: 1, step: 3 }));
    expect(changed(all)).not.toEqual(changed(all, { seed: 2, step: 2 }));
    expect(changed(all).slice(0, 80)).not.toEqual(changed(all).slice(80));
  });

  it('moves a signal by up to a share of its length, with zeros where there was nothing', () => {
    const shifts = Array.from({ length: 20 }, (_, step) => {
      const moved = changed({ timeShift: 0.25 }, { seed: 1, step }).slice(0, 80);
      // A ramp tells where it comes from.
      const [shift] = [moved[40] - 41];
      for (let t = 0; t < 80; t++) {
        const from = t + shift;
        if (from >= 0 && from <= 79) expect(moved[t]).toBeCloseTo(1 + from, 3);
        else if (from < -1 || from > 80) expect(moved[t]).toBe(0);
      }
      return shift;
    });
    expect(Math.max(...shifts)).toBeLessThanOrEqual(20);
    expect(Math.min(...shifts)).toBeGreaterThanOrEqual(-20);
    expect(Math.max(...shifts) - Math.min(...shifts)).toBeGreaterThan(20);
  });

  it('leaves out one part, no longer than asked for', () => {
    const masked = changed({ timeMask: 0.5 }, { seed: 4, step: 1 }).slice(0, 80);
    const zeros = [...masked.keys()].filter((t) => masked[t] === 0);
    expect(zeros.length).toBeGreaterThan(0);
    expect(zeros.length).toBeLessThanOrEqual(40);
    expect(zeros[zeros.length - 1] - zeros[0]).toBe(zeros.length - 1);
    const others = [...masked.keys()].filter((t) => masked[t] !== 0);
    for (const t of others) expect(masked[t]).toBe(t + 1);
  });

  it('makes a signal louder or quieter as a whole', () => {
    const louder = changed({ gain: 0.7 }).slice(0, 80);
    const factor = louder[0];
    expect(factor).not.toBe(1);
    expect(Math.abs(Math.log(factor))).toBeLessThanOrEqual(0.7);
    for (const [t, value] of louder.entries()) expect(value / (t + 1)).toBeCloseTo(factor, 5);
  });

  it('stretches around the middle', () => {
    const stretched = changed({ timeStretch: 0.3 }).slice(0, 80);
    expect(stretched[40]).toBeCloseTo(41, 3);
    const slope = stretched[41] - stretched[40];
    expect(slope).not.toBeCloseTo(1, 3);
    expect(slope).toBeGreaterThan(1 / 1.3 - 1e-3);
    expect(slope).toBeLessThan(1.3 + 1e-3);
  });
});
