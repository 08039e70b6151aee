/** Input that means harm, or grew by accident: refused with its place, without holding it. */
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openItems } from '#eft/readers/dataset.js';
import type { ReadOptions } from '#eft/readers/options.js';
import { collect, expectRefusal, temporaryFolder } from '../temporary-folder.js';
import { readRaw, readWhole } from './read.js';

const { write } = temporaryFolder();

describe('limits', () => {
  test.each<[string, string, string, ReadOptions]>([
    [
      'field.csv',
      `text,label\na,x\n${'b'.repeat(101)},y\n`,
      '@:3: this row has a field of more than 100 characters (--max-field allows longer ones)',
      { maxField: 100 },
    ],
    [
      'quote.csv',
      `text,label\n"${'b\n'.repeat(60)}`,
      '@:2: this row has a field of more than 100 characters; a double quote opened in this row may never be closed (--max-field allows longer ones)',
      { maxField: 100 },
    ],
    [
      'wide.csv',
      `text,label\na,x\na${',b'.repeat(9)}\n`,
      '@:3: this row has more than 5 columns; --max-fields allows more',
      { maxFields: 5 },
    ],
    [
      'line.jsonl',
      `{"text":"a","label":"x"}\n{"text":"${'b'.repeat(100)}","label":"y"}\n`,
      '@:2: a line of more than 100 characters (--max-line allows longer ones)',
      { maxLine: 100 },
    ],
    [
      'line.txt',
      `__label__x ${'b'.repeat(100)}`,
      '@:1: a line of more than 100 characters (--max-line allows longer ones)',
      { maxLine: 100 },
    ],
    [
      'element.json',
      `[{"text":"a","label":"x"},\n{"text":"${'b'.repeat(100)}`,
      '@:2: an element of more than 100 characters (--max-line allows longer ones)',
      { maxLine: 100 },
    ],
    ['deep.jsonl', `{"text":${'['.repeat(2 ** 20)}`, '@:1: JSON nested deeper than 10000 levels', {}],
  ])('%s', async (name, content, message, options) => {
    const path = await write(name, content);
    await expectRefusal(readWhole(path, options), message.replace('@', path));
  });

  test('a gzipped table that never ends its quote, with the usual limits', async () => {
    const path = await write('bomb.csv.gz', gzipSync(`text,label\n"x,y\n${'a,b\n'.repeat(2 ** 24)}`));
    await expect(readWhole(path)).rejects.toThrow(
      `${path}:2: this row has a field of more than 33554432 characters; a double quote`,
    );
  });

  test('a million columns, with the usual limits', async () => {
    const path = await write('million.csv', `${'c,'.repeat(1_000_000)}\n`);
    await expectRefusal(
      readWhole(path),
      `${path}:1: this row has more than 100000 columns; --max-fields allows more`,
    );
  });

  test.skipIf(!existsSync('/dev/zero'))('a file of zeros without end', () =>
    expectRefusal(
      readWhole('/dev/zero', { format: 'text' }),
      '/dev/zero: this is binary data, not text (zero bytes in it); name a file of text',
    ),
  );

  test('what is too long is left out where that is allowed, and what follows is read', async () => {
    const rows = `{"text":"a","label":"x"}\n{"text":"${'b'.repeat(1e6)}","label":"y"}\n{"text":"c","label":"z"}\n`;
    const path = await write('skip.jsonl', rows);
    const { examples, skipped } = await readWhole(path, { maxLine: 100, skipBad: 1 });
    expect(examples.map(({ label }) => label)).toEqual(['x', 'z']);
    expect(skipped).toEqual({
      count: 1,
      first: [
        { place: `${path}:2`, fault: 'a line of more than 100 characters (--max-line allows longer ones)' },
      ],
    });
  });
});

