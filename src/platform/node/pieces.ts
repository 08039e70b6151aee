/** Files read by ranges and written piece by piece. */
import { read } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { InputError } from '../../errors.js';
import type { PieceWriter, RangeReader } from '../files.js';
import { temporaryName, writingFault } from './whole.js';

/** Bytes that are gathered before they go to the system. */
const PORTION = 2 ** 20;

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
          if (error) reject(new InputError(`${this.#path}: cannot be read (${error.message})`));
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
  try {
    const file = await open(path);
    return new FileRanges(path, file, (await file.stat()).size);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new InputError(`${path}: cannot be read (${message})`);
  }
}

class FilePieces implements PieceWriter {
  size = 0;
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #gathered = new Uint8Array(PORTION);
  #held = 0;
  #done = false;

  constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.size += bytes.length;
    if (this.#held + bytes.length > PORTION) await this.#flush();
    if (bytes.length > PORTION) await this.#guard(() => this.#file.writeFile(bytes));
    else {
      this.#gathered.set(bytes, this.#held);
      this.#held += bytes.length;
    }
  }

  async reader(): Promise<RangeReader> {
    await this.#flush();
    return (await openRanges(this.#temporary))!;
  }

  async commit(): Promise<void> {
    await this.#flush();
    await this.#guard(async () => {
      await this.#file.sync();
      await this.#file.close();
      this.#done = true;
      await rename(this.#temporary, this.#path);
    });
  }

  async discard(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    await this.#file.close().catch(() => {});
    await rm(this.#temporary, { force: true }).catch(() => {});
  }

  async #flush(): Promise<void> {
    const held = this.#gathered.subarray(0, this.#held);
    this.#held = 0;
    if (held.length > 0) await this.#guard(() => this.#file.writeFile(held));
  }

  async #guard(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      throw writingFault(this.#path, error as NodeJS.ErrnoException);
    }
  }
}

/** Throws FailureError where it cannot be made. */
export async function createPieces(path: string): Promise<PieceWriter> {
  const temporary = temporaryName(path);
  try {
    return new FilePieces(path, temporary, await open(temporary, 'w'));
  } catch (error) {
    throw writingFault(path, error as NodeJS.ErrnoException);
  }
}
