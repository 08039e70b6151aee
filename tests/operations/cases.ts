/**
 * One or a few cases for every operation: small pieces of a program that feed finite differences, random programs, and
 * the comparison of every tier with the reference. A kind without a case is a compile error.
 */
import type { ProgramBuilder } from '#eft/program/builder.js';
import type { OperationKind } from '#eft/program/operations/index.js';
import type { TensorId } from '#eft/program/program.js';
import { FRAME_WIDTH } from '../engine/conformance-engines.js';

/** Where a case is built; it must take x, and may take the others. */
export interface Site {
  readonly builder: ProgramBuilder;
  /** Begins the names of the case's parameters. */
  readonly name: string;
  /** [L, any columns]. */
  readonly x: TensorId;
  /** [L, any columns]; may be x itself. */
  readonly other: TensorId;
  /** [L, columns of x]; may be x itself. */
  readonly alike: TensorId;
  /** Columns, where the case can choose. */
  readonly width: number;
  readonly heads: number;
  /** Dropout with a site of its own where the program has dropout, else x. */
  dropout(x: TensorId, rate: number): TensorId;
}

export interface Case {
  /** Yields a tensor with a row a token. Absent: the frame around every case has the operation. */
  readonly build?: (site: Site) => TensorId;
  /** Yields one row from the last tensor with a row a token. Absent: the mean. */
  readonly pool?: (site: Site) => TensorId;
  /** The embedding adds positions. */
  readonly positions?: boolean;
  /** Whole words are dropped, for the token with this id. */
  readonly wordDropout?: number;
  /** The loss is that of every row; the targets are frames. */
  readonly rowLoss?: boolean;
  /** Label smoothing. */
  readonly smoothing?: number;
  /** Sequences have a second label. */
  readonly mixed?: boolean;
  /** Sequences have any number of labels, by a binary loss. */
  readonly targets?: boolean;
}

const columnsOf = ({ builder }: Site, id: TensorId): number => builder.tensors[id].columns;

function linear(site: Site, name: string, x: TensorId, outputs: number, residual?: TensorId): TensorId {
  const { builder } = site;
  const weight = builder.parameter(`${site.name}.${name}.weight`, [outputs, columnsOf(site, x)]);
  const bias = builder.parameter(`${site.name}.${name}.bias`, [outputs]);
  const operands = residual === undefined ? { x, weight, bias } : { x, weight, bias, residual };
  return builder.emit('linear', operands).y;
}

function layerNorm(site: Site, x: TensorId): TensorId {
  const weight = site.builder.parameter(`${site.name}.norm.weight`, [columnsOf(site, x)]);
  const bias = site.builder.parameter(`${site.name}.norm.bias`, [columnsOf(site, x)]);
  return site.builder.emit('layerNorm', { x, weight, bias }).y;
}

const gelu = ({ builder }: Site, x: TensorId): TensorId => builder.emit('gelu', { x }).y;

const exp = ({ builder }: Site, x: TensorId): TensorId => builder.emit('exp', { x }).y;

const expBesideGelu = (site: Site, x: TensorId): TensorId => add(site, exp(site, x), gelu(site, x));

const add = ({ builder }: Site, a: TensorId, b: TensorId): TensorId => builder.emit('add', { a, b }).y;

function mixer(site: Site, x: TensorId): TensorId {
  const { builder, name } = site;
  const shape = [Math.floor(builder.sequenceLength / 2) + 1, columnsOf(site, x)];
  const real = builder.parameter(`${name}.real_filter`, shape);
  const imaginary = builder.parameter(`${name}.imag_filter`, shape);
  return builder.emit('spectralMixer', { x, real, imaginary }).y;
}

function wave(site: Site, x: TensorId): TensorId {
  const frequency = site.builder.parameter(`${site.name}.frequency`, [1]);
  return site.builder.emit('wave', { x, frequency }).y;
}

const weightedSum = ({ builder, x }: Site): TensorId => builder.emit('weightedSum', { x }).y;

function attention(site: Site, x: TensorId, heads: number): TensorId {
  const qkv = linear(site, 'in_proj', x, 3 * heads * Math.ceil(site.width / 4));
  return site.builder.emit('attention', { qkv }, { heads }).y;
}

