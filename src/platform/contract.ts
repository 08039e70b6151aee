/**
 * What the core needs of the runtime it is in. Imported as `#platform`: package.json picks Node's or the browser's
 * by export condition, and types come from here, so the core compiles without either's.
 */
import type { FileStore } from './store.js';

export interface Platform {
  readonly name: 'node' | 'browser';
  /** A folder by its path; throws InputError where there are no folders. */
  folder(path: string): FileStore;
  /** Hex SHA-256 of the parts, one after the other; strings as UTF-8. */
  sha256(...parts: readonly (string | Uint8Array)[]): string;
  /** The same of parts that come one after the other. */
  sha256Of(): Sha256;
  /** Version of the runtime's Unicode data and dictionaries; 'unknown' where it does not tell. */
  unicodeVersion(): string;
  /** Value of an environment variable; undefined where it is not set or there are none. */
  environment(name: string): string | undefined;
  /** Cores that this process may use, at least 1. */
  availableThreads(): number;
  /** Bytes that can still be had; undefined where the runtime does not tell. */
  availableMemory(): Promise<number | undefined>;
  /** Largest resident size of the process so far, bytes; undefined where the runtime does not tell. */
  peakMemory(): number | undefined;
  /** Whether memory can be shared with worker threads: always in Node, in browsers on cross-origin isolated pages. */
  sharesMemory(): boolean;
  /** Whether the runtime joins neighbouring 128-bit vector instructions into 256-bit ones: `simd-256` is then fastest. */
  joinsVectors(): boolean;
  /** Turns on what the runtime has for vectors behind flags. Throws InputError (code `unsupported`) where it has none. */
  enableFastVectors(): void;
  /** Loads now what `startWorker` would load. */
  preload(script: WorkerScript): Promise<void>;
  /** Starts a thread that serves the task as its script says. The task is copied, shared memory shared. */
  startWorker(script: WorkerScript, task: unknown, listener: WorkerListener): Promise<WorkerThread>;
}

/** What a thread runs: `engine/wasm/worker.ts`, or `input/convolutions/worker.ts`. */
export type WorkerScript = 'engine' | 'convolutions';

export interface Sha256 {
  update(part: string | Uint8Array): void;
  /** Hex; the last call. */
  digest(): string;
}

export interface WorkerListener {
  /** Something that the worker sent. */
  message(data: unknown): void;
  /** It could not be started, failed, or ended; may be called more than once. */
  failed(reason: string): void;
}

export interface WorkerThread {
  /** Whether the thread keeps the process alive; means nothing in browsers. */
  hold(alive: boolean): void;
  terminate(): Promise<void>;
}

export declare const platform: Platform;
