/** Starts and ends worker threads, in Node and in browsers. */
import { FailureError } from '../../errors.js';
import type { WorkerMessage, WorkerTask } from './worker.js';

export interface Thread {
  /** Resolves when the worker waits for commands. */
  readonly ready: Promise<void>;
  /** Rejects when the worker fails or dies; never resolves. */
  readonly failure: Promise<never>;
  /** Resolves with the worker's profile once it was told to exit. */
  readonly profile: Promise<ReadonlyMap<string, number>>;
  /** Whether the thread keeps the process alive. */
  hold(alive: boolean): void;
  terminate(): Promise<void>;
}

interface Port {
  listen(message: (data: WorkerMessage) => void, failed: (reason: string) => void): void;
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

const WORKER = new URL('./worker.js', import.meta.url);

async function open(task: WorkerTask): Promise<Port> {
  if (typeof process === 'object' && process.versions?.node !== undefined) {
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker(WORKER, { workerData: task });
    return {
      listen(message, failed) {
        worker.on('message', message);
        worker.on('error', (error: Error) => failed(error.stack ?? error.message));
        worker.on('exit', (code) => failed(`a worker thread ended with code ${code}`));
      },
      hold: (alive) => (alive ? worker.ref() : worker.unref()),
      terminate: async () => void (await worker.terminate()),
    };
  }
  const worker = new Worker(WORKER, { type: 'module' });
  worker.postMessage(task);
  return {
    listen(message, failed) {
      worker.onmessage = ({ data }) => message(data as WorkerMessage);
      worker.onerror = (event) => failed(event.message || 'a worker could not be started');
    },
    hold() {},
    terminate: async () => worker.terminate(),
  };
}

export async function startThread(task: WorkerTask): Promise<Thread> {
  const port = await open(task);
  const ready = withResolvers<void>();
  const failure = withResolvers<never>();
  const profile = withResolvers<ReadonlyMap<string, number>>();
  failure.promise.catch(() => {}); // whoever waits for a command hears of it
  port.listen(
    (message) => {
      if (message.kind === 'ready') ready.resolve();
      else if (message.kind === 'profile') profile.resolve(message.profile);
      else failure.reject(new FailureError(`internal: worker ${task.worker}: ${message.message}`));
    },
    (reason) => {
      const error = new FailureError(`worker thread ${task.worker} failed: ${reason}`);
      failure.reject(error);
      ready.reject(error);
      profile.resolve(new Map());
    },
  );
  return {
    ready: ready.promise,
    failure: failure.promise,
    profile: profile.promise,
    hold: port.hold,
    terminate: port.terminate,
  };
}
