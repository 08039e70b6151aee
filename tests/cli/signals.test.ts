/** Signals on the command line: train and evaluate folders of sounds and files of series; bad ones are refused. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RandomStream } from '#eft/random.js';
import { exhaustively } from '../exhaustive.js';
import { wavOf } from '../readers/signals/sounds.js';
import { eft, start } from './run.js';

const SMALL = [
  '--channels',
  '8',
  '--blocks',
  '1',
  '--epochs',
  '6',
  '--learning-rate',
  '0.01',
  '--threads',
  '2',
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-signals-'));
  const random = new RandomStream(1, 'test');
  await mkdir(join(folder, 'sounds'));
  const lines: string[] = [];
  for (let i = 0; i < 80; i++) {
    const pitch = i % 2 === 0 ? 0.2 : 0.7;
    const phase = 6 * random.next();
    const samples = Array.from(
      { length: 700 },
      (_, t) => 0.4 * Math.sin(pitch * t + phase) + 0.2 * random.next(),
    );
    await writeFile(
      join(folder, 'sounds', `${i % 2 === 0 ? 'low' : 'high'}_take_${i}.wav`),
      wavOf([samples]),
    );
    lines.push(`${samples.slice(0, 60).map((value) => value.toFixed(4))}:${i % 2 === 0 ? 'low' : 'high'}`);
  }
  await writeFile(join(folder, 'series.ts'), `@classLabel true low high\n@data\n${lines.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a folder of sounds whose names begin with the class', async () => {
  const [data, out] = [join(folder, 'sounds'), join(folder, 'run')];
  const trained = await eft(
    'train',
    '--data',
    data,
    '--input',
    'signal',
    '--model',
    'elastic',
    ...SMALL,
    '--out',
    out,
  );
  expect(trained.stderr).toContain('class by the beginning of the file name up to _ (guessed)');
  expect(trained.stderr).toContain('signals of 700 steps, 1 channel; 8,000 samples a second');
  expect(trained.stderr).toMatch(/elastic, 700 steps in 175 frames/);
  expect(trained.code).toBe(0);
  const { code, stdout } = await eft('evaluate', out, '--data', data, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.95);
  const files = ['low_take_0.wav', 'high_take_1.wav', 'low_take_2.wav'].map((name) => join(data, name));
  const predicted = await eft('predict', out, '--data', ...files);
  expect(predicted.code).toBe(0);
  const answers = predicted.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers.map(({ label, place }) => [label, place])).toEqual([
    ['low', files[0]],
    ['high', files[1]],
    ['low', files[2]],
  ]);
  const text = await eft('predict', out, 'some text');
  expect(text.code).toBe(2);
  expect(text.stderr).toContain('this model takes signals: name their files with --data');
});

test('sounds of mixed rates, brought to one; predictions do likewise', async () => {
  const [data, out] = [join(folder, 'mixed'), join(folder, 'run-mixed')];
  for (let i = 0; i < 24; i++) {
    const rate = [8000, 11_025, 16_000][i % 3];
    const pitch = (i % 2 === 0 ? 250 : 900) / rate;
    const samples = Array.from({ length: rate / 20 }, (_, t) => 0.4 * Math.sin(2 * Math.PI * pitch * t + i));
    await mkdir(join(data, i % 2 === 0 ? 'low' : 'high'), { recursive: true });
    await writeFile(join(data, i % 2 === 0 ? 'low' : 'high', `${i}.wav`), wavOf([samples], { rate }));
  }
  const train = ['train', '--data', data, '--input', 'signal', '--model', 'rocket', '--out', out];
  const refused = await eft(...train);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/samples a second; .*--resample \d+ .*brings/);
  const { code, stderr } = await eft(...train, '--resample', '8000');
  expect(stderr).toContain('8,000 samples a second');
  expect(code).toBe(0);
  const { stdout } = await eft('evaluate', out, '--data', data, '--json');
  expect(JSON.parse(stdout).accuracy).toBe(1);
  const predicted = await eft('predict', out, '--data', join(data, 'high', '5.wav'), '--output', 'labels');
  expect(predicted.stdout).toBe('high\n');
});

test('a file of series, known by its name; resumed for more epochs', async () => {
  const [data, out] = [join(folder, 'series.ts'), join(folder, 'run-ts')];
  const { code } = await eft('train', '--data', data, '--model', 'elastic', ...SMALL, '--out', out);
  expect(code).toBe(0);
  const more = await eft('train', '--out', out, '--resume', '--epochs', '7');
  expect(more.stderr).toMatch(/continuing after step \d+ \(6 epochs finished\)/);
  expect(more.code).toBe(0);
  const { stdout } = await eft('evaluate', out, '--data', data, '--json');
  expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.9);
});

test('bad data are refused with its place, before anything is trained', async () => {
  const out = join(folder, 'never');
  const broken = join(folder, 'broken.ts');
  await writeFile(broken, '@classLabel true a b\n@data\n1,2:a\n1,?:b\n');
  const missing = await eft('train', '--data', broken, '--model', 'elastic', '--out', out);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain(`${broken}:4: step 2 is missing (NaN); --missing interpolate`);
  const bag = await eft('train', '--data', join(folder, 'series.ts'), '--model', 'bag', '--out', out);
  expect(bag.code).toBe(2);
  expect(bag.stderr).toContain('bag takes texts, and these are signals');
});

test('a comparison on signals, with the models and the length that suit them', async () => {
  const out = join(folder, 'compared');
  const { code, stderr } = await eft(
    ...['compare', '--data', join(folder, 'series.ts'), '--models', 'elastic,rocket', '--out', out],
    ...['--epochs', '4', '--channels', '8', '--blocks', '1', '--threads', '2', '--split', '60/20/20'],
  );
  expect(stderr).toContain('signals of 60 steps, 1 channel');
  expect(code).toBe(0);
  const results = JSON.parse(await readFile(join(out, 'results.json'), 'utf8'));
  expect(results.trials.map((trial: { model: string }) => trial.model).sort()).toEqual(['elastic', 'rocket']);
  for (const { test: tested, sequenceLength } of results.trials) {
    expect(sequenceLength).toBe(60);
    expect(tested.accuracy).toBeGreaterThan(0.7);
  }
});

exhaustively('models of signals at equal cost, and the page of what was wrong', async () => {
  const [data, out] = [join(folder, 'series.ts'), join(folder, 'matched')];
  // Each in a process of its own: ids within a page count on from one page to the next.
  const { code, stderr } = await start([
    ...['compare', '--data', data, '--models', 'elastic-fourier,standard', '--match', 'parameters'],
    ...[
      '--epochs',
      '1',
      '--channels',
      '8',
      '--hidden',
      '16',
      '--blocks',
      '1',
      '--patch',
      '4',
      '--window',
      '16',
    ],
    ...[
      '--filters',
      '8',
      '--heads',
      '2',
      '--threads',
      '1',
      '--split',
      '60/20/20',
      '--no-profile',
      '--out',
      out,
    ],
  ]).end;
  expect(stderr).toMatch(/elastic-fourier and standard at 60 steps: equal parameters/);
  expect(code).toBe(0);
  const { pairings, trials, protocol } = JSON.parse(await readFile(join(out, 'results.json'), 'utf8'));
  expect(pairings.map(({ cost }: { cost: string }) => cost)).toEqual(['parameters']);
  const [{ reached, target, configuration }] = pairings;
  expect(Math.abs(reached / target - 1)).toBeLessThan(0.05);
  expect(configuration.signal).toEqual({ channels: 1, patch: 4, window: 16, filters: 8 });
  expect(trials).toHaveLength(3);
  expect(protocol.input).toBe('signal');
  // Built anew, the page is the same but for its date and the command; data that were not compared on are refused.
  const page = join(out, 'report.html');
  const undated = async (): Promise<string> =>
    (await readFile(page, 'utf8')).replaceAll(/\d{4}-\d\d-\d\d( \d\d:\d\d)?|Written by eft \w+/g, '');
  const first = await undated();
  for (const part of ['what each pair of filters answers to', 'Most confidently wrong', 'Strip: red']) {
    expect(first).toContain(part);
  }
  const again = await start(['report', out, '--data', data, '--split', '60/20/20']).end;
  expect(again.code).toBe(0);
  expect((await undated()) === first).toBe(true);
  const other = await eft('report', out, '--data', data);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('its test part is not that of');
});

test('a model chosen by cross-validation, which is told', async () => {
  const out = join(folder, 'auto');
  const data = join(folder, 'series.ts');
  const { code, stderr } = await eft(
    'train',
    '--data',
    data,
    '--model',
    'auto',
    '--epochs',
    '2',
    '--out',
    out,
  );
  expect(stderr).toMatch(/(rocket|elastic) is chosen by cross-validation on 80 examples: rocket .* elastic/);
  expect(code).toBe(0);
  const { stdout } = await eft('evaluate', out, '--data', data, '--json');
  expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.9);
});
