/** Readers: every format gives the same examples, packed or not; every fault names its place. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classesOf, requireClasses } from '#eft/data/classes.js';
import { type ReadOptions, readDataset, readTexts } from '#eft/data/read.js';
import { InputError } from '#eft/errors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-data-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(name: string, content: string | Uint8Array, options: ReadOptions = {}) {
  const path = join(folder, name);
  await writeFile(path, content);
  return readDataset(path, options);
}

async function refusal(
  name: string,
  content: string | Uint8Array,
  options: ReadOptions = {},
): Promise<string> {
  const error = await read(name, content, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as Error).message;
}

const EXAMPLES = [
  { text: 'a, "quoted" text\nof two lines', label: 'yes' },
  { text: 'ärger', label: 'no' },
];

describe('formats', () => {
  test('CSV, TSV and JSONL give the same, plain and gzipped, with and without a byte-order mark', async () => {
    const csv = 'id,Review,Class\r\n1,"a, ""quoted"" text\nof two lines",yes\r\n2,ärger,no\r\n';
    const contents: [string, string][] = [
      ['a.csv', csv],
      ['b.csv', `\ufeff${csv}`],
      ['a.tsv', 'text\tlabel\n"a, ""quoted"" text\nof two lines"\tyes\närger\tno'],
      ['a.jsonl', EXAMPLES.map((example) => JSON.stringify(example)).join('\n\n')],
    ];
    for (const [name, content] of contents) {
      expect((await read(name, content)).examples).toEqual(EXAMPLES);
      expect((await read(`${name}.gz`, gzipSync(content))).examples).toEqual(EXAMPLES);
    }
    expect((await read('a.csv', csv)).fields).toEqual({ text: 'Review', label: 'Class' });
  });

  test('fastText lines', async () => {
    const { examples } = await read('a.txt', '__label__ham the list\n__label__spam win now\n');
    expect(examples).toEqual([
      { label: 'ham', text: 'the list' },
      { label: 'spam', text: 'win now' },
    ]);
  });

  test('folders by class, in order of their paths', async () => {
    for (const [path, text] of Object.entries({
      'neg/2.txt': 'bad',
      'neg/deep/1.txt': 'worse',
      'pos/1.txt': 'good',
    })) {
      await mkdir(join(folder, 'tree', path, '..'), { recursive: true });
      await writeFile(join(folder, 'tree', path), text);
    }
    await writeFile(join(folder, 'tree', 'neg', '.hidden'), 'no');
    await writeFile(join(folder, 'tree', 'pos', '2.txt.gz'), gzipSync('great'));
    expect((await readDataset(join(folder, 'tree'))).examples).toEqual([
      { text: 'bad', label: 'neg' },
      { text: 'worse', label: 'neg' },
      { text: 'good', label: 'pos' },
      { text: 'great', label: 'pos' },
    ]);
    await writeFile(join(folder, 'tree', 'stray.txt'), 'x');
    await expect(readDataset(join(folder, 'tree'))).rejects.toThrow(/stray\.txt: a file outside any class/);
  });

  test('labels that are numbers or true and false; limit; told fields', async () => {
    const jsonl =
      '{"body":"a","stars":5,"ok":true}\n{"body":"b","stars":10,"ok":false}\n{"body":"c","stars":2,"ok":true}';
    const stars = await read('s.jsonl', jsonl, { labelField: 'stars' });
    expect(classesOf(stars.examples)).toEqual(['2', '5', '10']);
    const ok = await read('s.jsonl', jsonl, { labelField: 'ok', limit: 2 });
    expect(ok.examples.map(({ label }) => label)).toEqual(['true', 'false']);
  });

  test('whatever is written as CSV comes back', async () => {
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const row = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      label: fc.stringMatching(/^[a-z,"]{1,5}$/).filter((label) => label.trim() !== ''),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const lines = rows.map(({ text, label }) => `${quote(text)},${quote(label)}`);
        const { examples } = await read('p.csv', `text,label\n${lines.join('\n')}\n`);
        expect(examples).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  test('texts stream from standard input, a line each', async () => {
    const texts: string[] = [];
    for await (const { text } of readTexts(Readable.from([Buffer.from('a b\nc\n'), Buffer.from('\nd')])))
      texts.push(text);
    expect(texts).toEqual(['a b', 'c', '', 'd']);
  });
});

describe('faults', () => {
  test('invalid UTF-8 is found at its line and byte, also across the borders of chunks', async () => {
    const lines = 20_000;
    const good = `text,label\n${'ä,x\n'.repeat(lines)}`;
    const bytes = Buffer.concat([Buffer.from(good), Buffer.from([0xc3, 0x28]), Buffer.from(',y\n')]);
    expect(await refusal('u.csv', bytes)).toContain(
      `u.csv:${lines + 2}: byte ${Buffer.byteLength(good) + 1} of the file is not UTF-8`,
    );
    const cut = Buffer.from('text,label\na,ä').subarray(0, -1);
    expect(await refusal('v.csv', cut)).toMatch(/v\.csv:2: byte \d+ of the file is not UTF-8/);
  });

  test.each([
    [
      'a.jsonl',
      '{"text":"a","label":"b"}\n{"text":"a"}',
      /a\.jsonl:2: this row has no label \(field 'label' is missing\)/,
    ],
    ['b.jsonl', '{"label":"b"}', /b\.jsonl:1: which field is the text\? There are 'label'/],
    [
      'c.jsonl',
      '{"text":"a","label":"b"}\n{"text":["a"],"label":"b"}',
      /c\.jsonl:2: the text field 'text' holds object/,
    ],
    ['d.jsonl', '[1]', /d\.jsonl:1: a JSON object is needed/],
    ['e.csv', 'text,text,label\na,b,c', /e\.csv:1: the column 'text' stands twice/],
    ['f.csv', 'text,label\n"a,b\n', /f\.csv:\d+: .*(never closed|[Qq]uote)/],
    ['g.csv', 'text,label\n', /g\.csv holds no examples/],
    ['h.dat', 'a', /h\.dat: which format is this\? Name it with --format/],
    ['i.csv', 'a text without header,x\nmore,y', /which field is the text\?.*needs a header line/],
  ])('%s', async (name, content, message) => {
    expect(await refusal(name, content)).toMatch(message);
  });

  test('cut and damaged gzip', async () => {
    const packed = gzipSync(
      `text,label\n${Array.from({ length: 3000 }, (_, i) => `t${i * 7919},l`).join('\n')}`,
    );
    expect(await refusal('cut.csv.gz', packed.subarray(0, packed.length >> 1))).toMatch(
      /the file is truncated/,
    );
    const damaged = Buffer.from(packed);
    damaged.fill(0, 100, 140);
    expect(await refusal('bad.csv.gz', damaged)).toMatch(/gzip data is damaged|not UTF-8|columns/);
  });

  test('one class', () => {
    expect(() => requireClasses({ name: 'x', examples: [{ text: 'a', label: 'b' }] })).toThrow(
      "x: only the label 'b' in 1 examples; a classifier needs at least two classes",
    );
  });
});

test('the built-in mails: bodies only', async () => {
  const { examples } = await readDataset('spam-assassin');
  expect(examples).toHaveLength(6046);
  expect(examples.filter(({ label }) => label === 'spam')).toHaveLength(1896);
  // Forwarded mails quote headers; no body may begin with those of its own mail.
  const headed = examples.filter(({ text }) =>
    /^(From \S+ {2}|Return-Path:|Received:|Delivered-To:)/.test(text),
  );
  expect(headed.length).toBe(0);
});
