/**
 * Names of files that are not whole yet, and what becomes of those that a kill left behind. A name says whose the file is:
 * `NAME.OWNER.RANDOM.tmp`, where the owner is a process, or the holder of the folder's lock. So what another machine or
 * container is writing is never taken away.
 */
import { randomBytes } from 'node:crypto';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writingFault } from './faults.js';
import { lockToken } from './lock.js';
import { type ProcessIdentity, stateOf, thisProcess } from './processIdentity.js';

/** Whose temporary file it is. */
export type TemporaryOwner =
  | ({ readonly kind: 'process' } & ProcessIdentity)
  | { readonly kind: 'lock'; readonly token: string }
  /** Of an older version: a process number alone. */
  | { readonly kind: 'unknown' };

/** Unknown owners' files are abandoned when nothing was written to them for so long, by the disk's own clock. */
const ABANDONED_MS = 24 * 3600 * 1000;

/** A name that no other file has. @param token of the lock that the writer holds, if any */
export function temporaryName(path: string, token?: string): string {
  const { machine, pid, started } = thisProcess();
  const owner = token === undefined ? `${machine}-${pid}-${started}` : `lock-${token}`;
  return `${path}.${owner}.${randomBytes(4).toString('hex')}.tmp`;
}

const NAME = /\.(?:([0-9a-f]{12})-(\d+)-(\d+)|lock-([0-9a-f]{16}))\.[0-9a-f]{8}\.tmp$/;
const OLDER_NAME = /\.\d+\.\d+\.tmp$/;

/** Undefined for names of other files. */
export function temporaryOwner(name: string): TemporaryOwner | undefined {
  const found = NAME.exec(name);
  if (found === null) return OLDER_NAME.test(name) ? { kind: 'unknown' } : undefined;
  const [, machine, pid, started, token] = found;
  if (token !== undefined) return { kind: 'lock', token };
  return { kind: 'process', machine, pid: Number(pid), started: Number(started) };
}

/**
 * Removes the temporary files of a folder whose writers are gone: processes of this machine that have ended, and holders
 * of a lock that is no longer theirs. Of others only what nobody has written to for a day.
 * @param of only those of this file
 */
export async function clearTemporaries(folder: string, of?: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw writingFault(folder, error);
  });
  const temporaries = names.flatMap((name) => {
    const owner = of === undefined || name.startsWith(`${of}.`) ? temporaryOwner(name) : undefined;
    return owner === undefined ? [] : [{ path: join(folder, name), owner }];
  });
  if (temporaries.length === 0) return;
  // After the folder was listed: whoever wrote a file that is there had the lock before.
  const token = await lockToken(folder);
  const old: string[] = [];
  for (const { path, owner } of temporaries) {
    if (owner.kind === 'lock') {
      if (owner.token !== token) await remove(path);
      continue;
    }
    const state = owner.kind === 'process' ? stateOf(owner) : 'unknown';
    if (state === 'ended') await remove(path);
    if (state === 'unknown') old.push(path);
  }
  if (old.length === 0) return;
  const now = await folderTime(folder);
  for (const path of old) {
    const written = await stat(path).catch(() => undefined);
    if (written !== undefined && now - written.mtimeMs > ABANDONED_MS) await remove(path);
  }
}

/** Another user's may have to stay. */
const remove = (path: string): Promise<void> => rm(path, { force: true }).catch(() => {});

/** The same of one file. */
export const clearTemporariesOf = (path: string): Promise<void> =>
  clearTemporaries(dirname(path), basename(path));

/** The time by the clock that dates the folder's files, ms: on a shared disk another machine's. */
async function folderTime(folder: string): Promise<number> {
  const probe = temporaryName(join(folder, '.time'));
  try {
    const file = await open(probe, 'wx');
    try {
      return (await file.stat()).mtimeMs;
    } finally {
      await file.close();
      await remove(probe);
    }
  } catch (error) {
    throw writingFault(folder, error as NodeJS.ErrnoException);
  }
}
