/** Plain folders of files by class: FOLDER/<class>/…, one text a file. */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Example } from '../data/example.js';
import { takeTurns } from '../data/limit.js';
import { InputError } from '../errors.js';
import { decodedText, openFile } from './source.js';

/**
 * In order of their paths; names that begin with a dot are passed over. Throws InputError where there is no class.
 * @param limit as of `takeTurns`
 */
export async function readFolder(folder: string, limit: number): Promise<Example[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
    .sort();
  if (files.length === 0) throw new InputError(`${folder}: the folder holds no files`);
  const labelled = files.map((path) => {
    const parts = relative(folder, path).split(sep);
    if (parts.length > 1) return { path, label: parts[0] };
    throw new InputError(`${path}: a file outside any class; a data folder is FOLDER/<class>/<files>`);
  });
  const examples: Example[] = [];
  for (const { path, label } of takeTurns(labelled, limit)) {
    examples.push({ input: await readWhole(path), label });
  }
  return examples;
}

async function readWhole(path: string): Promise<string> {
  let text = '';
  for await (const piece of decodedText(await openFile(path))) text += piece;
  return text;
}
