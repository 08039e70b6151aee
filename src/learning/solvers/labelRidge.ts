/**
 * Ridge regression onto ±1 of many labels at once: conjugate gradients on the examples' own weights, all labels side by side,
 * so that the features are read once for all of them. A constant 1 besides makes a bias.
 */
import { Turns } from '../../platform/turns.js';
import { countOf, type SparseRows } from './sparseRows.js';

export interface LabelProblem {
  readonly rows: SparseRows;
  /** [rows, outputs]. */
  readonly targets: Float32Array;
  readonly outputs: number;
}

/** Of each row the weights of the outputs, [rows, outputs]: where a solution of nearly the same rows begins. */
export type Duals = Float32Array;

export interface LabelWeights {
  /** [width, outputs] */
  readonly evidence: Float32Array;
  readonly bias: Float32Array;
}

/** A share of what was missing at first that is small enough, of all labels in the mean. */
const SMALLEST_RESIDUE = 0.03;
const MOST_STEPS = 12;

/** Rows between two looks at whether others want the thread. */
const SLICE = 2000;

/**
 * @param learned the rows to learn from
 * @param onTurn called now and then; what it throws ends the work
 */
export async function solveLabels(
  { rows, targets, outputs }: LabelProblem,
  learned: Int32Array,
  penalty: number,
  { begin, onTurn = () => {} }: { readonly begin?: Duals; readonly onTurn?: () => void } = {},
): Promise<LabelWeights & { readonly duals: Duals }> {
  const { offsets, columns, values, width } = rows;
  const count = learned.length;
  const turns = new Turns();
  const evidence = new Float32Array(width * outputs);
  const bias = new Float64Array(outputs);
  const sums = new Float64Array(outputs);
  /** Σ of the rows by their weights: what the weights of examples come to as weights of features. */
  const project = async (weights: Float32Array): Promise<void> => {
    evidence.fill(0);
    bias.fill(0);
    for (let n = 0; n < count; n++) {
      if (n % SLICE === 0) {
        onTurn();
        await turns.give();
      }
      addRow(evidence, bias, { offsets, columns, values }, learned[n], weights, n * outputs, outputs);
    }
  };
  const duals = begin?.slice() ?? new Float32Array(count * outputs);
  const residue = new Float32Array(count * outputs);
  for (let n = 0; n < count; n++) {
    const at = learned[n] * outputs;
    residue.set(targets.subarray(at, at + outputs), n * outputs);
  }
  const image = new Float32Array(count * outputs);
  /** What the examples get by these weights, and their penalty. */
  const imageOf = async (weights: Float32Array): Promise<void> => {
    await project(weights);
    for (let n = 0; n < count; n++) {
      if (n % SLICE === 0) {
        onTurn();
        await turns.give();
      }
      scoreRow(sums, evidence, bias, { offsets, columns, values }, learned[n], outputs);
      for (let k = 0, at = n * outputs; k < outputs; k++, at++) image[at] = sums[k] + penalty * weights[at];
    }
  };
  const first = squaresOf(residue, outputs);
  if (begin !== undefined) {
    await imageOf(duals);
    for (let at = 0; at < residue.length; at++) residue[at] -= image[at];
  }
  const direction = residue.slice();
  let squares = squaresOf(residue, outputs);
  for (let step = 0; step < MOST_STEPS; step++) {
    await imageOf(direction);
    const along = productsOf(direction, image, outputs);
    const lengths = squares.map((square, k) => (along[k] > 0 ? square / along[k] : 0));
    for (let at = 0, k = 0; at < duals.length; at++) {
      duals[at] += lengths[k] * direction[at];
      residue[at] -= lengths[k] * image[at];
      if (++k === outputs) k = 0;
    }
    const next = squaresOf(residue, outputs);
    const missing = next.reduce((sum, square, k) => sum + square / Math.max(first[k], 1e-30), 0) / outputs;
    if (missing < SMALLEST_RESIDUE ** 2) break;
    const factors = next.map((square, k) => (squares[k] > 0 ? square / squares[k] : 0));
    for (let at = 0, k = 0; at < direction.length; at++) {
      direction[at] = residue[at] + factors[k] * direction[at];
      if (++k === outputs) k = 0;
    }
    squares = next;
  }
  await project(duals);
  return { evidence, bias: Float32Array.from(bias), duals };
}

type Numbers = Pick<SparseRows, 'offsets' | 'columns' | 'values'>;

function addRow(
  evidence: Float32Array,
  bias: Float64Array,
  { offsets, columns, values }: Numbers,
  row: number,
  weights: Float32Array,
  from: number,
  outputs: number,
): void {
  for (let k = 0; k < outputs; k++) bias[k] += weights[from + k];
  for (let t = offsets[row]; t < offsets[row + 1]; t++) {
    const value = values[t];
    const at = columns[t] * outputs;
    for (let k = 0; k < outputs; k++) {
      evidence[at + k] = Math.fround(evidence[at + k] + Math.fround(value * weights[from + k]));
    }
  }
}

function scoreRow(
  sums: Float64Array,
  evidence: Float32Array,
  bias: ArrayLike<number>,
  { offsets, columns, values }: Numbers,
  row: number,
  outputs: number,
): void {
  for (let k = 0; k < outputs; k++) sums[k] = bias[k];
  for (let t = offsets[row]; t < offsets[row + 1]; t++) {
    const value = values[t];
    const at = columns[t] * outputs;
    for (let k = 0; k < outputs; k++) sums[k] += value * evidence[at + k];
  }
}

/** Scores of some rows, [chosen, outputs]. */
export function labelScores(
  rows: SparseRows,
  { evidence, bias }: LabelWeights,
  chosen: ArrayLike<number>,
): Float64Array {
  const outputs = bias.length;
  const scores = new Float64Array(chosen.length * outputs);
  for (let n = 0; n < chosen.length; n++) {
    scoreRow(scores.subarray(n * outputs, (n + 1) * outputs), evidence, bias, rows, chosen[n], outputs);
  }
  return scores;
}

/** All rows. */
export const everyRow = (rows: SparseRows): Int32Array =>
  Int32Array.from({ length: countOf(rows) }, (_, i) => i);

const squaresOf = (values: Float32Array, outputs: number): Float64Array =>
  productsOf(values, values, outputs);

/** By output. */
function productsOf(a: Float32Array, b: Float32Array, outputs: number): Float64Array {
  const sums = new Float64Array(outputs);
  for (let at = 0, k = 0; at < a.length; at++) {
    sums[k] += a[at] * b[at];
    if (++k === outputs) k = 0;
  }
  return sums;
}
