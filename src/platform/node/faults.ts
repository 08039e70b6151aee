/** What a file system says, in words: which file, what is wrong with it, what to do. */
import type { Stats } from 'node:fs';
import { FailureError, InputError } from '../../errors.js';

/** Limits of the process or the system, met by reading and writing alike. */
const LIMITS: Readonly<Record<string, string>> = {
  EMFILE:
    'this process has too many files open: raise the limit (ulimit -n), or use fewer threads or files at once',
  ENFILE: 'the system has too many files open: close other programs, or raise its limit (fs.file-max)',
  ENOMEM: 'the system has no memory left: close other programs',
};

/**
 * The limit of the process or the system that an error says was met, and what to do; undefined for other errors. Any
 * part of a program may meet one, the loading of its own files too.
 */
export function limitOf(error: unknown): string | undefined {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  const limit = LIMITS[code ?? ''];
  if (limit !== undefined) return limit;
  const isMemory = error instanceof RangeError && /allocation failed|out of memory/i.test(message);
  return isMemory
    ? `not enough memory (${message}): take a shorter sequence length, fewer threads, less data at once, or a larger machine`
    : undefined;
}

const WRITING: Readonly<Record<string, string>> = {
  ...LIMITS,
  ENOSPC: 'the disk is full: free some space or choose another folder',
  EFBIG: 'the file is larger than this system allows: choose another folder or raise the limit',
  EDQUOT: 'the disk quota is used up: free some space or choose another folder',
  EACCES: 'permission denied: choose a folder that you may write',
  EPERM: 'permission denied: choose a folder that you may write',
  EROFS: 'the disk is read-only: choose another folder',
  ENOTDIR: 'a part of the path is a file, not a folder: choose another one',
  EISDIR: 'a folder of that name is in the way',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'the folder is gone or cannot be made: choose another one',
  ENAMETOOLONG: 'its name is too long: choose a shorter one',
};

/** What went wrong with writing a path, and what to do. */
export function writingFault(path: string, error: NodeJS.ErrnoException): FailureError {
  return new FailureError(`cannot write ${path}: ${WRITING[error.code ?? ''] ?? error.message}`, 'write');
}

const READING: Readonly<Record<string, string>> = {
  ...LIMITS,
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder, a file is needed here',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ELOOP: 'its symbolic links lead in a circle',
};

/** What went wrong with reading a path, and what to do. */
export function readingFault(path: string, error: NodeJS.ErrnoException): InputError {
  return new InputError(`${path}: cannot be read (${READING[error.code ?? ''] ?? error.message})`);
}

/** Throws InputError for what is there but holds no bytes of its own. */
export function requireFile(path: string, status: Stats): void {
  if (status.isFile()) return;
  const kind = status.isDirectory()
    ? 'a folder'
    : status.isFIFO()
      ? 'a pipe'
      : status.isSocket()
        ? 'a socket'
        : 'a device';
  throw new InputError(`${path} is ${kind}, a file is needed here`);
}

/** Whether an error says that there is nothing of that name; another one says that nobody can know. */
export const isAbsence = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
