/** A corpus in parts: each a file, or a range of the lines of a large one that is not packed. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { InputError } from '../../errors.js';
import { fileFault } from '../../readers/disk/open.js';
import { expandPaths } from '../../readers/disk/paths.js';
import { formatOf } from '../../readers/formats.js';
import type { ReadOptions } from '../../readers/options.js';
import type { LineOutput } from './answer.js';
import { commonFolder } from './commonFolder.js';

export interface Part {
  /** Path of the file. */
  readonly input: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /** What tells the file from others without reading all of it. */
  readonly sample: string;
  /** Bytes of its part, from the first of a line to behind the last of one; absent: the whole file. */
  readonly range?: readonly [start: number, end: number];
  /** Name of the answers' file, below the folder of them all. */
  readonly output: string;
}

const ENDING: Readonly<Record<LineOutput, string>> = { jsonl: 'jsonl', csv: 'csv', labels: 'txt' };

/** Bytes of a part of a file that can be cut. */
export const PART_BYTES = 64e6;

const CHUNK = 65_536;

/** Of the file's size, and of 64 KiB at its beginning, middle and end. Throws InputError where it cannot be read. */
export async function fileSample(path: string): Promise<{ size: number; sample: string }> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw fileFault(path, error);
  });
  try {
    return await sampleIn(file);
  } finally {
    await file.close();
  }
}

async function sampleIn(file: FileHandle): Promise<{ size: number; sample: string }> {
  const { size } = await file.stat();
  const hash = createHash('sha256').update(`${size}\n`);
  for (const at of new Set([0, Math.floor(size / 2), Math.max(0, size - CHUNK)])) {
    hash.update(await bytesAt(file, at, CHUNK));
  }
  return { size, sample: hash.digest('hex') };
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** Only lines can be cut anywhere, and only in an encoding in which no other character holds the byte of a line's end. */
function mayCut(path: string, { format, encoding, limit }: ReadOptions): boolean {
  const lines = format ?? formatOf(path);
  const utf8 = encoding === undefined || /^utf-?8$/i.test(encoding);
  return (lines === 'jsonl' || lines === 'text') && utf8 && limit === undefined && !/\.gz$/i.test(path);
}

/** UTF-16 says so by its mark, gzip by its magic number, and a JSON array is no lines. */
const isCuttable = (head: Buffer): boolean =>
  !(head[0] === 0xff && head[1] === 0xfe) &&
  !(head[0] === 0xfe && head[1] === 0xff) &&
  !(head[0] === 0x1f && head[1] === 0x8b) &&
  !head.subarray(0, CHUNK).includes(0) &&
  !/^\s*\[/.test(head.subarray(0, 100).toString('latin1'));

/** Ranges of about `bytes`, each ending behind a line; one alone where no line ends in between. */
async function rangesOf(file: FileHandle, size: number, bytes: number): Promise<[number, number][]> {
  const count = Math.ceil(size / bytes);
  const ranges: [number, number][] = [];
  let start = 0;
  for (let part = 1; part <= count && start < size; part++) {
    const end =
      part === count ? size : await afterLine(file, Math.max(start, Math.floor((part * size) / count)), size);
    if (end > start) ranges.push([start, end]);
    start = end;
  }
  return ranges;
}

/** The first place behind a line's end that is not before `at`. */
async function afterLine(file: FileHandle, at: number, size: number): Promise<number> {
  for (let place = Math.max(0, at - 1); place < size; place += CHUNK) {
    const found = (await bytesAt(file, place, CHUNK)).indexOf(10);
    if (found >= 0) return place + found + 1;
  }
  return size;
}

export interface Cutting {
  readonly read: ReadOptions;
  readonly format: LineOutput;
  /** Largest part of a file that can be cut. Default: PART_BYTES. */
  readonly partBytes?: number | undefined;
}

/**
 * The parts of files and patterns, in order: the same for the same files. Throws InputError on what is not there, on
 * folders and built-in data.
 */
export async function planParts(named: readonly string[], cutting: Cutting): Promise<Part[]> {
  const paths = await expandPaths(named);
  const other = paths.find(({ kind }) => kind !== 'file');
  if (other !== undefined) {
    throw new InputError(`${other.path}: name files here, or a pattern of them ('${other.path}/*.jsonl.gz')`);
  }
  const folder = commonFolder(paths.map(({ path }) => path));
  const parts: Part[] = [];
  for (const { path } of paths)
    parts.push(...(await partsOf(path, relative(folder, resolve(path)), cutting)));
  return parts;
}

async function partsOf(
  path: string,
  name: string,
  { read, format, partBytes = PART_BYTES }: Cutting,
): Promise<Part[]> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw fileFault(path, error);
  });
  try {
    const { size, sample } = await sampleIn(file);
    const whole: Part = { input: path, size, sample, output: `${name}.predictions.${ENDING[format]}` };
    if (size <= partBytes || !mayCut(path, read) || !isCuttable(await bytesAt(file, 0, CHUNK)))
      return [whole];
    const ranges = await rangesOf(file, size, partBytes);
    if (ranges.length === 1) return [whole];
    const digits = String(ranges.length).length;
    return ranges.map((range, i) => ({
      ...whole,
      range,
      output: `${name}.${String(i + 1).padStart(digits, '0')}-of-${ranges.length}.predictions.${ENDING[format]}`,
    }));
  } finally {
    await file.close();
  }
}
