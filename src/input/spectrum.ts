/**
 * A signal as one row of numbers: its spectrum over time, and of series the numbers themselves. Signals are alike where
 * these rows are near one another.
 *
 * Of sounds: silence at both ends is cut (frames of less than 0.3 % of the largest energy), the power in mel bands taken
 * by its largest number, so that loudness does not matter, and the logarithm's cosine transform (mel.ts) brought to 24
 * steps of time by straight lines. Beside this *grid* stand means and deviations over time and the logarithm of the number
 * of frames, the *statistics*. Higher coefficients count less, by 1 / (1 + (k / 8)²). Of series without a rate: the series
 * on a grid, the logarithm of its spectrum, and of long ones the spectrum over time as well, its window by their length.
 *
 * Every number is standardised by the training signals. Behind them stands the sum of their squares: with it, a linear
 * layer and an exponential make a Gaussian kernel.
 */
import * as z from 'zod/mini';
import type { Encoded, Encoder, EncoderArrays, EncoderKind } from './encoder.js';
import type { Input, Signal } from './input.js';
import { cosineTransform, type FrameShape, MelSpectrum, soundFrames } from './mel.js';
import { EncoderOfSignals, requireSignal } from './ofSignals.js';
import { PowerSpectrum } from './powerSpectrum.js';
import { fitting, stepsOf } from './signal.js';

/** Steps of time that a spectrum is brought to, and numbers of each, unless channels are many. */
const TIMES = 24;
const COEFFICIENTS = 20;
/** Points of a series. */
const POINTS = 128;
/** About as many numbers as a row should have of a part, whatever its channels. */
const MOST_NUMBERS = 4096;
/** Share of the largest energy below which a frame at an end is silence. */
const SILENCE = 0.003;
/** What is added to powers between 0 and 1 before their logarithm. */
const FLOOR = 1e-6;
/** Coefficient from which on they count less than half. */
const SMOOTH = 8;
/** Sounds have windows of this many steps and more, and most of them this many frames. */
const LEAST_WINDOW = 16;
const LEAST_FRAMES = 8;
/** Series longer than this have a spectrum over time too. */
const SHORT = 48;
/** What bands of series without a rate are spaced for. */
const ASSUMED_RATE = 8000;

export const SPECTRUM_PARTS = ['grid', 'statistics', 'series', 'frequencies'] as const;
/** Numbers of a row that belong together. */
export type SpectrumPart = (typeof SPECTRUM_PARTS)[number];

const count = z.int().check(z.positive());

const saved = z.strictObject({
  format: z.literal('elastic-fourier/spectrum'),
  version: z.literal(1),
  channels: count,
  rate: z.optional(z.number().check(z.positive())),
  /** Of the spectrum over time; absent: there is none. */
  frames: z.optional(
    z.strictObject({ window: count, hop: count, rate: z.number().check(z.positive()), bands: count }),
  ),
  times: count,
  coefficients: count,
  /** Of the series as it is; 0: it is left out. */
  points: z.int().check(z.nonnegative()),
});
type Saved = z.infer<typeof saved>;
type Layout = Omit<Saved, 'format' | 'version'>;

interface Learned extends Layout {
  readonly means: Float32Array;
  /** What distances from the means are multiplied by. */
  readonly scales: Float32Array;
}

export class SpectrumEncoder extends EncoderOfSignals implements Encoder {
  readonly kind = 'spectrum';
  readonly patch = 1;
  readonly arrays: EncoderArrays;
  readonly channels: number;
  readonly rate: number | undefined;
  /** How many numbers of a row belong to each part, in order. */
  readonly parts: ReadonlyMap<SpectrumPart, number>;
  readonly #learned: Learned;
  readonly #features: SignalFeatures;

  constructor(learned: Learned) {
    super();
    this.channels = learned.channels;
    this.rate = learned.rate;
    this.parts = partsOf(learned);
    this.#learned = learned;
    this.#features = new SignalFeatures(learned);
    this.arrays = new Map([
      ['means', learned.means],
      ['scales', learned.scales],
    ]);
  }

  /** Numbers of its row. */
  get rowWidth(): number {
    return this.#learned.means.length + 1;
  }

  static learn(inputs: Iterable<Input>): SpectrumEncoder {
    const signals = [...inputs].map(requireSignal);
    const layout = layoutFor(signals);
    const features = new SignalFeatures(layout);
    const rows = signals.map((signal) => Float32Array.from(features.of(fitting(signal, layout))));
    const width = rows[0].length;
    const means = new Float32Array(width);
    const scales = new Float32Array(width);
    const weights = featureWeights(layout);
    for (let f = 0; f < width; f++) {
      let mean = 0;
      for (const row of rows) mean += row[f] / rows.length;
      let variance = 0;
      for (const row of rows) variance += (row[f] - mean) ** 2 / rows.length;
      means[f] = mean;
      scales[f] = variance > 1e-10 * (1 + mean * mean) ? weights[f] / Math.sqrt(variance) : 0;
    }
    return new SpectrumEncoder({ ...layout, means, scales });
  }

