/** Every kind of job. */
import type { CellRequest, CellResult } from '../../benchmark/cell.js';
import type { PlacedOutcome, TrialRequest } from '../../comparison/trial.js';
import type { PartOutcome, PartRequest } from '../../inference/batch/predictPart.js';

/** The kinds of work, each with what it is asked and what it answers; all of it is plain JSON. */
export type Jobs = {
  /** One training of a comparison. */
  trial: { request: TrialRequest; outcome: PlacedOutcome };
  /** One measurement of `eft bench`. */
  cell: { request: CellRequest; outcome: CellResult };
  /** One part of a corpus, predicted into a file. */
  part: { request: PartRequest; outcome: PartOutcome };
};

export type JobKind = keyof Jobs;

export type Job = {
  readonly [K in JobKind]: { readonly kind: K; readonly request: Jobs[K]['request'] };
}[JobKind];
