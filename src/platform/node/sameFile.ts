/** Whether what is to be written is something that is read, whatever path or link names it. */
import { type BigIntStats, fstatSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../../errors.js';

/** A path, or the number of an open file: 0 is standard input, 1 standard output. */
export type FileName = string | number;

/**
 * Throws InputError where an output is one of the inputs, or would lie in a folder that is one: by device and number of
 * the file, so that links, relative paths and other spellings of a name are seen through. Nothing is written. What is
 * not there yet is no input; names in an input folder that begin with a dot are no data.
 *
 * @param outputs files to write, there or not; a folder to write stands for itself alone, not for what goes into it
 * @param inputs files and folders; what is not there is passed over
 * @example
 * await requireNoInput(['answers.csv'], ['data/mails.csv']);
 */
export async function requireNoInput(
  outputs: readonly FileName[],
  inputs: readonly FileName[],
): Promise<void> {
  const read = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const input of inputs) {
    const status = await statusOf(input);
    if (status === undefined || !(status.isFile() || status.isDirectory())) continue;
    read.set(identityOf(status), nameOf(input));
    if (status.isDirectory() && typeof input === 'string') folders.set(identityOf(status), input);
  }
  if (read.size === 0) return;
  let linked: ReadonlyMap<string, string> | undefined;
  for (const output of outputs) {
    const status = await statusOf(output);
    if (status !== undefined) {
      const same = read.get(identityOf(status));
      if (same !== undefined) throw sameFault(nameOf(output), same);
    }
    if (typeof output !== 'string') continue;
    const folder = folders.size === 0 ? undefined : await folderAround(output, folders);
    if (folder !== undefined) {
      throw new InputError(
        `${output} would be in ${folder}, which is read: it would be read as data; choose another place`,
      );
    }
    if (status?.isFile() && folders.size > 0) {
      linked ??= await linkedFiles([...folders.values()]);
      const same = linked.get(identityOf(status));
      if (same !== undefined) throw sameFault(output, same);
    }
  }
}

const nameOf = (place: FileName): string =>
  typeof place === 'string' ? place : place === 0 ? 'standard input' : 'standard output';

const sameFault = (output: string, input: string): InputError =>
  new InputError(
    `${output} is ${output === input ? 'an input' : `the same file as the input ${input}`}: it would be overwritten; choose another output`,
  );

const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

async function statusOf(path: FileName): Promise<BigIntStats | undefined> {
  try {
    if (typeof path === 'string') return await stat(path, { bigint: true });
    return fstatSync(path, { bigint: true });
  } catch {
    // Whoever reads or writes it says what is wrong with it.
    return undefined;
  }
}

/** The folder of those given that holds the path, which need not be there itself; undefined where none does. */
async function folderAround(path: string, folders: ReadonlyMap<string, string>): Promise<string | undefined> {
  let place = await resolvedPath(path);
  for (;;) {
    const above = dirname(place);
    // A name with a dot in front is passed over in folders.
    if (above === place || basename(place).startsWith('.')) return undefined;
    place = above;
    const status = await statusOf(place);
    const found = status && folders.get(identityOf(status));
    if (found !== undefined) return found;
  }
}

/** The path without links in it, as far as it is there. */
async function resolvedPath(path: string): Promise<string> {
  const missing: string[] = [];
  for (let place = resolve(path); ; place = dirname(place)) {
    const real = await realpath(place).catch(() => undefined);
    if (real !== undefined) return join(real, ...missing);
    if (place === dirname(place)) return resolve(path);
    missing.unshift(basename(place));
  }
}

/** The files of folders that other names may lead to: links, and files with several names. */
async function linkedFiles(folders: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile() && !entry.isSymbolicLink()) continue;
      const path = join(entry.parentPath, entry.name);
      const status = await statusOf(path);
      if (status?.isFile() && (entry.isSymbolicLink() || status.nlink > 1n)) {
        found.set(identityOf(status), path);
      }
    }
  }
  return found;
}
