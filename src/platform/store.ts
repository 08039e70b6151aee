/** A place that holds named files: a folder on a disk, a browser's storage, or memory. */

export interface FileStore {
  /** What to call it in messages. */
  readonly path: string;
  /** What to call one of its files. */
  pathOf(name: string): string;
  /** Whether the place exists at all. */
  exists(): Promise<boolean>;
  /** Undefined where there is no such file; throws InputError where it cannot be read. */
  read(name: string): Promise<Uint8Array | undefined>;
  has(name: string): Promise<boolean>;
  /** Whole: a reader sees the old file or the new one. Throws FailureError where it cannot be written. */
  write(name: string, parts: string | readonly Uint8Array[]): Promise<void>;
  append(name: string, text: string): Promise<void>;
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

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.files.get(name)?.slice();
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
