/** What a validation or test part shares with the training part, and what the training part lacks: hints for people. */
import { platform } from '#platform';
import type { Input } from '../input/input.js';
import type { Example } from './dataset.js';
import { labelsIn } from './labelSets.js';
import { contentHash } from './split.js';

/** Places are numbers of examples, from 1. */
export interface OverlapPair {
  readonly training: number;
  readonly other: number;
  /** `identical`: but for case, white space and Unicode form; `similar`: punctuation differs, or such characters. */
  readonly kind: 'identical' | 'similar';
}

export interface Overlap {
  /** Examples of the other part. */
  readonly examples: number;
  /** Of these, examples that training has too, but for case, white space and Unicode form. */
  readonly identical: number;
  /** More of these that differ from a training example in punctuation and the like alone. */
  readonly similar: number;
  /** The first few of them. */
  readonly pairs: readonly OverlapPair[];
}

const MOST_PAIRS = 5;

/**
 * What the other part has of the training part: exact copies of signals and bytes; of texts also those that differ in
 * case, white space, Unicode form, punctuation or invisible characters alone. Linear in the size of both.
 * @param training examples that a model learns from
 * @param other examples that it is validated or tested on
 */
export function overlapOf(training: readonly Example[], other: readonly Example[]): Overlap {
  const identical = placesOf(training, contentHash);
  const similar = placesOf(training, looseHash);
  const counts = { identical: 0, similar: 0 };
  const pairs: OverlapPair[] = [];
  other.forEach(({ input }, i) => {
    const same = identical.get(contentHash(input));
    const place = same ?? lookUp(similar, looseHash(input));
    if (place === undefined) return;
    const kind = same === undefined ? 'similar' : 'identical';
    counts[kind]++;
    if (pairs.length < MOST_PAIRS) pairs.push({ training: place, other: i + 1, kind });
  });
  return { examples: other.length, ...counts, pairs };
}

const lookUp = (places: ReadonlyMap<string, number>, key: string | undefined): number | undefined =>
  key === undefined ? undefined : places.get(key);

/** The first place of each key, from 1. */
function placesOf(
  examples: readonly Example[],
  keyOf: (input: Input) => string | undefined,
): Map<string, number> {
  const places = new Map<string, number>();
  examples.forEach(({ input }, i) => {
    const key = keyOf(input);
    if (key !== undefined && !places.has(key)) places.set(key, i + 1);
  });
  return places;
}

/** Of a text's letters, digits and symbols; undefined for one without any, and for signals and bytes. */
function looseHash(input: Input): string | undefined {
  if (typeof input !== 'string') return undefined;
  const key = input
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, '')
    .replace(/[\p{P}\p{Z}\p{Cc}\s]+/gu, ' ')
    .trim();
  return key === '' ? undefined : platform.sha256(key);
}

/**
 * Sentences for a person, none where the parts share nothing.
 * @param name what the other part is called: `validation`, `test`
 * @example
 * overlapWarnings(overlapOf(train, validation), 'validation');
 * // ['2 of 100 validation examples are training examples too (training 7 = validation 1, …): …']
 */
export function overlapWarnings({ examples, identical, similar, pairs }: Overlap, name: string): string[] {
  const shared = identical + similar;
  if (shared === 0) return [];
  const what = [
    ...(identical > 0 ? [`${counted(identical)} training examples too`] : []),
    ...(similar > 0 ? [`${counted(similar)} training examples but for punctuation`] : []),
  ].join(', ');
  const shown = pairs.map((pair) => `training ${pair.training} and ${name} ${pair.other}`);
  const more = shared > pairs.length ? ', …' : '';
  return [
    `of ${examples} ${name} examples ${what} (${shown.join(', ')}${more}): accuracy on them says little about new ones`,
  ];
}

const counted = (count: number): string => (count === 1 ? '1 is one of the' : `${count} are`);

/** Classes of the data of which the training part has no example, in their order. */
export function classesWithoutExamples(
  classes: readonly string[],
  training: Iterable<Pick<Example, 'label' | 'labels'>>,
): string[] {
  const seen = new Set<string>();
  for (const example of training) for (const label of labelsIn(example)) seen.add(label);
  return classes.filter((name) => !seen.has(name));
}

/** Classes that a sentence names. */
const LISTED = 5;

/** A sentence for a person where the training part lacks classes; none otherwise. */
export function missingClassWarnings(classes: readonly string[]): string[] {
  if (classes.length === 0) return [];
  const names = classes.slice(0, LISTED).map((name) => `'${name}'`);
  const more = classes.length > LISTED ? ` and ${classes.length - LISTED} more` : '';
  return [
    `the training part has no example of ${names.join(', ')}${more}: the model will never answer ${classes.length === 1 ? 'it' : 'them'}; add examples, or give --validation`,
  ];
}
