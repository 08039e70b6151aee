/** Answers as lines and tables: their columns, whatever fields the inputs have; and files that appear whole. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import { type Answer, type LineOutput, outputFormat } from '#eft/inference/batch/answer.js';
import { AnswerFile, answerFiles } from '#eft/inference/batch/answerFile.js';
import { AnswerLines } from '#eft/inference/batch/answerLines.js';
import type { TableRequest } from '#eft/inference/batch/answerTable.js';
import { loadOptional } from '#eft/platform/node/optionalPackages.js';
import { temporaryFolder } from '../../temporary-folder.js';

const { at } = temporaryFolder();

const answer = (row: number, kept: Record<string, unknown> = {}, more: Partial<Answer> = {}): Answer => ({
  row,
  kept,
  scores: [
    { label: 'spam', score: 0.75 },
    { label: 'ham', score: 0.25 },
  ],
  ...more,
});

function linesOf(
  output: LineOutput,
  answers: readonly Answer[],
  request: Partial<TableRequest> = {},
): string[] {
  const lines = new AnswerLines(output, { keep: [], classes: 1, ...request });
  return (answers.map((one) => lines.next(one)).join('') + lines.end()).split('\n').slice(0, -1);
}

/** The same answers by way of a file. */
async function fileOf(
  name: string,
  answers: readonly Answer[],
  request: Partial<TableRequest> = {},
): Promise<string> {
  const file = await AnswerFile.open(at(name), { test: name });
  for (const one of answers) await file.add(one);
  await file.finish(outputFormat(undefined, name), { keep: [], classes: 1, ...request });
  await file.close();
  return at(name);
}
const parquetOf = async (...given: Parameters<typeof fileOf>): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: await asyncBufferFromFile(await fileOf(...given)) });

test('kept fields keep their names, and answers get others where they clash: the same in every format', async () => {
  const kept = { label: 'GOLD', score: 0.5, scores: 'x', id: 7 };
  const keep = Object.keys(kept);
  const answers = [answer(1, kept)];
  const [line] = linesOf('jsonl', answers, { keep });
  expect(JSON.parse(line)).toEqual({
    ...kept,
    predicted_label: 'spam',
    predicted_score: 0.75,
    predicted_scores: answers[0].scores,
  });
  const csv = ['label,score,scores,id,predicted_label,predicted_score', 'GOLD,0.5,x,7,spam,0.75'];
  expect(linesOf('csv', answers, { keep })).toEqual(csv);
  expect((await readFile(await fileOf('clash.csv', answers, { keep }), 'utf8')).trim().split('\n')).toEqual(
    csv,
  );
  expect(await parquetOf('clash.parquet', answers, { keep })).toEqual([
    { ...kept, id: 7n, predicted_label: 'spam', predicted_score: 0.75 },
  ]);
});

test('a second class, its name taken too, and a field that is called as the other name', () => {
  const kept = { label_2: 'a', predicted_label: 'b', label: 'c' };
  const [head, row] = linesOf('csv', [answer(1, kept)], { keep: Object.keys(kept), classes: 2 });
  expect(head).toBe(
    'label_2,predicted_label,label,predicted_predicted_label,score,predicted_label_2,score_2',
  );
  expect(row).toBe('a,b,c,spam,0.75,ham,0.25');
});

test('evidence is called otherwise as well', () => {
  const evidence = [{ text: 'win', evidence: { spam: 1, ham: -1 } }];
  const [line] = linesOf('jsonl', [answer(1, { evidence: 'mine' }, { evidence })], { keep: ['evidence'] });
  expect(JSON.parse(line)).toMatchObject({ evidence: 'mine', predicted_evidence: evidence, label: 'spam' });
});

