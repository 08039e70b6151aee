/**
 * The length-elastic model: filters over words and over long convolutions that are built from few numbers (SGConv: Li et
 * al. 2022, arXiv 2210.09298), the largest answer of each, and a linear path beside. One checkpoint for any length.
 */
import * as z from 'zod/mini';
import type { TensorId } from '../../program/program.js';
import {
  constant,
  embeddingLayer,
  type Initial,
  inputRows,
  linearLayer,
  type ModelBuilder,
  normLayer,
  uniform,
} from '../layers.js';
import { commonShape, modelOptions } from '../options.js';
import type { Family } from './family.js';
import { epochsFor, signalTraining, textFolds, wordVectorTable } from './shape.js';

/** What a scale is smaller by than the one before. */
const DECAY = 0.5;

/**
 * Long kernels: numbers of a scale, a channel and a direction; what these begin as and are multiplied by; and whether the
 * token itself counts too, as much as it is at first. On film reviews the fine one has the lower loss (docs/research.md).
 */
const LONG_KERNELS = {
  broad: { width: 16, deviation: 1, scale: kernelScale, centre: false },
  fine: { width: 4, deviation: 0.3, scale: () => 0.5, centre: true },
} as const;

const schema = z.strictObject({
  model: z.literal('elastic'),
  ...commonShape,
  sequenceLength: z._default(modelOptions.sequenceLength, 1024),
  vocabulary: z._default(modelOptions.vocabulary, 12_000),
  channels: z._default(modelOptions.channels, 64),
  blocks: z._default(modelOptions.blocks, 0),
  /** What there was at first: runs of then do not say. */
  longKernel: z._default(modelOptions.longKernel, 'broad'),
  scales: z._default(modelOptions.scales, 5),
  taps: z._default(modelOptions.taps, 3),
  bank: z._default(modelOptions.bank, 256),
  cosineModes: z._default(modelOptions.cosineModes, 0),
  /** Of what the bank answers; without one, of the rows. */
  dropout: z._default(modelOptions.dropout, 0.5),
  wordDropout: z._default(modelOptions.wordDropout, 0.2),
  deepOnly: z._default(modelOptions.deepOnly, false),
});
export type ElasticConfiguration = z.infer<typeof schema>;

/** What suits texts of words; the scales reach 508 words each way. */
const TEXT_SHAPE = { longKernel: 'fine', scales: 7, taps: 5 };
/** What suits signals and bytes, whose rows mean little one by one. */
const MIXING_SHAPE = { blocks: 2, taps: 5, bank: 0, cosineModes: 3, dropout: 0, wordDropout: 0 };

/** What its shallow path may be. */
/** The path that answers one class alone. */
const ONE_LABEL = 'spectrum';

const SHALLOW = { text: ['linear'], signal: ['spectrum', 'rocket'] } as const;

/** Of fewer signals the best shallow path alone is as good, or better. */
const LEAST_SIGNALS = 1000;

/** Of fewer texts the deep path learns nothing that the linear one has not (docs/research.md): it is left out, untrained. */
const LEAST_TEXTS = 2000;

/** Steps of a training: fewer learn too little, and more epochs of much data nothing. */
const STEPS = 1500;

