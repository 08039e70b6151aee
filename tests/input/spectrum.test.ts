import { describe, expect, it } from 'vitest';
import { encoderFromJSON, learnEncoder } from '#eft/input/index.js';
import type { Signal } from '#eft/input/input.js';
import { PowerSpectrum } from '#eft/input/powerSpectrum.js';
import type { SpectrumEncoder } from '#eft/input/spectrum.js';
import { RandomStream } from '#eft/random.js';

/** A tone that glides and throbs, behind it another; before both, `quiet` steps of silence. */
function glide(steps: number, hertz: number, change: number, quiet: number): Signal {
  const values = Float32Array.from({ length: steps }, (_, i) => {
    const t = i / 8000;
    const throb = 1 + 0.5 * Math.sin(2 * Math.PI * 7 * t);
    const tone = Math.sin(2 * Math.PI * (hertz + change * t) * t) * throb;
    return i < quiet ? 0.1 : tone + 0.3 * Math.sin(2 * Math.PI * 1234.5 * t) + 0.1;
  });
  return { channels: 1, rate: 8000, values };
}

const GLIDES = [glide(4000, 300, 400, 900), glide(3000, 500, -200, 0), glide(5200, 200, 100, 2000)];

/** From NumPy, once. */
const MEL_PLACES: readonly (readonly [frame: number, band: number, value: number])[] = [
  [0, 0, -0.9812],
  [0, 39, -0.1795],
  [10, 3, 1.8747],
  [12, 0, -1.0028],
  [20, 20, 0.527],
  [30, 7, -0.8805],
  [48, 1, 6.5849],
  [48, 39, 0.4527],
];

const noise = (steps: number, channels: number, seed: number, rate?: number): Signal => {
  const random = new RandomStream(seed, 'test');
  const values = Float32Array.from({ length: steps * channels }, () => random.nextNormal());
  return { channels, values, ...(rate === undefined ? {} : { rate }) };
};

const rowOf = (encoder: { encode: SpectrumEncoder['encode'] }, signal: Signal): Float32Array =>
  encoder.encode(signal, Number.POSITIVE_INFINITY).frames!;

describe('a spectrum', () => {
  it('is that of the definition', () => {
    const frame = Float64Array.from(noise(13, 1, 1).values);
    const power = new PowerSpectrum(16).of(frame);
    expect(power).toHaveLength(9);
    power.forEach((value, k) => {
      let [real, imaginary] = [0, 0];
      frame.forEach((x, t) => {
        real += x * Math.cos((2 * Math.PI * k * t) / 16);
        imaginary -= x * Math.sin((2 * Math.PI * k * t) / 16);
      });
      expect(value).toBeCloseTo(real ** 2 + imaginary ** 2, 10);
    });
  });
});

