/** Runs each job in a process of its own on this machine, so that the memory of one is not that of another. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { errorOf, FailureError, InterruptedError } from '../../errors.js';
import type { Executor } from '../executor.js';
import type { JobProgress } from '../progress.js';
import type { JobMessage } from './jobProcess.js';
import type { JobKind, Jobs } from './jobs.js';

const ENTRY = fileURLToPath(new URL('./jobProcess.js', import.meta.url));

function run<K extends JobKind>(
  kind: K,
  name: string,
  request: Jobs[K]['request'],
  onProgress: (progress: JobProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<Jobs[K]['outcome']> {
  if (signal?.aborted) return Promise.reject(new InterruptedError(`stopped before ${name}`));
  return new Promise((resolve, reject) => {
    const child = fork(ENTRY, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const stop = (): void => void child.kill('SIGINT');
    signal?.addEventListener('abort', stop, { once: true });
    let settled = false;
    const finish = (end: () => void): void => {
      settled = true;
      signal?.removeEventListener('abort', stop);
      end();
    };
    child.on('message', (message: JobMessage) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'outcome') finish(() => resolve(message.outcome as Jobs[K]['outcome']));
      else finish(() => reject(errorOf(message.code, `${name}: ${message.message}`)));
    });
    let problem: string | undefined;
    child.on('error', (error) => {
      // A process that Ctrl-C ended before it had its request is interrupted, not broken: 'close' tells.
      if (child.pid === undefined)
        finish(() => reject(new FailureError(`${name}: ${error.message}`, 'process')));
      else problem = error.message;
    });
    // Not 'exit', which may come before the last message.
    child.on('close', (code, killed) => {
      if (settled) return;
      finish(() => reject(endedEarly(name, code, killed, problem, signal)));
    });
    child.send({ kind, request });
  });
}

/** The error of a process that ended without an answer. */
function endedEarly(
  name: string,
  code: number | null,
  killed: NodeJS.Signals | null,
  problem: string | undefined,
  signal: AbortSignal | undefined,
): Error {
  // Ctrl-C may reach the process before it can save: it then has nothing to lose.
  if (signal?.aborted || killed === 'SIGINT' || killed === 'SIGTERM') {
    return new InterruptedError(`${name}: stopped before it began`);
  }
  const why = problem ?? (killed === 'SIGKILL' ? 'killed from outside' : undefined);
  const how = `its process ended with ${killed ?? `code ${code}`}`;
  return new FailureError(`${name}: ${how}${why === undefined ? '' : `: ${why}`}`, 'process');
}

export const processes: Executor<Jobs> = { concurrency: 1, run };