export const elasticFamily: Family<ElasticConfiguration> = {
  name: 'elastic',
  summary:
    'a linear path, and beside it filters over words and long convolutions from few numbers where they help; one model for any length',
  rank: { order: 0.5, baseline: false },
  shape: {
    schema,
    complete: ({ signal, ...given }, tokens) => ({
      ...(signal === undefined && tokens === 'words' ? TEXT_SHAPE : MIXING_SHAPE),
      ...given,
    }),
  },
  training: {
    method: 'fused',
    // What validation says of two paths is their loss: by it they are weighed against each other.
    recipe: { learningRate: 3e-3, epochs: 5, batchSize: 64, beta2: 0.98, select: 'loss' },
    recipeFor(examples, { deepOnly }) {
      const batchSize = Math.max(8, Math.min(64, Math.round(examples / 40)));
      const epochs = epochsFor(examples, { steps: STEPS, batchSize, least: 5, most: 20 });
      return { batchSize, epochs, ...(deepOnly ? { select: 'accuracy' } : {}) };
    },
    foldsFor(examples, asked, { signals, deepOnly, steps, layers }) {
      if (deepOnly) return 0;
      const few = examples < (signals ? LEAST_SIGNALS : LEAST_TEXTS);
      // Each signal is left out alone.
      const folds = signals ? examples : textFolds(examples);
      if (asked === undefined) return few && !steps && !layers ? folds : 0;
      return asked > 0 && signals ? folds : asked;
    },
  },
  lower(model, configuration) {
    const { channels, classes, bank, cosineModes: modes } = configuration;
    const { program } = model;
    const x = mixedRows(model, configuration);
    const largest =
      bank > 0
        ? model.dropout(filterBank(model, x, configuration))
        : program.emit('maxPool', { x }, {}, 'pooled.max').y;
    const width = bank > 0 ? bank : channels;
    if (modes === 0) return linearLayer(model, 'head', largest, width, classes);
    const cosines = program.emit('cosinePool', { x }, { modes }, 'pooled.cosines').y;
    const pooled = program.emit('concat', { a: cosines, b: largest }, {}, 'pooled').y;
    return linearLayer(model, 'head', pooled, modes * channels + width, classes);
  },
  capabilities: {
    anyLength: true,
    signals: {
      recipe: (examples, sounds) => ({
        ...signalTraining(3e-3).recipe(examples, sounds),
        beta2: 0.999,
        select: 'accuracy',
      }),
    },
    shallowPath: {
      families: ({ deepOnly, signal, multiLabel }) => {
        const families = deepOnly ? [] : SHALLOW[signal === undefined ? 'text' : 'signal'];
        return multiLabel ? families.filter((family) => family !== ONE_LABEL) : families;
      },
    },
    wordVectors: wordVectorTable,
    blockwise: {
      reach({ blocks, longKernel, scales, taps, bank, signal }) {
        const long = LONG_KERNELS[longKernel].width * (2 ** scales - 1);
        const mixed = blocks * Math.max(long, (taps + 1) / 2);
        const filters = bank === 0 ? 0 : Math.max(long, (taps + 1) / 2);
        // A row's window looks at rows behind it.
        const window = signal === undefined ? 0 : Math.ceil(signal.window / signal.patch) - 1;
        return Math.ceil(mixed + filters + window);
      },
      rows(model, configuration) {
        const { bank, cosineModes } = configuration;
        const x = mixedRows(model, configuration);
        if (bank === 0) return x;
        const [views, width] = filterViews(model, x, configuration);
        const b = linearLayer(model, 'bank', views, width, bank);
        return cosineModes === 0 ? b : model.program.emit('concat', { a: x, b }).y;
      },
      pooling({ channels, bank, cosineModes: modes }) {
        const first = bank > 0 && modes > 0 ? channels : 0;
        return { modes, columns: channels, largest: { first, columns: bank || channels }, gelu: bank > 0 };
      },
    },
  },
};

/** The rows that are pooled, or go through the filter bank. */
function mixedRows(model: ModelBuilder, configuration: ElasticConfiguration): TensorId {
  const { channels, blocks, bank, signal, vocabulary } = configuration;
  const rows = { positions: false, stored: 'F16' } as const;
  let x =
    bank > 0 && signal === undefined
      ? embeddingLayer(model, vocabulary, channels, undefined, rows.stored)
      : inputRows(model, configuration, rows);
  for (let block = 0; block < blocks; block++) {
    x = gatedBlock(model, `blocks.${block}`, x, configuration);
  }
  return blocks > 0 || bank === 0 ? normLayer(model, 'norm', x, channels) : x;
}

