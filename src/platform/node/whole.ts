/** Writes files whole: to a temporary name beside them, then renamed. A reader never sees half a file. */
import { access, constants, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FailureError } from '../../errors.js';

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space or choose another folder',
  EFBIG: 'the file is larger than this system allows: choose another folder or raise the limit',
  EDQUOT: 'the disk quota is used up: free some space or choose another folder',
  EACCES: 'permission denied: choose a folder that you may write',
  EPERM: 'permission denied: choose a folder that you may write',
  EROFS: 'the disk is read-only: choose another folder',
  ENOTDIR: 'a part of the path is a file, not a folder: choose another one',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'the folder is gone or cannot be made: choose another one',
};

/** What went wrong with a path, and what to do. */
export function writingFault(path: string, error: NodeJS.ErrnoException): FailureError {
  const advice = ADVICE[error.code ?? ''] ?? error.message;
  return new FailureError(`cannot write ${path}: ${advice}`);
}

let serial = 0;

/** The process that a temporary file belongs to; undefined for other names. */
export function temporaryOf(name: string): number | undefined {
  const found = /\.(\d+)\.\d+\.tmp$/.exec(name);
  return found === null ? undefined : Number(found[1]);
}

/** A name that no other file has, which `temporaryOf` knows. */
export const temporaryName = (path: string): string => `${path}.${process.pid}.${serial++}.tmp`;

/** Throws FailureError where it cannot be written; nothing is then left behind and an older file stays. */
export async function writeWhole(path: string, parts: string | readonly Uint8Array[]): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, 'w');
    try {
      if (typeof parts === 'string') await file.writeFile(parts);
      else for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writingFault(path, error as NodeJS.ErrnoException);
  }
}

/** The folders of a path that are still to be made, outermost first. Throws where a file is in the way. */
async function missingFolders(folder: string): Promise<{ existing: string; missing: string[] }> {
  const missing: string[] = [];
  for (let path = resolve(folder); ; path = dirname(path)) {
    const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (status === undefined && path !== dirname(path)) {
      missing.unshift(path);
      continue;
    }
    if (status?.isDirectory() === false) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    return { existing: path, missing };
  }
}

/** Throws FailureError where the folder can surely not be made or written; makes nothing. */
export async function requireMakeableFolder(folder: string): Promise<void> {
  try {
    const { existing } = await missingFolders(folder);
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw writingFault(folder, error as NodeJS.ErrnoException);
  }
}

/** Makes the folder with its parents and checks that it can be written; throws FailureError otherwise. */
export async function requireWritableFolder(folder: string): Promise<void> {
  try {
    // Not mkdir's `recursive`: Node 20 never returns from it where a parent exists but takes no folders (/proc).
    for (const path of (await missingFolders(folder)).missing) {
      await mkdir(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
    const probe = temporaryName(join(folder, '.writable'));
    await (await open(probe, 'w')).close();
    await rm(probe);
  } catch (error) {
    throw writingFault(folder, error as NodeJS.ErrnoException);
  }
}
