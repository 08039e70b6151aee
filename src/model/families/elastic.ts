/**
 * The length-elastic model: gated blocks whose long convolutions are built from few numbers (SGConv: Li et al. 2022,
 * arXiv 2210.09298), pooled by mean, maximum and the lowest cosine modes of the position. One checkpoint for any length.
 */
import * as z from 'zod';
import type { TensorId } from '../../program/program.js';
import {
  constant,
  type Initial,
  inputRows,
  layerNorm,
  linear,
  type ModelBuilder,
  uniform,
} from '../layers.js';
import { commonShape, modelOptions } from '../options.js';
import type { Family } from './family.js';

/** Numbers of a scale, a channel and a direction. */
const SCALE_WIDTH = 16;
/** What a scale is smaller by than the one before. */
const DECAY = 0.5;

const schema = z.strictObject({
  model: z.literal('elastic'),
  ...commonShape,
  channels: modelOptions.channels.default(64),
  blocks: modelOptions.blocks.default(2),
  /** Five reach 496 words each way. */
  scales: modelOptions.scales.default(5),
  taps: modelOptions.taps.default(5),
  cosineModes: modelOptions.cosineModes.default(3),
  wordDropout: modelOptions.wordDropout.default(0),
  deepOnly: modelOptions.deepOnly.default(false),
});
export type ElasticConfiguration = z.infer<typeof schema>;

export const elastic: Family<ElasticConfiguration> = {
  name: 'elastic',
  summary: 'gated long convolutions from few numbers; one model for any length',
  place: { order: 0.5, baseline: false },
  recipe: { learningRate: 3e-3 },
  signalRecipe: (examples) => ({ learningRate: 3e-3, epochs: examples < 500 ? 60 : 30 }),
  method: 'fused',
  linearPath: ({ deepOnly, signal }) => !deepOnly && signal === undefined,
  schema,
  elastic: true,
  lower(model, configuration) {
    const { channels, blocks } = configuration;
    let x = inputRows(model, configuration, { positions: false, stored: 'F16' });
    for (let block = 0; block < blocks; block++) {
      x = gatedBlock(model, `blocks.${block}`, x, configuration);
    }
    return pooledHead(model, layerNorm(model, 'norm', x, channels), configuration);
  },
};

/** x + W (convolution(V norm(x)) · σ(G norm(x))), biases left out. */
function gatedBlock(model: ModelBuilder, name: string, x: TensorId, shape: ElasticConfiguration): TensorId {
  const { channels } = shape;
  const normed = layerNorm(model, `${name}.norm`, x, channels);
  const value = linear(model, `${name}.value`, normed, channels, channels);
  const gate = linear(model, `${name}.gate`, normed, channels, channels);
  const mixed = convolution(model, `${name}.convolution`, value, shape);
  const gated = model.program.emit('sigmoidGate', { a: mixed, b: gate }, {}, `${name}.gated`).y;
  return model.linearOnto(x, `${name}.project`, gated, channels, channels);
}

/** A long and a short kernel, one for each direction and one around each token: in one convolution where there is both. */
function convolution(
  model: ModelBuilder,
  name: string,
  x: TensorId,
  { channels, scales, taps }: ElasticConfiguration,
): TensorId {
  const { program } = model;
  const short = (): TensorId =>
    model.parameter(`${name}.short`, [taps, channels], uniform(1 / Math.sqrt(taps)));
  if (scales === 0) {
    if (taps === 0) return x;
    const weight = short();
    const bias = model.parameter(`${name}.bias`, [channels], constant(0));
    return program.emit('depthwiseConvolution', { x, weight, bias }, {}, name).y;
  }
  const shape = [scales, SCALE_WIDTH, channels];
  const forward = model.parameter(`${name}.forward`, shape, standardNormal);
  const backward = model.parameter(`${name}.backward`, shape, standardNormal);
  const inputs = taps === 0 ? { forward, backward } : { forward, backward, short: short() };
  const attributes = { width: SCALE_WIDTH, decay: DECAY, scale: kernelScale(scales) };
  const { kernel } = program.emit('longKernel', inputs, attributes, name);
  const { prepared } = program.emit('preparedKernel', { kernel }, {}, name);
  return program.emit('longConvolution', { x, kernel: prepared }, {}, name).y;
}

const standardNormal: Initial = { kind: 'normal', deviation: 1 };

/**
 * What makes the expected square sum of a fresh kernel, both directions together, 1. A number between two independent
 * ones of variance 1 has variance (1 − f)² + f², in the mean over a scale's 2^s places 2/3 − 1/(6 · 4^s), and 1 for s = 0.
 */
function kernelScale(scales: number): number {
  let squares = 0;
  for (let s = 0; s < scales; s++) {
    const variance = s === 0 ? 1 : 2 / 3 - 1 / (6 * 4 ** s);
    squares += 2 * SCALE_WIDTH * 2 ** s * variance * DECAY ** (2 * s);
  }
  return 1 / Math.sqrt(squares);
}

/** Maximum and cosine modes side by side, and a linear layer. */
function pooledHead(
  model: ModelBuilder,
  x: TensorId,
  { channels, classes, cosineModes: modes }: ElasticConfiguration,
): TensorId {
  const { program } = model;
  const largest = program.emit('maxPool', { x }, {}, 'pooled.max').y;
  const cosines = program.emit('cosinePool', { x }, { modes }, 'pooled.cosines').y;
  const pooled = program.emit('concat', { a: cosines, b: largest }, {}, 'pooled').y;
  return linear(model, 'head', pooled, (modes + 1) * channels, classes);
}
