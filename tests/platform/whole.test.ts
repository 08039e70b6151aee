/** Files are written whole or not at all; faults say what to do. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FailureError } from '#eft/errors.js';
import {
  requireMakeableFolder,
  requireWritableFolder,
  temporaryOf,
  writeWhole,
  writingFault,
} from '#eft/platform/node/whole.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-whole-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('replaces a file and leaves nothing else', async () => {
  const path = join(folder, 'a');
  await writeWhole(path, 'one');
  await writeWhole(path, [new Uint8Array([116]), new Uint8Array([119, 111])]);
  expect(await readFile(path, 'utf8')).toBe('two');
  expect(await readdir(folder)).toEqual(['a']);
});

test('where it cannot write, the older thing stays and no temporary file is left', async () => {
  const path = join(folder, 'a');
  await mkdir(path);
  await expect(writeWhole(path, 'x')).rejects.toThrow(FailureError);
  expect(await readdir(folder)).toEqual(['a']);
  await expect(writeWhole(join(folder, 'none', 'a'), 'x')).rejects.toThrow(/cannot write .*none.*choose/);
});

test.runIf(process.platform === 'linux')(
  'a full disk: the older file stays, no temporary is left',
  async () => {
    const path = join(folder, 'a');
    await writeWhole(path, 'older');
    // The names that the next temporary files may have lead to a device that is always full.
    const full = Array.from({ length: 100 }, (_, serial) => `${path}.${process.pid}.${serial}.tmp`);
    for (const name of full) await symlink('/dev/full', name);
    await expect(writeWhole(path, [new Uint8Array(100), new Uint8Array(100)])).rejects.toThrow(
      `cannot write ${path}: the disk is full: free some space or choose another folder`,
    );
    expect(await readFile(path, 'utf8')).toBe('older');
    // One of them was taken, and is gone.
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toHaveLength(full.length - 1);
  },
);

test('a path through a file', async () => {
  await writeFile(join(folder, 'file'), 'x');
  await expect(writeWhole(join(folder, 'file', 'a'), 'y')).rejects.toThrow(
    `cannot write ${join(folder, 'file', 'a')}: a part of the path is a file, not a folder: choose another one`,
  );
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('x');
});

test('a full disk is named', () => {
  const error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  expect(writingFault('run/x', error).message).toBe(
    'cannot write run/x: the disk is full: free some space or choose another folder',
  );
});

test('makes folders with their parents; the check alone makes nothing', async () => {
  const deep = join(folder, 'a', 'b', 'c');
  await requireMakeableFolder(deep);
  expect(await readdir(folder)).toEqual([]);
  await requireWritableFolder(deep);
  await requireWritableFolder(deep);
  expect(await readdir(deep)).toEqual([]);
});

test('a file in the way is refused', async () => {
  await writeFile(join(folder, 'file'), '');
  for (const path of [join(folder, 'file'), join(folder, 'file', 'run')]) {
    await expect(requireMakeableFolder(path)).rejects.toThrow(/a part of the path is a file/);
    await expect(requireWritableFolder(path)).rejects.toThrow(FailureError);
  }
});

test.runIf(process.platform === 'linux')('a system folder that takes none is refused at once', async () => {
  await expect(requireWritableFolder('/proc/eft/run')).rejects.toThrow(/cannot write \/proc\/eft\/run/);
});

test('knows its own temporary files', () => {
  expect(temporaryOf('checkpoint.safetensors.123.4.tmp')).toBe(123);
  expect(temporaryOf('notes.tmp')).toBeUndefined();
});
