/** Files are written whole or not at all; faults say what to do. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FailureError } from '#eft/errors.js';
import { readingFault, writingFault } from '#eft/platform/node/faults.js';
import { openRanges } from '#eft/platform/node/pieces.js';
import {
  requireMakeableFolder,
  requireWritableFolder,
  WholeFile,
  writeWhole,
} from '#eft/platform/node/whole.js';

const WHOLE = fileURLToPath(new URL('../../dist/platform/node/whole.js', import.meta.url));

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
    // A shell's limit on the size of files, in blocks of 512 or 1024 bytes.
    const { stdout } = spawnSync('sh', [
      '-c',
      `ulimit -f 4; trap '' XFSZ; exec "$0" --input-type=module -e "$1"`,
      process.execPath,
      `import { writeWhole } from ${JSON.stringify(WHOLE)};
       await writeWhole(${JSON.stringify(path)}, [new Uint8Array(9000)]).catch(({ code, message }) => console.log(code, message));`,
    ]);
    expect(String(stdout)).toBe(
      `write cannot write ${path}: the file is larger than this system allows: choose another folder or raise the limit\n`,
    );
    expect(await readFile(path, 'utf8')).toBe('older');
    expect(await readdir(folder)).toEqual(['a']);
  },
);

test('where the name is taken by a folder, the temporary file goes when the file is given its name', async () => {
  await mkdir(join(folder, 'a'));
  const file = await WholeFile.create(join(folder, 'a'));
  await file.write('x');
  await expect(file.commit()).rejects.toMatchObject({ code: 'write' });
  expect(await readdir(folder)).toEqual(['a']);
});

test('text and bytes in order, hashed, in a temporary file of a given name', async () => {
  const path = join(folder, 'a');
  const temporary = join(folder, 'a.mine');
  // Another's link that lies there is not followed.
  await writeFile(join(folder, 'theirs'), 'theirs');
  await symlink(join(folder, 'theirs'), temporary);
  const hash = createHash('sha256');
  const file = await WholeFile.create(path, { temporary, hash });
  const large = new Uint8Array(3 * 2 ** 20).fill(97);
  await file.write('é');
  await file.write(large);
  await file.write('end');
  await file.flush();
  expect((await readFile(temporary)).length).toBe(file.size);
  await expect(readFile(path)).rejects.toThrow('ENOENT');
  await file.commit();
  await file.discard();
  const whole = Buffer.concat([Buffer.from('é'), large, Buffer.from('end')]);
  expect((await readFile(path)).equals(whole)).toBe(true);
  expect(file.size).toBe(whole.length);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(whole).digest('hex'));
  expect(await readFile(join(folder, 'theirs'), 'utf8')).toBe('theirs');
  expect((await readdir(folder)).sort()).toEqual(['a', 'theirs']);
});

test('what is discarded leaves nothing, an older file stays', async () => {
  const path = join(folder, 'a');
  await writeWhole(path, 'older');
  const file = await WholeFile.create(path);
  await file.write('newer');
  await file.discard();
  expect(await readFile(path, 'utf8')).toBe('older');
  expect(await readdir(folder)).toEqual(['a']);
});

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

test('limits of the process are named, with what to do', () => {
  const error = Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
  expect(writingFault('a', error).message).toMatch(/too many files open: raise the limit \(ulimit -n\)/);
  expect(readingFault('a', error).message).toMatch(/too many files open: raise the limit \(ulimit -n\)/);
});

test('a file that cannot be read leaves no open file behind', async () => {
  expect(await openRanges(join(folder, 'none'))).toBeUndefined();
  await writeFile(join(folder, 'file'), '');
  expect(await openRanges(join(folder, 'file', 'a'))).toBeUndefined();
});
