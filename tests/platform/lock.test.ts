/** One program at a time in a folder, whatever became of the last one, on one machine or several. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FailureError, InputError } from '#eft/errors.js';
import { FolderStore } from '#eft/platform/node/folder.js';
import { lockFolder, untilUnlocked } from '#eft/platform/node/lock.js';
import { stateOf, thisProcess } from '#eft/platform/node/processIdentity.js';
import { PATIENCE_MS } from '../patience.js';

let folder: string;
const children = new Set<ChildProcess>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-lock-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await rm(folder, { recursive: true, force: true });
});

const file = (): string => join(folder, '.lock');
/** For locks that nobody holds: no reason to wait for long. */
const SOON = 800;
const TOKEN = '0123456789abcdef';
/** A lock as another process writes it. */
async function lockOf(change: object): Promise<void> {
  const holder = { token: TOKEN, ...thisProcess(), host: 'elsewhere', since: 'then', ...change };
  await writeFile(file(), JSON.stringify(holder));
}

const LOCK = fileURLToPath(new URL('../../dist/platform/node/lock.js', import.meta.url));
/** Another process that takes the lock; on its own it never ends. @param then what it does while it holds it */
async function holder(then = '', command: readonly string[] = []): Promise<ChildProcess> {
  const script = `
    import { lockFolder } from ${JSON.stringify(LOCK)};
    const lock = await lockFolder(${JSON.stringify(folder)});
    process.stdout.write('locked');
    setInterval(() => {}, 1000);
    ${then}`;
  const [program, ...args] = [...command, process.execPath, '--input-type=module', '-e', script];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  await new Promise((resolve, reject) => {
    child.stdout!.once('data', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  return child;
}
const ended = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.once('close', resolve));

test('refused while another holds it, naming the process; free again afterwards', async () => {
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(InputError);
  await expect(lockFolder(folder)).rejects.toThrow(`${folder} is in use by process ${process.pid} since`);
  await lock.release();
  await (await lockFolder(folder)).release();
  expect(await readdir(folder)).toEqual([]);
});

test('of many that come at once exactly one gets it, also over a stale lock', async () => {
  // No process has so high a number.
  await lockOf({ pid: 999_999_999 });
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
  const [got, ...others] = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(others).toEqual([]);
  await got.requireHeld();
  await got.release();
  expect(await readdir(folder)).toEqual([]);
});

test('a killed process leaves a folder that the next one gets', async () => {
  const child = await holder();
  await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${child.pid}`);
  const end = ended(child);
  child.kill('SIGKILL');
  await end;
  expect(await readdir(folder)).toEqual(['.lock']);
  await (await lockFolder(folder)).release();
});

test('a process that ends of itself takes its lock with it', async () => {
  const child = await holder('process.exit(3);');
  await ended(child);
  expect(await readdir(folder)).toEqual([]);
});

test('it is renewed while the main thread is busy', async () => {
  const child = await holder('for (;;);');
  const first = (await stat(file())).mtimeMs;
  await expect.poll(async () => (await stat(file())).mtimeMs, { timeout: 20_000 }).toBeGreaterThan(first);
  child.kill('SIGKILL');
});

test.runIf(process.platform === 'linux')('a number that a later process has got means nothing', async () => {
  const { started } = thisProcess();
  expect(stateOf(thisProcess())).toBe('running');
  expect(stateOf({ ...thisProcess(), started: started + 1 })).toBe('ended');
  expect(stateOf({ ...thisProcess(), machine: 'f00000000000' })).toBe('unknown');
  await lockOf({ started: started + 1 });
  await (await lockFolder(folder)).release();
});

describe('on another machine, or in another container', () => {
  test('one that is renewed is respected, whatever processes are here', async () => {
    await lockOf({ machine: 'f00000000000', pid: 999_999_999 });
    const renew = setInterval(() => void utimes(file(), new Date(), new Date()), 100);
    try {
      await expect(lockFolder(folder)).rejects.toThrow(
        `${folder} is in use by process 999999999 on elsewhere since then: wait for it, or choose another folder`,
      );
    } finally {
      clearInterval(renew);
    }
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ token: TOKEN });
  });

  test('clocks that differ make no difference', async () => {
    await lockOf({ machine: 'f00000000000' });
    let hours = 0;
    const renew = setInterval(() => {
      const date = new Date(Date.now() - 3_600_000 * (48 - ++hours));
      void utimes(file(), date, date);
    }, 100);
    await expect(lockFolder(folder)).rejects.toThrow(InputError);
    clearInterval(renew);
  });

  test('one that nobody renews is taken over, whoever wrote it', async () => {
    // An older version's, and what a kill left that came while it was written.
    for (const content of [JSON.stringify({ pid: 1, host: 'elsewhere', started: '', since: 'then' }), '']) {
      await writeFile(file(), content);
      await (await lockFolder(folder, SOON)).release();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  const separate = ['unshare', '-Urpf', '--kill-child', '--uts'];
  const canSeparate = spawnSync(separate[0], [...separate.slice(1), 'true']).status === 0;
  test.runIf(canSeparate)('a real one', async () => {
    const child = await holder('', separate);
    await expect(lockFolder(folder)).rejects.toThrow(InputError);
    const end = ended(child);
    child.kill('SIGKILL');
    await end;
    await (await lockFolder(folder, SOON)).release();
  });
});

test('who stood still while another took the folder over writes nothing more there', async () => {
  const store = new FolderStore(folder);
  const unlock = await store.lock();
  await store.write('a', 'mine');
  await lockOf({ machine: 'f00000000000' });
  for (const attempt of [
    () => store.write('a', 'late'),
    () => store.append('a', 'late'),
    async () => {
      const pieces = await store.create('a');
      await pieces.write(Buffer.from('late'));
      await pieces.commit();
    },
  ]) {
    const error = await attempt().then(
      () => undefined,
      (fault: unknown) => fault,
    );
    expect(error).toBeInstanceOf(FailureError);
    expect(error).toMatchObject({ code: 'write', message: expect.stringContaining('took the folder over') });
  }
  await unlock();
  // The other's lock stays.
  expect((await readdir(folder)).sort()).toEqual(['.lock', 'a']);
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('mine');
  expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ token: TOKEN });
});

test('a guard that a kill left is no obstacle', async () => {
  await lockOf({ pid: 999_999_999 });
  await writeFile(`${file()}.takeover`, '');
  await (await lockFolder(folder, SOON)).release();
  expect(await readdir(folder)).toEqual([]);
});

test('a folder where the lock belongs is refused with its path', async () => {
  await mkdir(file());
  await expect(lockFolder(folder, SOON)).rejects.toThrow(`cannot write ${file()}`);
});

test.runIf(process.platform === 'linux' && process.getuid?.() !== 0)(
  'a lock that cannot be read is watched all the same',
  async () => {
    await lockOf({ machine: 'f00000000000' });
    await chmod(file(), 0);
    const renew = setInterval(() => void utimes(file(), new Date(), new Date()), 100);
    await expect(lockFolder(folder)).rejects.toThrow('is in use by another program');
    clearInterval(renew);
  },
);

test('waiting for the end of whoever is in a folder', async () => {
  expect(await untilUnlocked(folder, 1000)).toBe(true);
  const lock = await lockFolder(folder);
  expect(await untilUnlocked(folder, 300)).toBe(false);
  const waiting = untilUnlocked(folder, PATIENCE_MS);
  await lock.release();
  expect(await waiting).toBe(true);
});
