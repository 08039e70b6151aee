/** The classes of a dataset as a person should see them: counts, near twins, imbalance; and labels that are none. */
import { InputError } from '../../errors.js';
import { shown } from './shown.js';

export interface ClassReport {
  /** In falling order of their counts. */
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** Groups of names that differ in case, spaces or punctuation alone. */
  readonly twins: readonly (readonly string[])[];
  /** The largest class against the smallest, where it is ten times that or more, or the smallest has under ten examples. */
  readonly imbalance:
    | { readonly largest: string; readonly smallest: string; readonly ratio: number }
    | undefined;
  /** One line of English each. */
  readonly warnings: readonly string[];
}

/** Number of examples of each label, in order of first appearance. */
export function countClasses(examples: Iterable<{ readonly label: string }>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** Largest class over smallest from which on a warning is due. */
const IMBALANCED = 10;

/** Examples that a class should have at least. */
const FEW = 10;

/** Names that a warning lists. */
const LISTED = 5;

/** Without what people do not mean: case, form of characters, space, hyphen, underscore, full stop. */
function meant(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_.-]+/g, ' ')
    .trim();
}

export function classReport(counts: ReadonlyMap<string, number>): ClassReport {
  const classes = [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const groups = new Map<string, string[]>();
  // Numbers mean what they say: -1 and 1 are no twins.
  for (const { name } of classes) {
    const key = Number.isFinite(Number(name)) ? name : meant(name);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  const twins = [...groups.values()].filter((names) => names.length > 1);
  const warnings = twins.map((names) => {
    const [first, ...others] = names.map((name) => `'${shown(name)}' (${counts.get(name)})`);
    return `the classes ${first} and ${others.join(', ')} differ only in case, spaces or punctuation; if they are one, correct the data`;
  });
  const largest = classes[0];
  const smallest = classes[classes.length - 1];
  const ratio = classes.length < 2 ? 1 : largest.count / smallest.count;
  const few = classes.filter(({ count }) => count < FEW);
  let imbalance: ClassReport['imbalance'];
  if (classes.length > 1 && ratio >= IMBALANCED) {
    imbalance = { largest: largest.name, smallest: smallest.name, ratio };
    warnings.push(
      `the classes are far from balanced: '${shown(largest.name)}' has ${largest.count} examples, '${shown(smallest.name)}' ${smallest.count}; accuracy alone says little, see macro F1`,
    );
  } else if (classes.length > 1 && few.length > 0) {
    const names = few.slice(0, LISTED).map(({ name, count }) => `'${shown(name)}' (${count})`);
    const more = few.length > LISTED ? ` and ${few.length - LISTED} more` : '';
    warnings.push(`fewer than ${FEW} examples in: ${names.join(', ')}${more}; little can be learned of them`);
  }
  return { classes, twins, imbalance, warnings };
}

/** More classes than this are believed only if told so. */
export const MOST_CLASSES = 1000;

/** From so many examples on, labels of which none comes twice are an id. */
const ALL_DIFFERENT = 20;

/** From so many values on, fewer than two examples of each on average are an id. */
const MANY = 100;

/**
 * Refuses labels that are rather an id, a text or a measure: more than 1,000 values; from 20 examples on, none of which
 * comes twice; or more than 100 with fewer than two examples each on average. Throws InputError.
 * @param field of the labels, if they have one
 */
export function requireLabels(
  place: string,
  counts: ReadonlyMap<string, number>,
  examples: number,
  field?: string,
): void {
  const values = counts.size;
  const refused =
    values > MOST_CLASSES ||
    (values === examples && examples >= ALL_DIFFERENT) ||
    (values > MANY && examples < 2 * values);
  if (!refused) return;
  const sample = [...counts.keys()].slice(0, 3).map((name) => `'${shown(name)}'`);
  const where = field === undefined ? 'the labels have' : `the label field '${shown(field)}' has`;
  throw new InputError(
    `${place}: ${where} ${values.toLocaleString('en')} different values in ${examples.toLocaleString('en')} examples (${sample.join(', ')} …): is this an id? Name the right field with --label-field, or say --many-classes if they are classes`,
  );
}
