/** Runs one trial in a process of its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FailureError, InputError, InterruptedError } from '../errors.js';
import type { TrialOutcome, TrialProgress, TrialRequest } from './trial.js';
import type { TrialMessage } from './trialProcess.js';

const ENTRY = fileURLToPath(new URL('./trialProcess.js', import.meta.url));

/** Throws InputError, FailureError or InterruptedError. */
export function runInProcess(
  request: TrialRequest,
  onProgress: (progress: TrialProgress) => void,
  signal: AbortSignal | undefined,
): Promise<TrialOutcome> {
  if (signal?.aborted) return Promise.reject(new InterruptedError(`stopped before ${request.name}`));
  return new Promise((resolve, reject) => {
    const child = fork(ENTRY, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const stop = (): void => void child.kill('SIGINT');
    signal?.addEventListener('abort', stop, { once: true });
    let settled = false;
    const settle = (end: () => void): void => {
      settled = true;
      signal?.removeEventListener('abort', stop);
      end();
    };
    child.on('message', (message: TrialMessage) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'outcome') settle(() => resolve(message.outcome));
      else {
        const faults = { input: InputError, interrupted: InterruptedError, failure: FailureError };
        settle(() => reject(new faults[message.fault](`${request.name}: ${message.message}`)));
      }
    });
    let problem = 'too little memory?';
    child.on('error', (error) => {
      // A process that Ctrl-C ended before it had its request is interrupted, not broken: 'close' tells.
      if (child.pid === undefined)
        settle(() => reject(new FailureError(`${request.name}: ${error.message}`)));
      else problem = error.message;
    });
    // Not 'exit', which may come before the last message.
    child.on('close', (code, killed) => {
      if (settled) return;
      // Ctrl-C may reach the process before it can save: it then has nothing to lose.
      const how = killed ?? `code ${code}`;
      const fault =
        signal?.aborted || killed === 'SIGINT' || killed === 'SIGTERM'
          ? new InterruptedError(`${request.name}: stopped before it began`)
          : new FailureError(`${request.name}: its process ended with ${how}: ${problem}`);
      settle(() => reject(fault));
    });
    child.send(request);
  });
}
