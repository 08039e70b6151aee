/**
 * When a label is answered: its scores calibrated, and a threshold of its own, both from examples that nothing was learned
 * from. What few examples say of one label is drawn towards what all labels have in common.
 */
import { type LabelledLogits, logitOf, sigmoid } from './multiLabel.js';

/** What thresholds are to reach: the best F1, or the most of one that leaves so much of the other. */
export type ThresholdGoal =
  | { readonly score: 'f1' }
  | { readonly score: 'precision' | 'recall'; readonly least: number };

export interface LabelDecision {
  /** By label: calibrated logit = slope · logit + shift. */
  readonly slopes: readonly number[];
  readonly shifts: readonly number[];
  /** By label: the calibrated probability from which on it is answered. */
  readonly thresholds: readonly number[];
}

/** "f1", "precision=0.9" or "recall=0.9"; undefined for what is none. */
export function parseThresholdGoal(text: string): ThresholdGoal | undefined {
  if (text === 'f1') return { score: 'f1' };
  const [, score, number] = /^(precision|recall)=(0?\.\d+|0|1)$/.exec(text) ?? [];
  return score === undefined ? undefined : { score: score as 'precision' | 'recall', least: Number(number) };
}

/** A label with so many examples is half its own. */
const OWN_EXAMPLES = 80;

/** Pulls a label's slope and shift as strongly as so many examples towards those of all labels. */
const CALIBRATION_CAUTION = 4;

const STEPS = 40;
const SMALLEST_MOVE = 1e-9;

/** Slope and shift by which the logits at `places` are most likely; drawn towards `centre`. */
function fitLine(
  { logits, targets }: LabelledLogits,
  places: Int32Array,
  centre: readonly [number, number],
  caution: number,
): [slope: number, shift: number] {
  let [a, b] = centre;
  for (let step = 0; step < STEPS; step++) {
    let [ga, gb] = [caution * (a - centre[0]), caution * (b - centre[1])];
    let [aa, ab, bb] = [caution, 0, caution];
    for (const at of places) {
      const z = logits[at];
      const p = sigmoid(a * z + b);
      const d = p - targets[at];
      const w = p * (1 - p);
      ga += d * z;
      gb += d;
      aa += w * z * z;
      ab += w * z;
      bb += w;
    }
    const determinant = Math.max(aa * bb - ab * ab, 1e-12);
    const [moveA, moveB] = [(ab * gb - bb * ga) / determinant, (ab * ga - aa * gb) / determinant];
    // Far from the minimum the curvature says little.
    const shorter = Math.min(1, 2 / Math.max(Math.abs(moveA), Math.abs(moveB), 1e-300));
    a += shorter * moveA;
    b += shorter * moveB;
    if (Math.max(Math.abs(moveA), Math.abs(moveB)) < SMALLEST_MOVE) break;
  }
  // A label whose scores say the opposite of what they should is one of few examples.
  return a > 0 ? [a, b] : [centre[0], centre[1]];
}

/** Places that say enough of all labels together. */
const MOST_TOGETHER = 200_000;

/** @param goal default: F1 */
export function settleDecision(data: LabelledLogits, goal: ThresholdGoal = { score: 'f1' }): LabelDecision {
  const { logits, targets, classes } = data;
  const examples = targets.length / classes;
  const step = Math.max(1, Math.ceil(targets.length / MOST_TOGETHER));
  // Not a multiple of the labels: all of them have a place.
  const stride = step > 1 && classes % step === 0 ? step + 1 : step;
  const some = Int32Array.from({ length: Math.floor(targets.length / stride) }, (_, i) => i * stride);
  const common = fitLine(data, some, [1, 0], 1e-3);
  const lines = Array.from({ length: classes }, (_, c) => {
    const own = Int32Array.from({ length: examples }, (_, i) => i * classes + c);
    return fitLine(data, own, common, CALIBRATION_CAUTION);
  });
  const calibrated = Float64Array.from({ length: targets.length }, (_, at) => {
    const [slope, shift] = lines[at % classes];
    return slope * logits[at] + shift;
  });
  const thresholds = settleThresholds({ logits: calibrated, targets, classes }, goal);
  return { slopes: lines.map(([slope]) => slope), shifts: lines.map(([, shift]) => shift), thresholds };
}

