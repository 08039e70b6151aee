/** The browser's side of the platform contract; also what any runtime without Node's modules gets. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { InputError } from '../../errors.js';
import type { Platform, Sha256, WorkerScript } from '../contract.js';

function hasher(): Sha256 {
  const hash = sha256.create();
  return {
    update: (part) => void hash.update(typeof part === 'string' ? utf8ToBytes(part) : part),
    digest: () => bytesToHex(hash.digest()),
  };
}

const SOURCES: Readonly<Record<WorkerScript, () => Promise<{ readonly source: string }>>> = {
  engine: () => import('./workerSource.js'),
  convolutions: () => import('./convolutionWorkerSource.js'),
};

export const platform: Platform = {
  name: 'browser',
  folder(path) {
    throw new InputError(
      `${path}: a browser has no folders; give an address (https://…) or a FileStore, e.g. a MemoryStore`,
      'unsupported',
    );
  },
  // Not crypto.subtle, which is asynchronous and missing on pages without TLS.
  sha256(...parts) {
    const hash = hasher();
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  sha256Of: hasher,
  unicodeVersion: () => 'unknown',
  environment: () => undefined,
  availableThreads: () => globalThis.navigator?.hardwareConcurrency ?? 1,
  availableMemory: async () => undefined,
  peakMemory: () => undefined,
  // Without waitAsync the page's own thread cannot wait for workers (Firefox before 145).
  sharesMemory: () => globalThis.crossOriginIsolated === true && typeof Atomics.waitAsync === 'function',
  joinsVectors: () => false,
  enableFastVectors() {
    throw new InputError(
      'enableFastVectors: browsers have no such switch; leave the call out there, the fastest kernels are used as it is',
      'unsupported',
    );
  },
  preload: async (script) => void (await SOURCES[script]()),
  async startWorker(script, task, { message, failed }) {
    // From a string, not from a URL beside this file: not every bundler emits one, and this asks nothing of any.
    const { source } = await SOURCES[script]();
    const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => {
      URL.revokeObjectURL(url);
      message(data);
    };
    worker.onerror = (event) =>
      failed(event.message || "it could not be started; a content security policy needs 'worker-src blob:'");
    worker.postMessage(task);
    return { hold() {}, terminate: async () => worker.terminate() };
  },
};
