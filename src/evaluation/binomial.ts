/** What a share counted on examples says of the share behind it: exact one-sided bounds and tests. */
import { betaProbability, betaQuantile } from './distributions.js';

/** Largest share that still gives so few successes with a probability of 1 − confidence (Clopper and Pearson 1934). */
export function upperBound(successes: number, total: number, confidence: number): number {
  return successes >= total ? 1 : betaQuantile(confidence, successes + 1, total - successes);
}

/** Smallest share that still gives so many successes with a probability of 1 − confidence. */
export const lowerBound = (successes: number, total: number, confidence: number): number =>
  1 - upperBound(total - successes, total, confidence);

/** Probability of at most so many successes where each comes with probability `share`. */
export const atMost = (successes: number, total: number, share: number): number =>
  successes >= total ? 1 : betaProbability(1 - share, total - successes, successes + 1);
