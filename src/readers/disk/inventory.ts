/** Which files data consist of, without reading them: what tells them from others, and about how much text they hold. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { InputError } from '../../errors.js';
import { formatOf } from '../formats.js';
import { layoutOf } from './folder.js';
import { fileFault } from './open.js';
import { expandPaths } from './paths.js';

export interface Inventory {
  /** Path, size and time of the last change (ms) of each file; of built-in data the name. */
  readonly files: readonly (readonly [path: string, size: number, modified: number])[];
  /** Of text, estimated where files are packed. */
  readonly bytes: number;
}

/** Files that are asked about at the same time. */
const AT_ONCE = 64;

/** Bytes of text in a byte of the file, about. */
function expansionOf(path: string): number {
  if (/\.gz$/i.test(path)) return 4;
  return formatOf(path) === 'parquet' ? 3 : 1;
}

/** Throws InputError where there is no such file, folder or built-in dataset. */
export async function inventoryOf(from: string | readonly string[]): Promise<Inventory> {
  const paths: string[] = [];
  const builtIn: string[] = [];
  for (const { kind, path } of await expandPaths(from)) {
    if (kind === 'built-in') builtIn.push(path);
    else if (kind === 'file') paths.push(path);
    else {
      const { texts, tables } = await layoutOf(path);
      for (const file of [...texts, ...tables]) paths.push(file.path);
    }
  }
  const files: [string, number, number][] = builtIn.map((name) => [name, 0, 0]);
  for (let first = 0; first < paths.length; first += AT_ONCE) {
    const some = paths.slice(first, first + AT_ONCE).map(async (path): Promise<[string, number, number]> => {
      const { size, mtimeMs } = await stat(path).catch((error: NodeJS.ErrnoException) => {
        throw fileFault(path, error);
      });
      return [resolve(path), size, mtimeMs];
    });
    files.push(...(await Promise.all(some)));
  }
  return { files, bytes: files.reduce((sum, [path, size]) => sum + size * expansionOf(path), 0) };
}

/** Share of Node's memory that texts may take; what is made of them needs room too. */
const SHARE = 0.5;

/**
 * Throws InputError where so much text does surely not fit into memory, before Node aborts on it.
 * @param remedy what else could be done
 * @param what they are
 */
export function requireRoom(name: string, bytes: number, remedy = '', what = 'text'): void {
  const most = SHARE * getHeapStatistics().heap_size_limit;
  if (bytes <= most) return;
  const gigabytes = (n: number): string => `${(n / 1e9).toFixed(1)} GB`;
  const enough = Math.ceil(bytes / SHARE / 1e6);
  throw new InputError(
    `${name}: about ${gigabytes(bytes)} of ${what} to hold in memory, where Node has room for ${gigabytes(most)}; ${remedy}use a part of them (--limit), or allow more memory (NODE_OPTIONS=--max-old-space-size=${enough})`,
  );
}
