/** Folders of signals: FOLDER/<class>/<files>, FOLDER/<split>/<class>/<files>, or files whose names begin with the class. */
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { InputError } from '../../errors.js';
import { type LabelledFile, layoutOf } from '../folder.js';
import { fileFault } from '../open.js';
import type { SplitName } from '../parse/examples.js';

/** Files that hold one signal each. */
const SINGLE = new Set(['.wav', '.wave', '.npy']);
/** Files that hold many. */
const MANY = new Set(['.ts', '.tsv', '.arff']);

export const isSingle = (path: string): boolean => SINGLE.has(extname(path).toLowerCase());

export interface SignalLayout {
  /** Files with one signal each. */
  readonly files: readonly LabelledFile[];
  /** Files with many. */
  readonly tables: readonly { readonly path: string; readonly split?: SplitName }[];
  /** How the classes were found, where it was guessed. */
  readonly note?: string;
}

/** "7_jackson_32.wav": the class, something, a number. */
const NAMED = /^([^_]+)_.*\d+\.\w+$/;

/** What a pattern finds in the names of files: its first group, or all of it. */
function labelsBy(names: readonly string[], pattern: RegExp): (string | undefined)[] {
  return names.map((name) => {
    const found = pattern.exec(name);
    return found?.[1] ?? found?.[0];
  });
}

/**
 * @param labelFrom pattern whose first group is the class in a file's name
 * Throws InputError where no class is found.
 */
export async function signalLayout(folder: string, labelFrom: string | undefined): Promise<SignalLayout> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw fileFault(folder, error);
  });
  const names = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
  const tables = names.filter((name) => MANY.has(extname(name).toLowerCase()));
  const single = names.filter(isSingle);
  if (labelFrom === undefined && single.length === 0 && tables.length > 0)
    return { files: [], ...divided(folder, tables) };
  if (labelFrom === undefined && single.length === 0)
    return { tables: [], files: signalsOnly(folder, (await layoutOf(folder)).texts) };
  const pattern = labelFrom === undefined ? NAMED : new RegExp(labelFrom);
  const labels = labelsBy(single, pattern);
  const without = labels.indexOf(undefined);
  const distinct = new Set(labels).size;
  const guessable = labelFrom !== undefined || 2 * distinct <= single.length;
  if (single.length === 0) throw new InputError(`${folder}: no .wav or .npy files in it`);
  if (without >= 0 || !guessable) {
    const which = join(folder, single[Math.max(0, without)]);
    throw new InputError(
      labelFrom === undefined
        ? `${which}: which class is this? Put files into folders by class (FOLDER/<class>/<files>), call them <class>_…_<number>.wav, or say where the class stands in their names: --label-from '^(\\d+)-'`
        : `${which}: the pattern ${labelFrom} (--label-from) does not fit this name`,
    );
  }
  return {
    tables: [],
    files: single.map((name, i) => ({ path: join(folder, name), label: labels[i]! })),
    ...(labelFrom === undefined ? { note: 'class by the beginning of the file name up to _ (guessed)' } : {}),
  };
}

/** Tables of an archive's data set: …_TRAIN and …_TEST. */
function divided(folder: string, names: readonly string[]): Pick<SignalLayout, 'tables'> {
  const splits = names.map((name): SplitName | undefined => {
    const found = /[_-](train|test|val(?:idation)?)\.\w+$/i.exec(name)?.[1].toLowerCase();
    return found === 'train' || found === 'test' ? found : found === undefined ? undefined : 'validation';
  });
  // The archive's zips hold the same series in several formats.
  const endings = names.map((name) => extname(name).toLowerCase());
  const tables = names.flatMap((name, i) => {
    if (endings[i] !== endings[0]) return [];
    const split = splits.includes('train') ? splits[i] : undefined;
    return [{ path: join(folder, name), ...(split === undefined ? {} : { split }) }];
  });
  return { tables };
}

function signalsOnly(folder: string, files: readonly LabelledFile[]): LabelledFile[] {
  const found = files.filter(({ path }) => isSingle(path));
  if (found.length === 0) throw new InputError(`${folder}: no .wav or .npy files in it`);
  return found;
}
