/** What a command writes, before it writes: no output is one of its inputs, and files of others stay. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { MODEL_FOLDER_FILES } from '../formats/runFolder.js';
import { type FileName, requireNoInput } from '../platform/node/sameFile.js';
import { expandPaths } from '../readers/disk/paths.js';

/** What a command reads. */
export interface CommandInputs {
  /** As named: files, folders, patterns, built-in data; - is standard input. */
  readonly data?: readonly string[] | undefined;
  /** Folders of trained models: their own files are read, others in there are not. */
  readonly runs?: readonly string[];
}

/** The files of a run in a folder, there or not. */
export const runFilesIn = (folder: string): string[] => MODEL_FOLDER_FILES.map((name) => join(folder, name));

/**
 * Throws InputError where an output is an input, whatever path or link names it, or lies in a folder of data.
 * @param outputs files and folders to write; 1 is standard output
 */
export async function requireOutputsApart(
  outputs: readonly FileName[],
  { data = [], runs = [] }: CommandInputs,
): Promise<void> {
  const read = await Promise.all(data.map(placesOf));
  await requireNoInput(outputs, [...read.flat(), ...runs.flatMap(runFilesIn)]);
}

async function placesOf(named: string): Promise<FileName[]> {
  if (named === '-') return [0];
  // What is not there is refused when it is read, with a better reason.
  const paths = await expandPaths(named).catch(() => []);
  return paths.filter(({ kind }) => kind !== 'built-in').map(({ path }) => path);
}

/** Throws InputError where a page is to be written over a file that this program did not write. */
export async function requireOwnPage(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined || text.includes('of elastic-fourier')) return;
  throw new InputError(`${path} is not a page of this program: move it away, or choose another folder`);
}
