/** Where the files of a corpus lie. */
import { dirname, resolve, sep } from 'node:path';

/** The innermost folder that holds all of the paths. @param paths of files, at least one */
export function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => dirname(resolve(path)).split(sep));
  const [first] = folders;
  const shared = first.findIndex((part, i) => folders.some((folder) => folder[i] !== part));
  const parts = shared < 0 ? first : first.slice(0, shared);
  return parts.length <= 1 ? sep : parts.join(sep);
}
