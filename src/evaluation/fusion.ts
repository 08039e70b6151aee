/**
 * Two models' logits made one: a · linear + b · deep, a and b chosen on examples that neither was trained on; and whether
 * the deep one adds anything that such examples show.
 */
import { crossEntropies } from './metrics.js';

/** Logits of the two paths, [examples, classes] each, and the true classes. */
export interface FusionProblem {
  readonly linear: Float64Array;
  readonly deep: Float64Array;
  readonly labels: Int32Array;
  readonly classes: number;
}

export interface Fusion {
  /** What each path's logits are multiplied by; `deep` 0: that path is left out. */
  readonly linear: number;
  readonly deep: number;
  /**
   * Mean cross-entropy on held-out examples: that of the linear path alone less that of both, each with factors fitted
   * on the other folds.
   */
  readonly gain: number;
  /** Standard error of the gain. */
  readonly error: number;
}

type Weights = readonly [linear: number, deep: number];

const FOLDS = 10;

/** A gain counts from so many standard errors on. */
const LEAST_CERTAINTY = 2;

/**
 * Pulls the factors towards 1 and 0 as strongly as so many examples at most could push: a few that are all right would
 * call for certainty, which no features warrant.
 */
const CAUTION = 2;

/** The softmax into `probabilities`, without an array anew for each of many examples. */
function softmaxInto(probabilities: Float64Array, logits: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  for (let c = 0; c < logits.length; c++) {
    probabilities[c] = Math.exp(logits[c] - largest);
    sum += probabilities[c];
  }
  for (let c = 0; c < logits.length; c++) probabilities[c] /= sum;
}

/** a · linear + b · deep. */
export function fusedLogits({ linear, deep }: FusionProblem, [a, b]: Weights): Float64Array {
  return linear.map((value, i) => (b === 0 ? a * value : a * value + b * deep[i]));
}

/** Slope [a, b] and curvature [aa, ab, bb] of the summed cross-entropy over the examples, with caution. */
function derivatives(problem: FusionProblem, examples: readonly number[], [a, b]: Weights): number[] {
  const { linear, deep, labels, classes } = problem;
  const logits = new Float64Array(classes);
  const probabilities = new Float64Array(classes);
  let [slopeA, slopeB] = [CAUTION * (a - 1), CAUTION * b];
  let [aa, ab, bb] = [CAUTION, 0, CAUTION];
  for (const i of examples) {
    const at = i * classes;
    for (let c = 0; c < classes; c++) logits[c] = a * linear[at + c] + b * deep[at + c];
    softmaxInto(probabilities, logits);
    let [meanA, meanB, squareA, product, squareB] = [0, 0, 0, 0, 0];
    for (let c = 0; c < classes; c++) {
      const [p, x, y] = [probabilities[c], linear[at + c], deep[at + c]];
      meanA += p * x;
      meanB += p * y;
      squareA += p * x * x;
      product += p * x * y;
      squareB += p * y * y;
    }
    slopeA += meanA - linear[at + labels[i]];
    slopeB += meanB - deep[at + labels[i]];
    aa += squareA - meanA * meanA;
    ab += product - meanA * meanB;
    bb += squareB - meanB * meanB;
  }
  return [slopeA, slopeB, aa, ab, bb];
}

const STEPS = 50;
const SMALLEST_MOVE = 1e-10;

/**
 * Factors ≥ 0 of least cross-entropy over the examples: Newton's steps on a convex function, held at 0 where a factor
 * would go below it.
 * @param free which of the two may differ from 0
 */
function fit(
  problem: FusionProblem,
  examples: readonly number[],
  free: readonly [boolean, boolean],
): Weights {
  let [a, b] = [free[0] ? 1 : 0, 0];
  for (let step = 0; step < STEPS; step++) {
    const [slopeA, slopeB, aa, ab, bb] = derivatives(problem, examples, [a, b]);
    let [moveA, moveB] = [-slopeA / aa, -slopeB / bb];
    if (free[0] && free[1]) {
      const determinant = aa * bb - ab * ab;
      moveA = (ab * slopeB - bb * slopeA) / determinant;
      moveB = (ab * slopeA - aa * slopeB) / determinant;
    }
    if (!free[0]) moveA = 0;
    if (!free[1]) moveB = 0;
    // Far from the minimum the curvature says little: no step beyond half a unit.
    const shorter = Math.min(1, 0.5 / Math.max(Math.abs(moveA), Math.abs(moveB), 1e-300));
    a += shorter * moveA;
    b += shorter * moveB;
    if (Math.max(Math.abs(moveA), Math.abs(moveB)) < SMALLEST_MOVE) break;
  }
  if (b < 0) return fit(problem, examples, [true, false]);
  if (a < 0) return fit(problem, examples, [false, true]);
  return [a, b];
}

/** The factors, and what the deep path is worth; it is left out where its gain is not shown. */
export function fitFusion(problem: FusionProblem): Fusion {
  const { labels, classes } = problem;
  const all = Array.from(labels, (_, i) => i);
  const gains = new Float64Array(labels.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = all.filter((i) => i % FOLDS !== fold);
    const alone = crossEntropies(fusedLogits(problem, fit(problem, others, [true, false])), labels, classes);
    const both = crossEntropies(fusedLogits(problem, fit(problem, others, [true, true])), labels, classes);
    for (let i = fold; i < labels.length; i += FOLDS) gains[i] = alone[i] - both[i];
  }
  const gain = gains.reduce((sum, value) => sum + value, 0) / Math.max(1, labels.length);
  const variance =
    gains.reduce((sum, value) => sum + (value - gain) ** 2, 0) / Math.max(1, labels.length - 1);
  const error = Math.sqrt(variance / Math.max(1, labels.length));
  const shown = labels.length >= 2 * FOLDS && gain > LEAST_CERTAINTY * error && gain > 0;
  const [linear, deep] = fit(problem, all, [true, shown]);
  return { linear, deep, gain, error };
}
