/** A folder on a disk as a store of files: written whole, cleared of what killed processes left. */
import { access, appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '../../errors.js';
import type { LargeStore, PieceWriter, RangeReader } from '../files.js';
import { isRunning, lockFolder } from './lock.js';
import { createPieces, openRanges } from './pieces.js';
import {
  requireMakeableFolder,
  requireWritableFolder,
  temporaryOf,
  writeWhole,
  writingFault,
} from './whole.js';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export class FolderStore implements LargeStore {
  readonly path: string;

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

  read(name: string): Promise<Uint8Array | undefined> {
    const path = this.pathOf(name);
    return readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new InputError(`${path}: cannot be read (${error.message})`);
    });
  }

  async write(name: string, parts: string | readonly Uint8Array[]): Promise<void> {
    const path = this.pathOf(name);
    if (name.includes('/')) await requireWritableFolder(dirname(path));
    await writeWhole(path, parts);
  }

  open(name: string): Promise<RangeReader | undefined> {
    return openRanges(this.pathOf(name));
  }

  create(name: string): Promise<PieceWriter> {
    return createPieces(this.pathOf(name));
  }

  async append(name: string, text: string): Promise<void> {
    const path = this.pathOf(name);
    await appendFile(path, text).catch((error: NodeJS.ErrnoException) => {
      throw writingFault(path, error);
    });
  }

  requireMakeable(): Promise<void> {
    return requireMakeableFolder(this.path);
  }

  lock(): Promise<() => Promise<void>> {
    return lockFolder(this.path);
  }

  async prepare(): Promise<void> {
    await requireWritableFolder(this.path);
    for (const name of await readdir(this.path)) {
      const pid = temporaryOf(name);
      if (pid !== undefined && !isRunning(pid)) await rm(this.pathOf(name), { force: true });
    }
  }
}
