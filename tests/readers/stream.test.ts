/** Several files, folders and patterns; the stream and the whole; options and what is said of a reading. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metaOf } from '#eft/options.js';
import { openItems } from '#eft/readers/dataset.js';
import { describeData } from '#eft/readers/describe.js';
import { openStream } from '#eft/readers/disk/open.js';
import { checkOptions, readerOptionsSchema } from '#eft/readers/options.js';
import { openRows } from '#eft/readers/parse/rows.js';
import { TableParser } from '#eft/readers/parse/table.js';
import { collect, expectRefusal, temporaryFolder } from '../temporary-folder.js';
import { notesOf, readRaw, readWhole } from './read.js';

const { at, write } = temporaryFolder();

describe('several files', () => {
  test('one after another, in the order named, each once; of a pattern by name', async () => {
    const a = await write('several/a.csv', 'text,label\na,x\n');
    const b = await write('several/b.jsonl', '{"body":"b","class":"y"}\n');
    await write('several/class/x/1.txt', 'c');
    const paths = [b, at('several/*.*'), at('several/class')];
    const { examples, name } = await readWhole(paths);
    const { files } = await notesOf(paths);
    expect(examples.map(({ input }) => input)).toEqual(['b', 'a', 'c']);
    expect(name).toBe([b, at('several/*.*'), at('several/class')].join(', '));
    expect(files?.map(({ fields }) => fields)).toEqual([
      { text: 'body', label: 'class' },
      { text: 'text', label: 'label' },
    ]);
    expect((await readWhole([a, b], { limit: 1 })).examples).toEqual([{ input: 'a', label: 'x' }]);
    const texts = await collect(readRaw(at('several/*.*')));
    expect(texts.map(({ text, row }) => [text, row])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  test('a name that is a file wins over a pattern; refused: a pattern of nothing', async () => {
    const odd = await write('odd[1].csv', 'text,label\nodd,x\n');
    expect((await readWhole(odd)).examples[0].input).toBe('odd');
    await expectRefusal(readWhole(at('*.nothing')), `${at('*.nothing')}: no file matches this pattern`);
    await expectRefusal(openItems([]), 'no data are named');
    await expectRefusal(readWhole([]), 'data is empty: there are no examples');
  });

  test('a limit on a folder of tables is of each split', async () => {
    await write('tables/train.csv', 'text,label\na,x\nb,y\nc,x\n');
    await write('tables/valid.csv', 'text,label\nd,x\ne,y\nf,x\n');
    const { splits } = await readWhole(at('tables'), { limit: 2 });
    expect(splits?.train?.map(({ input }) => input)).toEqual(['a', 'b']);
    expect(splits?.validation?.map(({ input }) => input)).toEqual(['d', 'e']);
  });

  test('a limit on a divided folder takes every class of every split in turn', async () => {
    for (const split of ['train', 'test'])
      for (const label of ['pos', 'neg'])
        for (const i of [1, 2, 3])
          await write(`divided/${split}/${label}/${i}.txt`, `${split} ${label} ${i}`);
    const { splits } = await readWhole(at('divided'), { limit: 4 });
    expect(splits?.train?.map(({ label }) => label).sort()).toEqual(['neg', 'pos']);
    expect(splits?.test?.map(({ label }) => label).sort()).toEqual(['neg', 'pos']);
  });
});

test('the stream gives what the whole holds, with places; what is known is known at its end', async () => {
  const path = await write('stream.csv', 'text;label\na;x\nb;y\nc;x\n');
  const stream = await openItems(path);
  expect(await collect(stream)).toEqual([
    { input: 'a', label: 'x', place: `${path}:2`, row: 1 },
    { input: 'b', label: 'y', place: `${path}:3`, row: 2 },
    { input: 'c', label: 'x', place: `${path}:4`, row: 3 },
  ]);
  expect(stream.notes).toEqual({
    format: 'csv',
    encoding: 'utf-8',
    delimiter: ';',
    header: true,
    fields: { text: 'text', label: 'label' },
    guessed: ['delimiter', 'text', 'label'],
  });
  expect([...stream.classCounts]).toEqual([
    ['x', 2],
    ['y', 1],
  ]);
  expect(describeData(stream.notes)).toBe(
    "CSV, ';' between columns (guessed), text 'text' (guessed), label 'label' (guessed)",
  );
});

describe('pieces', () => {
  /** Bytes in pieces of these sizes, over and over. */
  const inPieces = (bytes: Buffer, sizes: readonly number[]): Readable => {
    const pieces: Buffer[] = [];
    for (let start = 0, i = 0; start < bytes.length; i++) {
      const size = sizes[i % sizes.length];
      pieces.push(bytes.subarray(start, start + size));
      start += size;
    }
    return Readable.from(pieces);
  };
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

  test('a JSON array does not depend on how it comes', async () => {
    const value = fc.array(
      fc.record({ text: fc.string({ unit: 'grapheme' }), more: fc.jsonValue({ maxDepth: 2 }) }),
      {
        maxLength: 5,
      },
    );
    await fc.assert(
      fc.asyncProperty(value, sizes, fc.constantFrom(undefined, 2), async (rows, sizes, indent) => {
        const bytes = Buffer.from(JSON.stringify(rows, undefined, indent));
        const stream = openStream('data', inPieces(bytes, sizes));
        const source = await openRows(stream, 'json', checkOptions({}));
        const found = (await collect(source.rows())).flat();
        expect(found.map((row) => ('fault' in row ? row.fault : row.get('text')))).toEqual(
          rows.map(({ text }) => text),
        );
      }),
    );
  });

  test('a table does not depend on how it comes, whatever is wrong with it', () => {
    const unit = fc.constantFrom('a', '"', '""', '\t', '\n', '\r\n', '\r', '\\', '\\"');
    const rules = fc.record({
      delimiter: fc.constant('\t'),
      literalQuotes: fc.boolean(),
      backslash: fc.boolean(),
      stopAtFault: fc.boolean(),
      maxField: fc.constantFrom(1000, 6),
      maxFields: fc.constantFrom(1000, 3),
    });
    const parse = (pieces: readonly string[], options: ConstructorParameters<typeof TableParser>[0]) => {
      const parser = new TableParser(options);
      return [...pieces.flatMap((piece) => [...parser.push(piece)]), ...parser.finish()].flat();
    };
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), rules, (units, options) => {
        // A limit is met as soon as it is known to be: at another place of a quoted field that is not closed.
        const whole = parse([units.join('')], options).map(({ line, fields }) => ({ line, fields }));
        const pieces = parse(units, options).map(({ line, fields }) => ({ line, fields }));
        if (options.maxField > 6) expect(pieces).toEqual(whole);
        expect(parse(units, options).every(({ line }, i, all) => i === 0 || line >= all[i - 1].line)).toBe(
          true,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('options', () => {
  test('each has help, and those with a value say what it is', () => {
    for (const [key, schema] of Object.entries(readerOptionsSchema.shape)) {
      expect(metaOf(schema), key).toMatchObject({ help: expect.any(String) });
    }
  });

  test('a delimiter by its name', () => {
    expect(
      ['tab', '\\t', 'Semicolon', '|'].map((delimiter) => checkOptions({ delimiter }).delimiter),
    ).toEqual(['\t', '\t', ';', '|']);
  });

  test.each([
    [{ delimiter: '::' }, /^--delimiter: a delimiter is one character/],
    [{ encoding: 'latin-11' }, /^--encoding: no such encoding/],
    [{ skipBad: -1 }, /^--skip-bad: /],
    [{ limit: 0 }, /^--limit: /],
  ])('refused: %j', async (options, message) => {
    await expect(async () => readWhole('any.csv', options)).rejects.toThrow(message);
  });
});
