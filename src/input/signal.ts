/**
 * Signals as frames: rows of `patch` steps each, every channel standardised by the training signals' mean and deviation.
 * What models make of a row, and how far their windows reach beyond it, is theirs.
 */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import type { Encoded, Encoder, EncoderKind, EncoderOptions } from './encoder.js';
import type { Input, Signal } from './input.js';
import { EncoderOfSignals, requireSignal } from './ofSignals.js';

const count = z.int().check(z.positive());

/** What an encoder of signals saves. */
export const savedSignal = z.strictObject({
  format: z.literal('elastic-fourier/signal'),
  version: z.literal(1),
  channels: count,
  patch: count,
  /** Steps a second, where the training signals said. */
  rate: z.optional(z.number().check(z.positive())),
  means: z.array(z.number()),
  /** What deviations are divided by: 1 where a channel never changes. */
  deviations: z.array(z.number().check(z.positive())),
});
type Saved = z.infer<typeof savedSignal>;

/** Rows that a signal of middling length is cut to where nobody says: enough to see what comes when. */
const ROWS = 256;

/** Signals up to this many steps are taken step by step. */
const SHORT = 512;

/** A power of two that leaves about 128 to 256 rows of a signal of this many steps; 1 for short ones. */
export function patchFor(steps: number): number {
  return steps <= SHORT ? 1 : 2 ** Math.ceil(Math.log2(steps / ROWS));
}

/** Lengths in steps, ascending. */
export function stepsOf(signals: readonly Signal[]): number[] {
  return signals.map(({ channels, values }) => values.length / channels).sort((a, b) => a - b);
}

/**
 * A length that the signals need: that of the longest, or where it is far from the usual, one that leaves 98% whole.
 * @param steps ascending
 */
export function lengthFor(steps: readonly number[]): number {
  const longest = steps[steps.length - 1];
  const median = steps[Math.floor(steps.length / 2)];
  return longest <= 2 * median ? longest : steps[Math.floor(0.98 * (steps.length - 1))];
}

export class SignalEncoder extends EncoderOfSignals implements Encoder {
  readonly kind = 'signal';
  readonly piecewise = true;
  readonly channels: number;
  readonly patch: number;
  readonly rate: number | undefined;
  readonly #saved: Omit<Saved, 'format' | 'version'>;

  constructor(parts: Omit<Saved, 'format' | 'version'>) {
    super();
    this.channels = parts.channels;
    this.patch = parts.patch;
    this.rate = parts.rate;
    this.#saved = parts;
  }

  static learn(inputs: Iterable<Input>, { patch }: EncoderOptions): SignalEncoder {
    const signals = [...inputs].map(requireSignal);
    const [{ channels, rate }] = signals;
    const steps = stepsOf(signals);
    const sums = new Float64Array(channels);
    const squares = new Float64Array(channels);
    for (const { values } of signals) {
      for (let i = 0; i < values.length; i++) {
        sums[i % channels] += values[i];
        squares[i % channels] += values[i] * values[i];
      }
    }
    const total = steps.reduce((sum, length) => sum + length, 0);
    const means = Array.from(sums, (sum) => sum / total);
    const deviations = Array.from(squares, (square, c) => {
      const variance = square / total - means[c] ** 2;
      return variance > 1e-12 * (1 + means[c] ** 2) ? Math.sqrt(variance) : 1;
    });
    return new SignalEncoder({
      channels,
      patch: patch ?? patchFor(steps[Math.floor(steps.length / 2)]),
      ...(rate === undefined ? {} : { rate }),
      means,
      deviations,
    });
  }

  /** From what one saved. Throws Error saying what does not fit. */
  static load(this: void, { format: _format, version: _version, ...own }: Saved): SignalEncoder {
    if (own.means.length !== own.channels || own.deviations.length !== own.channels) {
      throw new Error(
        `${own.means.length} means and ${own.deviations.length} deviations of ${own.channels} channels`,
      );
    }
    return new SignalEncoder(own);
  }

  /** @param maxLength steps */
  encode(input: Input, maxLength: number): Encoded {
    const { channels, values } = fitting(requireSignal(input), this);
    const { means, deviations } = this.#saved;
    const steps = Math.min(maxLength, values.length / channels);
    const rows = Math.ceil(steps / this.patch);
    const frames = new Float32Array(rows * this.patch * channels);
    for (let i = 0; i < steps * channels; i++) {
      frames[i] = (values[i] - means[i % channels]) / deviations[i % channels];
    }
    return { ids: new Int32Array(rows).fill(1), frames };
  }

  toJSON(): Saved {
    return { format: 'elastic-fourier/signal', version: 1, ...this.#saved };
  }
}

/** The signal. Throws InputError where its channels or its rate are not those of the training. */
export function fitting(
  signal: Signal,
  { channels, rate }: { readonly channels?: number | undefined; readonly rate?: number | undefined },
): Signal {
  if (signal.channels !== channels) {
    throw new InputError(`a signal of ${signal.channels} channels; the model was trained on ${channels}`);
  }
  if (signal.rate !== undefined && rate !== undefined && signal.rate !== rate) {
    throw new InputError(
      `a signal of ${signal.rate} samples a second; the model was trained on ${rate}: bring it to that (--resample ${rate}, or resample() of the library)`,
    );
  }
  return signal;
}

export const signal: EncoderKind<Input, Saved> = {
  summary: 'numbers over time',
  inputKind: 'signal',
  learn: (inputs, options) => SignalEncoder.learn(inputs, options),
  saved: savedSignal,
  load: SignalEncoder.load,
};
