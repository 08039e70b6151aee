/** Readers of labelled files: each format, plain and gzipped, and the places they name. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDataset } from '#eft/readers/dataset.js';
import { collect, expectRefusal, temporaryFolder } from '../temporary-folder.js';
import { notesOf, readRaw, readWhole } from './read.js';

const { write } = temporaryFolder();
const read = async (name: string, content: string | Uint8Array, options = {}) =>
  readWhole(await write(name, content), options);
/** As they stand in the file: nothing is done to them. */
const rawExamplesOf = async (path: string) =>
  (await readDataset(path)).examples.map(({ input, label }) => ({ input, label }));
const examplesOf = async (name: string, content: string | Uint8Array) => (await read(name, content)).examples;
const refusal = async (name: string, content: string | Uint8Array, message: string, options = {}) => {
  const path = await write(name, content);
  await expectRefusal(readWhole(path, options), message.replace('@', path));
};

describe('tables', () => {
  /** Texts with all that is hard about CSV; never blank, no byte-order mark (a decoder drops it). */
  const text = fc
    .array(fc.constantFrom('a', 'é', '"', '""', ',', '\t', ';', '\n', '\r\n', '\r', ' ', '😀', "'", '\\'), {
      minLength: 1,
    })
    .map((parts) => parts.join(''))
    .filter((text) => text.trim() !== '');
  const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
  const table = fc.record({
    rows: fc.array(fc.record({ text, label: fc.constantFrom('x', 'y z', '0') }), {
      minLength: 1,
      maxLength: 8,
    }),
    lineEnds: fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 1, maxLength: 3 }),
    emptyLines: fc.integer({ min: 0, max: 2 }),
    mark: fc.constantFrom('', '\ufeff'),
    tabs: fc.boolean(),
    last: fc.boolean(),
  });

  test('any text comes back, with the line on which its row begins; gzipped the same', async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ rows, lineEnds, emptyLines, mark, tabs, last }) => {
        const delimiter = tabs ? '\t' : ',';
        const parts = [['label', 'text'], ...rows.map(({ text, label }) => [label, quoted(text)])];
        const lines = parts.map((fields) => fields.join(delimiter));
        // A lone \r before an empty line with \n would be one line end of two characters.
        const endOf = (i: number): string => lineEnds[i % lineEnds.length].repeat(emptyLines + 1);
        const content =
          mark + lines.map((row, i) => row + (i < rows.length || last ? endOf(i) : '')).join('');
        const name = tabs ? 'any.tsv' : 'any.csv';
        const path = await write(name, content);
        const examples = rows.map(({ text, label }) => ({ input: text, label }));
        expect(await rawExamplesOf(path)).toEqual(examples);
        expect(await rawExamplesOf(await write(`${name}.gz`, gzipSync(content)))).toEqual(examples);
        let line = 1;
        const places = lines.map((row) => {
          const place = `${path}:${line}`;
          line += row.split(/\r\n|\n|\r/).length + emptyLines;
          return place;
        });
        expect((await collect(readRaw(path))).map(({ place }) => place)).toEqual(places.slice(1));
      }),
      { numRuns: 60 },
    );
  });

  test('labels of any kind and number', async () => {
    const content = 'text,label\na,0\nb,true\nc, spam \nd,日本\n';
    const labels = (await examplesOf('labels.csv', content)).map(({ label }) => label);
    expect(labels).toEqual(['0', 'true', 'spam', '日本']);
  });

  test.each<[string, string, string]>([
    [
      'too many columns',
      'text,label\na,x\n\nb,y,z\n',
      '4: this row does not have as many columns as the header (3 here); a text with a delimiter in it must be in double quotes',
    ],
    [
      'too few columns',
      'text,label\n"a\nb",x\nc\n',
      '4: this row does not have as many columns as the header (1 here); a text with a delimiter in it must be in double quotes',
    ],
    [
      'a quote never closed',
      'text,label\na,x\n"b,y\nc,d\n',
      '3: a double quote opened in this row is never closed; close it',
    ],
    [
      'a quote within',
      'text,label\nhe said "hi",x\n',
      '2: this row has a double quote in the middle of a field; a text with quotes in it must be in double quotes, its own doubled ("He said ""hi""")',
    ],
    [
      'text behind a quote',
      'text,label\n"hi" he said,x\n',
      '2: this row has a double quote in the middle of a field; a text with quotes in it must be in double quotes, its own doubled ("He said ""hi""")',
    ],
    ['a column twice', 'text,text\na,x\n', "1: the column 'text' appears twice in the header"],
    [
      'no label',
      'text,label\n"a\r\nb",x\r\n\r\nc,\r\n',
      "5: this row has no label (field 'label' is empty); give it one or remove the row",
    ],
    [
      'no header',
      'a mail about this and that and quite a lot of other things,spam\nb,ham\n',
      "2: which field is the text? There are 'a mail about this and that and quite a l…', 'spam'; name it with --text-field (a table needs a header line, or --no-header)",
    ],
  ])('refused: %s', (name, content, message) => refusal(`${name}.csv`, content, `@:${message}`));

  test('a header alone holds no examples', () =>
    refusal('header.csv', 'text,label\n', '@ holds no examples'));
});