describe('a line without end, where bad rows are left out', () => {
  const most = 2 ** 28;
  test.each([
    ['endless.txt.gz', '__label__x a\n', 'a', 2],
    ['endless.csv.gz', 'text,label\na,x\n"b', 'b', 3],
  ])('%s', async (name, head, unit, line) => {
    const path = await write(name, gzipSync(head + unit.repeat(most + 2 ** 20), { level: 1 }));
    await expectRefusal(
      readWhole(path, { skipBad: 9, maxLine: 1000, maxField: 1000 }),
      `${path}:${line}: a line that has not ended after ${most} characters: are these lines of text?`,
    );
  });

  test('a long one that ends is left out', async () => {
    const path = await write('ends.jsonl', `${'a'.repeat(2 ** 22)}\n{"text":"b","label":"x"}\n`);
    const { examples, skipped } = await readWhole(path, { skipBad: 9, maxLine: 1000 });
    expect(examples).toEqual([{ input: 'b', label: 'x' }]);
    expect(skipped?.count).toBe(1);
  });
});

describe('bad rows', () => {
  const table = 'text,label\na,x\n"b" c,x\nd,\ne,y\nf,y,z\ng,x\n"h,x\ni,y\n';

  test('are counted, listed with their place and left out, and reading goes on behind them', async () => {
    const path = await write('bad.csv', table);
    const { examples, skipped } = await readWhole(path, { skipBad: 4 });
    expect(examples.map(({ input }) => input)).toEqual(['a', 'e', 'g', 'i']);
    expect(skipped?.count).toBe(4);
    expect(skipped?.first.map(({ place }) => place)).toEqual([3, 4, 6, 8].map((line) => `${path}:${line}`));
  });

  test('refused: one more than allowed', async () => {
    const path = await write('bad.csv', table);
    await expectRefusal(
      readWhole(path, { skipBad: 1 }),
      `${path}:4: this row has no label (field 'label' is empty); give it one or remove the row; 2 bad rows so far, and --skip-bad allows 1`,
    );
  });

  test('only the first ten are listed', async () => {
    const path = await write('many.jsonl', `${'{\n'.repeat(25)}{"text":"a","label":"x"}\n`);
    const { skipped } = await readWhole(path, { skipBad: 30 });
    expect(skipped?.count).toBe(25);
    expect(skipped?.first).toHaveLength(10);
  });

  test('bytes that do not decode spoil their row alone; U+FFFD in the data spoils none', async () => {
    const bytes = Buffer.concat([
      Buffer.from('text,label\nü \ufffd,x\nb'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from(',y\nc,z\n'),
    ]);
    const path = await write('bytes.csv', bytes);
    const { examples, skipped } = await readWhole(path, { skipBad: 1, encoding: 'utf-8' });
    expect(examples.map(({ input }) => input)).toEqual(['ü \ufffd', 'c']);
    expect(skipped?.first[0].place).toBe(`${path}:3`);
  });

  test('texts before a refused row are all given, and those behind it with `after`', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `{"text":"${i}","id":${i}}\n`);
    rows[4000] = '{"text":\n';
    const path = await write('predict.jsonl', rows.join(''));
    const texts = readRaw(path, { keep: ['id'] });
    let last = 0;
    const refused = (async () => {
      for await (const { row, text, kept } of texts) {
        expect([text, kept]).toEqual([String(row - 1), { id: row - 1 }]);
        last = row;
      }
    })();
    await expect(refused).rejects.toThrow(`${path}:4001: not JSON`);
    expect(last).toBe(4000);
    const rest = await collect(readRaw(path, { after: 4001 }));
    expect(rest[0]).toEqual({ text: '4001', place: `${path}:4002`, row: 4002 });
    expect(rest).toHaveLength(999);
    const skipping = await openItems(path, { labelled: false, skipBad: 1, after: 3999 });
    expect((await collect(skipping)).slice(0, 2).map(({ row }) => row)).toEqual([4000, 4002]);
    expect(skipping.notes.skipped?.count).toBe(1);
  });
});
