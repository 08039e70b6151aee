/**
 * Ridge regression onto ±1 by the products of examples with each other: one inverse gives the weights of the examples and
 * what each would have got from a solution without its fold. A constant 1 besides makes a bias.
 */
import { InverseFactor } from './inverseFactor.js';
import { countOf, type SparseRows } from './sparseRows.js';

/** 1 where an example is of an output's class, −1 elsewhere, [examples, outputs]; of two classes the second has the output. */
export function targetsOf(labels: Int32Array, classes: number): Float64Array {
  const outputs = classes === 2 ? 1 : classes;
  const targets = new Float64Array(labels.length * outputs);
  labels.forEach((label, i) => {
    for (let k = 0; k < outputs; k++) {
      targets[i * outputs + k] = label === (classes === 2 ? 1 : k) ? 1 : -1;
    }
  });
  return targets;
}

export interface DualProblem {
  /** Products of the examples, [count, count]. */
  readonly products: Float64Array;
  /** [count, outputs]. */
  readonly targets: Float64Array;
  readonly outputs: number;
  /** Of each example the fold that is left out with it; −1: it is never left out. */
  readonly folds: Int32Array;
  /** Products of each example, as it is when it is left out, with all, [count, count]; default: it is then as ever. */
  readonly leftOutProducts?: Float64Array;
}

export interface DualSolution {
  /** Weights of the examples, [count, outputs]. */
  readonly duals: Float64Array;
  /** What each example gets from a solution without its fold, [count, outputs]. */
  readonly leftOut: Float64Array;
}

/**
 * With Q the inverse and α = Q y, a fold B is missed by c = Q_BB⁻¹ α_B where it is left out, and the weights of the others are
 * then α − Q_·B c.
 */
export function solveDual(problem: DualProblem, penalty: number): DualSolution {
  const { products, targets, outputs, folds, leftOutProducts } = problem;
  const factor = new InverseFactor(
    products.map((value) => value + 1),
    folds.length,
    penalty,
  );
  const duals = factor.times(targets, outputs);
  const leftOut = targets.slice();
  const parts = new Map<number, number[]>();
  folds.forEach((fold, i) => {
    if (fold >= 0) parts.set(fold, [...(parts.get(fold) ?? []), i]);
  });
  for (const part of parts.values()) {
    const size = part.length;
    const own = Float64Array.from({ length: size * outputs }, (_, at) => {
      return duals[part[Math.floor(at / outputs)] * outputs + (at % outputs)];
    });
    const missing = new InverseFactor(factor.block(part), size, 0).times(own, outputs);
    if (leftOutProducts === undefined) {
      part.forEach((i, b) => {
        for (let k = 0; k < outputs; k++) leftOut[i * outputs + k] -= missing[b * outputs + k];
      });
      continue;
    }
    const padded = new Float64Array(duals.length);
    part.forEach((i, b) => {
      padded.set(missing.subarray(b * outputs, (b + 1) * outputs), i * outputs);
    });
    // Those of the fold come to 0 but for rounding.
    const moves = factor.times(padded, outputs);
    const without = duals.map((dual, at) => (padded[at] === 0 ? dual - moves[at] : 0));
    for (const i of part) addProducts(leftOut, i, leftOutProducts, without, outputs);
  }
  return { duals, leftOut };
}

/** Output of example `i` from the weights of others, and the constant's. */
function addProducts(
  found: Float64Array,
  i: number,
  products: Float64Array,
  weights: Float64Array,
  outputs: number,
): void {
  const count = weights.length / outputs;
  found.fill(0, i * outputs, (i + 1) * outputs);
  for (let j = 0; j < count; j++) {
    const product = products[i * count + j] + 1;
    for (let k = 0; k < outputs; k++) found[i * outputs + k] += product * weights[j * outputs + k];
  }
}

/** Weights of the columns, [width, outputs], and biases: what the examples' own weights come to. */
export function primalOf(
  rows: SparseRows,
  duals: Float64Array,
  outputs: number,
): { readonly evidence: Float32Array; readonly bias: Float32Array } {
  const { offsets, columns, values, width } = rows;
  const evidence = new Float64Array(width * outputs);
  const bias = new Float64Array(outputs);
  for (let i = 0; i < countOf(rows); i++) {
    for (let k = 0; k < outputs; k++) bias[k] += duals[i * outputs + k];
    for (let t = offsets[i]; t < offsets[i + 1]; t++) {
      const at = columns[t] * outputs;
      for (let k = 0; k < outputs; k++) evidence[at + k] += values[t] * duals[i * outputs + k];
    }
  }
  return { evidence: Float32Array.from(evidence), bias: Float32Array.from(bias) };
}

/**
 * The weights of the examples, which are around 0.3, are where they belong when they move by less (root mean square).
 * Not the largest move: two texts that are alike and of two classes pull at each other for ever.
 */
const SMALLEST_MOVE = 0.015;
const MOST_SWEEPS = 30;

/**
 * The same solution without the products, for more examples than those have time for: the examples' weights are brought
 * to their places one after the other (Gauss and Seidel), in the order in which the examples come.
 * @param learned the examples that there are
 * @param smallestMove of the weights, root mean square, where the sweeps end; default 0.015
 */
export function solveBySweeps(
  rows: SparseRows,
  { targets, outputs }: Pick<DualProblem, 'targets' | 'outputs'>,
  learned: readonly number[],
  penalty: number,
  smallestMove = SMALLEST_MOVE,
): { readonly evidence: Float32Array; readonly bias: Float32Array } {
  const { offsets, columns, values, width } = rows;
  const evidence = new Float32Array(width * outputs);
  const bias = new Float32Array(outputs);
  const duals = new Float64Array(countOf(rows) * outputs);
  const scores = new Float64Array(outputs);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let moved = 0;
    for (const i of learned) {
      let square = 1;
      for (let k = 0; k < outputs; k++) scores[k] = bias[k];
      for (let t = offsets[i]; t < offsets[i + 1]; t++) {
        const [value, at] = [values[t], columns[t] * outputs];
        square += value * value;
        for (let k = 0; k < outputs; k++) scores[k] += value * evidence[at + k];
      }
      for (let k = 0; k < outputs; k++) {
        const at = i * outputs + k;
        const move = (targets[at] - scores[k] - penalty * duals[at]) / (square + penalty);
        duals[at] += move;
        scores[k] = move;
        bias[k] += move;
        moved += move * move;
      }
      for (let t = offsets[i]; t < offsets[i + 1]; t++) {
        const [value, at] = [values[t], columns[t] * outputs];
        for (let k = 0; k < outputs; k++) evidence[at + k] += value * scores[k];
      }
    }
    if (moved < smallestMove ** 2 * learned.length * outputs) break;
  }
  return { evidence, bias };
}
