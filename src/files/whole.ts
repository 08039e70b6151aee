/** Writes files whole: to a temporary name beside them, then renamed. A reader never sees half a file. */
import { mkdir, open, rename, rm } from 'node:fs/promises';

import { FailureError } from '../errors.js';

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space or choose another folder',
  EDQUOT: 'the disk quota is used up: free some space or choose another folder',
  EACCES: 'permission denied: choose a folder that you may write',
  EPERM: 'permission denied: choose a folder that you may write',
  EROFS: 'the disk is read-only: choose another folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'the folder is gone',
};

/** What went wrong with a path, and what to do. */
export function writingFault(path: string, error: NodeJS.ErrnoException): FailureError {
  const advice = ADVICE[error.code ?? ''] ?? error.message;
  return new FailureError(`cannot write ${path}: ${advice}`);
}

let serial = 0;

/** Throws FailureError where it cannot be written; nothing is then left behind and an older file stays. */
export async function writeWhole(path: string, parts: string | readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${process.pid}.${serial++}.tmp`;
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

/** Makes the folder with its parents and checks that it can be written; throws FailureError otherwise. */
export async function requireWritableFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const probe = `${folder}/.writable.${process.pid}.tmp`;
    await (await open(probe, 'w')).close();
    await rm(probe);
  } catch (error) {
    throw writingFault(folder, error as NodeJS.ErrnoException);
  }
}
