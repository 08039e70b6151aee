/** Several models' logits made one: a sum with factors ≥ 0 of least cross-entropy on examples that none has learned from. */
import { softmax } from './metrics.js';

export interface CombinationProblem {
  /** Of each model [examples, classes]. */
  readonly logits: readonly Float64Array[];
  readonly labels: Int32Array;
  readonly classes: number;
}

/** Pulls the factors towards 0 as strongly as an example or two: some that are all right would call for certainty. */
const CAUTION = 1;
const STEPS = 60;
const SMALLEST_MOVE = 1e-9;

export function combinedLogits(logits: readonly Float64Array[], factors: readonly number[]): Float64Array {
  const sum = new Float64Array(logits[0].length);
  logits.forEach((own, m) => {
    if (factors[m] !== 0) for (let i = 0; i < sum.length; i++) sum[i] += factors[m] * own[i];
  });
  return sum;
}

/** Slope and curvature [models, models] of the summed cross-entropy, with caution. */
function derivatives(
  { logits, labels, classes }: CombinationProblem,
  factors: readonly number[],
): { slope: number[]; curvature: number[][] } {
  const many = logits.length;
  const slope = factors.map((factor) => CAUTION * factor);
  const curvature = factors.map((_, m) => factors.map((_other, o) => (m === o ? CAUTION : 0)));
  const sum = combinedLogits(logits, factors);
  labels.forEach((label, i) => {
    const at = i * classes;
    const chances = softmax(sum.subarray(at, at + classes));
    const means = logits.map((own) => chances.reduce((total, p, c) => total + p * own[at + c], 0));
    for (let m = 0; m < many; m++) {
      slope[m] += means[m] - logits[m][at + label];
      for (let o = 0; o <= m; o++) {
        let product = 0;
        for (let c = 0; c < classes; c++) product += chances[c] * logits[m][at + c] * logits[o][at + c];
        curvature[m][o] += product - means[m] * means[o];
        if (o < m) curvature[o][m] = curvature[m][o];
      }
    }
  });
  return { slope, curvature };
}

/** x of A x = b, A symmetric and positive: Gauss, without looking for pivots. */
function solved(A: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = A.map((row, i) => [...row, b[i]]);
  for (let i = 0; i < rows.length; i++) {
    for (let j = i + 1; j < rows.length; j++) {
      const factor = rows[j][i] / rows[i][i];
      for (let c = i; c <= rows.length; c++) rows[j][c] -= factor * rows[i][c];
    }
  }
  const x = b.map(() => 0);
  for (let i = rows.length - 1; i >= 0; i--) {
    let sum = rows[i][rows.length];
    for (let j = i + 1; j < rows.length; j++) sum -= rows[i][j] * x[j];
    x[i] = sum / rows[i][i];
  }
  return x;
}

/**
 * Newton's steps on a convex function; a model whose factor would fall below 0 is left out.
 * The logits must be of about one size, as those of calibrated models are.
 */
export function fitCombination(problem: CombinationProblem): number[] {
  const { logits } = problem;
  let free = logits.map((_, m) => m);
  for (;;) {
    const own = { ...problem, logits: free.map((m) => logits[m]) };
    let factors = free.map(() => 1 / free.length);
    for (let step = 0; step < STEPS; step++) {
      const { slope, curvature } = derivatives(own, factors);
      const moves = solved(
        curvature,
        slope.map((value) => -value),
      );
      const longest = Math.max(...moves.map(Math.abs));
      // Far from the minimum the curvature says little.
      const shorter = Math.min(1, 0.5 / Math.max(longest, 1e-300));
      factors = factors.map((factor, f) => factor + shorter * moves[f]);
      if (longest < SMALLEST_MOVE) break;
    }
    const lowest = factors.indexOf(Math.min(...factors));
    if (factors[lowest] >= 0 || free.length === 1) {
      return logits.map((_, m) => (free.includes(m) ? Math.max(0, factors[free.indexOf(m)]) : 0));
    }
    free = free.filter((_, f) => f !== lowest);
  }
}
