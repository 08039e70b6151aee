/** The classes of a dataset as a person should see them: counts, near twins, imbalance; and labels that are none. */
import { InputError } from '../../errors.js';
import { shown } from './shown.js';

export interface ClassReport {
  /** In falling order of their counts. */
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** Groups of names that differ in case, spaces, punctuation or invisible characters alone, or are the same number. */
  readonly twins: readonly (readonly string[])[];
  /** The largest class against the smallest, where it is ten times that or more, or the smallest has under ten examples. */
  readonly imbalance:
    | { readonly largest: string; readonly smallest: string; readonly ratio: number }
    | undefined;
  /** One line of English each. */
  readonly warnings: readonly string[];
}

/** Largest class over smallest from which on a warning is due. */
const IMBALANCED = 10;

/** Examples that a class should have at least. */
const FEW = 10;

/** Names that a warning lists. */
const LISTED = 5;

/** Characters that nobody sees. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|\p{Cf}/gu;

/** Punctuation around a name that is none of it: `spam.`, `"spam"`; not that of `C#` or `C++`. */
const AROUND = /^[\s.,;:!?'"`´‘’“”„«»()[\]]+|[\s.,;:!?'"`´‘’“”„«»()[\]]+$/gu;

/** A decimal number: sign, whole part, fraction. */
const NUMBER = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/;

/** The same for two ways to write a number: 1, 01, +1.0; undefined for what is none. */
function numberKey(name: string): string | undefined {
  const [, sign, whole, fraction = ''] = NUMBER.exec(name) ?? [];
  if (whole === undefined || !/\d/.test(name)) return undefined;
  const digits = `${whole || '0'}.${fraction}`;
  return `number ${sign === '-' && digits !== '0.' ? '-' : ''}${digits}`;
}

/**
 * What people mean by a name: without case, form of characters, invisible ones, space, hyphen, underscore, punctuation
 * around it; numbers by their value.
 */
function meant(name: string): string {
  const visible = name.normalize('NFKC').replace(INVISIBLE, '').trim();
  const bare = visible.replace(AROUND, '') || visible;
  const folded = bare
    .toUpperCase()
    .toLowerCase()
    .replace(/[\s_.-]+/g, ' ')
    .trim();
  return numberKey(visible) ?? numberKey(bare) ?? (folded || bare);
}

/** Groups of names that mean the same. */
function twinsOf(names: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = meant(name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [name]);
    else group.push(name);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

function twinWarning(names: readonly string[], counts: ReadonlyMap<string, number>): string {
  const [first, ...others] = names.map((name) => `'${shown(visibly(name))}' (${counts.get(name)})`);
  const numbers = names.every((name) => meant(name).startsWith('number '));
  const invisible = names.some((name) => name.replace(INVISIBLE, '') !== name);
  const how = numbers
    ? 'are the same number'
    : `differ only in case, spaces${invisible ? ', punctuation or invisible characters' : ' or punctuation'}`;
  return `the classes ${first} and ${others.join(', ')} ${how}; if they are one, correct the data`;
}

/** Invisible characters as `\u{…}`. */
const visibly = (name: string): string =>
  name.replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

/** What separates several labels in one cell. A comma may well be part of a name. */
const SEPARATORS = [';', '|', ','] as const;

/** The labels that a cell seems to hold; fewer than two: it holds one. */
const partsOf = (name: string, separator: string): string[] =>
  name
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** A list as JSON or Python writes it: ["a", "b"]. */
const LIST = /^\s*\[.*,.*\]\s*$/s;

/**
 * A cell such as `billing;refund` may mean two labels: a sentence that says so, undefined where no class looks like it.
 * Of names with commas only those count whose parts are all found elsewhere, alone or in another cell.
 */
function severalLabelsWarning(
  names: readonly string[],
  counts: ReadonlyMap<string, number>,
): string | undefined {
  const example = (name: string): string => `'${shown(name)}' (${counts.get(name)})`;
  const advice =
    'each such cell is one class here. If they are several labels of one example, give it one label, or split it into an example for each';
  const list = names.find((name) => LIST.test(name));
  if (list !== undefined) return `the label ${example(list)} looks like a list of labels: ${advice}`;
  for (const separator of SEPARATORS) {
    const composite = names.filter((name) => partsOf(name, separator).length > 1);
    const uses = new Map<string, number>();
    for (const name of names) {
      for (const part of new Set(partsOf(name, separator))) uses.set(part, (uses.get(part) ?? 0) + 1);
    }
    const found = composite.filter(
      (name) => separator !== ',' || partsOf(name, separator).every((part) => uses.get(part)! > 1),
    );
    if (found.length === 0) continue;
    const more = found.length > 1 ? ` and ${found.length - 1} more` : '';
    return `the label ${example(found[0])}${more} looks like several labels in one cell, separated by '${separator}': ${advice}`;
  }
  return undefined;
}

export function classReport(counts: ReadonlyMap<string, number>): ClassReport {
  const classes = [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const names = classes.map(({ name }) => name);
  const twins = twinsOf(names);
  const several = severalLabelsWarning(names, counts);
  const warnings = twins.map((group) => twinWarning(group, counts));
  if (several !== undefined) warnings.push(several);
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
    const listed = few.slice(0, LISTED).map(({ name, count }) => `'${shown(name)}' (${count})`);
    const more = few.length > LISTED ? ` and ${few.length - LISTED} more` : '';
    warnings.push(
      `fewer than ${FEW} examples in: ${listed.join(', ')}${more}; little can be learned of them`,
    );
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
