/** Texts to predict: streamed, labels not needed, one for each row. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { collect, expectRefusal, temporaryFolder } from '../temporary-folder.js';
import { readRaw } from './read.js';

const { write } = temporaryFolder();

test('a text a line, empty ones too, so that results keep in step', async () => {
  const path = await write('a.txt', 'first\n\r\n__label__x third');
  expect(await collect(readRaw(path))).toEqual([
    { text: 'first', place: `${path}:1`, row: 1 },
    { text: '', place: `${path}:2`, row: 2 },
    { text: 'third', place: `${path}:3`, row: 3 },
  ]);
});

test('tables and JSON lines by their text field; rows need no label', async () => {
  const table = await write('a.csv', 'id,body\n1,"a\nb"\n2,\n');
  expect(await collect(readRaw(table))).toEqual([
    { text: 'a\nb', place: `${table}:2`, row: 1 },
    { text: '', place: `${table}:4`, row: 2 },
  ]);
  const json = await write('a.jsonl.gz', gzipSync('{"note":"a","text":"b"}\n'));
  expect(await collect(readRaw(json, { textField: 'note' }))).toEqual([
    { text: 'a', place: `${json}:1`, row: 1 },
  ]);
});

test('refused: a row without the field', async () => {
  const path = await write('b.jsonl', '{"text":"a"}\n{"label":"a"}\n');
  await expectRefusal(
    collect(readRaw(path)),
    `${path}:2: the text field 'text' is missing; give the row a text or remove it`,
  );
});

describe('standard input', () => {
  test('lines of text, or the format told; gzip also where the first byte comes alone', async () => {
    expect(await collect(readRaw(Readable.from([Buffer.from('a\nb\n')])))).toEqual([
      { text: 'a', place: 'standard input:1', row: 1 },
      { text: 'b', place: 'standard input:2', row: 2 },
    ]);
    const zipped = gzipSync('{"text":"a"}\n');
    const stream = Readable.from([zipped.subarray(0, 1), zipped.subarray(1)]);
    expect(await collect(readRaw(stream, { format: 'jsonl' }))).toEqual([
      { text: 'a', place: 'standard input:1', row: 1 },
    ]);
  });

  test('nothing in, nothing out', async () => {
    expect(await collect(readRaw(Readable.from([])))).toEqual([]);
  });

  test.each(['text', 'jsonl', 'csv'] as const)(
    '%s of no end: texts come as they arrive, and the source is let go',
    async (format) => {
      let given = 0;
      const endless = function* (): Generator<Buffer> {
        if (format === 'csv') yield Buffer.from('text\n');
        for (;;) yield Buffer.from(format === 'jsonl' ? `{"text":"${given++}"}\n` : `${given++}\n`);
      };
      const stream = Readable.from(endless());
      const texts: string[] = [];
      for await (const { text } of readRaw(stream, { format })) {
        if (texts.push(text) === 1000) break;
      }
      expect(texts).toEqual(Array.from({ length: 1000 }, (_, i) => String(i)));
      // Lines of four bytes and more; no stream on the way keeps more than 64 KiB.
      expect(given).toBeLessThan(1000 + 65_536 / 4);
      expect(stream.destroyed).toBe(true);
    },
  );

  test('a limit does not wait for the text behind it', async () => {
    const stream = new Readable({ read() {} });
    stream.push('a\nb\n');
    expect(await collect(readRaw(stream, { limit: 2 }))).toHaveLength(2);
    expect(stream.destroyed).toBe(true);
  });
});
