/** Reads the results of a comparison from its folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { parseResults, type Results } from '../../formats/results.js';

/** Throws InputError on a folder without results, damaged ones, or ones of another version. */
export async function readResults(folder: string): Promise<Results> {
  const path = join(folder, 'results.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(
      error.code === 'ENOENT' ? `${folder} holds no results.json` : `${path}: ${error.message}`,
    );
  });
  return parseResults(text, path);
}