/** The largest answer of each filter to a few words side by side and what a long convolution brings from further away. */
function filterBank(model: ModelBuilder, x: TensorId, shape: ElasticConfiguration): TensorId {
  const { bank } = shape;
  const { program } = model;
  const [views, width] = filterViews(model, x, shape);
  const bound = uniform(1 / Math.sqrt(width));
  const weight = model.parameter('bank.weight', [bank, width], bound);
  const bias = model.parameter('bank.bias', [bank], bound);
  const largest = program.emit('maxLinear', { x: views, weight, bias }, {}, 'bank').y;
  return program.emit('gelu', { x: largest }, {}, 'bank.gelu').y;
}

/** What a filter looks at from a row, and how many numbers that is. */
function filterViews(
  model: ModelBuilder,
  x: TensorId,
  shape: ElasticConfiguration,
): readonly [views: TensorId, width: number] {
  const { channels, scales, taps } = shape;
  const { program } = model;
  const words = Math.max(1, taps);
  let views = program.emit('window', { x }, { taps: words }, 'window').y;
  if (scales > 0) {
    const long = convolution(model, 'long', x, { ...shape, taps: 0 });
    views = program.emit('concat', { a: views, b: long }, {}, 'views').y;
  }
  return [views, (words + (scales > 0 ? 1 : 0)) * channels];
}

/** x + W (convolution(V norm(x)) · σ(G norm(x))), biases left out. */
function gatedBlock(model: ModelBuilder, name: string, x: TensorId, shape: ElasticConfiguration): TensorId {
  const { channels } = shape;
  const normed = normLayer(model, `${name}.norm`, x, channels);
  const value = linearLayer(model, `${name}.value`, normed, channels, channels);
  const gate = linearLayer(model, `${name}.gate`, normed, channels, channels);
  const mixed = convolution(model, `${name}.convolution`, value, shape);
  const gated = model.program.emit('sigmoidGate', { a: mixed, b: gate }, {}, `${name}.gated`).y;
  return model.linearOnto(x, `${name}.project`, gated, channels, channels);
}

/** A long and a short kernel, one for each direction and one around each token: in one convolution where there is both. */
function convolution(
  model: ModelBuilder,
  name: string,
  x: TensorId,
  { channels, scales, taps, longKernel }: ElasticConfiguration,
): TensorId {
  const { program } = model;
  const short = (length: number, initial: Initial): TensorId =>
    model.parameter(`${name}.short`, [length, channels], initial);
  const learned = (): TensorId => short(taps, uniform(1 / Math.sqrt(taps)));
  if (scales === 0) {
    if (taps === 0) return x;
    const weight = learned();
    const bias = model.parameter(`${name}.bias`, [channels], constant(0));
    return program.emit('depthwiseConvolution', { x, weight, bias }, {}, name).y;
  }
  const { width, deviation, scale, centre } = LONG_KERNELS[longKernel];
  const shape = [scales, width, channels];
  const initial = { kind: 'normal', deviation } as const;
  const forward = model.parameter(`${name}.forward`, shape, initial);
  const backward = model.parameter(`${name}.backward`, shape, initial);
  const near = taps > 0 ? learned() : centre ? short(1, constant(1)) : undefined;
  const inputs = near === undefined ? { forward, backward } : { forward, backward, short: near };
  const attributes = { width, decay: DECAY, scale: scale(scales, width) };
  const { kernel } = program.emit('longKernel', inputs, attributes, name);
  const { prepared } = program.emit('preparedKernel', { kernel }, {}, name);
  return program.emit('longConvolution', { x, kernel: prepared }, {}, name).y;
}

/**
 * What makes the expected square sum of a fresh kernel, both directions together, 1. A number between two independent
 * ones of variance 1 has variance (1 − f)² + f², in the mean over a scale's 2^s places 2/3 − 1/(6 · 4^s), and 1 for s = 0.
 */
function kernelScale(scales: number, width: number): number {
  let squares = 0;
  for (let s = 0; s < scales; s++) {
    const variance = s === 0 ? 1 : 2 / 3 - 1 / (6 * 4 ** s);
    squares += 2 * width * 2 ** s * variance * DECAY ** (2 * s);
  }
  return 1 / Math.sqrt(squares);
}
