/** A signal as the features of random convolutions: MiniRocket's shares and Hydra's counts, joined. */
import * as z from 'zod/mini';
import { platform } from '#platform';
import { RandomStream } from '../random.js';
import { areChannels, drawChannels } from './convolutions/channels.js';
import { drawWeights, GROUP_WEIGHTS, HYDRA_GROUPS, type Hydra, octavesFor } from './convolutions/hydra.js';
import {
  biasesFrom,
  dilationsFor,
  KERNELS,
  MINIROCKET_FEATURES,
  type MiniRocket,
} from './convolutions/miniRocket.js';
import { type FeaturePlan, featuresOf } from './convolutions/plan.js';
import type { Together } from './convolutions/together.js';
import type { Encoded, Encoder, EncoderArrays, EncoderKind, EncoderOptions } from './encoder.js';
import type { Input, Signal } from './input.js';
import { EncoderOfSignals, requireSignal } from './ofSignals.js';
import { SignalEncoder, savedSignal, stepsOf } from './signal.js';

const saved = z.strictObject({
  format: z.literal('elastic-fourier/rocket'),
  /** 1: of MiniRocket alone. */
  version: z.literal([2, 1]),
  /** Steps of the longest training signal: what dilations reach over. */
  length: z.int().check(z.positive()),
  signal: savedSignal,
});
type Saved = z.infer<typeof saved>;

/** What each purpose draws from. */
const STREAM = { channels: 0, examples: 1, hydraWeights: 2, hydraChannels: 3 } as const;

type Work = typeof import('./convolutions/work.js');
let loaded: Work | undefined;

/** Loads what features are computed by: few programs have use for it. */
async function prepare(): Promise<void> {
  const work = await import('./convolutions/work.js');
  // The script of threads too: later nothing is asked for, and a page may be offline.
  await Promise.all([work.loadConvolutions(), platform.preload('convolutions')]);
  loaded = work;
}

function work(): Work {
  if (loaded === undefined)
    throw new Error('what features are computed by was not loaded: prepareEncoder does');
  return loaded;
}

interface Learned {
  readonly signal: SignalEncoder;
  readonly length: number;
  readonly plan: FeaturePlan;
}

export class RocketEncoder extends EncoderOfSignals implements Encoder {
  readonly kind = 'rocket';
  readonly patch = 1;
  readonly arrays: EncoderArrays;
  readonly channels: number;
  readonly rate: number | undefined;
  readonly rowWidth: number;
  readonly #signal: SignalEncoder;
  readonly #length: number;
  readonly #plan: FeaturePlan;
  #own: Together | undefined;

  constructor({ signal, length, plan }: Learned) {
    super();
    this.channels = signal.channels;
    this.rate = signal.rate;
    this.rowWidth = featuresOf(plan);
    this.#signal = signal;
    this.#length = length;
    this.#plan = plan;
    this.arrays = arraysOf(plan);
  }

  static learn(inputs: Iterable<Input>, { seed = 0 }: EncoderOptions): RocketEncoder {
    const signals = [...inputs].map(requireSignal);
    const signal = SignalEncoder.learn(signals, { patch: 1 });
    const steps = stepsOf(signals);
    const length = steps[steps.length - 1];
    const miniRocket = learnMiniRocket(signals, signal, length, seed);
    const hydra = drawHydra(signal.channels, length, seed);
    return new RocketEncoder({ signal, length, plan: { channels: signal.channels, miniRocket, hydra } });
  }

  /** @param maxLength steps */
  encode(input: Input, maxLength: number): Encoded {
    return encodedOf(this.#together().now(this.#values(input, maxLength)));
  }

  async encodeTogether(input: Input, maxLength: number, threads: number): Promise<Encoded> {
    return encodedOf(await this.#together().soon(this.#values(input, maxLength), threads));
  }

  #together(): Together {
    this.#own ??= new (work().Together)(this.#plan);
    return this.#own;
  }

  #values(input: Input, maxLength: number): Float32Array {
    return this.#signal.encode(input, maxLength).frames!;
  }

  toJSON(): Saved {
    return {
      format: 'elastic-fourier/rocket',
      version: this.#plan.hydra === undefined ? 1 : 2,
      length: this.#length,
      signal: this.#signal.toJSON(),
    };
  }
}

const encodedOf = (frames: Float32Array): Encoded => ({ ids: Int32Array.of(1), frames });

