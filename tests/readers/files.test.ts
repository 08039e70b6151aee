/** Files of any kind as bytes: by class, whole, as they are; what cannot be read is refused with its place. */
import { chmod } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { collect, expectRefusal, temporaryFolder } from '../temporary-folder.js';
import { readRaw, readWhole } from './read.js';

const { at, write } = temporaryFolder();

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0xff);
const PACKED = gzipSync('some text');

test('folders by class, whatever the files hold and are called', async () => {
  await write('kinds/png/a.png', PNG);
  await write('kinds/text/a.csv', 'x,y\n');
  await write('kinds/text/b', 'no ending');
  await write('kinds/packed/a.gz', PACKED);
  const { examples, reading } = await readWhole<Uint8Array>(at('kinds'), { input: 'bytes' });
  expect(examples.map(({ input, label }) => [label, Buffer.from(input)])).toEqual([
    ['packed', PACKED],
    ['png', Buffer.from(PNG)],
    ['text', Buffer.from('x,y\n')],
    ['text', Buffer.from('no ending')],
  ]);
  expect(reading).toEqual({ wholeFiles: true });
  expect((await readWhole(at('kinds'), { input: 'bytes', limit: 3 })).examples).toHaveLength(3);
});

test('folders that come divided', async () => {
  for (const part of ['train', 'test']) {
    await write(`divided/${part}/a/1.bin`, `${part} a`);
    await write(`divided/${part}/b/1.bin`, `${part} b`);
  }
  const { splits } = await readWhole(at('divided'), { input: 'bytes' });
  expect(splits?.train).toHaveLength(2);
  expect(splits?.test).toHaveLength(2);
});

test('tables of texts stay tables, without a guess at HTML', async () => {
  await write('texts.jsonl', '{"text":"<b>x</b>","label":"a"}\n{"text":"y","label":"b"}\n');
  const { examples } = await readWhole(at('texts.jsonl'), { input: 'bytes' });
  expect(examples[0]).toEqual({ input: '<b>x</b>', label: 'a' });
});

test('empty, too large and unreadable files are refused, or left out where that is allowed', async () => {
  await write('bad/a/1.bin', 'x');
  await write('bad/b/1.bin', '');
  const how = { input: 'bytes' } as const;
  await expectRefusal(readWhole(at('bad'), how), `${at('bad/b/1.bin')} is empty`);
  await write('bad/b/2.bin', 'some bytes');
  const { examples } = await readWhole(at('bad'), { ...how, skipBad: 1 });
  expect(examples).toHaveLength(2);
  await write('bad/b/1.bin', 'x');
  await expectRefusal(
    readWhole(at('bad'), { ...how, maxField: 5 }),
    `${at('bad/b/2.bin')}: more than 5 bytes (--max-field allows longer ones)`,
  );
  await expectRefusal(readWhole(at('none'), how), `${at('none')}: no such file or folder`);
  if (process.getuid?.() === 0) return; // root reads everything
  await chmod(at('bad/a/1.bin'), 0);
  await expect(readWhole(at('bad'), how)).rejects.toThrow(/a\/1\.bin: cannot be read \(EACCES/);
});

test('files to be predicted: single ones, those of folders, a stream', async () => {
  await write('new/deep/2.bin', 'two');
  await write('new/1.bin', 'one');
  const rows = await collect(readRaw<Uint8Array>([at('new/1.bin'), at('new')], { input: 'bytes' }));
  expect(rows.map(({ place, row, text }) => [place, row, Buffer.from(text).toString()])).toEqual([
    [at('new/1.bin'), 1, 'one'],
    [at('new/1.bin'), 2, 'one'],
    [at('new/deep/2.bin'), 3, 'two'],
  ]);
  const [piped] = await collect(
    readRaw(Readable.from([Buffer.from('a'), Buffer.from('b')]), { input: 'bytes' }),
  );
  expect(piped).toEqual({ place: 'standard input', row: 1, text: Buffer.from('ab') });
  await expectRefusal(collect(readRaw(Readable.from([]), { input: 'bytes' })), 'standard input is empty');
});
