/** The data of a comparison: read, and divided into training, validation and test examples. */
import { applyReading, readingOf } from '../data/applyReading.js';
import { requireClasses } from '../data/classes.js';
import type { Dataset } from '../data/dataset.js';
import { splitByCounts, splitByShares } from '../data/split.js';
import { InputError } from '../errors.js';
import { prepareReading } from '../input/reading.js';
import { readDataset } from '../readers/dataset.js';
import type { ReadOptions } from '../readers/options.js';
import type { SplitData } from './parts.js';

/** Which examples, and how they are divided; the same for all trials. */
export interface DataPlan {
  readonly source: string;
  /** What to call it in records; default: the source. */
  readonly name?: string;
  /** `input` says what they are where their name does not. */
  readonly read: ReadOptions;
  /** Train, validation, test: shares that sum to 1, or numbers of examples. */
  readonly split: readonly [number, number, number];
}

/** Whether they are signals, not texts. */
export const holdsSignals = ({ read }: Pick<DataPlan, 'read'>): boolean => read.input === 'signal';

export async function loadSplit({ source, read, split }: DataPlan): Promise<SplitData> {
  return splitDataset(await readDataset(source, read), split);
}

/** The same of a dataset in memory. */
export async function splitDataset(dataset: Dataset, split: DataPlan['split']): Promise<SplitData> {
  if (dataset.isMultiLabel) {
    throw new InputError(
      `${dataset.name}: its examples have any number of labels, and comparisons are of models of one label each: train and evaluate them one by one, or keep a cell of several as one class with --labels one`,
    );
  }
  const { reading } = readingOf(dataset);
  await prepareReading(reading);
  const set = applyReading(dataset, reading);
  const classes = requireClasses(set);
  // Data that come with a test part are tested on it; the rest is divided as asked, or as it comes.
  const own = set.splits;
  if (own?.test !== undefined && own.train !== undefined) {
    const share = split[0] / (split[0] + split[1]);
    const [train, validation] =
      own.validation === undefined
        ? splitByShares(own.train, [share, 1 - share])
        : [own.train, own.validation];
    return { classes, train, validation, test: own.test, reading };
  }
  const whole = split.some((part) => part > 1);
  const [train, validation, test] = (whole ? splitByCounts : splitByShares)(set.examples, split);
  return { classes, train, validation, test, reading };
}
