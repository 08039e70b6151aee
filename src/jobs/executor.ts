/** Who runs the parts of a comparison, a benchmark or a batch prediction: processes of this machine, or a queue of many. */
import type { JobProgress } from './progress.js';

/** Kinds of work, each with what it is asked and what it answers; all of it is plain JSON. */
export type JobKinds = Readonly<Record<string, { readonly request: unknown; readonly outcome: unknown }>>;

export interface Executor<Jobs extends JobKinds> {
  /** Jobs that it takes at the same time; with more than one, a job that fails does not keep the others from their end. */
  readonly concurrency: number;
  /**
   * Throws the error of the job, its message beginning with the name, and InterruptedError when stopped.
   * @param name for messages
   */
  run<K extends keyof Jobs & string>(
    kind: K,
    name: string,
    request: Jobs[K]['request'],
    onProgress?: (progress: JobProgress) => void,
    signal?: AbortSignal,
  ): Promise<Jobs[K]['outcome']>;
}
