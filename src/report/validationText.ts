/** What people should know of a validation score. */
import { wilsonInterval } from '../evaluation/wilson.js';
import type { ValidationScore } from '../formats/history.js';
import { count, percent } from './format.js';

/** With so many examples a 95% interval is at most 20 points wide. */
const ENOUGH = 100;

/** Examples that judge a model: left out in turn in so many folds; in 0 folds, held out or given. */
export interface Judges {
  readonly folds: number;
  readonly examples: number;
}

/**
 * A sentence where too few examples choose and judge; undefined where there are enough.
 * @param accuracy on them, 0 … 1
 */
export function fewValidationWarning(accuracy: number, { folds, examples }: Judges): string | undefined {
  if (examples >= ENOUGH) return undefined;
  const [low, high] = wilsonInterval(Math.round(accuracy * examples), examples);
  const kind = folds > 0 ? '' : ' validation';
  const what = examples === 1 ? `1${kind} example decides` : `${count(examples)}${kind} examples decide`;
  return `${what} little: an accuracy of ${percent(accuracy)} there is anything from ${percent(low)} to ${percent(high)} on others (95% interval)`;
}

/** What cross-validation said: how many were right, how sure that is, and what was chosen by how much. */
export function crossValidationText({ accuracy, loss, crossValidation }: ValidationScore): string {
  const { folds, examples, chosen, candidates = [] } = crossValidation!;
  const [low, high] = wilsonInterval(Math.round(accuracy * examples), examples);
  const turns = folds === 1 ? 'left out once' : `left out in turn, in ${count(folds)} folds`;
  const how = folds >= examples ? 'each left out alone' : turns;
  const found = `${count(examples)} examples ${how}, none held out: ${percent(accuracy, 1)} right (${percent(low, 0)} to ${percent(high, 0)} on others, 95% interval), loss ${loss.toFixed(3)}`;
  const others = candidates.filter(({ name }) => name !== chosen);
  if (chosen === undefined || others.length === 0) return found;
  const shown = others.map((one) => `${one.name} ${percent(one.accuracy, 1)} (${one.loss.toFixed(3)})`);
  return `${found}\nchosen by the loss of those left out: ${chosen}; beside it ${shown.join(', ')}`;
}
