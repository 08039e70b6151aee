/**
 * One program at a time in a folder: a lock file that names process and host. It outlives a SIGKILL, and is then known
 * to be stale: its process is gone, or the number belongs to a process that started later.
 */
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { FailureError, InputError } from '../../errors.js';
import { writingFault } from './whole.js';

const NAME = '.lock';
/** Held for the instant in which a stale lock is replaced; older ones were left by a kill in that instant. */
const TAKEOVER = '.lock.takeover';
const TAKEOVER_MS = 5000;
const RETRY_MS = 50;

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** When the process started, in the system's own units; '' where the system does not tell. */
  started: z.string(),
  /** For people. */
  since: z.string(),
});
type Owner = z.infer<typeof ownerSchema>;

/** Field 22 of /proc/PID/stat: tells a process from a later one of the same number. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in brackets may hold spaces.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function isStale({ pid, host, started }: Owner): Promise<boolean> {
  if (host !== hostname()) return false;
  return !isRunning(pid) || (started !== '' && started !== (await startOf(pid)));
}

/** Who holds the lock; 'damaged' where the file says nothing: a kill came while it was written. */
async function ownerOf(path: string): Promise<Owner | 'damaged' | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return 'damaged';
  }
}

/** True if the file was made by this call. */
async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw writingFault(path, error as NodeJS.ErrnoException);
  }
}

const ageOf = async (path: string): Promise<number> =>
  Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;

/** Who has the lock of a folder, and whether on this computer; undefined where nobody has, or has it no more. */
export async function holderOf(folder: string): Promise<{ readonly here: boolean } | undefined> {
  const owner = await ownerOf(join(folder, NAME));
  if (owner === undefined || owner === 'damaged' || (await isStale(owner))) return undefined;
  return { here: owner.host === hostname() };
}

/** Takes the lock from a program of which is known that it is gone. */
export const breakLock = (folder: string): Promise<void> => rm(join(folder, NAME), { force: true });

function inUse(folder: string, { pid, host, since }: Owner): InputError {
  const where = host === hostname() ? '' : ` on ${host}`;
  const remedy =
    host === hostname()
      ? 'wait for it, or choose another folder'
      : `wait for it, choose another folder, or delete ${join(folder, NAME)} if that process is gone`;
  return new InputError(`${folder} is in use by process ${pid}${where} since ${since}: ${remedy}`);
}

/**
 * Takes the lock of a folder, which must exist, and returns what gives it back. Throws InputError naming the process
 * that has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, NAME);
  const takeover = join(folder, TAKEOVER);
  const owner: Owner = {
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
    since: new Date().toISOString(),
  };
  for (const end = Date.now() + 2 * TAKEOVER_MS; Date.now() < end; ) {
    if (await create(path, `${JSON.stringify(owner)}\n`)) return () => rm(path, { force: true });
    const holder = await ownerOf(path);
    if (holder === undefined) continue;
    if (holder === 'damaged' ? (await ageOf(path)) < TAKEOVER_MS : !(await isStale(holder))) {
      if (holder !== 'damaged') throw inUse(folder, holder);
      await sleep(RETRY_MS);
      continue;
    }
    // One process alone may take a stale lock away: another's new one might go with it.
    if (await create(takeover, `${process.pid}\n`)) {
      const still = await ownerOf(path);
      if (JSON.stringify(still) === JSON.stringify(holder)) await rm(path, { force: true });
      await rm(takeover, { force: true });
    } else if ((await ageOf(takeover)) > TAKEOVER_MS) await rm(takeover, { force: true });
    else await sleep(RETRY_MS);
  }
  throw new FailureError(
    `${folder}: its lock could not be taken; delete ${path} if no other program runs there`,
  );
}