test('the file of an input comes first', async () => {
  const answers = ['new/a.wav', 'new/b.wav'].map((file, i) => answer(i + 1, { place: file }, { file }));
  expect(linesOf('csv', answers)).toEqual(['file,label,score', 'new/a.wav,spam,0.75', 'new/b.wav,spam,0.75']);
  expect(linesOf('csv', answers, { keep: ['place'] })[1]).toBe('new/a.wav,new/a.wav,spam,0.75');
  expect(linesOf('jsonl', answers)[0]).toMatch(/^\{"file":"new\/a\.wav",/);
  expect(await parquetOf('files.parquet', answers)).toEqual(
    ['new/a.wav', 'new/b.wav'].map((file) => ({ file, label: 'spam', score: 0.75 })),
  );
});

test('all fields: a table has the columns of the first row, a file those of all rows', async () => {
  const answers = [answer(1, { id: 1, text: 'a' }), answer(2, { id: 2, text: 'b', label: 'GOLD' })];
  expect(linesOf('csv', answers.slice(0, 1), { keep: 'all' })).toEqual([
    'id,text,label,score',
    '1,a,spam,0.75',
  ]);
  expect(() => linesOf('csv', answers, { keep: 'all' })).toThrow(
    "row 2 has the field 'label', which is no column of this table",
  );
  // Nothing is lost in lines of JSON.
  expect(JSON.parse(linesOf('jsonl', answers, { keep: 'all' })[1])).toMatchObject({
    label: 'GOLD',
    predicted_label: 'spam',
  });
  const file = await fileOf('all.csv', answers, { keep: 'all' });
  expect(await readFile(file, 'utf8')).toBe(
    'id,text,label,predicted_label,score\n1,a,,spam,0.75\n2,b,GOLD,spam,0.75\n',
  );
});

test('objects, lists and dates are JSON text in CSV, on the way and in files', async () => {
  const kept = { meta: { user: 'u1', n: 2n }, tags: ['a', 'b'], none: null, at: new Date(0), yes: true };
  const row = '"{""user"":""u1"",""n"":""2""}","[""a"",""b""]",,1970-01-01T00:00:00.000Z,true,spam,0.75';
  const keep = Object.keys(kept);
  expect(linesOf('csv', [answer(1, kept)], { keep })[1]).toBe(row);
  const file = await fileOf('objects.csv', [answer(1, kept)], { keep });
  expect((await readFile(file, 'utf8')).split('\n')[1]).toBe(row);
});

test('columns of Parquet are of the type that all their values have, or text', async () => {
  const rows: Record<string, unknown>[] = [
    {
      whole: 1,
      mixed: 1,
      texts: 'a',
      number: 1,
      flag: true,
      flags: true,
      object: { a: 1 },
      large: '9007199254740993',
      nothing: null,
    },
    { whole: 2, mixed: 'two', texts: null, number: 0.5, flag: false, flags: 0, object: 'x', large: 4 },
    { whole: undefined, mixed: null },
    { whole: 3, mixed: [4], large: '1152921504606846976' },
  ];
  const keep = Object.keys(rows[0]);
  const found = await parquetOf(
    'types.parquet',
    rows.map((kept, i) => answer(i + 1, kept)),
    { keep },
  );
  const column = (name: string): unknown[] => found.map((row) => row[name] ?? null);
  expect(column('whole')).toEqual([1n, 2n, null, 3n]);
  expect(column('mixed')).toEqual(['1', 'two', null, '[4]']);
  expect(column('texts')).toEqual(['a', null, null, null]);
  expect(column('number')).toEqual([1, 0.5, null, null]);
  expect(column('flag')).toEqual([true, false, null, null]);
  expect(column('flags')).toEqual(['true', '0', null, null]);
  expect(column('object')).toEqual(['{"a":1}', 'x', null, null]);
  expect(column('large')).toEqual(['9007199254740993', '4', null, '1152921504606846976']);
  expect(column('nothing')).toEqual([null, null, null, null]);
});

test('more rows than Parquet holds in a group', async () => {
  const rows = Array.from({ length: 20_001 }, (_, i) => answer(i + 1, { id: i }));
  const found = await parquetOf('many.parquet', rows, { keep: ['id'] });
  expect(found).toHaveLength(20_001);
  expect(found[20_000]).toEqual({ id: 20_000n, label: 'spam', score: 0.75 });
});

test.each([
  ['two\nlines', 'two\\nlines'],
  ['a\r\nb\tc', 'a\\r\\nb\\tc'],
  ['a\u2028b\u0085c\u0000', 'a\\u2028b\\u0085c\\u0000'],
  ['C:\\new', 'C:\\new'],
  ['été 🙂', 'été 🙂'],
])('a label is one line: %j', (label, line) => {
  expect(linesOf('labels', [answer(1, {}, { scores: [{ label, score: 1 }] })])).toEqual([line]);
});

test('no answers: a table has its head, lines have none', async () => {
  expect(linesOf('csv', [], { keep: ['id'] })).toEqual(['id,label,score']);
  expect(linesOf('jsonl', [])).toEqual([]);
  expect(await readFile(await fileOf('none.csv', []), 'utf8')).toBe('label,score\n');
  expect(await parquetOf('none.parquet', [])).toEqual([]);
});

test('line separators of Unicode in answers end no line of what is kept for later', async () => {
  const kept = { text: 'a\u2028b\u2029c' };
  const file = await fileOf('separators.jsonl', [answer(1, kept), answer(2, kept)], { keep: ['text'] });
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as typeof kept).text)).toEqual([kept.text, kept.text]);
});

test('what a kill left is cleared by the same command', async () => {
  await mkdir(at('killed.csv.part'));
  const [, request, answers, whole] = answerFiles(at('killed.csv'));
  await writeFile(request, JSON.stringify({ test: 'killed.csv' }));
  await writeFile(answers, `${JSON.stringify(answer(1))}\n${JSON.stringify(answer(2)).slice(0, 9)}`);
  await writeFile(whole, 'half a fi');
  const file = await AnswerFile.open(at('killed.csv'), { test: 'killed.csv' });
  expect([file.count, file.after]).toEqual([1, 1]);
  await file.add(answer(2));
  await file.finish('csv', { keep: [], classes: 1 });
  await file.close();
  expect(await readFile(at('killed.csv'), 'utf8')).toBe('label,score\nspam,0.75\nspam,0.75\n');
  expect((await readdir(at('.'))).filter((name) => name.startsWith('killed'))).toEqual(['killed.csv']);
});

test('answers that do not say what they are to are no beginning', async () => {
  await mkdir(at('old.csv.part'));
  await writeFile(answerFiles(at('old.csv'))[2], `${JSON.stringify(answer(1))}\n`);
  await expect(AnswerFile.open(at('old.csv'), { test: 1 })).rejects.toThrow(
    'does not say what was requested',
  );
  // The folder is free again.
  await expect(AnswerFile.open(at('old.csv'), { test: 1 })).rejects.toThrow(
    'does not say what was requested',
  );
});

test('a package that is missing is named with how to get it; other faults of it are its own', async () => {
  const missing = (code: string) => () => Promise.reject(Object.assign(new Error('x'), { code }));
  for (const code of ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']) {
    const loading = loadOptional(missing(code), ['a', 'b'], 'two are missing', ', or do without');
    await expect(loading).rejects.toThrow('two are missing: npm install a b, or do without');
    await expect(loading).rejects.toThrow(InputError);
  }
  await expect(loadOptional(missing('ERR_OTHER'), ['a'], 'missing')).rejects.toThrow('x');
});
