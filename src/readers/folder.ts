/**
 * Folders as data: FOLDER/<class>/… with one text a file; FOLDER/<split>/<class>/… likewise, also as the film reviews of
 * aclImdb come; or FOLDER/*.csv and other tables, divided where their names say so.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { takeTurns } from '../data/limit.js';
import { InputError } from '../errors.js';
import { formatOf } from './formats.js';
import { fileFault, openFile } from './open.js';
import type { CheckedOptions } from './options.js';
import { decodeWhole } from './parse/decode.js';
import type { ReadExample, SplitName } from './parse/examples.js';
import type { SkipList } from './parse/skipped.js';
import { concatenated } from './parse/source.js';

const SPLITS: Readonly<Record<string, SplitName | 'unlabelled'>> = {
  train: 'train',
  training: 'train',
  test: 'test',
  testing: 'test',
  valid: 'validation',
  validation: 'validation',
  val: 'validation',
  dev: 'validation',
  eval: 'validation',
  unsup: 'unlabelled',
  unsupervised: 'unlabelled',
  unlabeled: 'unlabelled',
  unlabelled: 'unlabelled',
};

export interface LabelledFile {
  readonly path: string;
  readonly label: string;
  readonly split?: SplitName;
}

export interface FolderLayout {
  /** Files that hold one text each. */
  readonly texts: readonly LabelledFile[];
  /** Files that hold many rows each. */
  readonly tables: readonly { readonly path: string; readonly split?: SplitName }[];
  /** Files that belong to no class or split, relative to the folder. */
  readonly leftOut: readonly string[];
  /** Number of files without a label, as of aclImdb's `unsup`. */
  readonly unlabelled: number;
}

export const splitOf = (name: string): SplitName | 'unlabelled' | undefined => {
  const lower = name.toLowerCase();
  return Object.hasOwn(SPLITS, lower) ? SPLITS[lower] : undefined;
};

export interface FoundFile {
  readonly path: string;
  /** Of the path from the folder on. */
  readonly parts: readonly string[];
}

/** All files under a folder, in order of their paths; names that begin with a dot are passed over. Throws InputError. */
export async function filesUnder(folder: string): Promise<FoundFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      throw fileFault(folder, error);
    },
  );
  const files = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, parts: relative(folder, path).split(sep) }))
    .filter(({ parts }) => !parts.some((part) => part.startsWith('.')))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (files.length === 0) throw new InputError(`${folder}: the folder holds no files`);
  return files;
}

/** Throws InputError where no class and no table is found. */
export async function layoutOf(folder: string): Promise<FolderLayout> {
  const files = await filesUnder(folder);
  const tops = new Set(files.filter(({ parts }) => parts.length > 1).map(({ parts }) => parts[0]));
  if (tops.size === 0) {
    const tables = tablesOf(files);
    if (tables !== undefined) return tables;
  }
  const splits = [...tops].map(splitOf);
  if (splits.includes('train') && !splits.includes(undefined)) return splitLayout(folder, files);
  const loose = files.find(({ parts }) => parts.length === 1);
  if (loose !== undefined) {
    throw new InputError(`${loose.path}: a file outside any class; a data folder is FOLDER/<class>/<files>`);
  }
  const texts = files.map(({ path, parts }) => ({ path, label: parts[0] }));
  return { texts, tables: [], leftOut: [], unlabelled: 0 };
}

/** A folder with tables in it: those that are called after a split if there are any for training, else all. */
function tablesOf(files: readonly FoundFile[]): FolderLayout | undefined {
  const tables = files.filter(({ path }) => {
    const format = formatOf(path);
    return format !== undefined && format !== 'text';
  });
  if (tables.length === 0) return undefined;
  const named = tables.map(({ path, parts }) => ({
    path,
    split: splitOf(/^[a-z]+/i.exec(parts[0])?.[0] ?? ''),
  }));
  const divided = named.filter(
    (one): one is { path: string; split: SplitName } => one.split !== undefined && one.split !== 'unlabelled',
  );
  const used = divided.some(({ split }) => split === 'train')
    ? divided
    : tables.map(({ path }) => ({ path }));
  const paths = new Set(used.map(({ path }) => path));
  const leftOut = files.filter(({ path }) => !paths.has(path)).map(({ parts }) => parts.join('/'));
  return { texts: [], tables: used, leftOut, unlabelled: 0 };
}

