/** Temporary files that killed processes left are cleared away; those of others that may still run are not. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderStore } from '#eft/platform/node/folder.js';
import { thisProcess } from '#eft/platform/node/processIdentity.js';
import { clearTemporariesOf, temporaryName, temporaryOwner } from '#eft/platform/node/temporary.js';
import { writeWhole } from '#eft/platform/node/whole.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-temporary-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { machine, pid, started } = thisProcess();
const TOKEN = '0123456789abcdef';
const left = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith('.tmp'));
const make = (...names: readonly string[]): Promise<unknown> =>
  Promise.all(names.map((name) => writeFile(join(folder, name), 'half')));
/** Two days ago. */
const old = new Date(Date.now() - 48 * 3600 * 1000);

test('a name says whose it is', () => {
  expect(temporaryOwner(temporaryName('run/a'))).toEqual({ kind: 'process', machine, pid, started });
  expect(temporaryOwner(temporaryName('run/a', TOKEN))).toEqual({ kind: 'lock', token: TOKEN });
  expect(temporaryName('a')).not.toBe(temporaryName('a'));
  expect(temporaryOwner('checkpoint.safetensors.123.4.tmp')).toEqual({ kind: 'unknown' });
  for (const name of ['notes.tmp', 'a.1.tmp', 'answers.csv.local.tmp', 'a.lock-12.00000000.tmp']) {
    expect(temporaryOwner(name)).toBeUndefined();
  }
});

test('of this machine: what an ended process left goes, what a live one writes stays', async () => {
  const mine = basename(temporaryName('model.safetensors'));
  const gone = `model.safetensors.${machine}-999999999-${started}.00000000.tmp`;
  await make(mine, gone, 'notes.tmp');
  await new FolderStore(folder).prepare();
  expect((await left()).sort()).toEqual([mine, 'notes.tmp'].sort());
});

test('of another machine or container, whatever its process numbers: stays until nobody wrote to it for a day', async () => {
  const fresh = 'a.f00000000000-999999999-1.00000000.tmp';
  const abandoned = 'b.f00000000000-999999999-1.00000000.tmp';
  const olderVersion = 'c.999999999.0.tmp';
  await make(fresh, abandoned, olderVersion);
  await utimes(join(folder, abandoned), old, old);
  await new FolderStore(folder).prepare();
  expect((await left()).sort()).toEqual([fresh, olderVersion]);
  await utimes(join(folder, olderVersion), old, old);
  await new FolderStore(folder).prepare();
  expect(await left()).toEqual([fresh]);
});

test('of the holder of a lock: stays while the lock is there, and goes with it', async () => {
  const name = `checkpoint.safetensors.lock-${TOKEN}.00000000.tmp`;
  const lock = { token: TOKEN, machine: 'f00000000000', pid: 7, started: 1, host: 'a', since: 'then' };
  await make(name);
  await writeFile(join(folder, '.lock'), JSON.stringify(lock));
  await new FolderStore(folder).prepare();
  expect(await left()).toEqual([name]);
  await rm(join(folder, '.lock'));
  const store = new FolderStore(folder);
  const unlock = await store.lock();
  await store.prepare();
  expect(await left()).toEqual([]);
  const pieces = await store.create('a');
  await new FolderStore(folder).prepare();
  expect(await left()).toHaveLength(1);
  await pieces.commit();
  await unlock();
});

test('of one file alone', async () => {
  const of = (name: string): string => `${name}.${machine}-999999999-${started}.00000000.tmp`;
  await make(of('answers.csv'), of('others.csv'));
  await clearTemporariesOf(join(folder, 'answers.csv'));
  expect(await left()).toEqual([of('others.csv')]);
});

test('whoever writes a file whole takes away what a kill left of it', async () => {
  const of = (name: string): string => `${name}.${machine}-999999999-${started}.00000000.tmp`;
  await make(of('page.html'), of('others.csv'));
  await writeWhole(join(folder, 'page.html'), '<p>');
  expect(await left()).toEqual([of('others.csv')]);
});

test('two machines, one folder: who is refused has deleted nothing', { timeout: 30_000 }, async () => {
  const RUN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const first = new FolderStore(folder);
  const unlock = await first.lock();
  const pieces = await first.create('checkpoint.safetensors');
  await pieces.write(Buffer.from('half'));
  const gone = `model.safetensors.${machine}-999999999-${started}.00000000.tmp`;
  await make(gone, 'mails.csv');
  await writeFile(
    join(folder, 'mails.csv'),
    `text,label\n${Array.from({ length: 40 }, (_, i) => `t${i} ${i % 2},${i % 2}\n`).join('')}`,
  );
  const args = ['train', '--data', join(folder, 'mails.csv'), '--model', 'linear', '--out', folder];
  const { status, stderr } = spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8' });
  expect(stderr).toContain(`${folder} is in use by process ${pid}`);
  expect(status).toBe(2);
  expect(await left()).toHaveLength(2);
  await pieces.commit();
  await unlock();
});
