/** What tells data from others, on any machine: the names and contents of their files. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { BUILT_IN } from '../../readers/disk/builtIn.js';
import { fileFault } from '../../readers/disk/open.js';
import { expandPaths } from '../../readers/disk/paths.js';
import { isGenerated } from '../../readers/signals/generated.js';

/** Files that are hashed at the same time. */
const AT_ONCE = 8;

/** Whether this names data that every installation has, and no file. */
export async function isBuiltIn(source: string): Promise<boolean> {
  if (!isGenerated(source) && !BUILT_IN.includes(source)) return false;
  return stat(source).then(
    () => false,
    () => true,
  );
}

/** Hashes of files, not made twice as long as size and time of change are the same. */
export class ContentHashes {
  readonly #known = new Map<string, { size: number; modified: number; hash: string }>();

  async of(path: string): Promise<string> {
    try {
      const { size, mtimeMs: modified } = await stat(path);
      const known = this.#known.get(path);
      if (known?.size === size && known.modified === modified) return known.hash;
      const sha256 = createHash('sha256');
      for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) sha256.update(chunk);
      const hash = sha256.digest('hex');
      this.#known.set(path, { size, modified, hash });
      return hash;
    } catch (error) {
      throw fileFault(path, error as NodeJS.ErrnoException);
    }
  }

  /**
   * Of a data source: file, folder or pattern. Throws InputError where it is not there.
   * @param base from which the files' names count
   * @param allow throws for a file that must not be read
   */
  async ofSource(source: string, base: string, allow: (path: string) => Promise<void>): Promise<string> {
    const paths: string[] = [];
    for (const { kind, path } of await expandPaths(source)) {
      if (kind === 'folder') paths.push(...(await filesIn(path)));
      else paths.push(path);
    }
    const lines: string[] = [];
    for (let first = 0; first < paths.length; first += AT_ONCE) {
      const some = paths.slice(first, first + AT_ONCE).map(async (path) => {
        await allow(path);
        return `${await this.of(path)} ${relative(base, resolve(path)).split(sep).join('/')}\n`;
      });
      lines.push(...(await Promise.all(some)));
    }
    return createHash('sha256').update(lines.sort().join('')).digest('hex');
  }
}

/** All that a reader may find there: links too, names that begin with a dot not. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      throw fileFault(folder, error);
    },
  );
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    );
}