describe('the row of a sound', () => {
  it('is what NumPy makes of the same formulas', () => {
    const encoder = learnEncoder('spectrum', GLIDES, {});
    expect(encoder.rowWidth).toBe(24 * 20 + 2 * 20 + 1 + 1);
    const row = rowOf(encoder as SpectrumEncoder, GLIDES[0]);
    const places = [0, 1, 5, 19, 20, 200, 333, 479, 480, 485, 499, 500, 510, 519, 520];
    const expected = [
      ...[-1.1649, -1.388, 0.5224, -0.1008, 1.1893, -1.3563, 0.2763, -0.1612],
      ...[-0.4523, 1.014, 0.0417, 0.7036, 0.4676, 0.1482, 0.4768],
    ];
    places.forEach((place, i) => {
      expect(row[place]).toBeCloseTo(expected[i], 3);
    });
    // Behind the numbers stands the sum of their squares.
    const squares = GLIDES.map((one) => rowOf(encoder as SpectrumEncoder, one).at(-1)!);
    [194.66, 114.957, 210.576].forEach((square, i) => {
      expect(squares[i]).toBeCloseTo(square, 1);
    });
  });

  it('does not depend on loudness, an offset, or silence at its ends', () => {
    const glides = Array.from({ length: 12 }, (_, i) =>
      glide(3000 + 150 * i, 200 + 61 * ((5 * i) % 12), 90 * (i - 6), 130 * ((7 * i) % 12)),
    );
    const encoder = learnEncoder('spectrum', glides, {}) as SpectrumEncoder;
    const [whole] = GLIDES;
    const sound = whole.values.subarray(960);
    // It begins and ends softly, as sounds do.
    const spoken = sound.map((value, t) => (value - 0.1) * Math.sin((Math.PI * t) / sound.length) ** 2);
    const row = rowOf(encoder, { ...whole, values: spoken });
    const padded = new Float32Array(800 + spoken.length + 400);
    const mean = spoken.reduce((sum, value) => sum + value / spoken.length, 0);
    padded.fill(7 * mean + 3);
    padded.set(
      spoken.map((value) => 7 * value + 3),
      800,
    );
    const again = rowOf(encoder, { ...whole, values: padded });
    const distance = (other: Float32Array): number =>
      row.subarray(0, 521).reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0);
    for (const one of glides) expect(distance(again)).toBeLessThan(0.5 * distance(rowOf(encoder, one)));
    const louder = rowOf(encoder, { ...whole, values: spoken.map((value) => 7 * value + 3) });
    louder.forEach((value, i) => {
      expect(value).toBeCloseTo(row[i], 2);
    });
  });

  it.each([
    ['silence', new Float32Array(2000)],
    ['one step', Float32Array.of(0.5)],
    ['a click', Float32Array.from({ length: 900 }, (_, i) => (i === 300 ? 1 : 0))],
    ['the largest numbers', new Float32Array(700).map((_, i) => (i % 2 === 0 ? 1e18 : -1e18))],
  ])('is finite for %s', (_, values) => {
    const encoder = learnEncoder('spectrum', GLIDES, {}) as SpectrumEncoder;
    expect(rowOf(encoder, { channels: 1, rate: 8000, values }).every(Number.isFinite)).toBe(true);
  });

  it('is finite where all training sounds are silent', () => {
    const silent = [1000, 2000, 3000].map((steps) => ({
      channels: 2,
      rate: 8000,
      values: new Float32Array(2 * steps),
    }));
    const encoder = learnEncoder('spectrum', silent, {}) as SpectrumEncoder;
    expect(rowOf(encoder, silent[1]).every(Number.isFinite)).toBe(true);
  });
});

describe('the row of a series', () => {
  it('has the series on a grid and the logarithm of its spectrum, channel by channel', () => {
    const series = [40, 40, 40].map((steps, i) => noise(steps, 2, i));
    const encoder = learnEncoder('spectrum', series, {}) as SpectrumEncoder;
    expect(Array.from(encoder.parts)).toEqual([
      ['series', 80],
      ['frequencies', 40],
    ]);
    const column = series.map(({ values }) => values[2 * 7 + 1]);
    const mean = column.reduce((sum, value) => sum + value / 3, 0);
    const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2 / 3, 0));
    expect(rowOf(encoder, series[0])[40 + 7]).toBeCloseTo((column[0] - mean) / deviation, 4);
  });

  it('has a spectrum over time besides where it is long, and few numbers of each of many channels', () => {
    const long = learnEncoder('spectrum', [noise(3000, 1, 1), noise(2500, 1, 2)], {}) as SpectrumEncoder;
    expect(Array.from(long.parts.keys())).toEqual(['grid', 'statistics', 'series', 'frequencies']);
    const many = learnEncoder('spectrum', [noise(600, 200, 1), noise(600, 200, 2)], {}) as SpectrumEncoder;
    expect(many.rowWidth).toBeLessThan(200 * 200);
    expect(rowOf(many, noise(9, 200, 3)).every(Number.isFinite)).toBe(true);
  });
});

