/** Renews a lock file from a thread of its own: long work of the main thread must not look like its end. */
import { Worker } from 'node:worker_threads';

/** Time between two renewals. */
export const HEARTBEAT_MS = 400;

// As text: it needs no file beside this one, which a bundler would have to know of. What is no longer the holder's is not
// renewed; faults of a disk that passes are not faults of the lock.
const RENEW = `
const { futimesSync, openSync, closeSync, readFileSync } = require('node:fs');
const { workerData: { path, token, every } } = require('node:worker_threads');
const timer = setInterval(() => {
  try {
    const file = openSync(path, 'r+');
    try {
      if (!readFileSync(file, 'utf8').includes(token)) return clearInterval(timer);
      const now = new Date();
      futimesSync(file, now, now);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error.code === 'ENOENT') clearInterval(timer);
  }
}, every);
`;

/** Renews the file's date of change for as long as it holds the token. */
export class Heartbeat {
  /** Why the file is not renewed; undefined while all is well. */
  fault: string | undefined;
  readonly #thread: Worker;

  constructor(path: string, token: string) {
    const workerData = { path, token, every: HEARTBEAT_MS };
    this.#thread = new Worker(RENEW, { eval: true, workerData, execArgv: [], env: {}, stdin: false });
    this.#thread.on('error', ({ message }: Error) => {
      this.fault = message;
    });
    this.#thread.unref();
  }

  /** When this is done the file is not touched any more. */
  async end(): Promise<void> {
    await this.#thread.terminate();
  }
}
