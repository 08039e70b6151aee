/** Events on the command line: learned from recordings with times, found in files and pipes, judged, gone on with. */
import { spawnSync } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RandomStream } from '#eft/random.js';
import { wavOf } from '../readers/signals/sounds.js';
import { eft, start } from './run.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const RATE = 4000;
const PITCHES = { high: 1400, low: 500 };

/** Tones of two pitches in noise, and the lines of a table that say when. */
function recording(number: number, seconds: number): { samples: number[]; lines: string[] } {
  const random = new RandomStream(8, 'test', number);
  const samples = Array.from({ length: seconds * RATE }, () => 0.04 * (random.next() - 0.5));
  const lines: string[] = [];
  for (let at = 0.5; at + 0.6 < seconds; at += 0.9 + random.next()) {
    const label = random.next() < 0.5 ? 'high' : 'low';
    const [from, to] = [Math.round(at * RATE), Math.round((at + 0.4) * RATE)];
    for (let t = from; t < to; t++) samples[t] += 0.3 * Math.sin((2 * Math.PI * PITCHES[label] * t) / RATE);
    lines.push(`r${number}.wav,${from / RATE},${to / RATE},${label}`);
  }
  return { samples, lines };
}

let folder: string;
const at = (...names: readonly string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-events-'));
  for (const [part, numbers] of [
    ['train', [1, 2]],
    ['test', [3, 4]],
  ] as const) {
    await mkdir(at(part));
    const lines = ['file,onset,offset,label'];
    for (const number of numbers) {
      const { samples, lines: own } = recording(number, 25);
      await writeFile(at(part, `r${number}.wav`), wavOf([samples], { rate: RATE }));
      lines.push(...own);
    }
    await writeFile(at(`${part}.csv`), `${lines.join('\n')}\n`);
  }
  const small = [
    '--channels',
    '16',
    '--blocks',
    '1',
    '--epochs',
    '1',
    '--batch-size',
    '2',
    '--learning-rate',
    '0.02',
  ];
  const { code, stdout, stderr } = await eft(
    ...[
      'train',
      '--data',
      at('train'),
      '--events',
      at('train.csv'),
      '--model',
      'elastic',
      '--out',
      at('run'),
    ],
    ...[...small, '--threads', '1', '--json'],
  );
  expect(stderr).toContain('2 classes, 4,000 samples a second');
  expect(code).toBe(0);
  expect(JSON.parse(stdout).validated.eventF1).toBeGreaterThan(0.5);
});
afterAll(() => rm(folder, { recursive: true }));

test('finds events in files, in every form', async () => {
  const { code, stderr } = await eft(
    'detect',
    at('run'),
    '--data',
    at('test'),
    '--out',
    at('found.csv'),
    '--scores',
    at('scores'),
  );
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/events in 2 recordings of 50 s/),
  });
  const csv = (await readFile(at('found.csv'), 'utf8')).trim().split('\n');
  expect(csv[0]).toBe('file,onset,offset,label,score');
  expect(csv.length).toBeGreaterThan(20);
  const onsets = csv.filter((line) => line.startsWith('r3.wav')).map((line) => Number(line.split(',')[1]));
  expect(onsets).toEqual(onsets.toSorted((a, b) => a - b));
  const npy = await readFile(at('scores', 'r3.wav.npy'));
  expect(npy.toString('latin1', 10, 128)).toContain("'shape': (1250, 3,)");
  expect(npy.length).toBe(128 + 4 * 1250 * 3);
  const one = await eft('detect', at('run'), '--data', at('test', 'r3.wav'), '--format', 'jsonl');
  const { file, onset, offset, label, score } = JSON.parse(one.stdout.split('\n')[0]);
  expect([file, onset, offset, label, score].join(',')).toBe(csv[1]);
  await expect(access(at('found.csv.part'))).rejects.toThrow();
});

test('judges by what is true', async () => {
  const { code, stdout } = await eft(
    'evaluate',
    at('run'),
    '--data',
    at('test'),
    '--events',
    at('test.csv'),
    '--json',
  );
  expect(code).toBe(0);
  const { segmentF1, eventF1, errorRate, perClass } = JSON.parse(stdout);
  expect(Math.min(segmentF1, eventF1)).toBeGreaterThan(0.8);
  expect(errorRate).toBeLessThan(0.4);
  expect(perClass.map(({ label }: { label: string }) => label)).toEqual(['high', 'low']);
});

test('listens to samples that come through a pipe', async () => {
  const file = await eft('detect', at('run'), '--data', at('test', 'r3.wav'));
  const sound = await readFile(at('test', 'r3.wav'));
  const samples = sound.subarray(sound.indexOf('data') + 8);
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'detect', at('run'), '--data', '-'], {
    input: samples,
  });
  expect(status).toBe(0);
  expect(String(stderr)).toContain('listening at 4,000 samples a second');
  const times = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(',').slice(1, 4).join())
      .sort();
  expect(times(String(stdout))).toEqual(times(file.stdout));
});

test('goes on after an interrupt with the same events', async () => {
  const { samples } = recording(5, 150);
  await writeFile(at('long.wav'), wavOf([samples], { rate: RATE }));
  const args = ['detect', at('run'), '--data', at('long.wav'), at('test'), '--threads', '1'];
  const whole = await eft(...args, '--out', at('whole.csv'));
  expect(whole.code).toBe(0);
  const { child, end } = start([...args, '--out', at('parts.csv')]);
  const begun = setInterval(() => {
    access(at('parts.csv.part')).then(
      () => child.kill('SIGINT'),
      () => {},
    );
  }, 5);
  const { code } = await end;
  clearInterval(begun);
  // It may have been quicker than the signal.
  expect([0, 130, null]).toContain(code);
  expect((await eft(...args, '--out', at('parts.csv'), '--resume')).code).toBe(0);
  expect(await readFile(at('parts.csv'), 'utf8')).toBe(await readFile(at('whole.csv'), 'utf8'));
});

test.each([
  [['train', '--data', 'test', '--task', 'detect', '--out', 'x'], /which class is this/],
  [
    ['train', '--data', 'train', '--events', 'test.csv', '--out', 'x'],
    /line 2: there is no recording 'r3\.wav'/,
  ],
  [
    ['train', '--data', 'train', '--events', 'train.csv', '--model', 'rocket', '--out', 'x'],
    /events are found by --model elastic/,
  ],
  [['detect', 'run', '--data', 'test', '--out', 'x.txt'], /Audacity's labels are of one recording/],
  [['detect', 'run', '--data', 'test', '--out', 'x.mp3'], /ends in none of/],
  [['detect', 'run', '--data', 'train.csv'], /not a WAV file/],
  [['evaluate', 'run', '--data', 'test.csv'], /this model says what happens when/],
])('%j is refused with advice', async (args, message) => {
  const named = (args as string[]).map((arg, i) =>
    i > 0 && /^(run|test|train|x)(\.\w+)?$/.test(arg) ? at(arg) : arg,
  );
  const { code, stderr } = await eft(...named);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
