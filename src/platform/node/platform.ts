/** Node's side of the platform contract. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Platform, WorkerScript } from '../contract.js';
import { enableFastVectors, joinsVectors } from './fastVectors.js';
import { FolderStore } from './folder.js';

/**
 * What can be had of `machine` free bytes where the process, which has `used` bytes, may have `limit`: a container's.
 * Without one, Node says 0, undefined or a number beyond any machine.
 */
export function withinLimit(machine: number, limit: number | undefined, used: number): number {
  return limit === undefined || limit === 0 ? machine : Math.max(0, Math.min(machine, limit - used));
}

/** In a bundle the worker's file does not lie beside this one, or another of its name does: it is started from a string. */
const IS_BUNDLED = !String(import.meta.url).endsWith('/platform/node/platform.js');

const FILES: Readonly<Record<WorkerScript, string>> = {
  engine: './worker.js',
  convolutions: './convolutionWorker.js',
};
const SOURCES: Readonly<Record<WorkerScript, () => Promise<{ readonly source: string }>>> = {
  engine: () => import('./workerSource.js'),
  convolutions: () => import('./convolutionWorkerSource.js'),
};

export const platform: Platform = {
  name: 'node',
  folder: (path) => new FolderStore(path),
  sha256(...parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  },
  sha256Of() {
    const hash = createHash('sha256');
    return { update: (part) => void hash.update(part), digest: () => hash.digest('hex') };
  },
  unicodeVersion: () => `${process.versions.unicode}, ICU ${process.versions.icu}`,
  environment: (name) => process.env[name],
  availableThreads: availableParallelism,
  async availableMemory() {
    // Linux counts the page cache as used in freemem; MemAvailable is what a new process can get.
    const info = await readFile('/proc/meminfo', 'utf8').catch(() => '');
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(info)?.[1];
    const machine = kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
    return withinLimit(machine, process.constrainedMemory(), process.memoryUsage.rss());
  },
  peakMemory: () => process.resourceUsage().maxRSS * 1024,
  sharesMemory: () => true,
  joinsVectors,
  enableFastVectors,
  async preload() {},
  async startWorker(script, task, { message, failed }) {
    // The host's own options (--input-type, --import …) are not for this thread.
    const options = { workerData: task, execArgv: [] };
    const worker = IS_BUNDLED
      ? new Worker((await SOURCES[script]()).source, { ...options, eval: true })
      : new Worker(new URL(FILES[script], import.meta.url), options);
    worker.on('message', message);
    worker.on('error', (error: Error) => failed(error.stack ?? error.message));
    worker.on('exit', (code) => failed(`a worker thread ended with code ${code}`));
    return {
      hold: (alive) => (alive ? worker.ref() : worker.unref()),
      async terminate() {
        await worker.terminate();
      },
    };
  },
};
