/**
 * Folders of signals: FOLDER/<class>/<files>, FOLDER/<split>/<class>/<files>, files whose names begin with the class, or
 * tables of an archive's data set; and, where no classes are needed, any files in any folders.
 */

import type { SplitName } from '../../data/dataset.js';
import { InputError } from '../../errors.js';
import { shown } from '../parse/shown.js';
import { CONVERT, foreignEnding } from '../signals/foreign.js';
import { endingOf, isSingle, MANY } from '../signals/formats.js';
import { type FoundFile, splitOf } from './folder.js';

/** A file with one signal. */
export interface SignalFile {
  readonly path: string;
  /** Undefined where no class is needed. */
  readonly label?: string;
  readonly split?: SplitName;
}

export interface SignalLayout {
  /** Files with one signal each. */
  readonly files: readonly SignalFile[];
  /** Files with many. */
  readonly tables: readonly { readonly path: string; readonly split?: SplitName }[];
  /** How the classes were found, where it was guessed, and what was left out; a line of English each. */
  readonly notes: readonly string[];
}

export interface LayoutOptions {
  /** Whether classes are needed. */
  readonly labelled: boolean;
  /** Pattern whose first group is the class in a file's name. */
  readonly labelFrom?: string | undefined;
}

/** "7_jackson_32.wav": the class, something, a number. */
const NAMED = /^([^_]+)_.*\d+\.\w+$/;

/** "GunPoint_TRAIN.ts". */
const PART = /(?:^|[_-])(train(?:ing)?|test|val(?:idation)?)\.\w+(?:\.gz)?$/i;

/**
 * @param found all files under the folder, in order
 * Throws InputError where there are no signals, or classes are needed and not found.
 */
export function signalLayout(
  folder: string,
  found: readonly FoundFile[],
  { labelled, labelFrom }: LayoutOptions,
): SignalLayout {
  const singles = found.filter(({ path }) => isSingle(path));
  if (singles.length === 0) return tablesOf(folder, found);
  const notes: string[] = [];
  const { files, unused } = labelled
    ? labelledFiles(folder, singles, labelFrom, notes)
    : { files: singles.map(({ path }) => ({ path })), unused: [] };
  const leftOut = found.filter(({ path }) => !isSingle(path));
  return { files, tables: [], notes: [...notes, ...notesOn([...unused, ...leftOut])] };
}

interface Labelled {
  readonly files: readonly SignalFile[];
  /** Signals that belong to no class. */
  readonly unused: readonly FoundFile[];
}

function labelledFiles(
  folder: string,
  singles: readonly FoundFile[],
  labelFrom: string | undefined,
  notes: string[],
): Labelled {
  if (labelFrom !== undefined) return byNames(singles, new RegExp(labelFrom), labelFrom);
  const loose = singles.filter(({ parts }) => parts.length === 1);
  const tops = new Set(singles.filter(({ parts }) => parts.length > 1).map(({ parts }) => parts[0]));
  if (tops.size === 0) {
    notes.push('class by the beginning of the file name up to _ (guessed)');
    return byNames(singles, NAMED, undefined);
  }
  const splits = [...tops].map(splitOf);
  if (!splits.includes('train') || splits.includes(undefined)) {
    const files = singles
      .filter(({ parts }) => parts.length > 1)
      .map(({ path, parts }) => ({ path, label: parts[0] }));
    return { files, unused: loose };
  }
  const files: SignalFile[] = [];
  const unused: FoundFile[] = [];
  for (const file of singles) {
    const { path, parts } = file;
    const split = parts.length > 2 ? splitOf(parts[0]) : undefined;
    if (split === undefined || split === 'unlabelled') unused.push(file);
    else files.push({ path, label: parts[1], split });
  }
  if (files.some(({ split }) => split === 'train')) return { files, unused };
  throw new InputError(
    `${folder}: its folders are called as splits (train, test …), but hold no folders of classes; a divided data folder is FOLDER/<split>/<class>/<files>`,
  );
}

