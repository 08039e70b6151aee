/**
 * MiniRocket (Dempster, Schmidt & Webb 2021, arXiv 2012.08791): a signal as 9,996 shares. 84 kernels of nine taps, six of
 * −1 and three of 2, are spread by up to 32 dilations; a feature is the share of a kernel's answers above a bias, and
 * biases are quantiles of the answers to training signals. Of several channels each kernel takes some at random.
 */
import * as z from 'zod/mini';
import { RandomStream } from '../random.js';
import type { Encoded, Encoder, EncoderArrays, EncoderKind, EncoderOptions, Section } from './encoder.js';
import type { Input } from './input.js';
import { mapEach } from './long.js';
import { requireSignal, SignalEncoder, savedSignal, signalSections, stepsOf } from './signal.js';

const TAPS = 9;
const MOST_DILATIONS = 32;
/** Of all dilations of one kernel. */
const FEATURES_PER_KERNEL = 119;
const GOLDEN = (Math.sqrt(5) + 1) / 2;

/** The places of the three larger taps of each kernel. */
const KERNELS: readonly (readonly [number, number, number])[] = (() => {
  const found: [number, number, number][] = [];
  for (let i = 0; i < TAPS; i++)
    for (let j = i + 1; j < TAPS; j++) for (let k = j + 1; k < TAPS; k++) found.push([i, j, k]);
  return found;
})();

/** Features of a signal. */
export const ROCKET_FEATURES = KERNELS.length * FEATURES_PER_KERNEL;

const saved = z.strictObject({
  format: z.literal('elastic-fourier/rocket'),
  version: z.literal(1),
  /** Steps of the longest training signal: what dilations reach over. */
  length: z.int().check(z.positive()),
  signal: savedSignal,
});
type Saved = z.infer<typeof saved>;

interface Dilation {
  readonly dilation: number;
  /** Features of each kernel. */
  readonly features: number;
}

/** Dilations from 1 to what spans `length` steps, evenly by octaves. */
function dilationsFor(length: number): Dilation[] {
  const largest = Math.max(0, Math.log2((length - 1) / (TAPS - 1)));
  const counts = new Map<number, number>();
  for (let i = 0; i < MOST_DILATIONS; i++) {
    const dilation = Math.floor(2 ** ((largest * i) / (MOST_DILATIONS - 1)));
    counts.set(dilation, (counts.get(dilation) ?? 0) + 1);
  }
  const found = Array.from(counts, ([dilation, count]) => ({
    dilation,
    features: Math.floor((count * FEATURES_PER_KERNEL) / MOST_DILATIONS),
  }));
  let left = FEATURES_PER_KERNEL - found.reduce((sum, { features }) => sum + features, 0);
  for (let i = 0; left > 0; i = (i + 1) % found.length, left--) found[i].features++;
  return found;
}

/** Which channels each combination of dilation and kernel takes; undefined: there is only one. */
function channelsFor(combinations: number, channels: number, seed: number): Uint32Array | undefined {
  if (channels === 1) return undefined;
  const random = new RandomStream(seed, 'features', 0);
  const most = Math.log2(Math.min(channels, TAPS) + 1);
  // Rows of as many numbers as there are channels at most: how many, then which.
  const width = Math.min(channels, TAPS) + 1;
  const chosen = new Uint32Array(combinations * width);
  for (let i = 0; i < combinations; i++) {
    const count = Math.floor(2 ** (most * random.next()));
    chosen[i * width] = count;
    chosen.set(random.permutation(channels).subarray(0, count), i * width + 1);
  }
  return chosen;
}

interface Learned {
  readonly signal: SignalEncoder;
  readonly length: number;
  readonly biases: Float32Array;
  readonly channels: Uint32Array | undefined;
}

/** The answers of one kernel to one signal at a time, without an array anew for each. */
class Answers {
  #sums = new Float32Array(0);
  #taps: Float32Array[] = [];
  #answers = new Float32Array(0);
  #steps = 0;
  readonly #channels: number;

