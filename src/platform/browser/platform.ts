/** The browser's side of the platform contract; also what any runtime without Node's modules gets. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { InputError } from '../../errors.js';
import type { Platform } from '../contract.js';

export const platform: Platform = {
  name: 'browser',
  folder(path) {
    throw new InputError(`${path}: a browser has no folders; give a FileStore, e.g. a MemoryStore`);
  },
  // Not crypto.subtle, which is asynchronous and missing on pages without TLS.
  sha256(...parts) {
    const hash = sha256.create();
    for (const part of parts) hash.update(typeof part === 'string' ? utf8ToBytes(part) : part);
    return bytesToHex(hash.digest());
  },
  unicodeVersion: () => 'unknown',
  availableThreads: () => globalThis.navigator?.hardwareConcurrency ?? 1,
  availableMemory: async () => undefined,
  peakMemory: () => undefined,
};
