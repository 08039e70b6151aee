/**
 * Examples with several labels, or none: the sets of labels that occur, each once, so that an example has the number of
 * its set where one of a single label has that of its class.
 */
import { InputError } from '../errors.js';
import { labelText } from './label.js';

/** The sets that occur. */
export interface LabelSets {
  /** Labels there are. */
  readonly classes: number;
  /** 1 where a set has a label, [sets, classes]. */
  readonly has: Uint8Array;
}

/** How examples are labelled: with one label each, or with any number of them. */
export const LABEL_MODES = ['one', 'many'] as const;
export type LabelMode = (typeof LABEL_MODES)[number];

/** What a set reads like in messages. */
export const setText = (labels: readonly string[]): string =>
  labels.length === 0 ? '(none)' : labels.join(', ');

/** What an example's labels are, whatever of the two it has. */
export const labelsIn = ({
  label,
  labels,
}: {
  readonly label?: string | undefined;
  readonly labels?: readonly string[] | undefined;
}): readonly string[] => labels ?? (label === undefined ? [] : [label]);

/** Whether examples have sets of labels: once settled, all of them do or none. */
export const areMultiLabel = (
  examples: readonly { readonly labels?: readonly string[] | undefined }[],
): boolean => examples.length > 0 && examples[0].labels !== undefined;

/** The labels in an array as data have them, each once; or what is wrong with it. */
export function labelsOfArray(
  values: readonly unknown[],
): { readonly labels: readonly string[] } | { readonly fault: string } {
  const found = new Set<string>();
  for (const [i, value] of values.entries()) {
    const label = labelText(value);
    if ('fault' in label) return { fault: `has a label that ${label.fault} (its ${i + 1}.)` };
    found.add(label.value);
  }
  return { labels: [...found] };
}

/** The labels between separators, each once. */
export const labelsBetween = (text: string, separator: string): string[] => [
  ...new Set(
    text
      .split(separator)
      .map((part) => part.toWellFormed().trim())
      .filter((part) => part !== ''),
  ),
];

interface Labelled {
  readonly label?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly place: string;
}

/**
 * All examples with one label each, or all with sets: as `mode` says, else sets where some example has several labels or
 * none. Throws InputError naming the first that has not one label where one is wanted.
 */
export function settleLabels<E extends Labelled>(
  examples: readonly E[],
  mode: LabelMode | undefined,
): readonly E[] {
  const labelled = examples.filter(({ label, labels }) => label !== undefined || labels !== undefined);
  const several = labelled.find(({ labels }) => labels !== undefined && labels.length !== 1);
  if (mode === 'one' && several !== undefined) {
    const count = several.labels!.length;
    throw new InputError(
      `${several.place}: it has ${count === 0 ? 'no label' : `${count} labels (${setText(several.labels!)})`}, and --labels one wants one each; --labels many takes any number`,
    );
  }
  if (mode === 'many' || (mode === undefined && several !== undefined)) {
    return examples.map(({ label, ...example }) =>
      label === undefined && example.labels === undefined
        ? ({ ...example } as E)
        : ({ ...example, labels: example.labels ?? [label!] } as unknown as E),
    );
  }
  if (labelled.every(({ labels }) => labels === undefined)) return examples;
  return examples.map(({ labels, ...example }) =>
    labels === undefined ? (example as E) : ({ ...example, label: labels[0] } as unknown as E),
  );
}

/** The number of each example's set, and the sets. */
export interface NumberedSets {
  readonly numbers: Int32Array;
  readonly sets: LabelSets;
}

/**
 * @param all labels of each example
 * @param onUnknown called for a label that is none of the classes
 */
export function numberSets(
  all: readonly (readonly string[])[],
  classes: readonly string[],
  onUnknown: (label: string, example: number) => void,
): NumberedSets {
  const index = new Map(classes.map((label, c) => [label, c]));
  const known = new Map<string, number>();
  const rows: number[][] = [];
  const numbers = Int32Array.from(all, (labels, example) => {
    const own: number[] = [];
    for (const label of labels) {
      const c = index.get(label);
      if (c === undefined) onUnknown(label, example);
      else own.push(c);
    }
    own.sort((a, b) => a - b);
    const key = own.join(',');
    let number = known.get(key);
    if (number === undefined) {
      number = rows.push(own) - 1;
      known.set(key, number);
    }
    return number;
  });
  const has = new Uint8Array(rows.length * classes.length);
  rows.forEach((row, s) => {
    for (const c of row) has[s * classes.length + c] = 1;
  });
  return { numbers, sets: { classes: classes.length, has } };
}

/** 1 where an example has a label, [examples, labels]. */
export function targetsOfSets(numbers: ArrayLike<number>, { classes, has }: LabelSets): Float32Array {
  const targets = new Float32Array(numbers.length * classes);
  for (let i = 0; i < numbers.length; i++) {
    const at = numbers[i] * classes;
    targets.set(has.subarray(at, at + classes), i * classes);
  }
  return targets;
}

/** Examples that have each label. */
export function supportsOf(numbers: ArrayLike<number>, { classes, has }: LabelSets): Float64Array {
  const supports = new Float64Array(classes);
  for (let i = 0; i < numbers.length; i++) {
    const at = numbers[i] * classes;
    for (let c = 0; c < classes; c++) supports[c] += has[at + c];
  }
  return supports;
}

type WithSets = readonly [numbers: Int32Array, sets: LabelSets];

/** Those of `a`, then those of `b`, of the same labels. */
export function joinSets([first, a]: WithSets, [second, b]: WithSets): NumberedSets {
  const before = a.has.length / a.classes;
  const has = new Uint8Array(a.has.length + b.has.length);
  has.set(a.has);
  has.set(b.has, a.has.length);
  const numbers = new Int32Array(first.length + second.length);
  numbers.set(first);
  numbers.set(
    second.map((number) => before + number),
    first.length,
  );
  return { numbers, sets: { classes: a.classes, has } };
}
