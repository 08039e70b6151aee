/** The data of a comparison, divided. */
import { platform } from '#platform';
import type { DataReading } from '../data/applyReading.js';
import type { Example } from '../data/dataset.js';
import { contentHash } from '../data/split.js';
import { areGrouped } from '../data/units.js';
import type { TrainSettings } from '../learning/options.js';
import { configureTraining } from '../model/trainingSettings.js';
import type { Protocol } from './results/schema.js';

export interface SplitData {
  readonly classes: readonly string[];
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly test: readonly Example[];
  /** What was done to inputs before they are encoded. */
  readonly reading: DataReading;
}

/** Identifies the test items: results of other items are not comparable. */
export function hashItems(examples: readonly Example[]): string {
  const lines = examples.map(({ input, label }) => `${contentHash(input)} ${label}\n`);
  return platform.sha256(...lines).slice(0, 32);
}

/** Epochs of the models whose recipe names none: a comparison is many trainings. */
export const COMPARISON_EPOCHS = 3;

/** What trials share of their settings. */
export type SharedOptions = Omit<TrainSettings, 'model' | 'sequenceLength' | 'seed' | 'learningRate'>;

/** What all trials of a comparison share, but for the learning rates. @param source of the data, for the record */
export function protocolOf(
  source: string,
  input: NonNullable<Protocol['input']>,
  options: SharedOptions & { readonly epochs: number },
  { classes, train, validation, test }: SplitData,
): Protocol {
  // Each model has a rate of its own.
  const settings = configureTraining(options, { learningRate: 1 });
  return {
    data: source,
    input,
    testItems: hashItems(test),
    splits: { train: train.length, validation: validation.length, test: test.length },
    classes: [...classes],
    testClasses: classes.map((name) => test.filter(({ label }) => label === name).length),
    epochs: options.epochs,
    batchSize: settings.batchSize,
    tokenizer: options.tokenizer,
    long: options.long,
    vocabulary: options.vocabulary ?? 10_000,
    weightDecay: settings.weightDecay,
    clipNorm: settings.clipNorm,
    warmupShare: settings.warmupShare,
    classWeights: settings.classWeights,
    select: settings.select,
    learningRates: {},
  };
}

/** Numbers of the test examples' groups in order of first appearance; nothing where they have none. */
export function testGroupsOf(test: readonly Example[]): { readonly testGroups?: number[] } {
  if (!areGrouped(test)) return {};
  const numbers = new Map<string, number>();
  const testGroups = test.map(({ group, place = '' }) => {
    const name = group === undefined ? `alone ${place}` : `group ${group}`;
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  });
  return { testGroups };
}
