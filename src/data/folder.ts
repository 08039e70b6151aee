/** Plain folders of files by class: FOLDER/<class>/…, one text a file. */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { InputError } from '../errors.js';
import type { Example } from './example.js';
import { decodedText, openFile } from './source.js';

/** In order of their paths; names that begin with a dot are passed over. Throws InputError where there is no class. */
export async function* folderExamples(folder: string): AsyncGenerator<Example> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
    .sort();
  if (files.length === 0) throw new InputError(`${folder}: the folder holds no files`);
  for (const path of files) {
    const parts = relative(folder, path).split(sep);
    if (parts.length < 2) {
      throw new InputError(`${path}: a file outside any class; a data folder is FOLDER/<class>/<files>`);
    }
    yield { text: await readWhole(path), label: parts[0] };
  }
}

async function readWhole(path: string): Promise<string> {
  let text = '';
  for await (const piece of decodedText(await openFile(path))) text += piece;
  return text;
}
