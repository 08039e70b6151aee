/** Writes files whole: to a temporary name beside them, then renamed. A reader never sees half a file. */
import type { Hash } from 'node:crypto';
import { access, constants, type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { writingFault } from './faults.js';
import type { FolderLock } from './lock.js';
import { clearTemporariesOf, temporaryName } from './temporary.js';

export interface WholeFileOptions {
  /** Where it is written until it is whole, on the same disk; what lies there is replaced. Default: a name beside it. */
  readonly temporary?: string;
  /** The lock of the folder, where this process holds it: without it the file does not get its name. */
  readonly lock?: FolderLock | undefined;
  /** Gets all bytes that are written. */
  readonly hash?: Hash | undefined;
}

/** Bytes that are gathered before they go to the system. */
const PORTION = 2 ** 20;

/**
 * A file that appears whole or not at all: `create`, `write` as often as needed, then `commit` or `discard`. An older file
 * of that name stays until then.
 *
 * ```ts
 * const hash = createHash('sha256');
 * const file = await WholeFile.create('answers.csv', { hash });
 * try {
 *   for await (const line of lines) await file.write(line);
 *   await file.commit();
 *   console.log(file.size, hash.digest('hex'));
 * } finally {
 *   await file.discard();
 * }
 * ```
 */
export class WholeFile {
  readonly path: string;
  readonly temporary: string;
  /** Bytes given so far. */
  size = 0;
  readonly #file: FileHandle;
  readonly #options: WholeFileOptions;
  #gathered: Uint8Array | undefined;
  #held = 0;
  #done = false;

  private constructor(path: string, temporary: string, file: FileHandle, options: WholeFileOptions) {
    this.path = path;
    this.temporary = temporary;
    this.#file = file;
    this.#options = options;
  }

  /** The folder must exist. Throws FailureError where no file can be made there. */
  static async create(path: string, options: WholeFileOptions = {}): Promise<WholeFile> {
    const { temporary, lock } = options;
    try {
      if (temporary !== undefined) await rm(temporary, { force: true });
      const name = temporary ?? temporaryName(path, lock?.token);
      // Not through a link that lies there.
      return new WholeFile(path, name, await open(name, 'wx'), options);
    } catch (error) {
      throw writingFault(path, error as NodeJS.ErrnoException);
    }
  }

  /**
   * Strings as UTF-8. The bytes may be changed again when the promise is done. Throws FailureError where they cannot be
   * written.
   */
  async write(part: string | Uint8Array): Promise<void> {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    this.size += bytes.length;
    if (this.#held + bytes.length > PORTION) await this.flush();
    if (bytes.length > PORTION) {
      await this.#append(bytes);
      return;
    }
    this.#gathered ??= new Uint8Array(PORTION);
    this.#gathered.set(bytes, this.#held);
    this.#held += bytes.length;
  }

  /** What was given so far is in the temporary file when this is done. */
  async flush(): Promise<void> {
    if (this.#held === 0) return;
    const bytes = this.#gathered!.subarray(0, this.#held);
    this.#held = 0;
    await this.#append(bytes);
  }

  /**
   * Gives the file its name, in one step, when the disk has it. Throws FailureError where that cannot be done; nothing is
   * then left behind and an older file stays.
   */
  async commit(): Promise<void> {
    try {
      await this.flush();
      await this.#guard(() => this.#file.sync());
      await this.#options.lock?.requireHeld();
      await this.#guard(async () => {
        await this.#file.close();
        await rename(this.temporary, this.path);
      });
      this.#done = true;
      const { lock, temporary } = this.#options;
      // Of a folder with a lock, opening it does so.
      if (lock === undefined && temporary === undefined) await clearTemporariesOf(this.path).catch(() => {});
    } finally {
      await this.discard();
    }
  }

  /** Takes the temporary file away; does nothing after `commit`. */
  async discard(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    await this.#file.close().catch(() => {});
    await rm(this.temporary, { force: true }).catch(() => {});
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#options.hash?.update(bytes);
    await this.#guard(() => this.#file.writeFile(bytes));
  }

  async #guard(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      throw writingFault(this.path, error as NodeJS.ErrnoException);
    }
  }
}

/** Throws FailureError where it cannot be written; nothing is then left behind and an older file stays. */
export async function writeWhole(
  path: string,
  parts: string | readonly Uint8Array[],
  lock?: FolderLock,
): Promise<void> {
  const file = await WholeFile.create(path, { lock });
  try {
    if (typeof parts === 'string') await file.write(parts);
    else for (const part of parts) await file.write(part);
    await file.commit();
  } finally {
    await file.discard();
  }
}

/** The folders of a path that are still to be made, outermost first. Throws where a file is in the way. */
async function missingFolders(folder: string): Promise<{ existing: string; missing: string[] }> {
  const missing: string[] = [];
  for (let path = resolve(folder); ; path = dirname(path)) {
    const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (status === undefined && path !== dirname(path)) {
      missing.unshift(path);
      continue;
    }
    if (status?.isDirectory() === false) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    return { existing: path, missing };
  }
}

/** Throws FailureError where the folder can surely not be made or written; makes nothing. */
export async function requireMakeableFolder(folder: string): Promise<void> {
  try {
    const { existing } = await missingFolders(folder);
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw writingFault(folder, error as NodeJS.ErrnoException);
  }
}

/** Makes the folder with its parents and checks that it can be written; throws FailureError otherwise. */
export async function requireWritableFolder(folder: string): Promise<void> {
  try {
    // Not mkdir's `recursive`: Node 20 never returns from it where a parent exists but takes no folders (/proc).
    for (const path of (await missingFolders(folder)).missing) {
      await mkdir(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
    const probe = temporaryName(join(folder, '.writable'));
    await (await open(probe, 'wx')).close();
    await rm(probe);
  } catch (error) {
    throw writingFault(folder, error as NodeJS.ErrnoException);
  }
}
