import { describe, expect, it } from 'vitest';
import { type Augmentation, augmentBatch } from '#eft/data/augment.js';
import type { Batch } from '#eft/engine/engine.js';

const NONE: Augmentation = {
  timeShift: 0,
  timeStretch: 0,
  timeMask: 0,
  timeCrop: 0,
  bandMask: 0,
  gain: 0,
  mixup: 0,
};
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
  ...augmentBatch(ramps(), { channels: 1 }, { ...NONE, ...by }, key).frames!,
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

  it('leaves out bands of a spectrum that are side by side, of every channel the same, and knows no loudness of it', () => {
    // Two spectra of 5 frames: 2 channels of 8 bands.
    const batch: Batch = {
      tokens: new Int32Array(10).fill(1),
      offsets: Int32Array.of(0, 5, 10),
      labels: new Int32Array(2),
      frames: new Float32Array(160).fill(1),
    };
    const by = { ...NONE, bandMask: 0.5, gain: 2 };
    const masks = [0, 1, 2, 3, 4, 5].flatMap((step) => {
      const frames = augmentBatch(batch, { channels: 16, bands: 8 }, by, { seed: 1, step }).frames!;
      return [0, 80].map((from) => {
        const row = [...frames.subarray(from, from + 16)];
        for (let t = 1; t < 5; t++)
          expect([...frames.subarray(from + 16 * t, from + 16 * (t + 1))]).toEqual(row);
        expect(row.slice(8)).toEqual(row.slice(0, 8));
        // Zeros side by side, at most half of the bands; the others as they were.
        expect(row.slice(0, 8).join('')).toMatch(/^1*0{0,4}1*$/);
        return row.slice(0, 8).join('');
      });
    });
    expect(new Set(masks).size).toBeGreaterThan(4);
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

  it('leaves a part of a signal, anywhere in it, in whole rows', () => {
    const parts = Array.from({ length: 40 }, (_, step) => {
      const { frames, offsets, tokens } = augmentBatch(
        ramps(),
        { channels: 1 },
        { ...NONE, timeCrop: 0.5 },
        { seed: 1, step },
      );
      expect(frames!.length).toBe(2 * tokens.length);
      expect(offsets[2]).toBe(tokens.length);
      const part = [...frames!.subarray(0, 2 * offsets[1])];
      const steps = part.at(-1) === 0 ? part.slice(0, -1) : part;
      steps.forEach((value, t) => {
        expect(value).toBe(steps[0] + t);
      });
      expect(steps.length).toBeGreaterThanOrEqual(40);
      return { first: steps[0], length: steps.length };
    });
    expect(Math.min(...parts.map(({ length }) => length))).toBeLessThan(50);
    expect(Math.max(...parts.map(({ length }) => length))).toBeGreaterThan(70);
    expect(Math.max(...parts.map(({ first }) => first))).toBeGreaterThan(10);
  });
});

describe('mixup', () => {
  /** Constant signals, each its number + 1, of 3 to 6 rows of one step. */
  const constants = (): Batch => {
    const lengths = [3, 6, 4, 5];
    const offsets = Int32Array.of(0, 3, 9, 13, 18);
    return {
      tokens: new Int32Array(18).fill(1),
      offsets,
      labels: Int32Array.of(0, 1, 2, 3),
      frames: Float32Array.from(lengths.flatMap((length, b) => Array(length).fill(b + 1))),
    };
  };

  it('adds another of the batch by the share that its label has, zeros beyond its end', () => {
    const shares: number[] = [];
    for (let step = 0; step < 200; step++) {
      const key = { seed: 3, step };
      const { frames, offsets, labels, mixed, tokens } = augmentBatch(
        constants(),
        { channels: 1 },
        { ...NONE, mixup: 1 },
        key,
      );
      expect([...labels]).toEqual([0, 1, 2, 3]);
      expect([...mixed!.labels].sort()).toEqual([0, 1, 2, 3]);
      expect(tokens.length).toBe(frames!.length);
      for (let b = 0; b < 4; b++) {
        const [other, share] = [mixed!.labels[b], mixed!.shares[b]];
        expect(share).toBeLessThanOrEqual(0.5);
        if (other === b) expect(share).toBe(0);
        else shares.push(share);
        const [own, its] = [b, other].map((i) => [3, 6, 4, 5][i]);
        const signal = frames!.subarray(offsets[b], offsets[b + 1]);
        expect(signal.length).toBe(Math.max(own, its));
        signal.forEach((value, t) => {
          const sum = (t < own ? (1 - share) * (b + 1) : 0) + (t < its ? share * (other + 1) : 0);
          expect(value).toBeCloseTo(sum, 5);
        });
      }
    }
    // Beta(1, 1) is uniform; the lesser of the two shares has the mean 1/4.
    expect(shares.reduce((a, b) => a + b, 0) / shares.length).toBeCloseTo(0.25, 1);
  });

  it('with small numbers mostly leaves signals nearly as they are', () => {
    const shares = Array.from({ length: 100 }, (_, step) => [
      ...augmentBatch(constants(), { channels: 1 }, { ...NONE, mixup: 0.1 }, { seed: 3, step }).mixed!.shares,
    ]).flat();
    expect(shares.filter((share) => share < 0.05).length / shares.length).toBeGreaterThan(0.6);
  });

  it('counts each of the two losses by the weight of its class', () => {
    const weights = Float32Array.of(1, 2, 4, 8);
    const key = { seed: 3, step: 7 };
    const plain = augmentBatch(constants(), { channels: 1 }, { ...NONE, mixup: 1 }, key);
    const { lossWeights, mixed } = augmentBatch(
      { ...constants(), lossWeights: weights },
      { channels: 1 },
      { ...NONE, mixup: 1 },
      key,
    );
    for (let b = 0; b < 4; b++) {
      const share = plain.mixed!.shares[b];
      expect(lossWeights![b] * (1 - mixed!.shares[b])).toBeCloseTo((1 - share) * weights[b], 5);
      expect(lossWeights![b] * mixed!.shares[b]).toBeCloseTo(share * weights[mixed!.labels[b]], 5);
    }
  });
});
