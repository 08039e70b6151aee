/** A whole program around one case: embedding, the case, mean, linear head, loss. */
import type { Batch } from '#eft/engine/engine.js';
import { deriveBackward } from '#eft/program/backward.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import type { Program, TensorId, TrainingProgram } from '#eft/program/program.js';
import {
  FRAME_WIDTH,
  type Parameters,
  randomBatch,
  randomParameters,
} from '../engine/conformance-engines.js';
import type { Case } from './cases.js';

export interface Size {
  readonly n: number;
  readonly channels: number;
  readonly width: number;
  readonly heads: number;
}

export interface CaseProgram {
  readonly program: TrainingProgram;
  readonly parameters: Parameters;
  readonly batch: Batch;
}

const VOCABULARY = 5;
const CLASSES = 3;

function lower(test: Case, { n, channels, width, heads }: Size, drops: boolean): Program {
  const builder = new ProgramBuilder(n);
  const token = builder.parameter('embedding.token', [VOCABULARY + 1, channels]);
  const positions =
    test.positions === false ? {} : { position: builder.parameter('embedding.position', [n, channels]) };
  const unknown = test.wordDropout;
  const words = unknown === undefined || !drops ? {} : { rate: 0.4, site: 1, unknown };
  const x = builder.emit('embedding', { token, ...positions }, words).y;
  let sites = 2;
  const dropout = (from: TensorId, rate: number): TensorId =>
    drops ? builder.emit('dropout', { x: from }, { rate, site: sites++ }).y : from;
  const site = { builder, name: 'case', x, other: x, alike: x, width, heads, dropout };
  const y = test.build?.(site) ?? x;
  if (test.rowLoss) return withRowLoss(builder, y);
  const pooled = test.pool?.({ ...site, x: y }) ?? builder.emit('mean', { x: y }).y;
  const weight = builder.parameter('head.weight', [CLASSES, builder.tensors[pooled].columns]);
  const logits = builder.emit('linear', {
    x: pooled,
    weight,
    bias: builder.parameter('head.bias', [CLASSES]),
  }).y;
  const kind = test.targets ? 'binaryEntropy' : 'crossEntropy';
  const { loss } = builder.emit(kind, { logits }, { smoothing: test.smoothing ?? 0.1 });
  return builder.finish(logits, loss);
}

/** A head a row, and its loss; what is told of a sequence is the largest of each column. */
function withRowLoss(builder: ProgramBuilder, x: TensorId): Program {
  const weight = builder.parameter('head.weight', [CLASSES, builder.tensors[x].columns]);
  const bias = builder.parameter('head.bias', [CLASSES]);
  const rows = builder.emit('linear', { x, weight, bias }).y;
  const { loss } = builder.emit('rowEntropy', { x: rows }, { width: FRAME_WIDTH, first: 2 });
  return builder.finish(builder.emit('maxPool', { x: rows }).y, loss);
}

/** @param size what the case may choose; sequences of one, n and half as many tokens */
export function caseProgram(test: Case, size: Size): CaseProgram {
  const evaluation = lower(test, size, false);
  const batch = randomBatch([1, size.n, Math.ceil(size.n / 2)], VOCABULARY, CLASSES, 18);
  return {
    program: { evaluation, training: deriveBackward(lower(test, size, true)) },
    parameters: randomParameters(evaluation, 17),
    batch: test.mixed ? withSecondLabels(batch) : test.targets ? withTargets(batch) : batch,
  };
}

/** A third of the target is the next class; of the first sequence it is its own label, of the second none. */
function withSecondLabels(batch: Batch): Batch {
  const labels = batch.labels.map((label, b) => (b === 0 ? label : (label + 1) % CLASSES));
  return { ...batch, mixed: { labels, shares: Float32Array.from(labels, (_, b) => (b === 1 ? 0 : 1 / 3)) } };
}

/** Any number of labels each, some of them in part; they count by weights. */
function withTargets(batch: Batch): Batch {
  const count = batch.labels.length * CLASSES;
  const targets = Float32Array.from({ length: count }, (_, at) => [0, 1, 1, 0, 0.25, 0, 1][at % 7]);
  return { ...batch, targets, targetWeights: Float32Array.from(targets, (_, at) => 0.5 + (at % 3)) };
}
