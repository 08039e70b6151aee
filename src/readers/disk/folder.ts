/**
 * Folders as data: FOLDER/<class>/… with one text a file; FOLDER/<split>/<class>/… likewise, also as the film reviews of
 * aclImdb come; or FOLDER/*.csv and other tables, divided where their names say so.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { SplitName } from '../../data/dataset.js';
import { InputError } from '../../errors.js';
import { formatOf } from '../formats.js';
import { fileFault } from './open.js';

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

/** A file of a folder by class. */
export interface ClassFile {
  readonly path: string;
  readonly label: string;
  readonly split?: SplitName;
}

export interface FolderLayout {
  /** Files that hold one text each. */
  readonly texts: readonly ClassFile[];
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

/** A file below a folder. */
export interface FoundFile {
  readonly path: string;
  /** Of the path from the folder on. */
  readonly parts: readonly string[];
}

/** All files under a folder, in order of their paths; names that begin with a dot are passed over. Throws InputError. */
export async function filesUnder(folder: string): Promise<FoundFile[]> {
  const files = (await pathsUnder(folder, []))
    .map((path) => ({ path, parts: relative(folder, path).split(sep) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (files.length === 0) throw new InputError(`${folder}: the folder holds no files`);
  return files;
}

/** Links to folders are followed, but never back into a folder that they lie in. */
async function pathsUnder(folder: string, above: readonly string[]): Promise<string[]> {
  const refuse = (error: NodeJS.ErrnoException): never => {
    throw fileFault(folder, error);
  };
  const own = await realpath(folder).catch(refuse);
  if (above.includes(own)) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(refuse);
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const isFolder =
      entry.isDirectory() ||
      (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isDirectory() === true);
    if (isFolder) found.push(...(await pathsUnder(path, [...above, own])));
    else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
  }
  return found;
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
  const loose = files.filter(({ parts }) => parts.length === 1);
  if (tops.size === 0) {
    throw new InputError(
      `${loose[0].path}: a file outside any class; a data folder is FOLDER/<class>/<files>`,
    );
  }
  const texts = files
    .filter(({ parts }) => parts.length > 1)
    .map(({ path, parts }) => ({ path, label: parts[0] }));
  return { texts, tables: [], leftOut: loose.map(({ parts }) => parts[0]), unlabelled: 0 };
}

/** Files that hold rows of texts. */
export const tablesIn = (files: readonly FoundFile[]): readonly FoundFile[] =>
  files.filter(({ path }) => {
    const format = formatOf(path);
    return format !== undefined && format !== 'text';
  });

/** A folder with tables in it: those that are called after a split if there are any for training, else all. */
function tablesOf(files: readonly FoundFile[]): FolderLayout | undefined {
  const tables = tablesIn(files);
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
  const texts: ClassFile[] = [];
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
