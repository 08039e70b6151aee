/** Entry of the process that runs one trial: its memory is its own, and so is its end. */
import { InputError, InterruptedError } from '../errors.js';
import { enableFastVectors } from '../platform/node/fastVectors.js';
import { runTrial, type TrialOutcome, type TrialProgress, type TrialRequest } from './trial.js';

export type TrialMessage =
  | { readonly kind: 'progress'; readonly progress: TrialProgress }
  | { readonly kind: 'outcome'; readonly outcome: TrialOutcome }
  | { readonly kind: 'error'; readonly fault: 'input' | 'interrupted' | 'failure'; readonly message: string };

enableFastVectors();

const send = (message: TrialMessage): void => void process.send?.(message);
/** Disconnects only when the message is written: to do so at once would lose one that a pipe does not take whole. */
const sendLast = (message: TrialMessage): void => void process.send?.(message, () => process.disconnect());

const controller = new AbortController();
/** Ctrl-C reaches the whole group: the trial saves and ends, the parent waits for it. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());
process.on('disconnect', () => process.exit(1));

process.once('message', (request: TrialRequest) => {
  let last = 0;
  runTrial(
    request,
    (progress) => {
      const now = performance.now();
      if (now - last < 100 && progress.share < 1) return;
      last = now;
      send({ kind: 'progress', progress });
    },
    controller.signal,
  ).then(
    (outcome) => sendLast({ kind: 'outcome', outcome }),
    (error: Error) => {
      const fault =
        error instanceof InputError ? 'input' : error instanceof InterruptedError ? 'interrupted' : 'failure';
      sendLast({ kind: 'error', fault, message: process.env.EFT_DEBUG ? `${error.stack}` : error.message });
    },
  );
});
