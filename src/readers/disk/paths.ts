/** What is named as data: built-in datasets, folders, files, and patterns that stand for several of them. */
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { InputError } from '../../errors.js';
import { GENERATED } from '../signals/generated.js';
import { BUILT_IN } from './builtIn.js';
import { fileFault } from './open.js';

export interface DataPath {
  readonly kind: 'file' | 'folder' | 'built-in';
  readonly path: string;
}

/** Characters that make a path a pattern, where no file has that very name. */
const PATTERN = /[*?[\]{}]/;

/**
 * Paths in the order named; those of a pattern sorted, each path once. A file's own name wins over a pattern, a file
 * or folder over a built-in dataset. Throws InputError on what is not there.
 */
export async function expandPaths(named: string | readonly string[]): Promise<DataPath[]> {
  const names = typeof named === 'string' ? [named] : named;
  const found = new Map<string, DataPath>();
  for (const name of names) for (const one of await expand(name)) found.set(resolve(one.path), one);
  if (found.size === 0) throw new InputError('no data are named');
  return [...found.values()];
}

async function expand(name: string): Promise<DataPath[]> {
  const kind = await kindOf(name);
  if (kind !== undefined) return [{ kind, path: name }];
  if (BUILT_IN.includes(name)) return [{ kind: 'built-in', path: name }];
  if (PATTERN.test(name)) {
    const { glob } = await import('tinyglobby');
    const pattern = process.platform === 'win32' ? name.replaceAll('\\', '/') : name;
    const paths = await glob(pattern, {
      absolute: isAbsolute(name),
      expandDirectories: false,
      onlyFiles: true,
    });
    if (paths.length === 0) throw new InputError(`${name}: no file matches this pattern`);
    return paths.sort().map((path) => ({ kind: 'file', path }));
  }
  if (/[./\\]/.test(name)) throw new InputError(`${name}: no such file or folder`);
  const known = [...BUILT_IN, ...GENERATED].map((one) => `'${one}'`).join(', ');
  throw new InputError(`${name}: no such file or folder; built-in datasets: ${known}`);
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw fileFault(path, error as NodeJS.ErrnoException);
  }
}