/** By label, drawn towards the one that is best for all labels together, in logits. */
function settleThresholds({ logits, targets, classes }: LabelledLogits, goal: ThresholdGoal): number[] {
  const examples = targets.length / classes;
  const everywhere = Int32Array.from({ length: targets.length }, (_, at) => at);
  const common = limitOf(logits, targets, everywhere, goal) ?? 0;
  return Array.from({ length: classes }, (_, c) => {
    const own = Int32Array.from({ length: examples }, (_, i) => i * classes + c);
    const support = own.reduce((sum, at) => sum + targets[at], 0);
    const limit = limitOf(logits, targets, own, goal) ?? common;
    const share = support / (support + OWN_EXAMPLES);
    return probabilityAt(common + share * (limit - common));
  });
}

/** Never 0 or 1, which no threshold in logits stands for. */
const probabilityAt = (limit: number): number => Math.min(1 - 1e-6, Math.max(1e-6, sigmoid(limit)));

/**
 * Between two of the logits, where the goal is reached best: most F1; or the lowest with the precision, or the highest with
 * the recall, that is asked for. Undefined where no place does, or nothing is to be found.
 */
function limitOf(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  places: Int32Array,
  goal: ThresholdGoal,
): number | undefined {
  const order = places.slice().sort((a, b) => logits[b] - logits[a]);
  const all = order.reduce((sum, at) => sum + targets[at], 0);
  if (all === 0) return undefined;
  let right = 0;
  let best = Number.NEGATIVE_INFINITY;
  let found: number | undefined;
  for (let rank = 0; rank < order.length; rank++) {
    right += targets[order[rank]];
    const [here, next] = [logits[order[rank]], logits[order[rank + 1]] ?? Number.NEGATIVE_INFINITY];
    if (here === next) continue;
    const value = valueAt(right, rank + 1, all, goal);
    if (value === undefined || value <= best) continue;
    best = value;
    found = next === Number.NEGATIVE_INFINITY ? here - 1 : (here + next) / 2;
    if (goal.score === 'recall') break;
  }
  return found;
}

/** What is to be as large as can be; undefined where the goal is missed. */
function valueAt(right: number, answered: number, all: number, goal: ThresholdGoal): number | undefined {
  if (goal.score === 'f1') return (2 * right) / (answered + all);
  if (goal.score === 'recall') return right / all >= goal.least ? -answered : undefined;
  return right / answered >= goal.least ? right / all : undefined;
}

/** The calibrated logits, [examples, labels]. */
export function decided(logits: ArrayLike<number>, { slopes, shifts }: LabelDecision): Float64Array {
  const classes = slopes.length;
  return Float64Array.from({ length: logits.length }, (_, at) => {
    const c = at % classes;
    return slopes[c] * logits[at] + shifts[c];
  });
}

/** The head of a model that gives calibrated logits: a row a label of weights, and a bias. */
export function decidedHead(
  parameters: ReadonlyMap<string, Float32Array>,
  { slopes, shifts }: LabelDecision,
  shifted = true,
): ReadonlyMap<string, Float32Array> {
  const weight = parameters.get('head.weight')!;
  const width = weight.length / slopes.length;
  return new Map([
    ...parameters,
    ['head.weight', weight.map((value, at) => slopes[Math.floor(at / width)] * value)],
    [
      'head.bias',
      parameters.get('head.bias')!.map((value, c) => slopes[c] * value + (shifted ? shifts[c] : 0)),
    ],
  ]);
}

/** The threshold as people may want to state it, for all labels. */
export const sameThresholds = (threshold: number, classes: number): number[] =>
  Array.from({ length: classes }, () => probabilityAt(logitOf(threshold)));
