/** The folder that a worker may read and write, and nothing besides: paths are checked after links are resolved. */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { InputError } from '../../errors.js';

/** A job that this worker does not take: what is wrong with it. */
export class JobRefusal extends Error {
  override name = 'JobRefusal';
}

const isWithin = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
};

export class Root {
  /** Without links. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Throws InputError where there is no such folder. */
  static async open(path: string): Promise<Root> {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined || !(await stat(real)).isDirectory()) {
      throw new InputError(
        `${path}: no such folder; --root names the folder that the worker reads and writes`,
      );
    }
    return new Root(real);
  }

  /**
   * Where the submitter's relative paths begin here: at the same absolute folder where that is beneath the root (a disk
   * that both have), else at the root.
   */
  async base(submitters: string): Promise<string> {
    if (!isAbsolute(submitters)) return this.path;
    const real = await realpath(submitters).catch(() => undefined);
    return real !== undefined && isWithin(this.path, real) && (await stat(real)).isDirectory()
      ? real
      : this.path;
  }

  /** Throws JobRefusal where it leads out, before and after links are resolved; what is not there yet may be made. */
  async within(base: string, path: string): Promise<string> {
    if (isAbsolute(path) || path.includes('\0'))
      throw new JobRefusal(`the path ${shownPath(path)} is not relative`);
    const lexical = resolve(base, normalize(path));
    if (!isWithin(base, lexical)) throw new JobRefusal(`the path ${shownPath(path)} leads out of the root`);
    if (!isWithin(this.path, await resolveLinks(lexical, path))) {
      throw new JobRefusal(`the path ${shownPath(path)} leads out of the root by a link`);
    }
    return lexical;
  }

  /** Throws JobRefusal where a file that is to be read lies outside after links are resolved. */
  async requireWithin(path: string): Promise<void> {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) throw new JobRefusal(`${shownPath(path)}: no such file here`);
    if (!isWithin(this.path, real))
      throw new JobRefusal(`${shownPath(path)} leads out of the root by a link`);
  }

  /** Throws JobRefusal where a link in the folder leads out: what is read from it, or appended to it, would lie elsewhere. */
  async requireLinksWithin(folder: string): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries)
      if (entry.isSymbolicLink()) await this.requireWithin(join(folder, entry.name));
  }
}

/** The path without links, as far as it is there. Throws JobRefusal on a link that leads nowhere: a file made through it would. */
async function resolveLinks(path: string, given: string): Promise<string> {
  for (let at = path, rest = ''; ; rest = join(at.slice(dirname(at).length + 1), rest), at = dirname(at)) {
    const real = await realpath(at).catch(() => undefined);
    if (real !== undefined) return join(real, rest);
    if ((await lstat(at).catch(() => undefined))?.isSymbolicLink()) {
      throw new JobRefusal(`the path ${shownPath(given)} holds a link that leads nowhere`);
    }
    if (at === dirname(at)) return path;
  }
}

/** What of a path may stand in a message. */
export const shownPath = (path: string): string =>
  JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);

/**
 * The submitter's folder from which paths are given to workers: the one given, or the working folder where all lie in it,
 * or the innermost that holds all. Throws InputError where a path lies outside of the one given.
 */
export async function submittersBase(given: string | undefined, paths: readonly string[]): Promise<string> {
  const absolute = paths.map((path) => resolve(path));
  if (given !== undefined) {
    const base = (await Root.open(given)).path;
    const outside = absolute.find((path) => !isWithin(base, path) && !isWithin(resolve(given), path));
    if (outside !== undefined)
      throw new InputError(`${outside} is not beneath --root ${given}: workers could not find it`);
    return resolve(given);
  }
  const here = process.cwd();
  if (absolute.every((path) => isWithin(here, path))) return here;
  let base = dirname(absolute[0]);
  while (!absolute.every((path) => isWithin(base, path))) base = dirname(base);
  return base;
}

/** From the base to the path, with slashes. */
export const relativeTo = (base: string, path: string): string =>
  relative(base, resolve(path)).split(sep).join('/') || '.';
