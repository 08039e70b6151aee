/** The session's side of a worker thread: what it says becomes promises. */
import { platform } from '#platform';
import { FailureError } from '../../errors.js';
import type { Profile } from '../engine.js';
import type { WorkerMessage, WorkerTask } from './worker.js';

export interface Thread {
  /** Resolves when the worker waits for commands. */
  readonly ready: Promise<void>;
  /** Rejects when the worker fails or dies; never resolves. */
  readonly failure: Promise<never>;
  /** The worker's answer to the next `profile` command. */
  profile(): Promise<Profile>;
  /** Whether the thread keeps the process alive. */
  hold(alive: boolean): void;
  terminate(): Promise<void>;
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: Error) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

export async function startThread(task: WorkerTask): Promise<Thread> {
  const { worker } = task;
  const ready = withResolvers<void>();
  const failure = withResolvers<never>();
  let answer: (profile: Profile) => void = () => {};
  failure.promise.catch(() => {}); // whoever waits for a command hears of it
  const { hold, terminate } = await platform.startWorker('engine', task, {
    message(data) {
      const message = data as WorkerMessage;
      if (message.kind === 'ready') ready.resolve();
      else if (message.kind === 'profile') answer(message.profile);
      else failure.reject(new FailureError(`internal: worker ${worker}: ${message.message}`));
    },
    failed(reason) {
      const error = new FailureError(`worker thread ${worker} failed: ${reason}`);
      failure.reject(error);
      ready.reject(error);
    },
  });
  return {
    ready: ready.promise,
    failure: failure.promise,
    profile: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
    hold,
    terminate,
  };
}
