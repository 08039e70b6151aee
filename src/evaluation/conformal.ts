/**
 * Sets of classes that hold the right one with a stated probability (split conformal prediction; Vovk et al. 2005): all
 * classes whose score reaches a threshold, which is a quantile of the scores that examples left out gave to their own class.
 * Of all rules with that coverage this one makes the smallest sets in the mean (Sadinle et al. 2019), and it needs no chance:
 * the same input has the same set. Where the best class is right more often than is asked, some sets are empty.
 */

/**
 * The least score that puts a class into the set; 0: all classes, for fewer than 1 / (1 − share) − 1 examples.
 * @param own scores that examples left out gave to their own class
 */
export function setThreshold(own: readonly number[], share: number): number {
  const sorted = [...own].sort((a, b) => a - b);
  // A new score is as likely to take each place among the others. (19 of 20 is 0.95, in spite of rounding.)
  const place = Math.floor((own.length + 1) * (1 - share) + 1e-9);
  return place < 1 ? 0 : sorted[place - 1];
}

/** Places of the classes whose score reaches the threshold, in their order. */
export function setOf(scores: ArrayLike<number>, least: number): number[] {
  return Array.from(scores, (_, c) => c).filter((c) => scores[c] >= least);
}