interface KernelShape {
  readonly scales: number;
  readonly width: number;
  /** Short taps added to it. */
  readonly taps?: number;
}

/** A prepared long kernel for x. */
function longKernel(site: Site, x: TensorId, { scales, width, taps }: KernelShape): TensorId {
  const { builder, name } = site;
  const columns = columnsOf(site, x);
  const numbers = (direction: string): TensorId =>
    builder.parameter(`${name}.${direction}_filter`, [scales * width, columns]);
  const directions = { forward: numbers('forward'), backward: numbers('backward') };
  const inputs =
    taps === undefined
      ? directions
      : { ...directions, short: builder.parameter(`${name}.short_filter`, [taps, columns]) };
  return builder.emit('longKernel', inputs, { width, decay: 0.5, scale: 0.7 }).kernel;
}

const prepared = ({ builder }: Site, kernel: TensorId): TensorId =>
  builder.emit('preparedKernel', { kernel }).prepared;

const convolve = ({ builder }: Site, x: TensorId, kernel: TensorId): TensorId =>
  builder.emit('longConvolution', { x, kernel }).y;

const longConvolution = (site: Site, x: TensorId, shape: KernelShape): TensorId =>
  convolve(site, x, prepared(site, longKernel(site, x, shape)));

function depthwise(site: Site, x: TensorId, taps: number): TensorId {
  const weight = site.builder.parameter(`${site.name}.taps_filter`, [taps, columnsOf(site, x)]);
  const bias = site.builder.parameter(`${site.name}.taps_bias`, [columnsOf(site, x)]);
  return site.builder.emit('depthwiseConvolution', { x, weight, bias }).y;
}

const gate = ({ builder }: Site, a: TensorId, b: TensorId): TensorId => builder.emit('gate', { a, b }).y;

const sigmoidGate = ({ builder }: Site, a: TensorId, b: TensorId): TensorId =>
  builder.emit('sigmoidGate', { a, b }).y;

const maxPool = ({ builder }: Site, x: TensorId): TensorId => builder.emit('maxPool', { x }).y;

const cosinePool = ({ builder }: Site, x: TensorId, modes: number): TensorId =>
  builder.emit('cosinePool', { x }, { modes }).y;

const window = ({ builder }: Site, x: TensorId, taps: number): TensorId =>
  builder.emit('window', { x }, { taps }).y;

function maxLinear(site: Site, x: TensorId, outputs: number): TensorId {
  const weight = site.builder.parameter(`${site.name}.bank_weight`, [outputs, columnsOf(site, x)]);
  const bias = site.builder.parameter(`${site.name}.bank_bias`, [outputs]);
  return site.builder.emit('maxLinear', { x, weight, bias }).y;
}

const concat = ({ builder }: Site, a: TensorId, b: TensorId): TensorId => builder.emit('concat', { a, b }).y;

/** Windows that overlap, beside x: of the numbers that a random batch has. */
function frames(site: Site): TensorId {
  const { y } = site.builder.emit('frames', {}, { width: FRAME_WIDTH, window: 4 * FRAME_WIDTH + 1 });
  return concat(site, linear(site, 'frames', y, site.width), site.x);
}

function magnitude(site: Site): TensorId {
  const x = linear(site, 'filters', site.x, 2 * site.width);
  return site.builder.emit('magnitude', { x }).y;
}

