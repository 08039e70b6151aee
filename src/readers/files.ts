/** Files of any kind as bytes: folders of them by class, and single ones to be predicted. Nothing is unpacked or decoded. */
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Dataset, Example } from '../data/example.js';
import { takeTurns } from '../data/limit.js';
import { InputError } from '../errors.js';
import { filesUnder, type LabelledFile, layoutOf } from './folder.js';
import { inventoryOf, requireRoom } from './inventory.js';
import { fileFault } from './open.js';
import { type CheckedOptions, checkOptions, type ReadOptions } from './options.js';
import { countClasses, requireLabels } from './parse/classReport.js';
import type { SplitName } from './parse/examples.js';
import { SkipList, type Skipped } from './parse/skipped.js';
import { concatenated } from './parse/source.js';
import { expandPaths } from './paths.js';
import { nameOf } from './read.js';
import { describeSplits, number } from './reading.js';

export interface FileDataset extends Dataset<Uint8Array> {
  readonly splits?: Readonly<Partial<Record<SplitName, readonly Example<Uint8Array>[]>>>;
  /** Whole files are its inputs. */
  readonly wholeFiles: true;
  readonly skipped?: Skipped;
  /** Files without a class, relative to the folder. */
  readonly leftOut: readonly string[];
}

/** Files that are read at the same time. */
const AT_ONCE = 16;

/** Whether data are folders of files by class, not tables of texts. Throws InputError where there are none. */
export async function areFolders(from: string | readonly string[]): Promise<boolean> {
  const paths = await expandPaths(from);
  for (const { kind, path } of paths) {
    if (kind !== 'folder' || (await layoutOf(path)).texts.length === 0) return false;
  }
  return true;
}

/** Reads folders of files by class. Throws InputError naming the file that does not serve. */
export async function readFiles(
  from: string | readonly string[],
  options: ReadOptions = {},
): Promise<FileDataset> {
  const checked = checkOptions(options);
  const name = nameOf(from);
  if (options.limit === undefined) requireRoom(name, (await inventoryOf(from)).bytes, '', 'files');
  const files: LabelledFile[] = [];
  const leftOut: string[] = [];
  for (const { path } of await expandPaths(from)) {
    const layout = await layoutOf(path);
    files.push(...layout.texts);
    leftOut.push(...layout.leftOut);
  }
  const items = files.map((file) => ({ file, label: `${file.split ?? ''}/${file.label}` }));
  const taken = takeTurns(items, checked.limit).map(({ file }) => file);
  const skipped = new SkipList(checked.skipBad);
  const examples: Example<Uint8Array>[] = [];
  const splits: Partial<Record<SplitName, Example<Uint8Array>[]>> = {};
  for (let first = 0; first < taken.length; first += AT_ONCE) {
    const some = taken.slice(first, first + AT_ONCE);
    const found = await Promise.all(some.map(({ path }) => contentOf(path, checked)));
    for (const [i, content] of found.entries()) {
      const { path, label, split } = some[i];
      if (typeof content === 'string') {
        // The first in order is refused, where none may be left out.
        skipped.add(path, content);
        continue;
      }
      const example = { input: content, label };
      examples.push(example);
      if (split === undefined) continue;
      splits[split] ??= [];
      splits[split].push(example);
    }
  }
  if (examples.length === 0) throw new InputError(`${name} holds no files that serve`);
  if (!checked.manyClasses) requireLabels(name, countClasses(examples), examples.length);
  const { result } = skipped;
  return {
    ...{ name, examples, leftOut, wholeFiles: true },
    ...(Object.keys(splits).length > 0 ? { splits } : {}),
    ...(result === undefined ? {} : { skipped: result }),
  };
}

export interface FileToPredict {
  readonly bytes: Uint8Array;
  /** The path. */
  readonly place: string;
  /** From 1. */
  readonly row: number;
}

/** Files one after the other, those of a folder in order; or a stream as one. Throws InputError as `readFiles` does. */
export async function* readFilesToPredict(
  from: readonly string[] | Readable,
  options: ReadOptions = {},
): AsyncGenerator<FileToPredict> {
  const checked = checkOptions(options);
  const skipped = new SkipList(checked.skipBad);
  if (!Array.isArray(from)) {
    yield { bytes: await contentOfStream(from as Readable, checked), place: 'standard input', row: 1 };
    return;
  }
  let row = 0;
  for (const { kind, path } of await expandPaths(from as readonly string[])) {
    if (kind === 'built-in') throw new InputError(`${path} is a data set of texts, not a file`);
    const paths = kind === 'file' ? [path] : (await filesUnder(path)).map((file) => file.path);
    for (const file of paths) {
      if (row >= checked.limit) return;
      row++;
      const bytes = await contentOf(file, checked);
      if (typeof bytes === 'string') skipped.add(file, bytes);
      else yield { bytes, place: file, row };
    }
  }
}

const tooLong = (most: number): string => `more than ${most} bytes (--max-field allows longer ones)`;

/** A file's bytes, or what is wrong with it. Throws InputError on one that cannot be read. */
async function contentOf(path: string, { maxField, skipBad }: CheckedOptions): Promise<Uint8Array | string> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) return 'this is a folder';
    if (!status.isFile()) return 'this is no file that can be read as a whole';
    if (status.size === 0) return 'the file is empty';
    if (status.size > maxField) return tooLong(maxField);
    const handle = await open(path);
    try {
      // Exactly its own memory: a pool's would be kept with it.
      const bytes = new Uint8Array(status.size);
      const { bytesRead } = await handle.read(bytes, 0, status.size, 0);
      return bytesRead === status.size ? bytes : 'the file became shorter while it was read';
    } finally {
      await handle.close();
    }
  } catch (error) {
    const fault = fileFault(path, error as NodeJS.ErrnoException);
    if (skipBad === undefined) throw fault;
    return fault.message.replace(`${path}: `, '');
  }
}

async function contentOfStream(stream: Readable, { maxField }: CheckedOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Uint8Array);
    length += (chunk as Uint8Array).length;
    if (length > maxField) throw new InputError(`standard input: ${tooLong(maxField)}`);
  }
  if (length === 0) throw new InputError('standard input is empty');
  return concatenated(chunks);
}

/** One line of English on files and what was left out. */
export function describeFiles({ examples, splits, leftOut, skipped }: FileDataset): string {
  const sizes = examples.map(({ input }) => input.length).sort((a, b) => a - b);
  const middle = sizes[Math.floor(sizes.length / 2)];
  const parts = [
    `files as bytes, ${number(sizes[0])} to ${number(sizes[sizes.length - 1])}, half of them above ${number(middle)}`,
  ];
  if (splits !== undefined) {
    parts.push(describeSplits(Object.entries(splits).map(([name, part]) => [name, part.length])));
  }
  if (leftOut.length > 0) parts.push(`${number(leftOut.length)} without a class left out`);
  if (skipped !== undefined) parts.push(`${number(skipped.count)} left out`);
  return parts.join('; ');
}
