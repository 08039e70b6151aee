/** A corpus predicted into files: here, in shards, by workers; the same files each time. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest } from '#eft/inference/batch/manifest.js';
import { planParts } from '#eft/inference/batch/parts.js';
import { mailsCsv, SMALL } from '../cli/data.js';
import { eft, start } from '../cli/run.js';
import { exhaustively } from '../exhaustive.js';
import { describeWith } from '../needing.js';
import { REDIS, startRedis, type TestRedis } from './redis.js';
import { endWorkersAfterEach, hasSaid, startWorker } from './workers.js';

let root: string;
const at = (...names: string[]): string => join(root, ...names);

/** JSON lines, with more in some than the model needs; the last file as large as the others together. */
function lines(count: number, seed: number): string {
  const [, ...rows] = mailsCsv(count, seed).trimEnd().split('\n');
  return rows.map((row, id) => `${JSON.stringify({ id, text: `${row.split(',')[0]} ééé` })}\n`).join('');
}

const data = (folder = root): string[] => ['--data', join(folder, 'corpus/*.{jsonl.gz,jsonl,csv}')];
const OPTIONS = ['--part-size', '0.1', '--keep', 'id', '--threads', '1'];
const predict = (out: string, ...more: string[]): string[] => [
  ...['predict', at('run'), ...data(), '--out', `${out}/`, ...OPTIONS],
  ...more,
];

async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder)).filter((name) => !/^(manifest|\.queue-token)/.test(name)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
  );
}
const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'eft-corpus-'));
  await writeFile(at('mails.csv'), mailsCsv(400));
  await mkdir(at('corpus'));
  for (let i = 0; i < 4; i++) await writeFile(at('corpus', `${i}.jsonl.gz`), gzipSync(lines(300 + i, i)));
  await writeFile(
    at('corpus', 'table.csv'),
    `id,text\n${mailsCsv(200, 9)
      .replace('text,label\n', '')
      .replaceAll(/^/gm, '7,')
      .replaceAll(/,(spam|ham)$/gm, '')
      .replace(/7,$/, '')}`,
  );
  await writeFile(at('corpus', 'large.jsonl'), lines(4000, 5));
  const trained = await eft(
    'train',
    '--data',
    at('mails.csv'),
    '--out',
    at('run'),
    '--epochs',
    '2',
    ...SMALL,
  );
  expect(trained.stderr).toContain('best epoch');
  const { code, stderr } = await eft(...predict(at('here')));
  expect(stderr).toMatch(/5,4\d\d texts in \d+ files/);
  expect(code).toBe(0);
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('large plain files are cut behind lines, others are whole', async () => {
  const cutting = { read: {}, format: 'jsonl', partBytes: 100_000 } as const;
  const parts = await planParts([at('corpus/*')], cutting);
  const large = parts.filter(({ input }) => input.endsWith('large.jsonl'));
  const bytes = await readFile(at('corpus/large.jsonl'));
  expect(large.length).toBeGreaterThan(2);
  let end = 0;
  for (const { range } of large) {
    expect(range![0]).toBe(end);
    end = range![1];
    expect(bytes[end - 1]).toBe(10);
  }
  expect(end).toBe(bytes.length);
  expect(parts.filter(({ range }) => range === undefined).map(({ output }) => output)).toEqual([
    ...[0, 1, 2, 3].map((i) => `${i}.jsonl.gz.predictions.jsonl`),
    'table.csv.predictions.jsonl',
  ]);
  // One line alone cannot be cut, and neither can what is told to be in another encoding.
  await writeFile(at('one.jsonl'), JSON.stringify({ text: 'x'.repeat(300_000) }));
  expect(await planParts([at('one.jsonl')], cutting)).toHaveLength(1);
  const other = { ...cutting, read: { encoding: 'utf-16le' } };
  expect(await planParts([at('corpus/large.jsonl')], other)).toHaveLength(1);
});

test('the files hold what eft predict prints, and the manifest what they hold', async () => {
  const files = await filesOf(at('here'));
  const parts = [...files].filter(([name]) => name.startsWith('large.jsonl.'));
  expect(parts.length).toBeGreaterThan(2);
  const printed = async (name: string): Promise<string> =>
    (await eft('predict', at('run'), '--data', at('corpus', name), '--keep', 'id')).stdout;
  expect(Buffer.concat(parts.map(([, bytes]) => bytes)).toString()).toBe(await printed('large.jsonl'));
  expect(files.get('2.jsonl.gz.predictions.jsonl')?.toString()).toBe(await printed('2.jsonl.gz'));
  const manifest = await manifestOf(at('here'));
  expect(manifest.complete).toBe(true);
  expect(manifest.files.map(({ output }) => output).sort()).toEqual([...files.keys()]);
  for (const { output, sha256: hash, bytes, rows, input, inputSha256, range } of manifest.files) {
    const answers = files.get(output)!;
    expect([hash, bytes, rows]).toEqual([
      sha256(answers),
      answers.length,
      answers.toString().split('\n').length - 1,
    ]);
    const read = await readFile(input);
    expect(inputSha256).toBe(sha256(range === undefined ? read : read.subarray(...range)));
  }
  expect(manifest.totals.rows).toBe(manifest.files.reduce((sum, { rows }) => sum + rows, 0));
});

