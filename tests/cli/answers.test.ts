/** What `eft predict` says of texts and of files: kept fields, files' names, rows left out, one line a label. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
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
}, 60_000);

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