/** Biases from the answers to training signals, another one drawn for each combination of dilation and kernel. */
function learnMiniRocket(
  signals: readonly Signal[],
  signal: SignalEncoder,
  length: number,
  seed: number,
): MiniRocket {
  const dilations = dilationsFor(length);
  const { channels } = signal;
  const rows = dilations.length * KERNELS.length;
  const learned: MiniRocket = {
    dilations,
    biases: new Float32Array(MINIROCKET_FEATURES),
    channels: drawChannels(rows, channels, new RandomStream(seed, 'features', STREAM.channels)),
  };
  const { Transform, convolutionModule } = work();
  const transform = new Transform(convolutionModule(), { channels, miniRocket: learned });
  const random = new RandomStream(seed, 'features', STREAM.examples);
  let feature = 0;
  for (const [d, { features }] of dilations.entries()) {
    for (let kernel = 0; kernel < KERNELS.length; kernel++, feature += features) {
      const example = signals[random.nextInteger(signals.length)];
      const values = signal.encode(example, Number.POSITIVE_INFINITY).frames!;
      const sorted = transform.answersTo(values, d, kernel).slice().sort();
      learned.biases.set(biasesFrom(sorted, feature, features), feature);
    }
  }
  return learned;
}

function drawHydra(channels: number, length: number, seed: number): Hydra {
  const dilations = octavesFor(length);
  const weights = drawWeights(dilations.length, new RandomStream(seed, 'features', STREAM.hydraWeights));
  const random = new RandomStream(seed, 'features', STREAM.hydraChannels);
  return { dilations, weights, channels: drawChannels(dilations.length * HYDRA_GROUPS, channels, random) };
}

/** Names of a plan's numbers beside the model's weights. */
const NAMES = {
  biases: 'biases',
  channels: 'channels',
  hydraWeights: 'hydra.weights',
  hydraChannels: 'hydra.channels',
} as const;

function arraysOf({ miniRocket, hydra }: FeaturePlan): EncoderArrays {
  const all = [
    [NAMES.biases, miniRocket.biases],
    [NAMES.channels, miniRocket.channels],
    [NAMES.hydraWeights, hydra?.weights],
    [NAMES.hydraChannels, hydra?.channels],
  ] as const;
  return new Map(all.flatMap(([name, array]) => (array === undefined ? [] : [[name, array] as const])));
}

function loadMiniRocket(length: number, channels: number, arrays: EncoderArrays): MiniRocket {
  const [biases, table] = [arrays.get(NAMES.biases), arrays.get(NAMES.channels)];
  const dilations = dilationsFor(length);
  if (!(biases instanceof Float32Array) || biases.length !== MINIROCKET_FEATURES) {
    throw new Error(`the model's weights lack the ${MINIROCKET_FEATURES} biases of its features`);
  }
  if (!areChannels(table, dilations.length * KERNELS.length, channels)) {
    throw new Error('the channels of its kernels do not fit the model');
  }
  return { dilations, biases, channels: table };
}

function loadHydra(length: number, channels: number, arrays: EncoderArrays): Hydra {
  const [weights, table] = [arrays.get(NAMES.hydraWeights), arrays.get(NAMES.hydraChannels)];
  const dilations = octavesFor(length);
  const expected = dilations.length * HYDRA_GROUPS * GROUP_WEIGHTS;
  if (!(weights instanceof Float32Array) || weights.length !== expected) {
    throw new Error(`the model's weights lack the ${expected} numbers of its groups of kernels`);
  }
  if (!areChannels(table, dilations.length * HYDRA_GROUPS, channels)) {
    throw new Error('the channels of its groups of kernels do not fit the model');
  }
  return { dilations, weights, channels: table };
}

export const rocket: EncoderKind<Input, Saved> = {
  summary: "random convolutions of a signal: MiniRocket's and Hydra's features",
  inputKind: 'signal',
  prepare,
  learn: (inputs, options) => RocketEncoder.learn(inputs, options),
  saved,
  load({ version, length, signal }, arrays) {
    const own = SignalEncoder.load(signal);
    const { channels } = own;
    const miniRocket = loadMiniRocket(length, channels, arrays);
    const hydra = version === 1 ? undefined : loadHydra(length, channels, arrays);
    return new RocketEncoder({ signal: own, length, plan: { channels, miniRocket, hydra } });
  },
};
