/** What `eft predict` says of texts and of files: kept fields, files' names, rows left out, one line a label. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { command as evaluate } from '#eft/cli/evaluate.js';
import { command as predict } from '#eft/cli/predict.js';
import { InputError } from '#eft/errors.js';
import type { Manifest } from '#eft/inference/batch/manifest.js';
import { train } from '#eft/node.js';
import { temporaryFolder } from '../temporary-folder.js';
import { runCommand, type Said } from './in-process.js';

const { at, write } = temporaryFolder();
const LINES = 'spam\nwith a second line';

beforeAll(async () => {
  const data = Array.from({ length: 60 }, (_, i) => ({
    text: `${i % 2 ? 'win free money' : 'review the patch'} ${i}`,
    label: i % 2 ? LINES : 'ham',
  }));
  const texts = await train({ data, model: 'linear', threads: 1 });
  await texts.save(at('texts'));
  await texts.dispose();
  const values = (i: number): Float32Array =>
    Float32Array.from({ length: 40 }, (_, t) => Math.sin(t * (i % 2 ? 0.9 : 0.3) + i));
  const signals = await train({
    data: Array.from({ length: 40 }, (_, i) => ({
      signal: { values: values(i), channels: 1 },
      label: i % 2 ? 'high' : 'low',
    })),
    model: 'rocket',
    threads: 1,
  });
  await signals.save(at('signals'));
  await signals.dispose();
  await mkdir(at('new'));
  for (const i of [0, 1]) await writeFile(at(`new/${'ab'[i]}.npy`), npy(values(100 + i)));
  await write('series.csv', [0, 1].map((i) => `${[...values(200 + i)].join(',')}\n`).join(''));
  await write('bad.csv', 'text,label\nwin free money,x\nbad"quote,y\nreview the patch,z\nno,such,row\n');
});

/** An array of NumPy's, float32. */
function npy(values: Float32Array): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length},), }`;
  const header = text.padEnd(117, ' ').concat('\n');
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
    Buffer.from(header),
    Buffer.from(values.buffer),
  ]);
}

const ask = (run: string, ...args: readonly string[]): Promise<Said> =>
  runCommand(predict(), at(run), '--threads', '1', ...args);
const linesOf = ({ stdout }: Said): string[] => stdout.trimEnd().split('\n');

test('signals and other files: their names come first, in CSV and JSON lines', async () => {
  const csv = linesOf(await ask('signals', '--data', at('new/*.npy'), '--output', 'csv'));
  expect(csv[0]).toBe('file,label,score');
  expect(csv.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([
    [at('new/a.npy'), 'low'],
    [at('new/b.npy'), 'high'],
  ]);
  const json = linesOf(await ask('signals', '--data', at('new/*.npy')));
  expect(json[1].startsWith(`{"file":${JSON.stringify(at('new/b.npy'))},`)).toBe(true);
  expect(JSON.parse(json[1])).toMatchObject({ label: 'high' });
  const placed = await ask('signals', '--data', at('new/*.npy'), '--output', 'csv', '--keep', 'place');
  expect(linesOf(placed)[0]).toBe('file,place,label,score');
  await ask('signals', '--data', at('new/*.npy'), '--out', at('answers.csv'));
  expect((await readFile(at('answers.csv'), 'utf8')).trimEnd().split('\n')).toEqual(csv);
});

test('several series of one file have its name, and their place where it is asked for', async () => {
  const args = ['--data', at('series.csv'), '--no-header', '--input', 'signal', '--output', 'csv'];
  const csv = linesOf(await ask('signals', ...args, '--keep', 'place'));
  expect(csv.map((line) => line.split(',').slice(0, 3))).toEqual([
    ['file', 'place', 'label'],
    [at('series.csv'), `${at('series.csv')}:1`, 'low'],
    [at('series.csv'), `${at('series.csv')}:2`, 'high'],
  ]);
});

test('texts of rows have no file before them; gold labels stay beside the answers', async () => {
  const path = await write('gold.csv', 'id,label,score,text\n7,GOLD,0.5,review the patch\n');
  const args = ['--data', path, '--keep', 'id,label,score'];
  const [line] = linesOf(await ask('texts', ...args));
  expect(JSON.parse(line)).toMatchObject({ id: '7', label: 'GOLD', score: '0.5', predicted_label: 'ham' });
  const [head, row] = linesOf(await ask('texts', ...args, '--output', 'csv'));
  expect(head).toBe('id,label,score,predicted_label,predicted_score');
  expect(row).toMatch(/^7,GOLD,0\.5,ham,0\.\d+$/);
});

test('ids beyond 2⁵³ are kept to the digit', async () => {
  const rows = ['9007199254740992', '9007199254740993'].map(
    (id) => `{"id": ${id}, "text": "review the patch"}\n`,
  );
  const path = await write('ids.jsonl', rows.join(''));
  const csv = linesOf(await ask('texts', '--data', path, '--keep', 'id', '--output', 'csv'));
  expect(csv.slice(1).map((line) => line.split(',')[0])).toEqual(['9007199254740992', '9007199254740993']);
});

test('a label with a line break is one line of labels', async () => {
  const path = await write('two.txt', 'win free money\nreview the patch\n');
  const { stdout } = await ask('texts', '--data', path, '--output', 'labels');
  expect(stdout).toBe('spam\\nwith a second line\nham\n');
});

test('rows left out are counted and listed on standard error', async () => {
  const said = await ask('texts', '--data', at('bad.csv'), '--skip-bad', '5', '--output', 'labels');
  expect(linesOf(said)).toHaveLength(2);
  expect(said.stderr).toContain('2 rows left out');
  expect(said.stderr).toContain(`left out ${at('bad.csv')}:3: `);
  expect(said.stderr).toContain(`left out ${at('bad.csv')}:5: `);
});

test('of a corpus they are in the manifest, by file and in all', async () => {
  await write('good.csv', 'text\nwin\n');
  const data = ['--data', at('bad.csv'), at('good.csv')];
  const { stderr } = await ask('texts', ...data, '--skip-bad', '5', '--out', `${at('corpus')}/`);
  expect(stderr).toContain('2 rows left out');
  const manifest = JSON.parse(await readFile(at('corpus/manifest.json'), 'utf8')) as Manifest;
  expect(manifest.totals).toMatchObject({ rows: 3, skipped: 2 });
  const [bad, good] = manifest.files;
  expect([bad.rows, bad.skipped, good.rows, good.skipped]).toEqual([2, 2, 1, 0]);
  expect(bad.skippedRows?.map(({ place }) => place)).toEqual([`${at('bad.csv')}:3`, `${at('bad.csv')}:5`]);
  // A second call keeps the files, and still says so.
  const again = await ask('texts', ...data, '--skip-bad', '5', '--out', `${at('corpus')}/`);
  expect(again.stderr).toContain('2 rows left out');
  // An older manifest says nothing of them.
  const older = {
    ...manifest,
    totals: { ...manifest.totals, skipped: undefined },
    files: manifest.files.map(({ skipped: _, skippedRows: __, ...file }) => file),
  };
  await write('corpus/manifest.json', JSON.stringify(older));
  const old = await ask('texts', ...data, '--skip-bad', '5', '--out', `${at('corpus')}/`);
  expect(old.stderr).toContain('2 finished files are kept');
});

test('a format is chosen in one way: by its name, or as the file ends', async () => {
  const data = ['--data', at('bad.csv'), '--skip-bad', '5'];
  await ask('texts', ...data, '--out', at('named.CSV'));
  expect(await readFile(at('named.CSV'), 'utf8')).toMatch(/^label,score\n/);
  const parquet = ask('texts', ...data, '--output', 'parquet');
  await expect(parquet).rejects.toThrow(InputError);
  const corpus = ask('texts', ...data, '--output', 'parquet', '--out', `${at('corpus')}/`);
  await expect(corpus).rejects.toThrow('--output parquet is for one file');
});

test('all fields, and fields that are not there', async () => {
  const path = await write('all.csv', 'id,label,a.b,text\n7,GOLD,x,review the patch\n');
  const [head, row] = linesOf(await ask('texts', '--data', path, '--keep', 'all', '--output', 'csv'));
  expect(head).toBe('id,label,a.b,text,predicted_label,score');
  expect(row).toMatch(/^7,GOLD,x,review the patch,ham,0\.\d+$/);
  const json = await write(
    'sparse.jsonl',
    '{"text": "win", "meta": {"user": 1}}\n{"text": "review", "id": 2}\n',
  );
  const kept = linesOf(await ask('texts', '--data', json, '--keep', 'id, meta.user')).map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  );
  expect(kept.map(({ id, 'meta.user': user }) => [id, user])).toEqual([
    [undefined, 1],
    [2, undefined],
  ]);
  const everything = linesOf(await ask('texts', '--data', json, '--keep', 'all'));
  expect(JSON.parse(everything[0])).toMatchObject({ text: 'win', meta: { user: 1 } });
  // Once, and before anything is written.
  for (const data of [path, json]) {
    const missing = ask('texts', '--data', data, '--keep', 'nosuch', '--output', 'csv');
    await expect(missing).rejects.toThrow(/:[12]: no field 'nosuch' to keep; there are '(?:id|text)', /);
    await missing.catch((error: { said: Said }) => expect(error.said.stdout).toBe(''));
  }
  await expect(ask('signals', '--data', at('new/*.npy'), '--keep', 'id')).rejects.toThrow(
    "no field 'id' to keep",
  );
});

test('a folder of texts, a file each: their names come first', async () => {
  await write('flat/1.txt', 'win free money\nnow');
  await write('flat/2.txt', 'review the patch');
  const csv = linesOf(await ask('texts', '--data', at('flat'), '--output', 'csv', '--top-k', '1'));
  expect(csv[0]).toBe('file,label,score');
  expect(csv[csv.length - 1].startsWith(`${at('flat/2.txt')},ham,`)).toBe(true);
});

const score = (run: string, ...args: readonly string[]): Promise<Said> =>
  runCommand(evaluate(), at(run), '--threads', '1', ...args);

test('evaluate: a class that training had not counts as wrong, and is said; where the errors stand', async () => {
  const rows = ['win free money,ham', 'review the patch,ham', 'no"good,ham', 'review it,other', 'win,third'];
  const path = await write('other.csv', `text,label\n${rows.join('\n')}\n`);
  const args = ['--data', path, '--skip-bad', '3', '--errors', at('errors.jsonl')];
  const { stdout, stderr } = await score('texts', ...args, '--json');
  const result = JSON.parse(stdout) as Record<string, unknown>;
  expect(result).toMatchObject({ accuracy: 0.25, examples: 4, skipped: 1 });
  expect(result.unknownClasses).toMatchObject({
    examples: 2,
    labels: [
      { label: 'other', examples: 1 },
      { label: 'third', examples: 1 },
    ],
  });
  expect(stderr).toContain('2 examples with a label that the model does not know');
  expect(stderr).toContain('1 row left out');
  const errors = (await readFile(at('errors.jsonl'), 'utf8')).trimEnd().split('\n');
  const places = errors.map((line) => (JSON.parse(line) as { place: string }).place).sort();
  expect(places).toEqual([2, 5, 6].map((line) => `${path}:${line}`));
  const table = await score('texts', ...args);
  expect(table.stdout).toContain('unknown to the model');
});

test('evaluate: where no label is a class of the model, it is the wrong column', async () => {
  const path = await write('wrong.csv', 'text,label\nwin,1\nreview,2\n');
  await expect(score('texts', '--data', path)).rejects.toThrow(
    /none of its labels \('1', '2'\) is a class of the model/,
  );
});