/** By kind, then by what the case has in particular. Every kind stands in the training program of its own cases. */
export const CASES: Readonly<Record<OperationKind, Readonly<Record<string, Case>>>> = {
  embedding: { 'with positions': { positions: true } },
  embeddingBackward: {
    'without positions': { positions: false },
    'words dropped for the unknown one': { wordDropout: 1 },
    'words dropped for nothing': { wordDropout: 0, positions: false },
  },

  layerNorm: { 'by itself': { build: (s) => layerNorm(s, s.x) } },
  normalize: { 'before a linear layer': { build: (s) => linear(s, 'linear', layerNorm(s, s.x), s.width) } },
  layerNormBackward: {
    'beside a GELU of the same tensor': { build: (s) => add(s, layerNorm(s, s.x), gelu(s, s.x)) },
  },

  linear: {
    'by itself': { build: (s) => linear(s, 'linear', s.x, s.width) },
    'onto a residual': { build: (s) => linear(s, 'linear', s.x, columnsOf(s, s.other), s.other) },
    'onto its own input': { build: (s) => linear(s, 'linear', s.x, columnsOf(s, s.x), s.x) },
  },
  linearInputGradient: {
    'after a GELU': { build: (s) => linear(s, 'linear', gelu(s, s.x), s.width) },
    'beside a GELU of the same tensor': {
      build: (s) => add(s, linear(s, 'linear', s.x, columnsOf(s, s.x)), gelu(s, s.x)),
    },
  },
  linearWeightGradient: {
    'one weight used twice': {
      build(s) {
        const width = columnsOf(s, s.x);
        return linear(s, 'linear', linear(s, 'linear', s.x, width), width);
      },
    },
  },

  gelu: { 'by itself': { build: (s) => gelu(s, s.x) } },
  geluBackward: { 'one after the other': { build: (s) => gelu(s, gelu(s, s.x)) } },

  // Of a norm: the exponential of an exponential would leave all numbers behind.
  exp: { 'of a norm': { build: (s) => exp(s, layerNorm(s, s.x)) } },
  expBackward: { 'beside a GELU of the same norm': { build: (s) => expBesideGelu(s, layerNorm(s, s.x)) } },

  add: {
    'a tensor and its GELU': { build: (s) => add(s, s.x, gelu(s, s.x)) },
    'any two': { build: (s) => add(s, s.x, s.alike) },
  },
  accumulate: { 'a tensor to itself': { build: (s) => add(s, s.x, s.x) } },
  copy: { 'a tensor and its norm': { build: (s) => add(s, layerNorm(s, s.x), s.x) } },

  // The mean alone would let only the first bin through.
  spectralMixer: { 'before a GELU': { build: (s) => gelu(s, mixer(s, s.x)) } },
  spectralMixerBackward: {
    'by itself': { build: (s) => mixer(s, s.x) },
    'one filter used twice': { build: (s) => gelu(s, mixer(s, mixer(s, s.x))) },
  },

  wave: { 'by itself': { build: (s) => wave(s, s.x) } },
  waveBackward: {
    'beside a norm of the same tensor': {
      build: (s) => linear(s, 'linear', wave(s, s.x), columnsOf(s, s.x), layerNorm(s, s.x)),
    },
  },

  attention: { 'as many heads as asked for': { build: (s) => attention(s, s.x, s.heads) } },
  attentionBackward: { 'one head': { build: (s) => attention(s, s.x, 1) } },

  // The mean alone would let only the sum of a kernel through.
  longKernel: {
    'two directions': { build: (s) => gelu(s, longConvolution(s, s.x, { scales: 3, width: 2 })) },
    'with short taps': { build: (s) => gelu(s, longConvolution(s, s.x, { scales: 2, width: 3, taps: 3 })) },
  },
  longKernelBackward: {
    'short taps beyond the scales': {
      build: (s) => gelu(s, longConvolution(s, s.x, { scales: 1, width: 1, taps: 5 })),
    },
  },
  preparedKernel: {
    'one kernel used twice': {
      build(s) {
        const kernel = prepared(s, longKernel(s, s.x, { scales: 2, width: 2 }));
        return gelu(s, convolve(s, convolve(s, s.x, kernel), kernel));
      },
    },
  },
  preparedKernelBackward: {
    'a kernel twice in a sum': {
      build(s) {
        const kernel = longKernel(s, s.x, { scales: 2, width: 2 });
        return gelu(s, convolve(s, s.x, prepared(s, add(s, kernel, kernel))));
      },
    },
    'a kernel with dropout': {
      build(s) {
        const kernel = s.dropout(longKernel(s, s.x, { scales: 2, width: 2 }), 0.3);
        return gelu(s, convolve(s, s.x, prepared(s, kernel)));
      },
    },
  },
  longConvolution: {
    'as far as the sequence': {
      build: (s) => gelu(s, longConvolution(s, s.x, { scales: 7, width: 1 })),
    },
  },
  longConvolutionBackward: {
    'a short reach': { build: (s) => longConvolution(s, s.x, { scales: 1, width: 2 }) },
    'beside a GELU of the same tensor': {
      build: (s) => add(s, longConvolution(s, s.x, { scales: 2, width: 1 }), gelu(s, s.x)),
    },
  },

  depthwiseConvolution: {
    'three taps': { build: (s) => gelu(s, depthwise(s, s.x, 3)) },
    'one tap': { build: (s) => depthwise(s, s.x, 1) },
  },
  depthwiseConvolutionBackward: {
    'seven taps': { build: (s) => add(s, depthwise(s, s.x, 7), gelu(s, s.x)) },
  },

  frames: {
    'through a linear layer': { build: frames },
    'as they are': {
      build: (s) =>
        concat(s, s.builder.emit('frames', {}, { width: FRAME_WIDTH, window: FRAME_WIDTH }).y, s.x),
    },
  },
  magnitude: { 'of a linear layer': { build: magnitude } },
  magnitudeBackward: { 'before a GELU': { build: (s) => gelu(s, magnitude(s)) } },

  gate: {
    'any two': { build: (s) => gate(s, s.x, s.alike) },
    'a square': { build: (s) => gate(s, s.x, s.x) },
  },
  sigmoidGate: { 'any two': { build: (s) => sigmoidGate(s, s.x, s.alike) } },
  sigmoidGateBackward: {
    'a tensor with itself': { build: (s) => add(s, sigmoidGate(s, s.x, s.x), gelu(s, s.x)) },
  },

  concat: {
    'a tensor and another': { build: (s) => concat(s, s.x, s.other) },
    'a tensor and its GELU': { build: (s) => gate(s, concat(s, s.x, gelu(s, s.x)), concat(s, s.x, s.x)) },
  },
  columnSlice: { 'pooled rows': { pool: (s) => concat(s, maxPool(s, s.x), cosinePool(s, s.x, 3)) } },
  window: {
    'three tokens': { build: (s) => window(s, s.x, 3) },
    'one token': { build: (s) => window(s, s.x, 1) },
  },
  windowBackward: {
    'five tokens, beside a GELU': { build: (s) => concat(s, window(s, s.x, 5), gelu(s, s.x)) },
  },
  maxLinear: { 'over windows': { pool: (s) => maxLinear(s, window(s, s.x, 3), 9) } },
  maxLinearBackward: {
    'beside the mean': { pool: (s) => concat(s, maxLinear(s, s.x, 21), cosinePool(s, s.x, 1)) },
  },
  maxPool: { 'by itself': { pool: (s) => maxPool(s, s.x) } },
  maxPoolBackward: {
    'beside the mean': { pool: (s) => concat(s, cosinePool(s, s.x, 1), maxPool(s, s.x)) },
  },
  cosinePool: { 'five modes': { pool: (s) => cosinePool(s, s.x, 5) } },
  cosinePoolBackward: {
    'beside the maximum': { pool: (s) => concat(s, maxPool(s, s.x), cosinePool(s, s.x, 2)) },
  },

  mean: { 'in the frame': {} },
  meanBackward: { 'of a linear layer': { build: (s) => linear(s, 'linear', s.x, s.width) } },

  weightedSum: { 'in the frame': { pool: weightedSum } },
  weightedSumBackward: {
    'of a linear layer': { pool: weightedSum, build: (s) => linear(s, 'linear', s.x, s.width) },
    'of one column': { pool: weightedSum, build: (s) => linear(s, 'linear', s.x, 1) },
  },

  rowEntropy: { 'by itself': { rowLoss: true } },
  rowEntropyBackward: { 'of several columns': { rowLoss: true } },
  binaryEntropy: { 'smoothed labels, by weights': { smoothing: 0.1, targets: true } },
  binaryEntropyBackward: { 'hard labels': { smoothing: 0, targets: true } },
  crossEntropy: { 'smoothed labels': { smoothing: 0.1 } },
  crossEntropyBackward: {
    'hard labels': { smoothing: 0 },
    'two labels a sequence': { smoothing: 0.1, mixed: true },
  },

  dropout: { 'by itself': { build: (s) => s.dropout(s.x, 0.4) } },
  dropoutBackward: { 'one after the other': { build: (s) => s.dropout(s.dropout(s.x, 0.3), 0.2) } },
};

/** Every case, with its name. */
export const ALL_CASES: readonly (readonly [string, Case, OperationKind])[] = Object.entries(CASES).flatMap(
  ([kind, cases]) =>
    Object.entries(cases).map(([what, test]) => [`${kind}: ${what}`, test, kind as OperationKind] as const),
);
