/** What a classifier says of an input. */
import { softmax } from '../evaluation/metrics.js';

/** A class and its probability. */
export interface Score {
  readonly label: string;
  /** 0 … 1; those of all classes sum to 1. */
  readonly score: number;
}

/** Classes with their probabilities, largest first; of equal ones the first class first. */
export type Prediction = readonly Score[];

/** @param topK how many of the most probable classes; default all */
export function predictionOf(
  logits: ArrayLike<number>,
  classes: readonly string[],
  topK = classes.length,
): Prediction {
  const scores = softmax(logits);
  return classes
    .map((label, c) => ({ label, score: scores[c] }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}