/** @param labelFrom what was given; undefined for a guess, which must fit all files and find classes that come again */
function byNames(singles: readonly FoundFile[], pattern: RegExp, labelFrom: string | undefined): Labelled {
  const labels = singles.map(({ parts }) => {
    const found = pattern.exec(parts[parts.length - 1]);
    return found?.[1] ?? found?.[0];
  });
  const without = labels.indexOf(undefined);
  if (without >= 0 || (labelFrom === undefined && 2 * new Set(labels).size > labels.length)) {
    const { path } = singles[Math.max(0, without)];
    throw new InputError(
      labelFrom === undefined
        ? `${path}: which class is this? Put files into folders by class (FOLDER/<class>/<files>), call them <class>_…_<number>.wav, or say where the class is in their names: --label-from '^(\\d+)-'`
        : `${path}: the pattern ${labelFrom} (--label-from) does not fit this name`,
    );
  }
  return { files: singles.map(({ path }, i) => ({ path, label: labels[i]! })), unused: [] };
}

/**
 * Tables of an archive's data set: …_TRAIN and …_TEST. Its zips hold the same series in several formats, of which one is
 * taken. Throws InputError where there are none.
 */
function tablesOf(folder: string, found: readonly FoundFile[]): SignalLayout {
  const candidates = found
    .filter(({ path, parts }) => {
      const ending = endingOf(path);
      // Others of this ending describe the data.
      return MANY.includes(ending) && (ending !== '.txt' || PART.test(parts[parts.length - 1]));
    })
    .map((file) => ({ ...file, split: partOf(file.parts[file.parts.length - 1]) }));
  if (candidates.length === 0) throw new InputError(`${folder}: ${nothing(found)}`);
  const trained = candidates.filter(({ split }) => split === 'train');
  const from = trained.length > 0 ? trained : candidates;
  const ending = MANY.find((one) => from.some(({ path }) => endingOf(path) === one));
  const used = candidates.filter(({ path }) => endingOf(path) === ending);
  const tables = used.map(({ path, split }) =>
    trained.length === 0 || split === undefined ? { path } : { path, split },
  );
  const paths = new Set(tables.map(({ path }) => path));
  return { files: [], tables, notes: notesOn(found.filter(({ path }) => !paths.has(path))) };
}

function partOf(name: string): SplitName | undefined {
  const part = PART.exec(name)?.[1].toLowerCase();
  if (part === undefined) return undefined;
  return part === 'test' ? 'test' : part.startsWith('train') ? 'train' : 'validation';
}

/** Number of files of each format of sounds that is not read: "12 MP3, 1 FLAC". */
function foreignCounts(files: readonly FoundFile[]): string {
  const counts = new Map<string, number>();
  for (const { path } of files) {
    const kind = foreignEnding(endingOf(path));
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

function nothing(found: readonly FoundFile[]): string {
  const foreign = foreignCounts(found);
  if (foreign !== '')
    return `no .wav or .npy files in it, but sounds that are not read (${foreign}); ${CONVERT.replace('it', 'each')}`;
  return `no .wav or .npy files in it, nor tables of series (${MANY.slice(0, 4).join(', ')} …)`;
}

const LISTED = 3;

/** What is said of files that are not read. */
function notesOn(files: readonly FoundFile[]): string[] {
  const foreign = files.filter(({ path }) => foreignEnding(endingOf(path)) !== undefined);
  const others = files.filter((file) => !foreign.includes(file));
  const notes: string[] = [];
  const list = (some: readonly FoundFile[]): string => {
    const more = some.length > LISTED ? ` and ${some.length - LISTED} more` : '';
    return (
      some
        .slice(0, LISTED)
        .map(({ parts }) => shown(parts.join('/')))
        .join(', ') + more
    );
  };
  if (foreign.length > 0) {
    notes.push(
      `sounds not read: ${foreignCounts(foreign)} (${list(foreign)}); ${CONVERT.replace('it', 'each')}`,
    );
  }
  if (others.length > 0) notes.push(`not read: ${list(others)}`);
  return notes;
}
