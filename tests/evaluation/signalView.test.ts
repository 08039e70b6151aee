/** What pages show of signals: known sounds have their known spectrum, filters their frequency, parts cover all. */
import { describe, expect, it } from 'vitest';
import { filterResponses } from '#eft/evaluation/filterResponse.js';
import { isLong, occlusionsOf, RANGE, spectrogramOf } from '#eft/evaluation/signalView.js';

const tone = (pitch: number, steps: number): Float32Array =>
  Float32Array.from({ length: steps }, (_, t) => Math.sin(2 * Math.PI * pitch * t));

/** The strongest row of a column. */
function loudest({ columns, rows, decibels }: ReturnType<typeof spectrogramOf>, column: number): number {
  const values = Array.from({ length: rows }, (_, row) => decibels[row * columns + column]);
  return values.indexOf(Math.max(...values));
}

describe('a spectrogram', () => {
  it('shows a low tone and then a high one, each at its time and frequency', () => {
    const values = Float32Array.of(...tone(0.05, 2000), ...tone(0.3, 2000));
    const view = spectrogramOf({ channels: 1, values });
    expect(view.decibels.length).toBe(view.columns * view.rows);
    // Row r is frequency (r + 1) / (2 rows).
    const pitchAt = (column: number): number => (loudest(view, column) + 1) / (2 * view.rows);
    expect(pitchAt(5)).toBeCloseTo(0.05, 2);
    expect(pitchAt(view.columns - 5)).toBeCloseTo(0.3, 2);
    expect(Math.max(...view.decibels)).toBeCloseTo(0, 9);
    expect(Math.min(...view.decibels)).toBe(-RANGE);
  });

  it('is made of silence and of single steps too', () => {
    for (const values of [new Float32Array(2000), Float32Array.of(1)]) {
      expect(spectrogramOf({ channels: 1, values }).decibels.every(Number.isFinite)).toBe(true);
    }
    expect(isLong({ channels: 1, values: new Float32Array(2000) })).toBe(true);
    expect(isLong({ channels: 2, values: new Float32Array(2000) })).toBe(false);
  });
});

describe('parts left out', () => {
  it('cover every step, and hold the mean of each channel', () => {
    const values = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? i : 7));
    const parts = occlusionsOf({ channels: 2, values });
    expect(parts[0].from).toBe(0);
    expect(parts[parts.length - 1].to).toBe(100);
    for (const [p, { from, to, signal }] of parts.entries()) {
      if (p > 0) expect(from).toBeLessThanOrEqual(parts[p - 1].to);
      for (let i = 0; i < 200; i++) {
        const inside = i >= 2 * from && i < 2 * to;
        expect(signal.values[i]).toBeCloseTo(inside ? (i % 2 === 0 ? 99 : 7) : values[i], 3);
      }
    }
    expect(occlusionsOf({ channels: 1, values: Float32Array.of(5) })).toHaveLength(1);
  });
});

describe('the answer of filters', () => {
  it('peaks where their waves are, in order, whatever the phase', () => {
    const window = 64;
    const wave = (pitch: number, phase: number): number[] =>
      Array.from(
        { length: window },
        (_, t) => Math.sin((Math.PI * (t + 0.5)) / window) ** 2 * Math.cos(2 * Math.PI * pitch * t + phase),
      );
    const [high, low] = [0.3, 0.1];
    const weight = [...wave(high, 0.4), ...wave(low, 0), ...wave(high, 0.4 - Math.PI / 2), ...wave(low, 2)];
    const found = filterResponses(
      { model: 'elastic', sequenceLength: 9 },
      { filters: 2, channels: 1 },
      weight,
      weight,
    );
    const peaks = found.pairs.map((powers) => found.frequencies[powers.indexOf(1)]);
    expect(peaks[0]).toBeCloseTo(low, 2);
    expect(peaks[1]).toBeCloseTo(high, 2);
    expect([...found.mean]).toEqual([...found.meanBefore]);
  });
});
