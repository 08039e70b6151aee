/**
 * A sound as frames of its spectrum: the logarithm of the power in 40 mel bands, 25 ms every 10 ms, by the sound's largest
 * power, so that loudness does not matter; each band standardised by the training sounds.
 */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import type { Encoded, Encoder, EncoderKind } from './encoder.js';
import type { Input, Signal } from './input.js';
import { type FrameShape, MelSpectrum, soundFrames } from './mel.js';
import { EncoderOfSignals, requireSignal } from './ofSignals.js';
import { fitting } from './signal.js';

/** What is added to powers between 0 and 1 before their logarithm. */
const FLOOR = 1e-6;

const count = z.int().check(z.positive());

const saved = z.strictObject({
  format: z.literal('elastic-fourier/mel'),
  version: z.literal(1),
  channels: count,
  rate: z.number().check(z.positive()),
  bands: count,
  /** Of every band of every channel. */
  means: z.array(z.number()),
  deviations: z.array(z.number().check(z.positive())),
});
type Saved = z.infer<typeof saved>;
type Learned = Omit<Saved, 'format' | 'version'>;

export class MelEncoder extends EncoderOfSignals implements Encoder {
  readonly kind = 'mel';
  readonly channels: number;
  readonly rate: number;
  readonly bands: number;
  /** Steps from one frame to the next. */
  readonly patch: number;
  readonly #learned: Learned;
  readonly #spectrum: LogSpectrum;

  constructor(learned: Learned) {
    super();
    const shape = soundFrames(learned.rate, learned.bands);
    this.channels = learned.channels;
    this.rate = learned.rate;
    this.bands = learned.bands;
    this.patch = shape.hop;
    this.#learned = learned;
    this.#spectrum = new LogSpectrum(shape);
  }

  static learn(inputs: Iterable<Input>): MelEncoder {
    const signals = [...inputs].map(requireSignal);
    const [{ channels, rate }] = signals;
    if (rate === undefined) {
      throw new InputError('mel bands need sounds whose samples a second are known, such as WAV files');
    }
    const shape = soundFrames(rate);
    const spectrum = new LogSpectrum(shape);
    const width = channels * shape.bands;
    const sums = new Float64Array(width);
    const squares = new Float64Array(width);
    let frames = 0;
    for (const signal of signals) {
      const rows = spectrum.of(fitting(signal, { channels, rate }));
      frames += rows.length / width;
      for (let at = 0; at < rows.length; at++) {
        sums[at % width] += rows[at];
        squares[at % width] += rows[at] * rows[at];
      }
    }
    const means = Array.from(sums, (sum) => sum / frames);
    const deviations = Array.from(squares, (square, b) => {
      const variance = square / frames - means[b] ** 2;
      return variance > 1e-9 * (1 + means[b] ** 2) ? Math.sqrt(variance) : 1;
    });
    return new MelEncoder({ channels, rate, bands: shape.bands, means, deviations });
  }

  /** @param maxLength steps */
  encode(input: Input, maxLength: number): Encoded {
    const signal = fitting(requireSignal(input), this);
    const values = signal.values.subarray(0, Math.min(signal.values.length, maxLength * this.channels));
    const { means, deviations } = this.#learned;
    const rows = this.#spectrum.of({ ...signal, values });
    const frames = Float32Array.from(rows, (value, at) => {
      const band = at % means.length;
      return (value - means[band]) / deviations[band];
    });
    return { ids: new Int32Array(rows.length / means.length).fill(1), frames };
  }

  toJSON(): Saved {
    return { format: 'elastic-fourier/mel', version: 1, ...this.#learned };
  }
}

class LogSpectrum {
  readonly #mel: MelSpectrum;
  readonly #bands: number;

  constructor(shape: FrameShape) {
    this.#mel = new MelSpectrum(shape);
    this.#bands = shape.bands;
  }

  /** [frames, channels × bands] */
  of({ channels, values }: Signal): Float64Array {
    const frames = this.#mel.frames(values.length / channels);
    const bands = this.#bands;
    const rows = new Float64Array(frames * channels * bands);
    for (let channel = 0; channel < channels; channel++) {
      const powers = this.#mel.of(values, { channels, channel }, [0, frames]);
      for (let f = 0; f < frames; f++) {
        rows.set(powers.subarray(f * bands, (f + 1) * bands), (f * channels + channel) * bands);
      }
    }
    const most = rows.reduce((largest, value) => Math.max(largest, value), Number.MIN_VALUE);
    return rows.map((value) => Math.log(value / most + FLOOR));
  }
}

export const mel: EncoderKind<Input, Saved> = {
  summary: 'frames of the spectrum of a sound, in mel bands',
  inputKind: 'signal',
  learn: (inputs) => MelEncoder.learn(inputs),
  saved,
  load({ format: _format, version: _version, ...learned }) {
    const width = learned.channels * learned.bands;
    if (learned.means.length !== width || learned.deviations.length !== width) {
      throw new Error(
        `${learned.means.length} means and ${learned.deviations.length} deviations of ${width} bands`,
      );
    }
    return new MelEncoder(learned);
  },
};
