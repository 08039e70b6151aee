/** The linear family on the command line: train, evaluate, predict with evidence, resume, compare. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wilsonInterval } from '#eft/evaluation/wilson.js';
import { mailsCsv } from './data.js';
import { eft } from './run.js';

let folder: string;
let data: string;
let out: string;
/** What `--json` said of the training. */
let told: Record<string, unknown>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-linear-'));
  data = join(folder, 'mails.csv');
  out = join(folder, 'run');
  await writeFile(data, mailsCsv(300));
  const { code, stdout, stderr } = await eft(
    'train',
    '--data',
    data,
    '--model',
    'linear',
    '--json',
    '--out',
    out,
  );
  expect(stderr).toMatch(/300 examples left out in turn, in 10 folds, none held out: \d+\.\d% right/);
  expect(stderr).not.toContain('best epoch');
  told = JSON.parse(stdout);
  expect(stderr).not.toContain('has no option');
  expect(code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('says how many of those left out were right, with the interval', () => {
  const { crossValidated } = told as { crossValidated: Record<string, number> & { interval: number[] } };
  expect(told).toMatchObject({ model: 'linear', examples: 300, classes: 2 });
  expect(told.chosen).toEqual(expect.any(String));
  expect(crossValidated).toMatchObject({ folds: 10, examples: 300 });
  const { accuracy, interval } = crossValidated;
  expect(accuracy).toBeGreaterThan(0.9);
  expect(interval).toEqual(wilsonInterval(Math.round(300 * accuracy), 300));
});

test('holds a tenth out where it is asked to', async () => {
  const held = join(folder, 'held');
  const options = ['--model', 'linear', '--folds', '0', '--json', '--out', held];
  const { stdout, stderr } = await eft('train', '--data', data, ...options);
  expect(stderr).toMatch(/\d+ training and \d+ validation examples/);
  expect(stderr).toContain('best epoch');
  expect(JSON.parse(stdout)).toMatchObject({ chosen: 'linear', validated: { accuracy: expect.any(Number) } });
});

test('evaluates', async () => {
  const { code, stdout } = await eft('evaluate', out, '--data', data, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.9);
});

test('says what decided, largest first', async () => {
  const { code, stdout } = await eft('predict', out, '--explain', 'win a free cruise to the list');
  expect(code).toBe(0);
  const { label, evidence } = JSON.parse(stdout);
  expect(label).toBe('spam');
  expect(evidence.length).toBeGreaterThan(2);
  expect(evidence.length).toBeLessThanOrEqual(10);
  const sizes = evidence.map((piece: { evidence: { spam: number } }) => Math.abs(piece.evidence.spam));
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  expect(evidence[0].evidence.ham).toBe(-evidence[0].evidence.spam);
  const without = await eft('predict', out, 'win a free cruise');
  expect(JSON.parse(without.stdout)).not.toHaveProperty('evidence');
});

test('evidence has no place in other formats, nor other models any', async () => {
  const csv = await eft('predict', out, '--explain', '--output', 'csv', 'win');
  expect(csv.code).toBe(2);
  expect(csv.stderr).toContain('--explain needs --output jsonl');
  const bag = join(folder, 'bag');
  expect((await eft('train', '--data', data, '--model', 'bag', '--epochs', '1', '--out', bag)).code).toBe(0);
  const refused = await eft('predict', bag, '--explain', 'win');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('the model bag cannot say which words decided');
});

test('a finished run resumes to itself, and notes options that it has not', async () => {
  const before = await readFile(join(out, 'model.safetensors'));
  const { code, stderr } = await eft('train', '--out', out, '--resume');
  expect(stderr).not.toContain('has no option');
  expect(code).toBe(0);
  expect((await readFile(join(out, 'model.safetensors'))).equals(before)).toBe(true);
  const other = join(folder, 'other');
  const noted = await eft('train', '--data', data, '--model', 'linear', '--vocabulary', '50', '--out', other);
  expect(noted.stderr).toContain("linear has no option 'vocabulary'");
  expect((await readFile(join(other, 'model.safetensors'))).equals(before)).toBe(true);
});

test('is compared with the others', async () => {
  const compared = join(folder, 'compared');
  const { code, stderr } = await eft(
    ...[
      'compare',
      '--data',
      data,
      '--models',
      'linear,bag',
      '--lengths',
      '16',
      '--out',
      compared,
      '--no-profile',
    ],
  );
  expect(stderr).not.toMatch(/at .*\.js/);
  expect(code).toBe(0);
  const { trials } = JSON.parse(await readFile(join(compared, 'results.json'), 'utf8'));
  expect(trials.map(({ model }: { model: string }) => model).sort()).toEqual(['bag', 'linear']);
  expect((await stat(join(compared, 'report.html'))).size).toBeGreaterThan(10_000);
});
