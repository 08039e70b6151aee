/** Runs the trials of a comparison within the test's process: a process for each costs more than the small trials. */
import { runTrial, type TrialJobs } from '#eft/comparison/trial.js';
import { codeOf, errorOf, InterruptedError } from '#eft/errors.js';
import type { Executor } from '#eft/jobs/executor.js';
import { processes } from '#eft/jobs/processes/processes.js';
import { EXHAUSTIVE } from '../exhaustive.js';

/** Exhaustive tests start the processes. */
export const here: Executor<TrialJobs> = EXHAUSTIVE
  ? processes
  : {
      concurrency: 1,
      async run(_kind, name, request, onProgress = () => {}, signal = new AbortController().signal) {
        if (signal.aborted) throw new InterruptedError(`stopped before ${name}`);
        try {
          // As it comes through a pipe.
          return JSON.parse(JSON.stringify(await runTrial(request, onProgress, signal)));
        } catch (error) {
          throw errorOf(codeOf(error), `${name}: ${(error as Error).message}`);
        }
      },
    };