describe('JSON lines', () => {
  test('any text and label; other fields and empty lines do not matter', async () => {
    const row = fc.record({
      text: fc.string({ unit: 'binary' }).filter((text) => text.trim() !== '' && text.isWellFormed()),
      label: fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom('spam', 'ham')),
      extra: fc.jsonValue({ maxDepth: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), async (rows) => {
        const content = `${rows.map((row) => JSON.stringify(row)).join('\r\n\n')}\n`;
        const expected = rows.map(({ text, label }) => ({ input: text, label: String(label) }));
        expect(await rawExamplesOf(await write('any.jsonl', content))).toEqual(expected);
        expect(await rawExamplesOf(await write('any.ndjson.gz', gzipSync(content)))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  const good = '{"text":"a","label":1}\n';
  test.each<[string, string, string | RegExp]>([
    ['no object', `${good}[1]\n`, '2: a JSON object is needed, e.g. {"text": "…", "label": "…"}'],
    [
      'no text',
      `${good}\n{"label":1}\n`,
      "3: the text field 'text' is missing; give the row a text or remove it",
    ],
    [
      'text that is none',
      `${good}{"text":["a"],"label":1}\n`,
      "2: the text field 'text' holds an array, not text; give the row a text or remove it",
    ],
    [
      'no label',
      `${good}{"text":"b"}\n`,
      "2: this row has no label (field 'label' is missing); give it one or remove the row",
    ],
    [
      'a label that is null',
      `${good}{"text":"b","label":null}\n`,
      "2: this row has no label (field 'label' is missing); give it one or remove the row",
    ],
    [
      'a label that is an object',
      `${good}{"text":"b","label":{}}\n`,
      "2: this row has no label (field 'label' holds object, not text); give it one or remove the row",
    ],
  ])('refused: %s', (name, content, message) => refusal(`${name}.jsonl`, content, `@:${message}`));

  test('refused: a line that is no JSON, naming it', async () => {
    const path = await write('broken.jsonl', `${good}{"text":\n`);
    await expect(readWhole(path)).rejects.toThrow(`${path}:2: not JSON (`);
  });
});

describe('text lines', () => {
  test("fastText's labels; empty lines between are passed over", async () => {
    const content = '__label__spam Win a cruise\n\n  __label__ham the list\r\n';
    expect(await examplesOf('lines.txt', content)).toEqual([
      { input: 'Win a cruise', label: 'spam' },
      { input: 'the list', label: 'ham' },
    ]);
  });

  const remedy = 'begin the line with __label__ and the name of its class';
  test.each<[string, string, string]>([
    ['no label at all', 'a text\n', `1: this row has no label (field 'label' is missing); ${remedy}`],
    [
      'a line without one',
      '__label__a b\nc\n',
      `2: this row has no label (field 'label' is missing); ${remedy}`,
    ],
  ])('refused: %s', (name, content, message) => refusal(`${name}.txt`, content, `@:${message}`));
});

describe('which fields', () => {
  test.each<[string, string, string]>([
    ['id,Review,Sentiment', 'Review', 'Sentiment'],
    ['category,message,date', 'message', 'category'],
    ['class,body,text', 'text', 'class'],
    ['sentence,target', 'sentence', 'target'],
  ])('guessed from %s', async (header, text, label) => {
    const { fields } = await notesOf(await write('guess.csv', `${header}\n${header}\n`));
    expect(fields).toEqual({ text, label });
  });

  test('as told', async () => {
    const options = { textField: 'b', labelField: 'text' };
    const { examples } = await read('told.csv', 'text,b\nx,y\n', options);
    const { fields } = await notesOf(await write('told.csv', 'text,b\nx,y\n'), options);
    expect(examples).toEqual([{ input: 'y', label: 'x' }]);
    expect(fields).toEqual({ text: 'b', label: 'text' });
  });

  test('refused: one that is not there, and labels that cannot be guessed', async () => {
    await refusal('a.csv', 'a,b\n1,2\n', "@:2: no field 'c' for the text; there are 'a', 'b'", {
      textField: 'c',
    });
    await refusal(
      'b.jsonl',
      '{"text":"a","mark":1}\n',
      "@:1: which field is the label? There are 'text', 'mark'; name it with --label-field (a table needs a header line, or --no-header)",
    );
  });
});

describe('which format', () => {
  test('by the name, or as told', async () => {
    const { examples } = await read('data', '{"text":"a","label":"b"}\n', { format: 'jsonl' });
    expect(examples).toEqual([{ input: 'a', label: 'b' }]);
    await refusal(
      'data.xml',
      '<a/>',
      '@: which format is this? Name it with --format (csv, tsv, jsonl, json, parquet, text)',
    );
  });
});

test('limit: the first examples, and nothing behind them is looked at', async () => {
  const { examples } = await read('limit.csv', 'text,label\na,x\nb,y\nbroken\n', { limit: 2 });
  expect(examples.map(({ input }) => input)).toEqual(['a', 'b']);
});

describe('JSON lines of different fields', () => {
  test('the text is guessed from the first rows, not from the first alone', async () => {
    const rows = [
      { description: 'short', label: 'a', id: 1 },
      { text: 'first text', label: 'a', description: 'x' },
      { text: 'second text', label: 'b' },
      { text: 'third text', label: 'b' },
    ].map((row) => JSON.stringify(row));
    await refusal(
      'varied.jsonl',
      rows.join('\n'),
      "@:1: the text field 'text' is missing; give the row a text or remove it",
    );
    const { examples } = await read('varied.jsonl', rows.join('\n'), { skipBad: 1 });
    expect(examples.map(({ input }) => input)).toEqual(['first text', 'second text', 'third text']);
  });

  test('a field that is named need not be in the first row', async () => {
    const rows = ['{"text":"a","label":"x"}', '{"note":"b","label":"y"}', '{"note":"c","label":"x"}'];
    const { examples } = await read('named.jsonl', rows.join('\n'), { textField: 'note', skipBad: 1 });
    expect(examples.map(({ input }) => input)).toEqual(['b', 'c']);
  });
});
