/**
 * One program at a time in a folder: a lock file that its holder renews while it runs. Who wants the folder watches the
 * file; one that is not renewed for a while was left by a program that is gone. No clocks are compared, and neither process
 * numbers nor host names decide: on a shared disk and in containers they mean nothing. They only shorten the watching,
 * where they prove that the holder has ended.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { FailureError, InputError } from '../../errors.js';
import { isAbsence, readingFault, writingFault } from './faults.js';
import { HEARTBEAT_MS, Heartbeat } from './heartbeat.js';
import { stateOf, thisProcess } from './processIdentity.js';

const NAME = '.lock';
/** Held for the instant in which a stale lock is removed; an older one was left by a kill in that instant. */
const GUARD = '.lock.takeover';
/** A lock that was not renewed for so long is stale. */
const STALE_MS = 25 * HEARTBEAT_MS;
/** The same of a lock whose process has ended, as far as can be known. */
const ENDED_MS = 2.5 * HEARTBEAT_MS;
const POLL_MS = HEARTBEAT_MS / 4;

const holderSchema = z.object({
  token: z.string().regex(/^[0-9a-f]{16}$/),
  pid: z.number().int().positive(),
  machine: z.string(),
  started: z.number(),
  /** For people. */
  host: z.string(),
  since: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

interface LockFile {
  /** Changes when the lock is renewed or another's. */
  readonly version: string;
  /** Undefined where the file does not say: of an older version, or a kill came while it was written. */
  readonly holder: Holder | undefined;
}

/** What the file is now; undefined where there is none. */
async function readLock(path: string): Promise<LockFile | undefined> {
  let file: FileHandle | undefined;
  try {
    // Opened anew each time: a network disk then asks the server, not its own memory.
    file = await open(path);
    const { mtimeMs, ino } = await file.stat();
    const text = await file.readFile('utf8');
    return { version: `${ino} ${mtimeMs} ${text}`, holder: holderOf(text) };
  } catch (error) {
    if (isAbsence(error)) return undefined;
    // It may be another user's, or a folder.
    const status = await stat(path).catch(() => undefined);
    if (status === undefined) throw readingFault(path, error as NodeJS.ErrnoException);
    return { version: `${status.ino} ${status.mtimeMs}`, holder: undefined };
  } finally {
    await file?.close();
  }
}

function holderOf(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Token of the lock that lies in a folder; undefined where there is none. */
export const lockToken = async (folder: string): Promise<string | undefined> =>
  (await readLock(join(folder, NAME)))?.holder?.token;

/** True if the file was made by this call. */
async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw writingFault(path, error as NodeJS.ErrnoException);
  }
}

/** For how long something has been the same. */
class Watch {
  #seen: string | undefined;
  #since = 0;

  /** Whether it was ever another than now. */
  changed = false;

  /** @returns ms since it is as it is now */
  look(now: string): number {
    if (now !== this.#seen) {
      this.changed = this.#seen !== undefined;
      this.#seen = now;
      this.#since = performance.now();
    }
    return performance.now() - this.#since;
  }
}

type Liveness = 'held' | 'stale' | 'undecided';

/** Watches a lock file until it is clear whether its holder lives. */
class LockWatch {
  readonly #watch = new Watch();
  readonly #stale: number;

  constructor(stale: number) {
    this.#stale = stale;
  }

  look({ version, holder }: LockFile): Liveness {
    const state = holder === undefined ? 'unknown' : stateOf(holder);
    const unchanged = this.#watch.look(version);
    if (state === 'running' || this.#watch.changed) return 'held';
    return unchanged < (state === 'ended' ? ENDED_MS : this.#stale) ? 'undecided' : 'stale';
  }
}

function inUse(folder: string, holder: Holder | undefined): InputError {
  const remedy = 'wait for it, or choose another folder';
  if (holder === undefined) return new InputError(`${folder} is in use by another program: ${remedy}`);
  const { pid, host, since } = holder;
  const where = host === hostname() ? '' : ` on ${host}`;
  return new InputError(`${folder} is in use by process ${pid}${where} since ${since}: ${remedy}`);
}

/** The lock of a folder, held by this process until it is released. */
export class FolderLock {
  readonly token: string;
  readonly #path: string;
  readonly #heartbeat: Heartbeat;

  constructor(path: string, token: string) {
    this.#path = path;
    this.token = token;
    this.#heartbeat = new Heartbeat(path, token);
    if (held.size === 0) process.on('exit', removeHeld);
    held.set(path, token);
  }

  /**
   * Throws FailureError where the lock is another's: this program stood still for so long that it was taken for ended.
   */
  async requireHeld(): Promise<void> {
    const { fault } = this.#heartbeat;
    if (fault !== undefined)
      throw new FailureError(`the lock ${this.#path} cannot be renewed: ${fault}`, 'write');
    if ((await readLock(this.#path))?.holder?.token === this.token) return;
    throw new FailureError(
      `the lock ${this.#path} is no longer this program's: it was suspended, and another one took the folder over. Nothing more is written there`,
      'write',
    );
  }

  /** Another's lock that may lie there is left alone. */
  async release(): Promise<void> {
    await this.#heartbeat.end();
    held.delete(this.#path);
    if (held.size === 0) process.off('exit', removeHeld);
    const found = await readLock(this.#path).catch(() => undefined);
    if (found?.holder?.token === this.token) await rm(this.#path, { force: true });
  }
}

/** Tokens by paths of the locks that this process holds, and gives back when it ends of itself. */
const held = new Map<string, string>();

function removeHeld(): void {
  for (const [path, token] of held) {
    try {
      if (holderOf(readFileSync(path, 'utf8'))?.token === token) rmSync(path);
    } catch {
      // It is gone, or found to be stale by whoever comes next.
    }
  }
}

/** Removes a stale lock, unless it is another one by now. */
async function removeStale(
  folder: string,
  seen: LockFile,
  isLeft: (guard: string) => boolean,
): Promise<void> {
  const guard = join(folder, GUARD);
  // One process alone may remove it: another's new one might go with it.
  if (await create(guard, '')) {
    try {
      const path = join(folder, NAME);
      if ((await readLock(path))?.version === seen.version) await rm(path, { force: true });
    } catch (error) {
      throw writingFault(join(folder, NAME), error as NodeJS.ErrnoException);
    } finally {
      await rm(guard, { force: true });
    }
    return;
  }
  const found = await readLock(guard);
  if (found !== undefined && isLeft(found.version)) await rm(guard, { force: true });
  else await sleep(POLL_MS);
}

/**
 * Takes the lock of a folder, which must exist. Where one lies there whose holder may have ended, this takes a second or,
 * if it was on another machine, ten. Throws InputError naming the process that has it, FailureError where no file can be
 * written.
 * @param stale ms without renewal after which a lock is taken for left
 */
export async function lockFolder(folder: string, stale = STALE_MS): Promise<FolderLock> {
  const path = join(folder, NAME);
  const token = randomBytes(8).toString('hex');
  const holder: Holder = { token, ...thisProcess(), host: hostname(), since: new Date().toISOString() };
  const watch = new LockWatch(stale);
  const guardWatch = new Watch();
  const isLeft = (guard: string): boolean => guardWatch.look(guard) > stale / 2;
  for (;;) {
    if (await create(path, `${JSON.stringify(holder)}\n`)) return new FolderLock(path, token);
    const found = await readLock(path);
    const liveness = found === undefined ? 'undecided' : watch.look(found);
    if (liveness === 'held') throw inUse(folder, found?.holder);
    if (found !== undefined && liveness === 'stale') await removeStale(folder, found, isLeft);
    else await sleep(POLL_MS);
  }
}

/**
 * Waits until nobody holds the lock of a folder, or its holder is gone.
 * @param patience ms after which it is given up
 * @returns whether it is free
 */
export async function untilUnlocked(folder: string, patience: number): Promise<boolean> {
  const end = performance.now() + patience;
  let watch = new LockWatch(STALE_MS);
  while (performance.now() < end) {
    const found = await readLock(join(folder, NAME));
    const liveness = found === undefined ? 'stale' : watch.look(found);
    if (liveness === 'stale') return true;
    if (liveness === 'held') watch = new LockWatch(STALE_MS);
    await sleep(POLL_MS);
  }
  return false;
}