  constructor(channels: number) {
    this.#channels = channels;
  }

  /** Spreads a signal for a dilation. @param values [steps, channels] */
  spread(values: Float32Array, dilation: number): void {
    const channels = this.#channels;
    const steps = values.length / channels;
    this.#steps = steps;
    const size = steps * channels;
    if (this.#sums.length < size) {
      this.#sums = new Float32Array(size);
      this.#taps = Array.from({ length: TAPS }, () => new Float32Array(size));
      this.#answers = new Float32Array(steps);
    }
    const sums = this.#sums.fill(0, 0, size);
    for (let j = 0; j < TAPS; j++) {
      const shift = (j - (TAPS - 1) / 2) * dilation;
      const tap = this.#taps[j];
      for (let c = 0; c < channels; c++) {
        // Channel by channel, so that a kernel's loop runs over neighbours.
        for (let t = 0; t < steps; t++) {
          const at = t + shift;
          const value = at >= 0 && at < steps ? values[at * channels + c] : 0;
          tap[c * steps + t] = 3 * value;
          sums[c * steps + t] -= value;
        }
      }
    }
  }

  /** The kernel's answers to the channels chosen, steps of them; valid until the next call. */
  of(kernel: number, chosen: ArrayLike<number>): Float32Array {
    const steps = this.#steps;
    const answers = this.#answers;
    const [a, b, c] = KERNELS[kernel].map((tap) => this.#taps[tap]);
    for (let i = 0; i < chosen.length; i++) {
      const first = chosen[i] * steps;
      if (i === 0) {
        for (let t = 0, at = first; t < steps; t++, at++) answers[t] = this.#sums[at] + a[at] + b[at] + c[at];
      } else {
        for (let t = 0, at = first; t < steps; t++, at++)
          answers[t] += this.#sums[at] + a[at] + b[at] + c[at];
      }
    }
    return answers.subarray(0, steps);
  }
}

const FIRST_CHANNEL = Uint32Array.of(0);

export class RocketEncoder implements Encoder {
  readonly kind = 'rocket';
  readonly inputKind = 'signal';
  readonly vocabulary = 2;
  readonly buckets = 0;
  readonly ngrams = 1;
  readonly patch = 1;
  readonly arrays: EncoderArrays;
  readonly channels: number;
  readonly rate: number | undefined;
  readonly #signal: SignalEncoder;
  readonly #length: number;
  readonly #dilations: readonly Dilation[];
  readonly #biases: Float32Array;
  readonly #channels: Uint32Array | undefined;
  readonly #answers: Answers;

  constructor({ signal, length, biases, channels }: Learned) {
    this.channels = signal.channels;
    this.rate = signal.rate;
    this.#signal = signal;
    this.#length = length;
    this.#dilations = dilationsFor(length);
    this.#biases = biases;
    this.#channels = channels;
    this.#answers = new Answers(signal.channels);
    this.arrays = new Map<string, Float32Array | Uint32Array>([
      ['biases', biases],
      ...(channels === undefined ? [] : ([['channels', channels]] as const)),
    ]);
  }

