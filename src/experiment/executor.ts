/** Who runs the parts of an experiment. Processes of this machine do (processes.ts); a queue of many machines may. */
import type { CellRequest, CellResult } from './bench/cell.js';
import type { PartOutcome, PartRequest } from './corpus/predictPart.js';
import type { JobProgress } from './progress.js';
import type { PlacedOutcome, TrialRequest } from './trial.js';

/** The kinds of work, each with what it is asked and what it answers; all of it is plain JSON. */
export interface Jobs {
  /** One training of a comparison. */
  trial: { request: TrialRequest; outcome: PlacedOutcome };
  /** One measurement of `eft bench`. */
  cell: { request: CellRequest; outcome: CellResult };
  /** One part of a corpus, predicted into a file. */
  part: { request: PartRequest; outcome: PartOutcome };
}

export type JobKind = keyof Jobs;

export type Job = {
  readonly [K in JobKind]: { readonly kind: K; readonly request: Jobs[K]['request'] };
}[JobKind];

export interface Executor {
  /** Jobs that it takes at the same time; with more than one, a job that fails does not keep the others from their end. */
  readonly atOnce: number;
  /**
   * Throws the error of the job, its message beginning with the name, and InterruptedError when stopped.
   * @param name for messages
   */
  run<K extends JobKind>(
    kind: K,
    name: string,
    request: Jobs[K]['request'],
    onProgress?: (progress: JobProgress) => void,
    signal?: AbortSignal,
  ): Promise<Jobs[K]['outcome']>;
}
