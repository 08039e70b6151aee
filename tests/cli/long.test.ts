/** Long documents whose beginning says the opposite of the rest: what is not read is told, and windows read it. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from '#eft/node.js';
import { RandomStream } from '#eft/random.js';
import { exhaustively } from '../exhaustive.js';
import { eft } from './run.js';

const WORDS = {
  praise: ['splendid', 'moving', 'clever', 'delightful', 'superb', 'charming'],
  blame: ['dull', 'clumsy', 'tedious', 'shallow', 'dreadful', 'stale'],
} as const;
const BOTH = ['the', 'film', 'a', 'scene', 'of', 'and', 'its', 'plot', 'with', 'is'];
type Label = keyof typeof WORDS;
const opposite = (label: Label): Label => (label === 'praise' ? 'blame' : 'praise');

const random = new RandomStream(1, 'test');
const pick = (words: readonly string[]): string => words[random.nextInteger(words.length)];
const words = (label: Label, count: number): string =>
  Array.from({ length: count }, () => pick(random.next() < 0.15 ? WORDS[label] : BOTH)).join(' ');

const labels = (count: number): Label[] =>
  Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 'praise' : 'blame'));
const lines = (rows: readonly { text: string; label: Label }[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const misleading = (label: Label, head: number, rest: number): { text: string; label: Label } => ({
  text: `${words(opposite(label), head)} ${words(label, rest)}`,
  label,
});

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-long-'));
  const short = labels(240).map((label) => ({ text: words(label, 60), label }));
  const long = labels(16).map((label) => misleading(label, 700, 19_000));
  const middling = labels(60).map((label) => misleading(label, 300, 1200));
  await writeFile(at('short.jsonl'), lines(short));
  await writeFile(at('long.jsonl'), lines(long));
  await writeFile(at('middling.jsonl'), lines(middling));
  const { code, stderr } = await eft(
    ...['train', '--data', at('short.jsonl'), '--model', 'bag', '--epochs', '3', '--out', at('short')],
  );
  expect(stderr).toContain(' 0.0% of the texts fill the length or are cut to it');
  expect(stderr).not.toContain('not read');
  expect(code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const evaluate = async (...more: string[]) => {
  const { code, stdout, stderr } = await eft('evaluate', ...more, '--json');
  expect(code).toBe(0);
  return { ...(JSON.parse(stdout) as { accuracy: number; cutShare: number }), stderr };
};

test('the beginning alone misleads, and a warning says what is not read and what to do', async () => {
  const head = await evaluate(at('short'), '--data', at('long.jsonl'));
  expect(head.accuracy).toBeLessThan(0.1);
  expect(head.cutShare).toBeCloseTo(1 - 512 / 19_700, 4);
  expect(head.stderr).toMatch(/warning: 97\.4% of the tokens of .*long\.jsonl are not read.*--long windows/);
});

test('windows read all of it', async () => {
  const windows = await evaluate(at('short'), '--data', at('long.jsonl'), '--long', 'windows');
  expect(windows.accuracy).toBeGreaterThan(0.9);
  expect(windows.cutShare).toBe(0);
  expect(windows.stderr).not.toContain('warning');
});

test('so does the end, which says what most of the text does', async () => {
  const tail = await evaluate(at('short'), '--data', at('long.jsonl'), '--long', 'tail');
  expect(tail.accuracy).toBeGreaterThan(0.9);
  expect(tail.cutShare).toBeCloseTo(1 - 512 / 19_700, 4);
});

test('predictions too', async () => {
  const args = ['predict', at('short'), '--data', at('long.jsonl'), '--output', 'labels'];
  const head = await eft(...args);
  const windows = await eft(...args, '--long', 'windows');
  expect(head.stdout.trim().split('\n')).toEqual(labels(16).map(opposite));
  expect(head.stderr).toContain('97.4% of the tokens of these texts are not read');
  expect(windows.stdout.trim().split('\n')).toEqual(labels(16));
  expect(windows.stderr).not.toContain('not read');
});

test('the library says so', async () => {
  const [line] = (await readFile(at('long.jsonl'), 'utf8')).split('\n');
  const { text, label } = JSON.parse(line) as { text: string; label: Label };
  const head = await load(at('short'));
  const windows = await load(at('short'), { long: 'windows' });
  try {
    expect(head.cutShare(text)).toBeCloseTo(1 - 512 / 19_700, 4);
    expect((await head.evaluate([{ text, label }])).cutShare).toBe(head.cutShare(text));
    expect((await head.predict(text))[0].label).toBe(opposite(label));
    expect(windows.cutShare([text, text])).toBe(0);
    const prediction = await windows.predict(text);
    expect(prediction[0].label).toBe(label);
    expect(prediction[0].score + prediction[1].score).toBeCloseTo(1, 10);
  } finally {
    await head.dispose();
    await windows.dispose();
  }
});

test.each(['bag', 'linear'])('%s trained on windows reads windows', async (model) => {
  const data = ['--data', at('middling.jsonl')];
  const shape = ['--model', model, '--seq-len', '256', '--long', 'windows', '--epochs', '4'];
  const trained = await eft('train', ...data, ...shape, '--out', at(model));
  expect(trained.code).toBe(0);
  expect(trained.stderr).toMatch(/read in \d+ windows/);
  expect(trained.stderr).not.toContain('not read');
  const own = await evaluate(at(model), '--data', at('long.jsonl'));
  expect(own.cutShare).toBe(0);
  expect(own.accuracy).toBeGreaterThan(0.9);
  const { reading } = JSON.parse(await readFile(join(at(model), 'config.json'), 'utf8')) as {
    reading: object;
  };
  expect(reading).toEqual({ long: 'windows', html: 'keep', unicode: 'nfc' });
  const resumed = await eft('train', '--out', at(model), '--resume', '--epochs', '5');
  expect(resumed.code).toBe(0);
  const other = await eft('train', '--out', at(model), '--resume', '--long', 'head');
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('reading.long was "windows", now "head"');
});

exhaustively('a comparison says how much its models leave out', async () => {
  const { code, stdout, stderr } = await eft(
    ...['compare', '--data', at('middling.jsonl'), '--models', 'bag', '--lengths', '128', '--epochs', '1'],
    ...['--split', '60/20/20', '--no-profile', '--out', at('compared')],
  );
  expect(code).toBe(0);
  expect(stderr).toContain('91.5% of the test tokens are not read');
  expect(stdout).toMatch(/^Not read of the test texts: 91% at 128 tokens by \S/m);
  const windows = await eft(
    ...['compare', '--data', at('middling.jsonl'), '--models', 'bag', '--lengths', '128', '--epochs', '1'],
    ...['--split', '60/20/20', '--no-profile', '--long', 'windows', '--out', at('compared-windows')],
  );
  expect(windows.code).toBe(0);
  expect(windows.stderr).toContain(' 0.0% of the test tokens are not read');
  expect(windows.stdout).not.toContain('not read');
});

test('training says how much it leaves out', async () => {
  const { code, stderr } = await eft(
    ...['train', '--data', at('middling.jsonl'), '--model', 'bag', '--seq-len', '256', '--epochs', '1'],
    ...['--out', at('head')],
  );
  expect(code).toBe(0);
  expect(stderr).toMatch(/warning: 82\.9% of the tokens of the training texts are not read.*--long windows/);
});