  static learn(inputs: Iterable<Input>, { seed = 0 }: EncoderOptions): RocketEncoder {
    const signals = [...inputs].map(requireSignal);
    const signal = SignalEncoder.learn(signals, { patch: 1 });
    const steps = stepsOf(signals);
    const length = steps[steps.length - 1];
    const dilations = dilationsFor(length);
    const channels = channelsFor(dilations.length * KERNELS.length, signal.channels, seed);
    const biases = new Float32Array(ROCKET_FEATURES);
    const encoder = new RocketEncoder({ signal, length, biases, channels });
    const random = new RandomStream(seed, 'features', 1);
    const answers = new Answers(signal.channels);
    let feature = 0;
    for (const [d, { dilation, features }] of dilations.entries()) {
      for (let kernel = 0; kernel < KERNELS.length; kernel++) {
        const example = signals[random.nextInteger(signals.length)];
        answers.spread(signal.encode(example, Number.POSITIVE_INFINITY).frames!, dilation);
        const sorted = answers.of(kernel, encoder.#chosen(d, kernel)).slice().sort();
        for (let i = 0; i < features; i++, feature++) {
          biases[feature] = quantile(sorted, ((feature + 1) * GOLDEN) % 1);
        }
      }
    }
    return encoder;
  }

  /** @param maxLength steps */
  encode(input: Input, maxLength: number): Encoded {
    const frames = new Float32Array(ROCKET_FEATURES);
    const values = this.#signal.encode(input, maxLength).frames!;
    const steps = values.length / this.#signal.channels;
    let feature = 0;
    for (const [d, { dilation, features }] of this.#dilations.entries()) {
      this.#answers.spread(values, dilation);
      const padding = ((TAPS - 1) / 2) * dilation;
      for (let kernel = 0; kernel < KERNELS.length; kernel++) {
        const answers = this.#answers.of(kernel, this.#chosen(d, kernel));
        // Every other one without what lies at the ends, where the kernel meets zeros.
        const inner = (d + kernel) % 2 === 1 && steps > 2 * padding;
        const [from, to] = inner ? [padding, steps - padding] : [0, steps];
        for (let i = 0; i < features; i++, feature++) {
          const bias = this.#biases[feature];
          let above = 0;
          for (let t = from; t < to; t++) above += answers[t] > bias ? 1 : 0;
          frames[feature] = above / (to - from);
        }
      }
    }
    return { ids: Int32Array.of(1), frames };
  }

  /** Steps. */
  count(input: Input): number {
    return this.#signal.count(input);
  }

  encodeSections(input: Input, sections: readonly Section[]): Iterable<Encoded> {
    return mapEach(signalSections(requireSignal(input), sections), (one) =>
      this.encode(one, Number.POSITIVE_INFINITY),
    );
  }

  knownShare(): number {
    return 1;
  }

  toJSON(): Saved {
    return {
      format: 'elastic-fourier/rocket',
      version: 1,
      length: this.#length,
      signal: this.#signal.toJSON(),
    };
  }

  #chosen(dilation: number, kernel: number): Uint32Array {
    if (this.#channels === undefined) return FIRST_CHANNEL;
    const width = Math.min(this.#signal.channels, TAPS) + 1;
    const at = (dilation * KERNELS.length + kernel) * width;
    return this.#channels.subarray(at + 1, at + 1 + this.#channels[at]);
  }
}

/** Between neighbours in proportion, as numpy.quantile. */
function quantile(sorted: Float32Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

export const rocket: EncoderKind<Input, Saved> = {
  summary: "MiniRocket's features of a signal",
  inputKind: 'signal',
  learn: (inputs, options) => RocketEncoder.learn(inputs, options),
  saved,
  load({ length, signal }, arrays) {
    const own = SignalEncoder.load(signal);
    const [biases, channels] = [arrays.get('biases'), arrays.get('channels')];
    if (!(biases instanceof Float32Array) || biases.length !== ROCKET_FEATURES) {
      throw new Error(`the model's weights lack the ${ROCKET_FEATURES} biases of its features`);
    }
    const rows = dilationsFor(length).length * KERNELS.length;
    const width = Math.min(own.channels, TAPS) + 1;
    const fits =
      own.channels === 1
        ? channels === undefined
        : channels instanceof Uint32Array &&
          channels.length === rows * width &&
          channels.every((value, i) =>
            i % width === 0 ? value >= 1 && value < width : value < own.channels,
          );
    if (!fits) throw new Error('the channels of its kernels do not fit the model');
    return new RocketEncoder({ signal: own, length, biases, channels: channels as Uint32Array | undefined });
  },
};
