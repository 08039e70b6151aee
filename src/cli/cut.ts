/** Says how much of the texts a model does not read, and what to do about it. */
import type { LongMode } from '../input/long.js';
import { count, percent } from '../report/format.js';
import { LARGE_CUT } from '../report/verdict.js';
import { tell } from './output.js';

const READ: Readonly<Record<Exclude<LongMode, 'windows'>, string>> = {
  head: 'only the beginning of longer ones is read',
  tail: 'only the end of longer ones is read',
  'head-tail': 'only the beginning and the end of longer ones are read',
};

export interface Cut {
  /** Share of the tokens that is not read, 0 … 1. */
  readonly share: number;
  readonly sequenceLength: number;
  readonly long: LongMode;
  /** What the inputs have; default: tokens. */
  readonly unit?: 'tokens' | 'bytes' | 'steps';
}

/** Warns of a large share. @param remedy what else than windows helps */
export function warnOfCut(
  of: string,
  { share, sequenceLength, long, unit = 'tokens' }: Cut,
  remedy: string,
): void {
  if (share < LARGE_CUT || long === 'windows') return;
  tell(
    `warning: ${percent(share, 1)} of the ${unit} of ${of} are not read: the model takes ${count(sequenceLength)} ${unit}, ${READ[long]}. --long windows reads all of them; ${remedy}`,
  );
}
