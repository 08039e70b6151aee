/**
 * What the core needs of the runtime it is in. Imported as `#platform`: package.json picks Node's or the browser's
 * by export condition, and types come from here, so the core compiles without either's.
 */
import type { FileStore } from '../formats/store.js';

export interface Platform {
  readonly name: 'node' | 'browser';
  /** A folder by its path; throws InputError where there are no folders. */
  folder(path: string): FileStore;
  /** Hex SHA-256 of the parts, one after the other; strings as UTF-8. */
  sha256(...parts: readonly (string | Uint8Array)[]): string;
  /** Version of the runtime's Unicode data and dictionaries; 'unknown' where it does not tell. */
  unicodeVersion(): string;
  /** Cores that this process may use, at least 1. */
  availableThreads(): number;
  /** Bytes that can still be had; undefined where the runtime does not tell. */
  availableMemory(): Promise<number | undefined>;
  /** Largest resident size of the process so far, bytes; undefined where the runtime does not tell. */
  peakMemory(): number | undefined;
}

export declare const platform: Platform;