test('shards together are the whole; what is finished is kept, what is gone is made again, other settings are refused', async () => {
  for (const shard of ['1/3', '2/3', '3/3']) {
    expect((await eft(...predict(at('shards'), '--shard', shard))).code).toBe(0);
  }
  expect(await filesOf(at('shards'))).toEqual(await filesOf(at('here')));
  const untimed = ({ files }: Manifest): object[] => files.map(({ seconds: _, ...file }) => file);
  expect(untimed(await manifestOf(at('shards'))).length).toBe((await manifestOf(at('here'))).parts);

  await rm(at('shards', '1.jsonl.gz.predictions.jsonl'));
  const again = await Promise.all(
    ['1/3', '2/3', '3/3'].map((shard) => eft(...predict(at('shards'), '--shard', shard))),
  );
  const kept = again.map(({ stderr }) => Number(/(\d+) finished files are kept/.exec(stderr)?.[1]));
  expect(kept.reduce((sum, one) => sum + one)).toBe((await manifestOf(at('here'))).parts - 1);
  expect(await filesOf(at('shards'))).toEqual(await filesOf(at('here')));

  const other = await eft(...predict(at('here'), '--top-k', '1'));
  expect(other.stderr).toContain('holds predictions of other settings: answers was');
  expect(other.code).toBe(2);
});

test('a bad row fails with its file and line; no half file is left', async () => {
  await writeFile(at('bad.jsonl'), `${lines(300, 1)}{"text":\n`);
  const { code, stderr } = await eft(
    'predict',
    at('run'),
    '--data',
    at('bad.jsonl'),
    '--out',
    `${at('bad')}/`,
  );
  expect(stderr).toContain(`${at('bad.jsonl')}:301`);
  expect(code).toBe(2);
  expect(await readdir(at('bad'))).toEqual(['manifest.json']);
  expect((await manifestOf(at('bad'))).complete).toBe(false);
});

test.each([
  [['--shard', '2/3'], /name the folder of its answers with --out/],
  [['--out', 'x', '--shard', '4/3'], /It is which of how many, from 1: 3\/8/],
  [['--out', 'x/'], /a folder of answers is for files: name them with --data/],
  [['--out', 'x/', '--data', 'x', '--after', '3'], /--after and --explain do not go with a folder/],
  [['--out', 'x/', '--data', 'x', '--output', 'parquet'], /--output parquet is for one file/],
  [
    ['--out', 'x', '--data', 'x', '--queue', 'http://me:secret@host'],
    /the queue needs the address of a Redis/,
  ],
])('usage: %j', async (options, message) => {
  const { code, stderr } = await eft('predict', at('run'), ...options);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('secret');
  expect(code).toBe(2);
});

describeWith(REDIS, 'by workers', () => {
  let redis: TestRedis;
  endWorkersAfterEach();
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.dispose());

  exhaustively(
    'one killed in the middle: the same files, no half one; asked again, nothing is done',
    async () => {
      const submitting = start(predict(at('queue'), '--queue', redis.url));
      const killed = startWorker(redis.url, root);
      await hasSaid(killed, /finished[\s\S]*took/);
      killed.child.kill('SIGKILL');
      startWorker(redis.url, root, '--name', 'second');
      const { code, stderr } = await submitting.end;
      expect(stderr).toMatch(/5,4\d\d texts in \d+ files/);
      expect(code).toBe(0);
      expect(await filesOf(at('queue'))).toEqual(await filesOf(at('here')));
      expect((await manifestOf(at('queue'))).files.map(({ host }) => host)).toContain('second');
      const again = await eft(...predict(at('queue'), '--queue', redis.url));
      expect(again.stderr).toContain(`${(await manifestOf(at('here'))).parts} finished files are kept`);
    },
  );

  test('workers with folders of their own keep their files there, and the manifest says whose they are', async () => {
    for (const name of ['a', 'b']) {
      await mkdir(at(name));
      for (const what of ['corpus', 'run']) await cp(at(what), at(name, what), { recursive: true });
      startWorker(redis.url, at(name), '--name', name);
    }
    const { code, stderr } = await eft(...predict(at('apart'), '--queue', redis.url, '--root', root));
    expect(stderr).toMatch(/files are on the workers that made them/);
    expect(code).toBe(0);
    const here = await filesOf(at('here'));
    const { files } = await manifestOf(at('apart'));
    expect(files.map(({ output }) => output).sort()).toEqual([...here.keys()]);
    for (const { host, output, elsewhere, bytes } of files) {
      expect(elsewhere).toBe(true);
      expect((await stat(at(host!, 'apart', output))).size).toBe(bytes);
      expect((await readFile(at(host!, 'apart', output))).equals(here.get(output)!)).toBe(true);
    }
  });
});
