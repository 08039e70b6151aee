/** Files as a page is given them: the same rows as Node reads, what is guessed of them, and faults by name. */
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { classReportOf, inspectFile, readDataset } from '#eft/browser.js';

const file = (content: string | Uint8Array<ArrayBuffer> | ArrayBuffer, name: string): File =>
  new File([content], name);

const CSV = 'id,body,class\n1,"win, a ""free"" cruise",spam\n2,a patch,ham\n3,two patches,ham\n';
const expected = [
  { text: 'win, a "free" cruise', label: 'spam' },
  { text: 'a patch', label: 'ham' },
  { text: 'two patches', label: 'ham' },
];

describe('a file in a page', () => {
  it('is read as CSV, TSV, JSON lines and Parquet, packed or not, with its classes and what was guessed', async () => {
    const rows = expected.map(({ text, label }) => ({ body: text, class: label }));
    const parquet = parquetWriteBuffer({
      columnData: [
        { name: 'body', data: rows.map(({ body }) => body), type: 'STRING' },
        { name: 'class', data: rows.map((row) => row.class), type: 'STRING' },
      ],
    });
    const files = [
      file(CSV, 'mails.csv'),
      file(new Uint8Array(gzipSync(CSV)), 'mails.csv.gz'),
      file('body\tclass\nwin, a "free" cruise\tspam\na patch\tham\ntwo patches\tham\n', 'mails.tsv'),
      file(rows.map((row) => JSON.stringify(row)).join('\n'), 'mails.jsonl'),
      file(parquet, 'mails.parquet'),
    ];
    for (const one of files) {
      const data = await readDataset(one);
      expect(
        data.examples.map(({ input, label }) => ({ text: input, label })),
        one.name,
      ).toEqual(expected);
      expect((await classReportOf(data)).classes).toEqual([
        { name: 'ham', count: 2 },
        { name: 'spam', count: 1 },
      ]);
      expect(data.description).toContain("text 'body' (guessed), label 'class' (guessed)");
    }
  });

  it('tells its fields, and guesses text and label by name or by the values', async () => {
    expect(await inspectFile(file(CSV, 'mails.csv'))).toMatchObject({
      fields: ['id', 'body', 'class'],
      text: 'body',
      label: 'class',
      rows: [{ id: '1', class: 'spam' }, { id: '2' }, { id: '3' }],
    });
    const unnamed =
      'v1,v2\nham,see you at the station at nine\nspam,a free cruise for the winner\nham,fine\n';
    expect(await inspectFile(file(unnamed, 'sms.csv'))).toMatchObject({ text: 'v2', label: 'v1' });
    expect(await inspectFile(file('just one column\na\nb\n', 'lines.csv'))).toMatchObject({
      text: undefined,
      label: undefined,
    });
  });

  it('gives texts without labels in order, as many as are asked for', async () => {
    const source = file('text\none\ntwo\n""\nfour\n', 'texts.csv');
    const { examples } = await readDataset(source, { labelled: false, limit: 3 });
    const texts = examples.map(({ row, input }) => `${row} ${input}`);
    expect(texts).toEqual(['1 one', '2 two', '3 ']);
  });

  it('names file and line of a bad row, and leaves it out where that is allowed', async () => {
    const broken = file('text,label\nfine,ham\nno label,\n', 'mails.csv');
    await expect(readDataset(broken)).rejects.toThrow(/^mails\.csv:3: this row has no label/);
    const { skipped, examples } = await readDataset(broken, { skipBad: 5 });
    expect([examples.length, skipped?.count]).toEqual([1, 1]);
    await expect(readDataset(file('x', 'book.xlsx'))).rejects.toThrow('Excel workbook');
    await expect(readDataset(file('', 'mails.csv'))).rejects.toThrow('mails.csv is empty');
    await expect(readDataset(file('text,label\n', 'mails.csv'))).rejects.toThrow('holds no examples');
    const packed = new Uint8Array(gzipSync(CSV.repeat(50)));
    await expect(readDataset(file(packed.slice(0, 60), 'mails.csv.gz'))).rejects.toThrow(
      'mails.csv.gz: the gzip data is damaged or truncated',
    );
    await expect(readDataset(file('plain', 'mails.csv.gz'))).rejects.toThrow('not gzip data');
    await expect(readDataset(file('PAR1 damaged', 'mails.parquet'))).rejects.toThrow('damaged');
  });
});
