/**
 * Learning on: a model of what a run kept of its examples and of new ones, which may bring new classes; and whether it is
 * worse than the old one on what it knew before.
 */
import type { Example, ExampleSet } from '../data/dataset.js';
import { splitByShares } from '../data/split.js';
import { InputError } from '../errors.js';
import { pairedTest } from '../evaluation/pairedTest.js';
import type { Classifier } from '../inference/classifier.js';
import type { KeptData } from './kept.js';
import { SHARES } from './prepare.js';

/** Fewer new examples than these are all learned from. */
const FEW = 20;

/** Old and new examples together, and what judges them: of the new ones a tenth, as of all others. */
export function oldAndNew(
  kept: Pick<KeptData, 'train' | 'validation'>,
  fresh: ExampleSet,
): {
  readonly train: Example[];
  readonly validation: Example[];
  readonly own: { train: Example[]; validation: Example[] };
} {
  const examples = fresh.splits?.train ?? fresh.examples;
  const [train, validation] =
    fresh.splits?.validation !== undefined
      ? [[...examples], [...fresh.splits.validation]]
      : examples.length < FEW
        ? [[...examples], []]
        : splitByShares(examples, SHARES);
  return {
    train: [...kept.train, ...train],
    validation: [...kept.validation, ...validation],
    own: { train, validation },
  };
}

/** Throws InputError where classes of the old model have nothing to be learned from: it would forget them. */
export function requireOldClasses(classes: readonly string[], train: readonly Example[], run: string): void {
  const there = new Set(train.map(({ label }) => label));
  const lost = classes.filter((name) => !there.has(name));
  if (lost.length === 0) return;
  const names = lost
    .slice(0, 5)
    .map((name) => `'${name}'`)
    .join(', ');
  throw new InputError(
    `${run} knows ${lost.length === 1 ? 'the class' : 'the classes'} ${names}${lost.length > 5 ? ' and more' : ''}, of which there is no example: give the old data with --old-data, or train with --keep-data sample (or sums) in the first place`,
  );
}

/** How the old and the new model answer what the old one knew. */
export interface BeforeAfter {
  readonly items: number;
  readonly before: number;
  readonly after: number;
  /** after − before, and its 95 % interval. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** Of no true difference. */
  readonly pValue: number;
  /** Classes that the new model answers less often right, worst first. */
  readonly worse: readonly {
    readonly label: string;
    readonly before: number;
    readonly after: number;
    readonly items: number;
  }[];
}

/** Items that are asked. */
const MOST_ITEMS = 5000;

/** @param items of classes that both know; undefined where there are none */
export async function beforeAndAfter(
  before: Classifier,
  after: Classifier,
  items: readonly Example[],
): Promise<BeforeAfter | undefined> {
  const known = new Set(before.classes);
  const own = items.filter(({ label }) => known.has(label)).slice(0, MOST_ITEMS);
  if (own.length === 0) return undefined;
  const right = async (classifier: Classifier): Promise<boolean[]> => {
    const { logits } = await classifier.evaluateRead(own, 'old validation items');
    const count = classifier.classes.length;
    return own.map(({ label }, i) => {
      const scores = logits.subarray(i * count, (i + 1) * count);
      return classifier.classes[scores.indexOf(Math.max(...scores))] === label;
    });
  };
  const [old, fresh] = [await right(before), await right(after)];
  const share = (answers: readonly boolean[]): number => answers.filter(Boolean).length / answers.length;
  const { difference, pValue, interval } = pairedTest([fresh], [old]);
  const worse = before.classes
    .map((label) => {
      const places = own.flatMap((one, i) => (one.label === label ? [i] : []));
      const of = (answers: readonly boolean[]): number => share(places.map((i) => answers[i]));
      return { label, before: of(old), after: of(fresh), items: places.length };
    })
    .filter((one) => one.items > 0 && one.after < one.before)
    .sort((a, b) => a.after - a.before - (b.after - b.before));
  return {
    items: own.length,
    before: share(old),
    after: share(fresh),
    difference,
    interval: interval(0.95),
    pValue,
    worse,
  };
}
