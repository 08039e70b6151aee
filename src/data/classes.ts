/** The classes of a dataset: their names in a fixed order. */
import { InputError } from '../errors.js';
import type { ExampleSet } from './dataset.js';
import { labelsIn } from './labelSets.js';

/** Numbers in order of value, other names in order of their characters. */
export function sortClasses(labels: ReadonlySet<string>): string[] {
  const names = [...labels];
  const numeric = names.every((name) => name.trim() !== '' && Number.isFinite(Number(name)));
  return names.sort((a, b) => (numeric && Number(a) - Number(b)) || (a < b ? -1 : 1));
}

/** The classes, at least two; throws InputError otherwise. */
export function requireClasses({ name, examples }: Pick<ExampleSet, 'name' | 'examples'>): string[] {
  return requireClassNames(name, new Set(examples.flatMap(labelsIn)), examples.length);
}

/** The same from the labels that there are in so many examples. */
export function requireClassNames(name: string, labels: ReadonlySet<string>, examples: number): string[] {
  const classes = sortClasses(labels);
  if (classes.length < 2) {
    const found = classes.length === 0 ? 'no label' : `only the label '${classes[0]}'`;
    throw new InputError(
      `${name}: ${found} in ${examples} examples; a classifier needs at least two classes`,
    );
  }
  return classes;
}

/** @param item number of the example, from 1 */
export function unknownLabel(
  name: string,
  item: number,
  label: string,
  classes: readonly string[],
): InputError {
  return new InputError(
    `${name}: example ${item} has the label '${label}', which the model does not know (it knows ${classes.map((c) => `'${c}'`).join(', ')})`,
  );
}
