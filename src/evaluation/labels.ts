/** Labels of examples to evaluate on, as indices of a model's classes. */
import { InputError } from '../errors.js';
import { UNKNOWN_CLASS } from './metrics.js';

export interface LabelIndices {
  /** Class index of each example; `UNKNOWN_CLASS` (−1) where the label is no class of the model. */
  readonly indices: Int32Array;
  /** Labels of the examples that have −1, in their order. */
  readonly unknown: readonly string[];
}

/**
 * Some of the labels may be no class of the model: they count as answered wrong. Throws InputError where none of them is
 * one, for those are other data, or another column.
 * @param name of the data, for messages
 */
export function labelIndices(
  name: string,
  labels: readonly string[],
  classes: readonly string[],
): LabelIndices {
  const index = new Map(classes.map((label, i) => [label, i]));
  const unknown = labels.filter((label) => !index.has(label));
  if (unknown.length > 0 && unknown.length === labels.length) {
    throw new InputError(
      `${name}: none of its labels (${listed(unknown)}) is a class of the model (${listed(classes)}): is this the right label field?`,
    );
  }
  return { indices: Int32Array.from(labels, (label) => index.get(label) ?? UNKNOWN_CLASS), unknown };
}

const LISTED = 5;

/** The first few different names. */
function listed(names: readonly string[]): string {
  const different = [...new Set(names)];
  const more = different.length > LISTED ? ` and ${different.length - LISTED} more` : '';
  const shown = different.slice(0, LISTED).map((name) => `'${name}'`);
  return `${shown.join(', ')}${more}`;
}
