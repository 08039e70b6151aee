/** A place that holds named files: a folder on a disk, a browser's storage, or memory. */

import { InputError } from '../errors.js';

export interface FileStore {
  /** What to call it in messages. */
  readonly path: string;
  /** What to call one of its files. */
  pathOf(name: string): string;
  /** Whether the place exists at all. */
  exists(): Promise<boolean>;
  /**
   * Undefined where there is no such file; throws InputError where it cannot be read, is no file with content of its own
   * (a pipe, a device, a folder), or is larger than `maxBytes`.
   */
  read(name: string, maxBytes?: number): Promise<Uint8Array | undefined>;
  has(name: string): Promise<boolean>;
  /** Whole: a reader sees the old file or the new one. Throws FailureError where it cannot be written. */
  write(name: string, parts: string | readonly Uint8Array[]): Promise<void>;
  append(name: string, text: string): Promise<void>;
  /** Does nothing where there is no such file. */
  remove(name: string): Promise<void>;
  /** Throws FailureError if it can surely not be written; changes nothing. */
  requireMakeable(): Promise<void>;
  /**
   * Makes the place and clears away what killed processes left; throws FailureError if it cannot be written. Where the
   * place is locked, only after that.
   */
  prepare(): Promise<void>;
  /**
   * Makes the place and keeps other programs out until the returned function is called. Throws InputError naming the
   * program that is in it. If it is lost meanwhile, as this program stood still for long, `write` throws FailureError.
   */
  lock(): Promise<() => Promise<void>>;
}

/** What to say of a file that is larger than it can be. */
export const tooLarge = (path: string, maxBytes: number): string =>
  `${path} is larger than the ${(maxBytes / 1e6).toFixed(1)} MB that such a file can have: it is damaged, or not such a file`;

/** Files in memory: for a browser that downloads them, and for tests. */
export class MemoryStore implements FileStore {
  readonly path: string;
  readonly files = new Map<string, Uint8Array>();

  constructor(path = 'memory') {
    this.path = path;
  }

  pathOf(name: string): string {
    return `${this.path}/${name}`;
  }

  async exists(): Promise<boolean> {
    return true;
  }

  async read(name: string, maxBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    const bytes = this.files.get(name);
    if (bytes !== undefined && bytes.length > maxBytes) {
      throw new InputError(tooLarge(this.pathOf(name), maxBytes));
    }
    return bytes?.slice();
  }

  async has(name: string): Promise<boolean> {
    return this.files.has(name);
  }

  async write(name: string, parts: string | readonly Uint8Array[]): Promise<void> {
    this.files.set(name, typeof parts === 'string' ? new TextEncoder().encode(parts) : joinBytes(parts));
  }

  async append(name: string, text: string): Promise<void> {
    const old = this.files.get(name) ?? new Uint8Array();
    this.files.set(name, joinBytes([old, new TextEncoder().encode(text)]));
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async requireMakeable(): Promise<void> {}

  async prepare(): Promise<void> {}

  async lock(): Promise<() => Promise<void>> {
    return async () => {};
  }
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
