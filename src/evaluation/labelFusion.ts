/**
 * Two models' logits of any number of labels made one: a · linear + b · deep, as `fusion.ts` has it for one class, by binary
 * cross-entropy of all labels together.
 */
import type { Fusion } from './fusion.js';
import { binaryEntropies, sigmoid } from './multiLabel.js';

export interface LabelFusionProblem {
  /** Of the two paths, [examples, labels]. */
  readonly linear: Float64Array;
  readonly deep: Float64Array;
  /** 1 where an example has a label, [examples, labels]. */
  readonly targets: Float32Array;
  readonly classes: number;
}

type Factors = readonly [linear: number, deep: number];

const FOLDS = 5;
/** A gain counts from so many standard errors on. */
const LEAST_CERTAINTY = 2;
const CAUTION = 2;
const STEPS = 50;
const SMALLEST_MOVE = 1e-9;

export const fusedLabelLogits = ({ linear, deep }: LabelFusionProblem, [a, b]: Factors): Float64Array =>
  linear.map((value, at) => (b === 0 ? a * value : a * value + b * deep[at]));

/** Factors ≥ 0 of least cross-entropy over some examples. @param both whether the deep path may count */
function fit(
  { linear, deep, targets, classes }: LabelFusionProblem,
  examples: readonly number[],
  both: boolean,
): Factors {
  let [a, b] = [1, 0];
  for (let step = 0; step < STEPS; step++) {
    let [ga, gb] = [CAUTION * (a - 1), CAUTION * b];
    let [aa, ab, bb] = [CAUTION, 0, CAUTION];
    for (const i of examples) {
      for (let at = i * classes; at < (i + 1) * classes; at++) {
        const [x, y] = [linear[at], deep[at]];
        const p = sigmoid(a * x + b * y);
        const w = p * (1 - p);
        ga += (p - targets[at]) * x;
        gb += (p - targets[at]) * y;
        aa += w * x * x;
        ab += w * x * y;
        bb += w * y * y;
      }
    }
    const determinant = Math.max(aa * bb - ab * ab, 1e-12);
    const [moveA, moveB] = both
      ? [(ab * gb - bb * ga) / determinant, (ab * ga - aa * gb) / determinant]
      : [-ga / aa, 0];
    const shorter = Math.min(1, 0.5 / Math.max(Math.abs(moveA), Math.abs(moveB), 1e-300));
    a += shorter * moveA;
    b += shorter * moveB;
    if (Math.max(Math.abs(moveA), Math.abs(moveB)) < SMALLEST_MOVE) break;
  }
  if (b < 0) return fit({ linear, deep, targets, classes }, examples, false);
  return [Math.max(0, a), b];
}

/** The factors, and what the deep path is worth; it is left out where its gain is not shown. */
export function fitLabelFusion(problem: LabelFusionProblem): Fusion {
  const { targets, classes } = problem;
  const count = targets.length / classes;
  const all = Array.from({ length: count }, (_, i) => i);
  const gains = new Float64Array(count);
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = all.filter((i) => i % FOLDS !== fold);
    const lossOf = (both: boolean): Float64Array => {
      const logits = fusedLabelLogits(problem, fit(problem, others, both));
      return binaryEntropies({ logits, targets, classes });
    };
    const [alone, together] = [lossOf(false), lossOf(true)];
    for (let i = fold; i < count; i += FOLDS) gains[i] = alone[i] - together[i];
  }
  const gain = gains.reduce((sum, value) => sum + value, 0) / Math.max(1, count);
  const variance = gains.reduce((sum, value) => sum + (value - gain) ** 2, 0) / Math.max(1, count - 1);
  const error = Math.sqrt(variance / Math.max(1, count));
  const shown = count >= 2 * FOLDS && gain > LEAST_CERTAINTY * error && gain > 0;
  const [linear, deep] = fit(problem, all, shown);
  return { linear, deep, gain, error };
}
