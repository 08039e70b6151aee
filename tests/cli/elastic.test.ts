/** The elastic family on the command line: train, evaluate at other lengths, evidence, kill and resume; and resizing. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailsCsv } from './data.js';
import { eft, signalGroup, start } from './run.js';

const SMALL = ['--channels', '8', '--blocks', '1', '--bank', '16', '--epochs', '4'];

let folder: string;
let data: string;
let train: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-elastic-'));
  data = join(folder, 'mails.csv');
  await writeFile(data, mailsCsv(300));
  train = ['train', '--data', data, '--model', 'elastic', '--seq-len', '64', '--threads', '1', ...SMALL];
  const { code, stderr } = await eft(...train, '--out', join(folder, 'run'));
  expect(stderr).toMatch(/beside linear of [\d,]+/);
  // What validation said, whichever it was.
  expect(stderr).toMatch(/the deep path adds (nothing that validation shows|to the linear one)/);
  expect(stderr).not.toContain('has no option');
  expect(code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const model = (run: string): Promise<Buffer> => readFile(join(folder, run, 'model.safetensors'));

test('the run says what came of the deep path, and is small', async () => {
  const config = JSON.parse(await readFile(join(folder, 'run', 'config.json'), 'utf8'));
  expect(config.fusion).toEqual({
    linear: expect.any(Number),
    deep: expect.any(Number),
    gain: expect.any(Number),
    error: expect.any(Number),
  });
  expect((await stat(join(folder, 'run', 'model.safetensors'))).size).toBeLessThan(5e6);
});

test('one checkpoint for any length', async () => {
  for (const length of ['16', '256']) {
    const args = ['--data', data, '--seq-len', length, '--json'];
    const { code, stdout } = await eft('evaluate', join(folder, 'run'), ...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.9);
  }
});

test('says what decided', async () => {
  const { code, stdout } = await eft('predict', join(folder, 'run'), '--explain', 'win a free cruise');
  expect(code).toBe(0);
  const { label, evidence } = JSON.parse(stdout);
  expect(label).toBe('spam');
  expect(evidence.length).toBeGreaterThan(0);
});

test('killed in the middle, it goes on to the same bytes', async () => {
  const killed = start([...train, '--out', join(folder, 'killed')]);
  const metrics = join(folder, 'killed', 'metrics.jsonl');
  const trained = async (): Promise<boolean> =>
    (await readFile(metrics, 'utf8').catch(() => '')).includes('"type":"epoch"');
  while (!(await trained())) await new Promise((resolve) => setTimeout(resolve, 20));
  signalGroup(killed, 'SIGKILL');
  await killed.end;
  const { code } = await eft('train', '--out', join(folder, 'killed'), '--resume', '--threads', '2');
  expect(code).toBe(0);
  expect((await model('killed')).equals(await model('run'))).toBe(true);
});

test('a model of one length is made one of another', async () => {
  const at = (name: string): string => join(folder, name);
  const small = ['--model', 'elastic-fourier', '--blocks', '1', '--channels', '8', '--hidden', '8'];
  small.push('--epochs', '2', '--seq-len', '40');
  const from = await eft(...['train', '--data', data, '--out', at('short'), ...small]);
  expect(from.code).toBe(0);
  const resized = await eft('resize', at('short'), '--seq-len', '80', '--out', at('long'));
  expect(resized.code).toBe(0);
  expect(resized.stderr).toContain('elastic-fourier of 40 tokens, now of 80');
  const answers = await Promise.all(
    ['short', 'long'].map((name) => eft('predict', at(name), 'win a free cruise')),
  );
  const [before, after] = answers.map(({ stdout }) => JSON.parse(stdout));
  expect(after.label).toBe(before.label);
  expect(after.score).toBeCloseTo(before.score, 4);
  const again = await eft('resize', at('short'), '--seq-len', '80', '--out', at('long'));
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('already holds a run');
  const needless = await eft('resize', at('run'), '--seq-len', '80', '--out', at('other'));
  expect(needless.code).toBe(2);
  expect(needless.stderr).toContain('takes any length as it is');
});

test('more texts without labels: said, kept by --resume, and nothing to the linear model', async () => {
  const more = join(folder, 'more.txt');
  await writeFile(more, 'meet me for a xylophone cruise\nfree xylophone cruise, win now\n'.repeat(20));
  const out = join(folder, 'unlabelled');
  const args = ['--unlabelled', more, '--deep-only', '--epochs', '1', '--out', out];
  const { code, stderr } = await eft(...train, ...args);
  expect(stderr).toContain('40 texts without labels');
  expect(code).toBe(0);
  expect(await readFile(join(out, 'encoder.json'), 'utf8')).toContain('xylophone');
  const again = await eft('train', '--resume', '--out', out, '--epochs', '2');
  expect(again.stderr).toContain('epoch 2/2');
  expect(again.code).toBe(0);
  const other = join(folder, 'other.txt');
  await writeFile(other, 'another text\n');
  const changed = await eft('train', '--resume', '--out', out, '--unlabelled', other);
  expect(changed.stderr).toContain('holds a run with other settings');
  expect(changed.code).toBe(2);
  const linear = ['train', '--data', data, '--model', 'linear', '--out', join(folder, 'linear')];
  const noted = await eft(...linear, '--unlabelled', more);
  expect(noted.stderr).toContain("linear cannot use '--unlabelled'");
  expect(noted.code).toBe(0);
  const missing = await eft(...train, '--unlabelled', join(folder, 'none.txt'), '--out', join(folder, 'no'));
  expect(missing.stderr).toContain('none.txt');
  expect(missing.code).toBe(2);
});