describe('frames of a spectrum', () => {
  it('are what NumPy makes of the same formulas', () => {
    const encoder = learnEncoder('mel', GLIDES, {});
    expect([encoder.patch, encoder.bands]).toEqual([80, 40]);
    const { ids, frames } = encoder.encode(GLIDES[0], Number.POSITIVE_INFINITY);
    expect(ids).toHaveLength(49);
    MEL_PLACES.forEach(([frame, band, expected]) => {
      expect(frames![40 * frame + band]).toBeCloseTo(expected, 3);
    });
    // The first 1,000 steps have as many rows as they have hops, at most.
    expect(encoder.encode(GLIDES[0], 1000).ids).toHaveLength(11);
  });

  it('have all channels side by side, and are finite for silence and single steps', () => {
    const encoder = learnEncoder('mel', [noise(3000, 2, 1, 8000), noise(2000, 2, 2, 8000)], {});
    for (const steps of [1, 200, 201, 1500]) {
      const silent = { channels: 2, rate: 8000, values: new Float32Array(2 * steps) };
      const { ids, frames } = encoder.encode(silent, Number.POSITIVE_INFINITY);
      expect(frames).toHaveLength(80 * ids.length);
      expect(frames!.every(Number.isFinite)).toBe(true);
      expect(ids.length).toBeLessThanOrEqual(Math.ceil(steps / encoder.patch!));
    }
  });

  it('need a rate', () => {
    expect(() => learnEncoder('mel', [noise(3000, 1, 1)], {})).toThrow(/samples a second/);
  });
});

describe('what is saved', () => {
  it('gives the same frames', () => {
    const signals = [noise(3000, 2, 1, 8000), noise(4000, 2, 2, 8000)];
    const encoder = learnEncoder('mel', signals, {});
    const json = JSON.parse(JSON.stringify(encoder));
    const again = encoderFromJSON(json, 'saved');
    expect(again.encode(signals[0], 1e9)).toEqual(encoder.encode(signals[0], 1e9));
    expect(() => encoderFromJSON({ ...json, bands: 39 }, 'saved')).toThrow(/^saved: .* 78 bands/);
  });

  it.each([
    ['sounds', [noise(3000, 2, 1, 8000), noise(4000, 2, 2, 8000)]],
    ['series', [noise(600, 1, 1), noise(900, 1, 2)]],
  ])('gives the same rows of %s', (_, signals) => {
    const encoder = learnEncoder('spectrum', signals, {});
    const json = JSON.parse(JSON.stringify(encoder));
    const again = encoderFromJSON(json, 'saved', encoder.arrays);
    expect(again.encode(signals[0], 1e9)).toEqual(encoder.encode(signals[0], 1e9));
    expect(again.encode(signals[0], 500)).toEqual(encoder.encode(signals[0], 500));
    expect(() => encoderFromJSON(json, 'saved', new Map())).toThrow(/^saved: .* lack the \d+ means/);
    const damaged = { ...json, coefficients: 400 };
    expect(() => encoderFromJSON(damaged, 'saved', encoder.arrays)).toThrow(/^saved: /);
  });

  it('counts parts as it was told', () => {
    const encoder = learnEncoder('spectrum', GLIDES, {}) as SpectrumEncoder;
    const row = rowOf(encoder, GLIDES[0]);
    const scaled = rowOf(encoder.scaled(new Map([['statistics', 0]])), GLIDES[0]);
    expect(scaled.subarray(0, 480)).toEqual(row.subarray(0, 480));
    expect(scaled.subarray(480, 521).every((value) => value === 0)).toBe(true);
    expect(scaled[521]).toBeLessThan(row[521]);
  });

  it('refuses texts, and sounds of another rate', () => {
    const encoder = learnEncoder('spectrum', GLIDES, {});
    expect(() => encoder.encode('a text', 10)).toThrow(/takes signals/);
    expect(() => encoder.encode({ ...GLIDES[0], rate: 16_000 }, 10)).toThrow(/--resample 8000/);
  });
});
