/** One program at a time in a folder, whatever became of the last one. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import { lockFolder } from '#eft/platform/node/lock.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (): string => join(folder, '.lock');
const owner = async (change: object): Promise<void> => {
  const content = { pid: process.pid, host: hostname(), started: '', since: 'then', ...change };
  await writeFile(file(), JSON.stringify(content));
};

test('refused while another holds it, naming the process; free again afterwards', async () => {
  const unlock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(InputError);
  await expect(lockFolder(folder)).rejects.toThrow(`${folder} is in use by process ${process.pid} since`);
  await unlock();
  await (await lockFolder(folder))();
  await expect(readFile(file())).rejects.toThrow('ENOENT');
});

test('of many that come at once exactly one gets it, also over a stale lock', async () => {
  // No process has so high a number.
  await owner({ pid: 999_999_999 });
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a lock of a killed process is stale', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await owner({ pid: child.pid });
  await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${child.pid}`);
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGKILL');
  await ended;
  await (await lockFolder(folder))();
});

test.runIf(process.platform === 'linux')('a number that a later process has got is stale', async () => {
  await owner({ started: '1' });
  await (await lockFolder(folder))();
});

test('a lock of another machine is respected, with advice', async () => {
  await owner({ host: 'elsewhere', pid: 1 });
  await expect(lockFolder(folder)).rejects.toThrow(
    `in use by process 1 on elsewhere since then: wait for it, choose another folder, or delete ${file()}`,
  );
});
