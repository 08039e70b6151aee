/** Entry of the process that runs one job: its memory is its own, and so is its end. */

import { measureCell } from '../../benchmark/cell.js';
import { runTrial } from '../../comparison/trial.js';
import { codeOf, type ErrorCode } from '../../errors.js';
import { openAndPredictPart } from '../../inference/batch/predictPart.js';
import { enableFastVectors } from '../../platform/node/fastVectors.js';
import { abortOnEveryStop, survivesClosedLogs } from '../../platform/node/signals.js';
import type { JobProgress } from '../progress.js';
import type { Job, Jobs } from './jobs.js';

export type JobMessage =
  | { readonly kind: 'progress'; readonly progress: JobProgress }
  | { readonly kind: 'outcome'; readonly outcome: Jobs[keyof Jobs]['outcome'] }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly message: string };

/** Progress is told no more often than this. */
const TELL_EVERY_MS = 100;

const send = (message: JobMessage): void => void process.send?.(message);
/** Disconnects only when the message is written: to do so at once would lose one that a pipe does not take whole. */
const sendLast = (message: JobMessage): void => void process.send?.(message, () => process.disconnect());

/** The job saves and ends, the parent waits for it. */
const stopped = abortOnEveryStop();
survivesClosedLogs();
process.on('disconnect', () => process.exit(1));

enableFastVectors();

let last = 0;
function tellProgress(progress: JobProgress): void {
  const now = performance.now();
  if (now - last < TELL_EVERY_MS && progress.share < 1) return;
  last = now;
  send({ kind: 'progress', progress });
}

function run(job: Job): Promise<Jobs[keyof Jobs]['outcome']> {
  switch (job.kind) {
    case 'trial':
      return runTrial(job.request, tellProgress, stopped);
    case 'cell':
      return measureCell(job.request);
    case 'part':
      return openAndPredictPart(job.request, tellProgress, stopped);
  }
}

process.once('message', (job: Job) => {
  run(job).then(
    (outcome) => sendLast({ kind: 'outcome', outcome }),
    (error: Error) => {
      const message = process.env.EFT_DEBUG ? `${error.stack}` : error.message;
      sendLast({ kind: 'error', code: codeOf(error), message });
    },
  );
});
