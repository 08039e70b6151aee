/**
 * How unlike the training inputs an input is, learned without any example of what is unlike: a model that meets something new
 * finds little evidence for any class. The evidence is by how much the largest logit exceeds the mean of all
 * (Hendrycks et al. 2022), which a score does not tell: scores compare classes with each other. It is measured against
 * the evidence that examples left out gave.
 */

/** A text of which less than this share of tokens is known gives so much less evidence. */
const KNOWN_SHARE = 0.7;

/** At least 0. */
export function evidenceOf(logits: ArrayLike<number>): number {
  let [sum, most] = [0, Number.NEGATIVE_INFINITY];
  for (let c = 0; c < logits.length; c++) {
    sum += logits[c];
    most = Math.max(most, logits[c]);
  }
  return Math.max(0, most - sum / logits.length);
}

/**
 * 0 … 1: the share of left out examples that gave more evidence, so that 0.99 is exceeded by one in a hundred inputs like them.
 * @param sorted evidence of examples left out, ascending; not empty
 * @param knownShare of the input's tokens, 0 … 1
 */
export function unlikeness(sorted: ArrayLike<number>, logits: ArrayLike<number>, knownShare: number): number {
  const evidence = evidenceOf(logits) * Math.min(1, knownShare / KNOWN_SHARE);
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < evidence) low = middle + 1;
    else high = middle;
  }
  // Between two of them, or between none at all and the least.
  if (low === sorted.length) return 0;
  const below = low === 0 ? 0 : sorted[low - 1];
  const part = sorted[low] === below ? 1 : (evidence - below) / (sorted[low] - below);
  return 1 - (low + part) / (sorted.length + 1);
}
