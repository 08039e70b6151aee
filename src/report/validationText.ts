/** What people should know of a validation score. */
import { wilsonInterval } from '../evaluation/wilson.js';
import { count, percent } from './format.js';

/** With so many examples a 95 % interval is at most 20 points wide. */
const ENOUGH = 100;

/**
 * A sentence where there are too few validation examples to choose and to judge by; undefined where there are enough.
 * @param accuracy on them, 0 … 1
 */
export function fewValidationWarning(accuracy: number, examples: number): string | undefined {
  if (examples >= ENOUGH) return undefined;
  const [low, high] = wilsonInterval(Math.round(accuracy * examples), examples);
  const what =
    examples === 1 ? '1 validation example decides' : `${count(examples)} validation examples decide`;
  return `${what} little: an accuracy of ${percent(accuracy)} there is anything from ${percent(low)} to ${percent(high)} on others (95 % interval)`;
}
