/** What a classifier says of an input. */
import { InputError } from '../errors.js';
import { softmax } from '../evaluation/metrics.js';

/** A class and its probability. */
export interface Score {
  readonly label: string;
  /** 0 … 1; those of all classes sum to 1. */
  readonly score: number;
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
 * @throws InputError on a `topK` that is no whole number or below 1
 */
export function predictionOf(
  logits: ArrayLike<number>,
  classes: readonly string[],
  topK?: number,
): Prediction {
  requireTopK(topK);
  const scores = softmax(logits);
  return classes
    .map((label, c) => ({ label, score: scores[c] }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}
