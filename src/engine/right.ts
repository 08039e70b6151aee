/** Whether what a program says of a sequence is right. */
import type { Batch, RealArray } from './engine.js';

/**
 * Of one class: the largest logit is the label's; of equal ones the first is the answer, as in predictions. Of any number of
 * labels: those that should be are above 0, and no others.
 */
export function isRight(
  logits: RealArray,
  { labels, targets }: Pick<Batch, 'labels' | 'targets'>,
  b: number,
): boolean {
  if (targets !== undefined) {
    const first = b * logits.length;
    return logits.every((logit, c) => logit > 0 === targets[first + c] > 0.5);
  }
  let best = 0;
  for (let c = 1; c < logits.length; c++) if (logits[c] > logits[best]) best = c;
  return best === labels[b];
}
