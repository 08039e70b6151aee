/** Opens a file or stream as text: gunzipped where it is gzip, decoded as strict UTF-8, every fault with its place. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '../errors.js';

const NEWLINE = 10;

export interface Source {
  /** For messages. */
  readonly name: string;
  readonly stream: Readable;
}

/** Throws InputError if there is no such readable file, or if it is empty. */
export async function openFile(path: string): Promise<Source> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(
      error.code === 'ENOENT'
        ? `${path}: no such file or folder`
        : `${path}: cannot be read (${error.code}: ${error.message})`,
    );
  });
  if (status.isDirectory()) throw new InputError(`${path} is a folder, a file is needed here`);
  if (status.isFile() && status.size === 0) throw new InputError(`${path} is empty`);
  return { name: path, stream: createReadStream(path) };
}

const isGzip = (head: Buffer): boolean => head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;

/**
 * The fault of a gzip file that is truncated or damaged; undefined for other files. What comes out of a damaged one
 * before its checksum is reached may look like bad rows: ask this before a row is blamed.
 */
export async function gzipFault(path: string): Promise<InputError | undefined> {
  try {
    const source = await openFile(path);
    for await (const _ of bytesOf(source));
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** Chunks of bytes, gunzipped if they begin with gzip's magic number. */
async function* bytesOf({ name, stream }: Source): AsyncGenerator<Buffer> {
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
      yield* pipeline(Readable.from(rest()), createGunzip(), () => {});
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
  return new InputError(`${name}: cannot be read (${error.code ?? error.name}: ${error.message})`);
}

/** Decoded pieces of text. Throws InputError at the first byte that is not UTF-8, naming its line and offset. */
export async function* decodedText(source: Source): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let lines = 1;
  /** Bytes at the end of the last chunk that the decoder still holds. */
  let held = Buffer.alloc(0);
  const refuse = (chunk: Buffer): InputError => {
    const all = Buffer.concat([held, chunk]);
    const at = firstInvalid(all);
    const line = lines + count(all.subarray(0, at), NEWLINE);
    return new InputError(
      `${source.name}:${line}: byte ${bytes - held.length + at + 1} of the file is not UTF-8; convert the file, e.g. iconv -f latin1 -t utf-8`,
    );
  };
  for await (const chunk of bytesOf(source)) {
    try {
      const text = decoder.decode(chunk, { stream: true });
      if (text !== '') yield text;
    } catch (error) {
      throw error instanceof TypeError ? refuse(chunk) : error;
    }
    const all = Buffer.concat([held, chunk]);
    const done = all.length - incompleteTail(all);
    lines += count(all.subarray(0, done), NEWLINE);
    held = all.subarray(done);
    bytes += chunk.length;
  }
  try {
    const text = decoder.decode();
    if (text !== '') yield text;
  } catch {
    throw refuse(Buffer.alloc(0));
  }
}

function count(bytes: Buffer, byte: number): number {
  let total = 0;
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) total++;
  return total;
}

/** Bytes at the end that begin a character which is not complete yet: 0 … 3. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** Offset of the first byte that cannot be decoded. */
function firstInvalid(bytes: Buffer): number {
  const decodes = (end: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(middle)) good = middle;
    else bad = middle;
  }
  return good - incompleteTail(bytes.subarray(0, good));
}

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/** Lines without their ends; a byte-order mark and a last empty line are dropped. */
export async function* linesOf(source: Source): AsyncGenerator<Line> {
  let rest = '';
  let number = 0;
  for await (const piece of decodedText(source)) {
    const parts = piece.split('\n');
    // Not searched again: a line may be longer than many pieces.
    parts[0] = rest + parts[0];
    rest = parts.pop()!;
    for (const part of parts) yield { text: part.replace(/\r$/, ''), number: ++number };
  }
  if (rest !== '') yield { text: rest.replace(/\r$/, ''), number: ++number };
}
