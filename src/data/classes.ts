/** The classes of a dataset: their names in a fixed order. */
import { InputError } from '../errors.js';
import type { Dataset, Example } from './example.js';

/** Names of all labels; numbers in order of value, others in order of their characters. */
export function classesOf(examples: readonly Example[]): string[] {
  const names = [...new Set(examples.map(({ label }) => label))];
  const numeric = names.every((name) => name.trim() !== '' && Number.isFinite(Number(name)));
  return names.sort((a, b) => (numeric && Number(a) - Number(b)) || (a < b ? -1 : 1));
}

/** The classes, at least two; throws InputError otherwise. */
export function requireClasses({ name, examples }: Dataset): string[] {
  const classes = classesOf(examples);
  if (classes.length < 2) {
    const found = classes.length === 0 ? 'no label' : `only the label '${classes[0]}'`;
    throw new InputError(
      `${name}: ${found} in ${examples.length} examples; a classifier needs at least two classes`,
    );
  }
  return classes;
}
