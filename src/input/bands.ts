/**
 * A recording as rows of its spectrum over time: the logarithm of the power in 40 mel bands, two frames of 25 ms, 10 ms
 * apart, a row; each band standardised by the training recordings. A row follows from its own samples alone, so a recording
 * can be read piece by piece, whatever comes later.
 */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import type { Encoded, Encoder, EncoderKind } from './encoder.js';
import type { Input, Signal } from './input.js';
import { type Band, bandsOf, soundFrames } from './mel.js';
import { EncoderOfSignals, requireSignal } from './ofSignals.js';
import { PairSpectrum } from './pairSpectrum.js';
import { fitting } from './signal.js';

/** What is added to powers before their logarithm: some 80 dB below a loud recording. */
const FLOOR = 1e-5;

const FRAMES_A_ROW = 2;

const saved = z.strictObject({
  format: z.literal('elastic-fourier/bands'),
  version: z.literal(1),
  rate: z.number().check(z.positive()),
  bands: z.int().check(z.positive(), z.lte(4096)),
  /** Of every band. */
  means: z.array(z.number()),
  deviations: z.array(z.number().check(z.positive())),
});
type Saved = z.infer<typeof saved>;
type Learned = Omit<Saved, 'format' | 'version'>;

/** Rows without their standardisation. */
export class BandRows {
  readonly bands: number;
  /** Numbers of a row. */
  readonly width: number;
  /** Steps from one row to the next. */
  readonly patch: number;
  /** Steps that a row reads, from its first one on. */
  readonly reads: number;
  readonly #hop: number;
  readonly #hann: Float64Array;
  readonly #bands: readonly Band[];
  readonly #spectrum: PairSpectrum;
  readonly #powers: Float64Array;

  constructor(rate: number, bands = 40) {
    const shape = soundFrames(rate, bands);
    this.bands = bands;
    this.width = FRAMES_A_ROW * bands;
    this.patch = FRAMES_A_ROW * shape.hop;
    this.reads = shape.window + shape.hop;
    this.#hop = shape.hop;
    const size = Math.max(4, 2 ** Math.ceil(Math.log2(shape.window)));
    this.#spectrum = new PairSpectrum(size);
    this.#powers = new Float64Array(FRAMES_A_ROW * this.#spectrum.bins);
    this.#bands = bandsOf(shape, size);
    this.#hann = Float64Array.from(
      { length: shape.window },
      (_, t) => 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / shape.window),
    );
  }

  /** The first `rows` rows of samples of one channel; zeros stand behind their end. */
  of(values: Float32Array, rows: number): Float32Array {
    const result = new Float32Array(rows * this.width);
    const { bins } = this.#spectrum;
    const powers = this.#powers;
    for (let row = 0, at = 0; row < rows; row++) {
      const first = row * this.patch;
      this.#spectrum.of(values, first, first + this.#hop, this.#hann, powers);
      for (let from = 0; from < powers.length; from += bins) {
        for (let b = 0; b < this.bands; b++, at++) {
          const band = this.#bands[b];
          const weights = band.weights;
          let sum = 0;
          for (let k = 0, bin = from + band.first; k < weights.length; k++, bin++)
            sum += weights[k] * powers[bin];
          result[at] = Math.log(0.25 * sum + FLOOR);
        }
      }
    }
    return result;
  }
}

export class BandEncoder extends EncoderOfSignals implements Encoder {
  readonly kind = 'bands';
  readonly channels = 1;
  readonly rate: number;
  readonly bands: number;
  readonly patch: number;
  readonly piecewise = true;
  readonly rows: BandRows;
  readonly #learned: Learned;

  constructor(learned: Learned) {
    super();
    this.#learned = learned;
    this.rate = learned.rate;
    this.rows = new BandRows(learned.rate, learned.bands);
    this.bands = this.rows.width;
    this.patch = this.rows.patch;
  }

  static learn(inputs: Iterable<Input>): BandEncoder {
    let learner: BandLearner | undefined;
    for (const input of inputs) {
      const { channels, rate, values } = requireSignal(input);
      if (rate === undefined || channels !== 1) throw new InputError(NEEDS);
      learner ??= new BandLearner(rate);
      learner.add(values);
    }
    if (learner === undefined) throw new InputError(NEEDS);
    return learner.encoder();
  }

  /** @param maxLength steps */
  encode(input: Input, maxLength: number): Encoded {
    const { values } = fitting(requireSignal(input), this) satisfies Signal;
    const own = values.subarray(0, Math.min(values.length, maxLength));
    return this.encodeRows(own, Math.max(1, Math.ceil(own.length / this.patch)));
  }

  /** The first `rows` rows of samples. */
  encodeRows(values: Float32Array, rows: number): Encoded & { readonly frames: Float32Array } {
    const { means, deviations, bands } = this.#learned;
    const frames = this.rows.of(values, rows);
    for (let at = 0; at < frames.length; at++) {
      const band = at % bands;
      frames[at] = (frames[at] - means[band]) / deviations[band];
    }
    return { ids: new Int32Array(rows).fill(1), frames };
  }

  toJSON(): Saved {
    return { format: 'elastic-fourier/bands', version: 1, ...this.#learned };
  }
}

const NEEDS = 'events are found in sounds of one channel whose samples a second are known, such as WAV files';

/** Sums over training recordings. */
export class BandLearner {
  readonly #rate: number;
  readonly #rows: BandRows;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  #frames = 0;

  constructor(rate: number) {
    this.#rate = rate;
    this.#rows = new BandRows(rate);
    this.#sums = new Float64Array(this.#rows.bands);
    this.#squares = new Float64Array(this.#rows.bands);
  }

  add(values: Float32Array): void {
    const { bands, patch, reads } = this.#rows;
    const rows = this.#rows.of(values, Math.max(1, Math.floor((values.length - reads) / patch)));
    this.#frames += rows.length / bands;
    rows.forEach((value, at) => {
      this.#sums[at % bands] += value;
      this.#squares[at % bands] += value * value;
    });
  }

  encoder(): BandEncoder {
    const means = Array.from(this.#sums, (sum) => sum / this.#frames);
    const deviations = Array.from(this.#squares, (square, b) => {
      const variance = square / this.#frames - means[b] ** 2;
      return variance > 1e-6 * (1 + means[b] ** 2) ? Math.sqrt(variance) : 1;
    });
    return new BandEncoder({ rate: this.#rate, bands: this.#rows.bands, means, deviations });
  }
}

export const bands: EncoderKind<Input, Saved> = {
  summary: 'rows of the spectrum of a recording over time, in mel bands',
  inputKind: 'signal',
  learn: (inputs) => BandEncoder.learn(inputs),
  saved,
  load({ format: _format, version: _version, ...learned }) {
    if (learned.means.length !== learned.bands || learned.deviations.length !== learned.bands) {
      throw new Error(
        `${learned.means.length} means and ${learned.deviations.length} deviations of ${learned.bands} bands`,
      );
    }
    return new BandEncoder(learned);
  },
};
