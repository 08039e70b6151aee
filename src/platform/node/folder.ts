/** A folder on a disk as a store of files: written whole, cleared of what killed processes left. */
import { access, appendFile, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '../../errors.js';
import type { LargeStore, PieceWriter, RangeReader } from '../files.js';
import { tooLarge } from '../store.js';
import { isAbsence, readingFault, requireFile, writingFault } from './faults.js';
import { type FolderLock, lockFolder } from './lock.js';
import { createPieces, openRanges } from './pieces.js';
import { clearTemporaries } from './temporary.js';
import { requireMakeableFolder, requireWritableFolder, writeWhole } from './whole.js';

/** Throws InputError where that cannot be known. */
async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw readingFault(path, error as NodeJS.ErrnoException);
  }
}

export class FolderStore implements LargeStore {
  readonly path: string;
  /** While this store holds it, files are written only as long as nobody has taken the folder over. */
  #lock: FolderLock | undefined;

  constructor(path: string) {
    this.path = path;
  }

  pathOf(name: string): string {
    return join(this.path, name);
  }

  exists(): Promise<boolean> {
    return exists(this.path);
  }

  has(name: string): Promise<boolean> {
    return exists(this.pathOf(name));
  }

  async read(name: string, maxBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    const path = this.pathOf(name);
    try {
      // Before it is opened: a pipe would wait for whoever writes to it.
      const status = await stat(path);
      requireFile(path, status);
      if (status.size > maxBytes) throw new InputError(tooLarge(path, maxBytes));
      return await readFile(path);
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (isAbsence(error)) return undefined;
      throw readingFault(path, error as NodeJS.ErrnoException);
    }
  }

  async write(name: string, parts: string | readonly Uint8Array[]): Promise<void> {
    const path = this.pathOf(name);
    if (name.includes('/')) await requireWritableFolder(dirname(path));
    await writeWhole(path, parts, this.#lock);
  }

  open(name: string): Promise<RangeReader | undefined> {
    return openRanges(this.pathOf(name));
  }

  create(name: string): Promise<PieceWriter> {
    return createPieces(this.pathOf(name), this.#lock);
  }

  async append(name: string, text: string): Promise<void> {
    const path = this.pathOf(name);
    await this.#lock?.requireHeld();
    await appendFile(path, text).catch((error: NodeJS.ErrnoException) => {
      throw writingFault(path, error);
    });
  }

  async remove(name: string): Promise<void> {
    const path = this.pathOf(name);
    await this.#lock?.requireHeld();
    await rm(path, { force: true }).catch((error: NodeJS.ErrnoException) => {
      throw writingFault(path, error);
    });
  }

  requireMakeable(): Promise<void> {
    return requireMakeableFolder(this.path);
  }

  async lock(): Promise<() => Promise<void>> {
    await requireWritableFolder(this.path);
    const lock = await lockFolder(this.path);
    this.#lock = lock;
    return async () => {
      this.#lock = undefined;
      await lock.release();
    };
  }

  async prepare(): Promise<void> {
    await requireWritableFolder(this.path);
    await clearTemporaries(this.path);
  }
}
