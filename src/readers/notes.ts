/** What is found out about data while they are read. */
import type { ReadingOptions, SplitName } from '../data/dataset.js';
import { SkipList } from '../data/skipped.js';
import type { DataNotes } from './describe.js';
import type { CheckedOptions } from './options.js';
import type { FileReading } from './parse/rows.js';

export class Notes {
  readonly files: FileReading[] = [];
  readonly encodings = new Map<string, number>();
  readonly splitCounts: Partial<Record<SplitName, number>> = {};
  readonly leftOut: string[] = [];
  readonly remarks = new Set<string>();
  readonly skipped: SkipList;
  unlabelled = 0;
  #warnings = 0;
  #firstWarning: string | undefined;
  /** What known examples say of how they are read. */
  reading: ReadingOptions = {};

  constructor({ skipBad }: CheckedOptions) {
    this.skipped = new SkipList(skipBad);
  }

  /** Says the first of such warnings; the others are counted. */
  warn(place: string, warning: string): void {
    if (this.#warnings++ === 0) this.#firstWarning = `${place}: ${warning}`;
  }

  get result(): DataNotes {
    const { files, encodings, splitCounts, leftOut, unlabelled, remarks } = this;
    const [first] = files;
    const { name: _, bareReturns: __, guessed = [], ...how } = first ?? {};
    const { result: skipped } = this.skipped;
    const others = this.#warnings > 1 ? `, and ${this.#warnings - 1} more` : '';
    const warned = this.#firstWarning === undefined ? [] : [`${this.#firstWarning}${others}`];
    return {
      ...how,
      ...(guessed.length > 0 ? { guessed } : {}),
      ...(skipped !== undefined ? { skipped } : {}),
      ...(Object.keys(splitCounts).length > 0 ? { splitCounts } : {}),
      ...(leftOut.length > 0 ? { leftOut } : {}),
      ...(unlabelled > 0 ? { unlabelled } : {}),
      ...(remarks.size + warned.length > 0 ? { remarks: [...remarks, ...warned] } : {}),
      ...([...encodings.keys()].some((encoding) => encoding !== 'utf-8')
        ? { encodings: Object.fromEntries(encodings) }
        : {}),
      ...(files.length > 1 ? { files } : {}),
    };
  }
}
