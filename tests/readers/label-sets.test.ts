/** Labels of which an example may have any number: each way in which files and arrays bring them, and single ones as before. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { areMultiLabel } from '#eft/data/labelSets.js';
import { openItems, readDataset } from '#eft/readers/dataset.js';
import { collect, temporaryFolder } from '../temporary-folder.js';

const { write } = temporaryFolder();
const read = async (name: string, content: string | Uint8Array, options = {}) => {
  const { examples, description } = await readDataset(await write(name, content), options);
  return { found: examples.map(({ label, labels }) => labels ?? label), description };
};
const found = async (name: string, content: string | Uint8Array, options = {}) =>
  (await read(name, content, options)).found;

const lines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('sets of labels are read', () => {
  test.each<[string, string, string, object, (readonly string[])[]]>([
    [
      'arrays in JSON lines, also empty ones',
      'a.jsonl',
      lines({ text: 'x', label: ['a', 'b'] }, { text: 'y', label: [] }, { text: 'z', label: ['c'] }),
      {},
      [['a', 'b'], [], ['c']],
    ],
    [
      'arrays beside single labels',
      'b.jsonl',
      lines({ text: 'x', label: 'a' }, { text: 'y', label: ['a', 2] }),
      {},
      [['a'], ['a', '2']],
    ],
    [
      'a JSON array of objects, a label twice',
      'c.json',
      JSON.stringify([
        { text: 'x', labels: ['a', 'a', 'b'] },
        { text: 'y', labels: ['b'] },
      ]),
      {},
      [['a', 'b'], ['b']],
    ],
    [
      'fastText lines',
      'd.txt',
      '__label__a __label__b some words\n__label__c others\n',
      {},
      [['a', 'b'], ['c']],
    ],
    [
      'a separator that is named, empty cells without labels',
      'e.csv',
      'text,label\nx,a; b\ny,\nz,b\n',
      { labelSeparator: ';' },
      [['a', 'b'], [], ['b']],
    ],
    [
      'a separator that is seen',
      'f.csv',
      'text,label\nx,a;b\ny,b;c\nz,a\nw,c\n',
      {},
      [['a', 'b'], ['b', 'c'], ['a'], ['c']],
    ],
    [
      'a bar that is seen',
      'g.tsv',
      'text\tlabel\nx\ta|b\ny\tb|a\nz\ta\n',
      {},
      [['a', 'b'], ['b', 'a'], ['a']],
    ],
    [
      'lists as pandas writes them',
      'h.csv',
      `text,label\nx,"['a', 'it''s']"\ny,[]\nz,"['b']"\n`.replace("it''s", 'c d'),
      {},
      [['a', 'c d'], [], ['b']],
    ],
    ['lists as JSON', 'i.csv', 'text,label\nx,"[""a"", ""b""]"\ny,"[""a""]"\n', {}, [['a', 'b'], ['a']]],
    [
      'columns of 0 and 1',
      'j.csv',
      'text,sport,news\nx,1,0\ny,0,0\nz,1,1\n',
      { labelColumns: 'sport,news' },
      [['sport'], [], ['sport', 'news']],
    ],
    [
      'columns by a prefix, true and false',
      'k.jsonl',
      lines({ text: 'x', is_a: true, is_b: true }, { text: 'y', is_a: false, is_b: true }),
      { labelColumns: 'is_*' },
      [['is_a', 'is_b'], ['is_b']],
    ],
    [
      'single ones as sets, where that is asked for',
      'l.csv',
      'text,label\nx,a\ny,\nz,b\n',
      { labels: 'many' },
      [['a'], [], ['b']],
    ],
    [
      'missing ones as none, where that is asked for',
      'm.jsonl',
      lines({ text: 'x', label: null }, { text: 'y', label: 'a' }),
      { labels: 'many', labelField: 'label' },
      [[], ['a']],
    ],
  ])('%s', async (_, name, content, options, expected) => {
    expect(await found(name, content, options)).toEqual(expected);
  });

  test('lists of Parquet', async () => {
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'text', data: ['x', 'y', 'z'], type: 'STRING' },
        { name: 'label', data: [['a', 'b'], [], ['b']], type: 'JSON' },
      ],
    });
    expect(await found('a.parquet', new Uint8Array(file))).toEqual([['a', 'b'], [], ['b']]);
  });

  test('arrays in memory', async () => {
    const dataset = await readDataset([
      { text: 'x', label: ['a', 'b'] },
      { text: 'y', label: [] },
    ]);
    expect(dataset.isMultiLabel).toBe(true);
    expect(Object.fromEntries(dataset.classCounts)).toEqual({ a: 1, b: 1 });
  });

  test('what was guessed is said', async () => {
    const { description } = await read('n.csv', 'text,label\nx,a;b\ny,b;c\nz,a\nw,c\n');
    expect(description).toContain(
      "labels are separated by ';' (guessed; --labels one keeps such a cell as one class)",
    );
    expect(description).toContain('any number of labels each: 1.50 in the mean');
  });

  test('a stream gives sets as they come', async () => {
    const path = await write('o.jsonl', lines({ text: 'x', label: ['a'] }, { text: 'y', label: [] }));
    expect((await collect(await openItems(path, { labels: 'many' }))).map(({ labels }) => labels)).toEqual([
      ['a'],
      [],
    ]);
  });
});

describe('one label each is read as before', () => {
  test.each<[string, string, string, object, string[]]>([
    [
      'arrays of one',
      'a.jsonl',
      lines({ text: 'x', label: ['a'] }, { text: 'y', label: ['b'] }),
      {},
      ['a', 'b'],
    ],
    ['a class with a separator in its name', 'b.csv', 'text,label\nx,a;b\ny,c\n', {}, ['a;b', 'c']],
    ['two such classes', 'c.csv', 'text,label\nx,a;b\ny,c;d\n', {}, ['a;b', 'c;d']],
    [
      'what looks like several, where one is asked for',
      'd.csv',
      'text,label\nx,a;b\ny,b;c\nz,a\nw,c\n',
      { labels: 'one' },
      ['a;b', 'b;c', 'a', 'c'],
    ],
    [
      'names with commas',
      'e.jsonl',
      lines({ text: 'x', label: 'a, b' }, { text: 'y', label: 'c' }),
      {},
      ['a, b', 'c'],
    ],
  ])('%s', async (_, name, content, options, expected) => {
    expect(await found(name, content, options)).toEqual(expected);
    expect(areMultiLabel((await readDataset(await write(name, content), options)).examples)).toBe(false);
  });
});

describe('refused', () => {
  test.each<[string, string, string, object, string]>([
    [
      'several labels where one is asked for',
      'a.jsonl',
      lines({ text: 'x', label: ['a', 'b'] }),
      { labels: 'one' },
      'a.jsonl:1: this row has 2 labels (a, b), and --labels one wants one',
    ],
    [
      'a label in a set that is none',
      'b.jsonl',
      lines({ text: 'x', label: ['a', null] }),
      {},
      'has a label that is missing (its 2.)',
    ],
    [
      'a column that is not there',
      'c.csv',
      'text,a\nx,1\n',
      { labelColumns: 'b' },
      "no column 'b' for --label-columns; there are 'text', 'a'",
    ],
    [
      'a column of something else',
      'd.csv',
      'text,a\nx,2\n',
      { labelColumns: 'a' },
      "the label column 'a' holds '2', not 0 or 1",
    ],
  ])('%s', async (_, name, content, options, message) => {
    await expect(read(name, content, options)).rejects.toThrow(message);
  });
});