  /** The same with the numbers of each part multiplied by a factor. */
  scaled(factors: ReadonlyMap<SpectrumPart, number>): SpectrumEncoder {
    const scales = this.#learned.scales.slice();
    let at = 0;
    for (const [part, size] of this.parts) {
      const factor = factors.get(part) ?? 1;
      for (const end = at + size; at < end; at++) scales[at] *= factor;
    }
    return new SpectrumEncoder({ ...this.#learned, scales });
  }

  /** @param maxLength steps */
  encode(input: Input, maxLength: number): Encoded {
    const signal = fitting(requireSignal(input), this);
    const values = signal.values.subarray(0, Math.min(signal.values.length, maxLength * this.channels));
    // As training saw them: rounded.
    const features = Float32Array.from(this.#features.of({ ...signal, values }));
    const { means, scales } = this.#learned;
    const frames = new Float32Array(features.length + 1);
    let square = 0;
    for (let f = 0; f < features.length; f++) {
      frames[f] = (features[f] - means[f]) * scales[f];
      square += frames[f] ** 2;
    }
    frames[features.length] = square;
    return { ids: Int32Array.of(1), frames };
  }

  toJSON(): Saved {
    const { means: _means, scales: _scales, ...layout } = this.#learned;
    return { format: 'elastic-fourier/spectrum', version: 1, ...layout };
  }
}

/** What is taken of signals like these. */
function layoutFor(signals: readonly Signal[]): Layout {
  const [{ channels, rate }] = signals;
  const steps = stepsOf(signals);
  const middle = steps[Math.floor(steps.length / 2)];
  const longest = steps[steps.length - 1];
  const sound = rate === undefined ? undefined : soundFrames(rate);
  const isSound =
    sound !== undefined && sound.window >= LEAST_WINDOW && middle >= sound.window + LEAST_FRAMES * sound.hop;
  const frames = isSound ? sound : longest > SHORT ? seriesFrames(middle) : undefined;
  const within = (most: number, least: number, each: number): number =>
    Math.max(least, Math.min(most, Math.floor(MOST_NUMBERS / (channels * each))));
  return {
    channels,
    ...(rate === undefined ? {} : { rate }),
    ...(frames === undefined ? {} : { frames }),
    times: within(TIMES, 4, COEFFICIENTS),
    coefficients: Math.min(COEFFICIENTS, frames?.bands ?? COEFFICIENTS),
    points: isSound ? 0 : Math.min(longest, within(POINTS, 8, 1)),
  };
}

/** Windows of about a twelfth of a series, half over one another. */
function seriesFrames(steps: number): FrameShape {
  const window = Math.max(LEAST_WINDOW, 2 ** Math.round(Math.log2(steps / 12)));
  return { window, hop: window / 2, rate: ASSUMED_RATE, bands: Math.min(40, window / 2) };
}

function partsOf({ channels, frames, times, coefficients, points }: Layout): Map<SpectrumPart, number> {
  const sizes: Record<SpectrumPart, number> = {
    grid: frames === undefined ? 0 : channels * times * coefficients,
    statistics: frames === undefined ? 0 : channels * 2 * coefficients + 1,
    series: channels * points,
    frequencies: channels * Math.floor(points / 2),
  };
  return new Map(SPECTRUM_PARTS.filter((part) => sizes[part] > 0).map((part) => [part, sizes[part]]));
}

/** Numbers of a row before the sum of their squares. */
const widthOf = (layout: Layout): number =>
  Array.from(partsOf(layout).values()).reduce((sum, size) => sum + size, 0);

/** Low coefficients, which say the spectrum's broad shape, count more. */
function featureWeights(layout: Layout): Float64Array {
  const { coefficients } = layout;
  const parts = partsOf(layout);
  // The last of the statistics is the number of frames.
  const ofSpectrum = (parts.get('grid') ?? 0) + (parts.get('statistics') ?? 1) - 1;
  return Float64Array.from({ length: widthOf(layout) }, (_, f) =>
    f < ofSpectrum ? 1 / (1 + ((f % coefficients) / SMOOTH) ** 2) : 1,
  );
}

/** The numbers of signals before they are standardised. */
class SignalFeatures {
  readonly #layout: Layout;
  readonly #width: number;
  readonly #mel: MelSpectrum | undefined;
  readonly #spectrum: PowerSpectrum | undefined;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#width = widthOf(layout);
    if (layout.frames !== undefined) this.#mel = new MelSpectrum(layout.frames);
    if (layout.points > 0) {
      this.#spectrum = new PowerSpectrum(2 ** Math.max(1, Math.ceil(Math.log2(layout.points))));
    }
  }

  of(signal: Signal): Float64Array {
    const result = new Float64Array(this.#width);
    const { channels } = signal;
    let at = 0;
    const put = (numbers: ArrayLike<number>): void => {
      result.set(numbers, at);
      at += numbers.length;
    };
    if (this.#mel !== undefined) {
      const { times, coefficients } = this.#layout;
      const cepstra = this.#cepstra(this.#mel, centred(signal));
      for (const rows of cepstra) put(onGrid(rows, coefficients, times));
      for (const rows of cepstra) put(meansAndDeviations(rows, coefficients));
      put([Math.log(cepstra[0].length / coefficients)]);
    }
    if (this.#spectrum !== undefined) {
      const { points } = this.#layout;
      const series = Array.from({ length: channels }, (_, c) =>
        onGrid(Float64Array.from(channelOf(signal, c)), 1, points),
      );
      for (const one of series) put(one);
      for (const one of series) put(logSpectrum(one, this.#spectrum));
    }
    return result;
  }

  /** Of each channel: [frames, coefficients], without silence at the ends. */
  #cepstra(mel: MelSpectrum, values: Float32Array): Float64Array[] {
    const { channels, coefficients, frames } = this.#layout;
    const energies = mel.energies(values, channels);
    const least = SILENCE * energies.reduce((most, energy) => Math.max(most, energy), 0);
    const loud = (energy: number): boolean => energy >= least;
    const span = [energies.findIndex(loud), energies.findLastIndex(loud) + 1] as const;
    const powers = Array.from({ length: channels }, (_, channel) =>
      mel.of(values, { channels, channel }, span),
    );
    let most = Number.MIN_VALUE;
    for (const power of powers) for (const value of power) most = Math.max(most, value);
    return powers.map((power) =>
      cosineTransform(
        power.map((value) => Math.log(value / most + FLOOR)),
        frames!.bands,
        coefficients,
      ),
    );
  }
}

/** Each channel less its mean, which would look like sound where there is none. */
function centred({ channels, values }: Signal): Float32Array {
  const means = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) means[i % channels] += values[i];
  const steps = values.length / channels;
  return values.map((value, i) => value - means[i % channels] / steps);
}

function channelOf({ channels, values }: Signal, channel: number): Float32Array {
  if (channels === 1) return values;
  return Float32Array.from({ length: values.length / channels }, (_, t) => values[t * channels + channel]);
}

/** Rows brought to `times` rows by straight lines between them, from the first to the last. */
function onGrid(rows: Float64Array, width: number, times: number): Float64Array {
  const last = rows.length / width - 1;
  const result = new Float64Array(times * width);
  for (let t = 0; t < times; t++) {
    const place = times === 1 ? last / 2 : (last * t) / (times - 1);
    const below = Math.floor(place);
    const above = Math.min(last, below + 1);
    for (let i = 0; i < width; i++) {
      const value = rows[below * width + i];
      result[t * width + i] = value + (place - below) * (rows[above * width + i] - value);
    }
  }
  return result;
}

/** Of each column: all means, then all deviations. */
function meansAndDeviations(rows: Float64Array, width: number): Float64Array {
  const result = new Float64Array(2 * width);
  const height = rows.length / width;
  for (let at = 0; at < rows.length; at++) result[at % width] += rows[at] / height;
  for (let at = 0; at < rows.length; at++) {
    result[width + (at % width)] += (rows[at] - result[at % width]) ** 2 / height;
  }
  for (let i = width; i < 2 * width; i++) result[i] = Math.sqrt(result[i]);
  return result;
}

/** log |spectrum|² by its largest number, of frequencies 1 … length / 2, of a series less its mean. */
function logSpectrum(series: Float64Array, spectrum: PowerSpectrum): Float64Array {
  const mean = series.reduce((sum, value) => sum + value / series.length, 0);
  const power = spectrum.of(series.map((value) => value - mean)).subarray(1, 1 + (series.length >> 1));
  const most = power.reduce((largest, value) => Math.max(largest, value), Number.MIN_VALUE);
  return power.map((value) => Math.log(value / most + FLOOR));
}

export const spectrum: EncoderKind<Input, Saved> = {
  summary: 'the spectrum of a signal over time, as one row',
  inputKind: 'signal',
  learn: (inputs) => SpectrumEncoder.learn(inputs),
  saved,
  load({ format: _format, version: _version, ...layout }, arrays) {
    const { frames, coefficients } = layout;
    if (frames !== undefined && coefficients > frames.bands) {
      throw new Error(`${coefficients} coefficients of ${frames.bands} bands`);
    }
    const width = widthOf(layout);
    const [means, scales] = ['means', 'scales'].map((name) => {
      const array = arrays.get(name);
      if (!(array instanceof Float32Array) || array.length !== width || !array.every(Number.isFinite)) {
        throw new Error(`the model's weights lack the ${width} ${name} of its spectrum`);
      }
      return array;
    });
    return new SpectrumEncoder({ ...layout, means, scales });
  },
};
