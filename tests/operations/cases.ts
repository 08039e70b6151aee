/**
 * One or a few cases for every operation: small pieces of a program that feed finite differences, random programs, and
 * the comparison of every tier with the reference. A kind without a case is a compile error.
 */
import type { ProgramBuilder } from '#eft/program/builder.js';
import type { OperationKind } from '#eft/program/operations/index.js';
import type { TensorId } from '#eft/program/program.js';

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
  /** The embedding adds positions. */
  readonly positions?: boolean;
  /** How rows become one; default: the mean. */
  readonly pooling?: 'weightedSum';
  /** Label smoothing. */
  readonly smoothing?: number;
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

function attention(site: Site, x: TensorId, heads: number): TensorId {
  const qkv = linear(site, 'in_proj', x, 3 * heads * Math.ceil(site.width / 4));
  return site.builder.emit('attention', { qkv }, { heads }).y;
}

/** By kind, then by what the case has in particular. Every kind stands in the training program of its own cases. */
export const CASES: Readonly<Record<OperationKind, Readonly<Record<string, Case>>>> = {
  embedding: { 'with positions': { positions: true } },
  embeddingBackward: { 'without positions': { positions: false } },

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

  mean: { 'in the frame': {} },
  meanBackward: { 'of a linear layer': { build: (s) => linear(s, 'linear', s.x, s.width) } },

  weightedSum: { 'in the frame': { pooling: 'weightedSum' } },
  weightedSumBackward: {
    'of a linear layer': { pooling: 'weightedSum', build: (s) => linear(s, 'linear', s.x, s.width) },
    'of one column': { pooling: 'weightedSum', build: (s) => linear(s, 'linear', s.x, 1) },
  },

  crossEntropy: { 'smoothed labels': { smoothing: 0.1 } },
  crossEntropyBackward: { 'hard labels': { smoothing: 0 } },

  dropout: { 'by itself': { build: (s) => s.dropout(s.x, 0.4) } },
  dropoutBackward: { 'one after the other': { build: (s) => s.dropout(s.dropout(s.x, 0.3), 0.2) } },
};

/** Every case, with its name. */
export const ALL_CASES: readonly (readonly [string, Case, OperationKind])[] = Object.entries(CASES).flatMap(
  ([kind, cases]) =>
    Object.entries(cases).map(([what, test]) => [`${kind}: ${what}`, test, kind as OperationKind] as const),
);
