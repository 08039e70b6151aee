/** Files read by ranges and written piece by piece. */
import { read } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { FailureError, InputError } from '../../errors.js';
import type { PieceWriter, RangeReader } from '../files.js';
import { isAbsence, readingFault, requireFile } from './faults.js';
import type { FolderLock } from './lock.js';
import { WholeFile } from './whole.js';

class FileRanges implements RangeReader {
  readonly size: number;
  readonly #path: string;
  readonly #file: FileHandle;

  constructor(path: string, file: FileHandle, size: number) {
    this.#path = path;
    this.#file = file;
    this.size = size;
  }

  // With a callback: batches are gathered by many small reads, and a FileHandle's own take several times as long.
  read(at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - at)));
    return new Promise((resolve, reject) => {
      const go = (from: number): void => {
        if (from === bytes.length) {
          resolve(bytes);
          return;
        }
        read(this.#file.fd, bytes, from, bytes.length - from, at + from, (error, count) => {
          if (error) reject(readingFault(this.#path, error));
          else if (count === 0) resolve(bytes.subarray(0, from));
          else go(from + count);
        });
      };
      go(0);
    });
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Undefined where there is no such file. Throws InputError where it cannot be opened. */
export async function openRanges(path: string): Promise<RangeReader | undefined> {
  let file: FileHandle | undefined;
  try {
    requireFile(path, await stat(path));
    file = await open(path);
    return new FileRanges(path, file, (await file.stat()).size);
  } catch (error) {
    await file?.close();
    if (error instanceof InputError) throw error;
    if (isAbsence(error)) return undefined;
    throw readingFault(path, error as NodeJS.ErrnoException);
  }
}

class FilePieces implements PieceWriter {
  readonly #file: WholeFile;

  constructor(file: WholeFile) {
    this.#file = file;
  }

  get size(): number {
    return this.#file.size;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#file.write(bytes);
  }

  async reader(): Promise<RangeReader> {
    const { temporary } = this.#file;
    await this.#file.flush();
    const reader = await openRanges(temporary);
    if (reader === undefined) throw new FailureError(`cannot read ${temporary}: it is gone`, 'write');
    return reader;
  }

  commit(): Promise<void> {
    return this.#file.commit();
  }

  discard(): Promise<void> {
    return this.#file.discard();
  }
}

/** Throws FailureError where it cannot be made. */
export async function createPieces(path: string, lock?: FolderLock): Promise<PieceWriter> {
  return new FilePieces(await WholeFile.create(path, { lock }));
}