function splitLayout(folder: string, files: readonly FoundFile[]): FolderLayout {
  const texts: LabelledFile[] = [];
  const leftOut: string[] = [];
  let unlabelled = 0;
  for (const { path, parts } of files) {
    const split = parts.length > 1 ? splitOf(parts[0]) : undefined;
    const withinSplit = parts.length > 2 ? splitOf(parts[1]) : undefined;
    if (split === 'unlabelled' || withinSplit === 'unlabelled') unlabelled++;
    else if (split === undefined || parts.length < 3) leftOut.push(parts.join('/'));
    else texts.push({ path, label: parts[1], split });
  }
  if (texts.some(({ split }) => split === 'train')) return { texts, tables: [], leftOut, unlabelled };
  throw new InputError(
    `${folder}: its folders are called as splits (train, test …), but hold no folders of classes; a divided data folder is FOLDER/<split>/<class>/<files>`,
  );
}

/** Files that are read at the same time. */
const AT_ONCE = 16;

/**
 * The texts of a folder, in order of their paths.
 * @param limit as of `takeTurns`, where each split has classes of its own
 * @param encodings counts the files by their encoding
 */
export async function* folderExamples(
  { texts }: FolderLayout,
  options: CheckedOptions,
  limit: number,
  skipped: SkipList,
  encodings: Map<string, number>,
): AsyncGenerator<ReadExample[]> {
  const items = texts.map((file) => ({ file, label: `${file.split ?? ''}/${file.label}` }));
  const taken = takeTurns(items, limit).map(({ file }) => file);
  for (let first = 0; first < taken.length; first += AT_ONCE) {
    const read = await Promise.all(
      taken.slice(first, first + AT_ONCE).map(async (file) => ({ file, ...(await outcome(file, options)) })),
    );
    const examples: ReadExample[] = [];
    for (const { file, text, encoding, refusal } of read) {
      const { path, label, split } = file;
      if (refusal !== undefined) {
        if (options.skipBad === undefined) throw refusal;
        skipped.add(path, refusal.message.replace(path, '').replace(/^:? /, ''));
        continue;
      }
      encodings.set(encoding, (encodings.get(encoding) ?? 0) + 1);
      examples.push({ text, label, place: path, ...(split === undefined ? {} : { split }) });
    }
    yield examples;
  }
}

/** The file's text, or why it has none: so that of several files the first in order is refused. */
async function outcome(
  { path }: LabelledFile,
  { encoding, maxField }: CheckedOptions,
): Promise<{ text: string; encoding: string; refusal?: InputError }> {
  try {
    const tooLong = new InputError(
      `${path}: a text of more than ${maxField} characters (--max-field allows longer ones)`,
    );
    // No encoding takes more bytes for a UTF-16 unit than four.
    const decoded = decodeWhole(path, await readBytes(path, 4 * maxField, tooLong), encoding);
    if (decoded.text.length > maxField) throw tooLong;
    return decoded;
  } catch (error) {
    if (error instanceof InputError) return { text: '', encoding: '', refusal: error };
    throw error;
  }
}

/** Files up to this many bytes are read in one go. */
const SMALL = 2 ** 20;

async function readBytes(path: string, most: number, tooLong: InputError): Promise<Uint8Array> {
  try {
    const status = await stat(path);
    if (status.isFile() && status.size > 0 && status.size <= SMALL) {
      const bytes = await readFile(path);
      // A packed one takes the long way.
      if (!(bytes[0] === 0x1f && bytes[1] === 0x8b) && !/\.gz$/i.test(path)) return bytes;
    }
  } catch (error) {
    throw fileFault(path, error as NodeJS.ErrnoException);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (await openFile(path)).bytes) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > most) throw tooLong;
  }
  return concatenated(chunks);
}
