/** Folders of files by class. */
import { symlink } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { expectRefusal, temporaryFolder } from '../temporary-folder.js';
import { readWhole } from './read.js';

const { at, write } = temporaryFolder();

test('the first folder is the class; files lie at any depth, plain or gzipped', async () => {
  await write('mails/spam/2.txt', 'win\n');
  await write('mails/spam/deep/er/1.eml', 'a cruise');
  await write('mails/ham/1.gz', gzipSync('the list'));
  await write('mails/ham/.hidden', 'x');
  await write('mails/.git/config', 'x');
  await symlink(at('mails/spam/2.txt'), at('mails/ham/link.txt'));
  expect(await readWhole(at('mails'))).toMatchObject({
    name: at('mails'),
    reading: { html: 'keep' },
    examples: [
      { input: 'the list', label: 'ham' },
      { input: 'win\n', label: 'ham' },
      { input: 'win\n', label: 'spam' },
      { input: 'a cruise', label: 'spam' },
    ],
  });
  const { examples } = await readWhole(at('mails'), { limit: 2 });
  expect(examples.map(({ label }) => label)).toEqual(['ham', 'spam']);
});

test('refused: no files, files outside any class, an empty file', async () => {
  await write('none/.keep', '');
  await expectRefusal(readWhole(at('none')), `${at('none')}: the folder holds no files`);
  const loose = await write('loose/README', 'x');
  await expectRefusal(
    readWhole(at('loose')),
    `${loose}: a file outside any class; a data folder is FOLDER/<class>/<files>`,
  );
  const empty = await write('empty/a/1.txt', '');
  await expectRefusal(readWhole(at('empty')), `${empty} is empty`);
});
