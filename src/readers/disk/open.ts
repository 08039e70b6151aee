/** Opens files and pipes as bytes, gunzipped where they are gzip; every fault with the file's name. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../errors.js';
import type { RandomAccess } from '../parse/parquet.js';
import type { ByteSource } from '../parse/source.js';

/** What a file system says when a file cannot be had: the user's to mend, never our own fault. */
export function fileFault(path: string, error: NodeJS.ErrnoException): InputError {
  if (error.code === 'ENOENT') return new InputError(`${path}: no such file or folder`);
  if (error.code === 'EMFILE' || error.code === 'ENFILE') {
    return new InputError(
      `${path}: too many files are open (${error.code}); close programs, or raise the limit (ulimit -n)`,
    );
  }
  return new InputError(`${path}: cannot be read (${error.code ?? error.name}: ${error.message})`);
}

/** Throws InputError if there is no such readable file, or if it is empty. */
export async function openFile(path: string): Promise<ByteSource> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw fileFault(path, error);
  });
  if (status.isDirectory()) throw new InputError(`${path} is a folder, a file is needed here`);
  if (status.isFile() && status.size === 0) throw new InputError(`${path} is empty`);
  return { name: path, bytes: bytesOf(path, () => createReadStream(path)), patient: true };
}

/** A pipe: what comes is given as it comes. */
export function openStream(name: string, stream: Readable): ByteSource {
  return { name, bytes: bytesOf(name, () => stream), patient: false };
}

/** A file to read in places, and how to close it. Throws InputError as `openFile` does. */
export async function openRandomAccess(
  path: string,
): Promise<{ file: RandomAccess; close: () => Promise<void> }> {
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw fileFault(path, error);
  });
  try {
    const { size } = await handle.stat();
    const file: RandomAccess = {
      byteLength: size,
      async slice(start, end = size) {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
        return bytes.buffer.slice(0, bytesRead);
      },
    };
    return { file, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw fileFault(path, error as NodeJS.ErrnoException);
  }
}

const isGzip = (head: Uint8Array): boolean => head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;

/** Bytes of a damaged gzip file that are unpacked to find the damage. */
const CHECKED = 2 ** 28;

/**
 * The fault of a gzip file that is truncated or damaged; undefined for other files. What comes out of a damaged one
 * before its checksum is reached may look like bad rows: ask this before a row is blamed. Looks at 256 MiB at most.
 */
export async function gzipFault(path: string): Promise<InputError | undefined> {
  try {
    const { bytes } = await openFile(path);
    let unpacked = 0;
    for await (const { length } of bytes) {
      unpacked += length;
      if (unpacked > CHECKED) break;
    }
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** Chunks of bytes, gunzipped if they begin with gzip's magic number. */
async function* bytesOf(name: string, open: () => Readable): AsyncGenerator<Uint8Array> {
  // Not before bytes are asked for: what was opened must be closed.
  const stream = open();
  const chunks = stream[Symbol.asyncIterator]();
  try {
    let head: Buffer = Buffer.alloc(0);
    // A pipe may give its first byte alone.
    while (head.length < 2) {
      const next = await chunks.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value as Buffer]);
    }
    const rest = async function* (): AsyncGenerator<Buffer> {
      yield head;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value as Buffer;
    };
    if (isGzip(head)) {
      // A fault on either side destroys the gunzip, and so ends this loop with it.
      yield* pipeline(Readable.from(rest()), createGunzip({ chunkSize: 65_536 }), () => {});
    } else if (/\.gz$/i.test(name)) {
      throw new InputError(
        `${name}: this is not gzip data; fetch or make the file again, or take .gz off its name if it is plain`,
      );
    } else yield* rest();
  } catch (error) {
    throw readingFault(name, error as NodeJS.ErrnoException);
  } finally {
    stream.destroy();
  }
}

function readingFault(name: string, error: NodeJS.ErrnoException): Error {
  if (error instanceof InputError) return error;
  if (error.code === 'Z_BUF_ERROR') {
    return new InputError(
      `${name}: the gzip data ends too early: the file is truncated; fetch or make it again`,
    );
  }
  if (error.code?.startsWith('Z_')) {
    return new InputError(
      `${name}: the gzip data is damaged (${error.message}); fetch or make the file again`,
    );
  }
  return fileFault(name, error);
}
