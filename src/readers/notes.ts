/** What a reading comes to know of the data, as it goes. */
import type { CheckedOptions } from './options.js';
import type { HtmlReading, SplitName } from './parse/examples.js';
import type { FileReading } from './parse/rows.js';
import { SkipList } from './parse/skipped.js';
import type { Reading } from './reading.js';

export class Notes {
  readonly files: FileReading[] = [];
  readonly encodings = new Map<string, number>();
  readonly splitCounts: Partial<Record<SplitName, number>> = {};
  readonly leftOut: string[] = [];
  readonly html: HtmlReading;
  readonly skipped: SkipList;
  unlabelled = 0;

  constructor({ html, skipBad }: CheckedOptions) {
    this.html = { mode: html === 'auto' ? undefined : html };
    this.skipped = new SkipList(skipBad);
  }

  get reading(): Reading {
    const { files, encodings, splitCounts, leftOut, unlabelled } = this;
    const { mode, share } = this.html;
    const [first] = files;
    const { name: _, bareReturns: __, guessed = [], ...how } = first ?? {};
    const guesses = [...guessed, ...(share !== undefined && mode === 'strip' ? (['html'] as const) : [])];
    const { result: skipped } = this.skipped;
    return {
      ...how,
      html: mode ?? 'keep',
      ...(guesses.length > 0 ? { guessed: guesses } : {}),
      ...(share !== undefined && mode === 'strip' ? { htmlShare: share } : {}),
      ...(skipped !== undefined ? { skipped } : {}),
      ...(Object.keys(splitCounts).length > 0 ? { splitCounts } : {}),
      ...(leftOut.length > 0 ? { leftOut } : {}),
      ...(unlabelled > 0 ? { unlabelled } : {}),
      ...([...encodings.keys()].some((encoding) => encoding !== 'utf-8')
        ? { encodings: Object.fromEntries(encodings) }
        : {}),
      ...(files.length > 1 ? { files } : {}),
    };
  }
}
