/** The data of a comparison: read, and divided into training, validation and test examples. */

import { requireClasses } from '../data/classes.js';
import { splitByCounts, splitByShares } from '../data/split.js';
import type { DividedDataset } from '../learning/prepare.js';
import type { ReadOptions } from '../readers/read.js';
import { holdSignals, readInputs } from '../readers/readInputs.js';
import type { SplitData } from './parts.js';

/** Which examples, and how they are divided; the same for all trials. */
export interface DataPlan {
  readonly source: string;
  /** What to call it in records; default: the source. */
  readonly name?: string;
  readonly read: ReadOptions;
  /** Train, validation, test: shares that sum to 1, or numbers of examples. */
  readonly split: readonly [number, number, number];
}

/** Whether they are signals, not texts. */
export const holdsSignals = ({ source, read }: DataPlan): boolean => holdSignals(source, read);

export async function loadSplit({ source, read, split }: DataPlan): Promise<SplitData> {
  const dataset: DividedDataset = await readInputs(source, read);
  const classes = requireClasses(dataset);
  const { html, resample, wholeFiles } = dataset;
  // Data that come with a test part are tested on it; the rest is divided as asked, or as it comes.
  const own = dataset.splits;
  if (own?.test !== undefined && own.train !== undefined) {
    const share = split[0] / (split[0] + split[1]);
    const [train, validation] =
      own.validation === undefined
        ? splitByShares(own.train, [share, 1 - share])
        : [own.train, own.validation];
    return { classes, train, validation, test: own.test, html, resample, wholeFiles };
  }
  const whole = split.some((part) => part > 1);
  const [train, validation, test] = (whole ? splitByCounts : splitByShares)(dataset.examples, split);
  return { classes, train, validation, test, html, resample, wholeFiles };
}
