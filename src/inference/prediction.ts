/** What a classifier says of an input. */
import { InputError } from '../errors.js';
import { setOf } from '../evaluation/conformal.js';
import { type Doubt, isUnsure } from '../evaluation/doubt.js';
import { softmax } from '../evaluation/metrics.js';
import { sigmoid, thresholdLogits } from '../evaluation/multiLabel.js';

/** What is said of an answer besides; it stands at its most probable class. */
export interface AnswerMarks {
  /** The model had better not answer: the score is below its threshold. Absent otherwise. */
  readonly unsure?: true;
  /** Classes among which the right one is, with the probability that was asked; of a model that gives sets. */
  readonly set?: readonly string[];
  /** How unlike the training inputs the input is, 0 … 1; where it is asked for. */
  readonly unknown?: number;
}

/** A class and its probability. */
export interface Score extends AnswerMarks {
  readonly label: string;
  /** 0 … 1; those of all classes sum to 1, unless the model answers any number of labels: then each has its own. */
  readonly score: number;
  /** Of a model that answers any number of labels: whether this is one of them. */
  readonly chosen?: boolean;
}

/** Classes with their probabilities, largest first; of equal ones the first class first. */
export type Prediction = readonly Score[];

/**
 * Throws InputError unless it is a whole number, at least 1, or undefined (all classes).
 * @param name of the argument, for the message
 */
export function requireTopK(topK: unknown, name = 'topK'): void {
  if (topK === undefined || (Number.isInteger(topK) && (topK as number) >= 1)) return;
  const value = typeof topK === 'string' ? `'${topK}'` : String(topK);
  throw new InputError(`${name} must be a whole number of classes, at least 1, not ${value}`);
}

/**
 * @param topK how many of the most probable classes; more than there are gives all. Default: all
 * @param doubt which answers are unsure, and what sets hold
 * @param unknown how unlike the training inputs it is
 * @throws InputError on a `topK` that is no whole number or below 1
 */
export function predictionOf(
  logits: ArrayLike<number>,
  classes: readonly string[],
  topK?: number,
  doubt?: Doubt,
  unknown?: number,
): Prediction {
  requireTopK(topK);
  const scores = softmax(logits);
  const [best, ...others] = classes
    .map((label, c) => ({ label, score: scores[c] }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
  const { unsure, sets } = doubt ?? {};
  return [
    {
      ...best,
      ...(unsure !== undefined && isUnsure(unsure, best.score) ? { unsure: true as const } : {}),
      ...(sets === undefined ? {} : { set: setOf(scores, sets.least).map((c) => classes[c]) }),
      ...(unknown === undefined ? {} : { unknown }),
    },
    ...others,
  ];
}

/** Of a model that answers any number of labels: what it takes to decide. */
export interface SetRule {
  readonly classes: readonly string[];
  /** Logits from which on each label is answered. */
  readonly limits: Float64Array;
}

export const setRule = (classes: readonly string[], thresholds: readonly number[] | undefined): SetRule => ({
  classes,
  limits: thresholdLogits(thresholds, classes.length),
});

/** The same of labels of which any number holds: each with its own probability, and whether it is answered. */
export function labelPredictionOf(
  logits: ArrayLike<number>,
  { classes, limits }: SetRule,
  topK?: number,
): Prediction {
  requireTopK(topK);
  return classes
    .map((label, c) => ({ label, score: sigmoid(logits[c]), chosen: logits[c] >= limits[c] }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}

/** The labels that are answered, in falling order of their scores. */
export const answeredOf = (prediction: Prediction): string[] =>
  prediction.filter(({ chosen }) => chosen).map(({ label }) => label);
