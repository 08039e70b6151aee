/** `eft predict --out`: files that appear whole, in every format, and go on where a command was stopped. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { train } from '#eft/node.js';
import { eft, signalGroup, start } from './run.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const LABELS = ['ham', 'news', 'spam'];
const WORDS: Readonly<Record<string, string>> = {
  ham: 'review the patch',
  news: 'rain in the north',
  spam: 'win free money',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-predict-out-'));
  const data = Array.from({ length: 300 }, (_, i) => ({
    text: `${WORDS[LABELS[i % 3]]} ${i}`,
    label: LABELS[i % 3],
  }));
  const classifier = await train({ data, model: 'bag', sequenceLength: 16, epochs: 3, seed: 1 });
  await classifier.save(at('run'));
  await classifier.dispose();
  const rows = Array.from({ length: 200 }, (_, i) => ({ id: i, text: `${WORDS[LABELS[i % 3]]} ${i}` }));
  await writeFile(at('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ask = (...more: readonly string[]): string[] => [
  'predict',
  at('run'),
  '--data',
  at('rows.jsonl'),
  ...more,
];
const whole = async (name: string): Promise<string> => readFile(at(name), 'utf8');

test('a table in CSV, JSON lines and Parquet says the same', async () => {
  for (const name of ['a.csv', 'a.jsonl', 'a.parquet']) {
    const { code, stdout, stderr } = await eft(...ask('--keep', 'id', '--top-k', '2', '--out', at(name)));
    expect(stderr).not.toContain('eft:');
    expect([code, stdout]).toEqual([0, '']);
  }
  const lines = (await whole('a.jsonl')).trim().split('\n');
  expect(lines).toHaveLength(200);
  const rows = lines.map((line) => {
    const { id, scores } = JSON.parse(line) as { id: number; scores: { label: string; score: number }[] };
    expect(scores).toHaveLength(2);
    const [first, second] = scores;
    return { id, label: first.label, score: first.score, label_2: second.label, score_2: second.score };
  });
  expect(rows.map(({ id, label }) => label === LABELS[id % 3]).every(Boolean)).toBe(true);
  const [head, ...csv] = (await whole('a.csv')).trim().split('\n');
  expect(head).toBe('id,label,score,label_2,score_2');
  expect(csv).toEqual(rows.map((row) => Object.values(row).join()));
  const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(at('a.parquet')) });
  expect(parquet).toEqual(rows.map((row) => ({ ...row, id: BigInt(row.id) })));
  expect((await readdir(folder)).filter((name) => /part|tmp/.test(name))).toEqual([]);
});

test('goes on behind what is there, whatever stopped it', async () => {
  await eft(...ask('--out', at('whole.csv')));
  const expected = await whole('whole.csv');
  // A bad row stops it.
  const rows = await whole('rows.jsonl');
  const bad = rows.replace('{"id":150,', '{"id":150;');
  await writeFile(at('bad.jsonl'), bad);
  const args = ['predict', at('run'), '--data', at('bad.jsonl'), '--out', at('b.csv')];
  const stopped = await eft(...args);
  expect(stopped.code).toBe(2);
  expect(stopped.stderr).toContain(`150 answers are kept in ${at('b.csv')}.part, up to row 150`);
  expect(await readdir(at('b.csv.part'))).toEqual(['answers.jsonl', 'request.json']);
  await expect(stat(at('b.csv'))).rejects.toThrow('ENOENT');
  // A kill cut its last line in two.
  const answers = await whole('b.csv.part/answers.jsonl');
  await writeFile(at('b.csv.part/answers.jsonl'), answers.slice(0, -10));
  const gone = await eft(...args, '--skip-bad', '1');
  expect(gone.stderr).toContain('149 answers are there already, up to row 149: continuing after it');
  expect(gone.code).toBe(0);
  const lines = expected.split('\n');
  expect(await whole('b.csv')).toBe([...lines.slice(0, 151), ...lines.slice(152)].join('\n'));
  await expect(stat(at('b.csv.part'))).rejects.toThrow('ENOENT');
});

test('Ctrl-C keeps the answers', async () => {
  const many = Array.from({ length: 60_000 }, (_, i) => `${WORDS[LABELS[i % 3]]} ${i}\n`).join('');
  await writeFile(at('many.txt'), many);
  const args = [
    'predict',
    at('run'),
    '--data',
    at('many.txt'),
    '--output',
    'labels',
    '--out',
    at('labels.txt'),
  ];
  const running = start(args);
  for (let size = 0; size < 100_000; ) {
    size = (await stat(at('labels.txt.part/answers.jsonl')).catch(() => ({ size: 0 }))).size;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  signalGroup(running, 'SIGINT');
  const { code, stderr } = await running.end;
  expect(code).toBe(130);
  expect(stderr).toMatch(
    /answers are kept in .*labels\.txt\.part, up to row \d+: the same command continues/,
  );
  const again = await eft(...args);
  expect(again.stderr).toMatch(/answers are there already/);
  expect(again.code).toBe(0);
  const labels = (await whole('labels.txt')).trim().split('\n');
  expect(labels).toHaveLength(60_000);
  expect(labels.every((label, i) => label === LABELS[i % 3])).toBe(true);
});

test('answers to other questions are no beginning', async () => {
  await mkdir(at('c.csv.part'));
  await writeFile(at('c.csv.part/request.json'), '{"model": "another", "data": [], "options": {}}');
  const other = await eft(...ask('--out', at('c.csv')));
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('its model and its data and its options differ');
  expect(other.stderr).toContain('or delete the folder to begin anew');
});

test('what cannot be is said before anything is predicted', async () => {
  const text = await eft(...ask('--output', 'parquet'));
  expect(text).toMatchObject({ code: 2, stdout: '' });
  expect(text.stderr).toContain('--output parquet needs --out FILE');
  const nowhere = await eft(...ask('--out', at('rows.jsonl/out.csv')));
  expect(nowhere.code).toBe(1);
  expect(nowhere.stderr).toContain('a part of the path is a file');
});
