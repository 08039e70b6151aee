/** The commands as scripts use them: their JSON, their order, their files. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { availableTiers } from '#eft/engine/wasm/tier.js';
import { mailsCsv, SMALL } from './data.js';
import { eft, start } from './run.js';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-commands-'));
  await writeFile(at('mails.csv'), mailsCsv(400));
  await writeFile(at('test.csv.gz'), gzipSync(mailsCsv(200, 9)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('params prints the counts of the paper', async () => {
  const { code, stdout } = await eft(
    ...['params', '--models', 'elastic-fourier,standard', '--lengths', '256,512,1024', '--json'],
  );
  expect(code).toBe(0);
  const rows = JSON.parse(stdout) as {
    model: string;
    sequenceLength: number;
    parameters: number;
    growth: number;
  }[];
  expect(rows.map(({ parameters }) => parameters)).toEqual([612714, 751978, 1030506, 429922, 438114, 454498]);
  expect(rows[1]).toEqual({
    model: 'elastic-fourier',
    sequenceLength: 512,
    parameters: 751978,
    growth: 751978 / 612714 - 1,
  });
  expect(rows[4].growth).toBeCloseTo(0.019, 3);
});

describe('a trained run', () => {
  beforeAll(async () => {
    const args = ['--data', at('mails.csv'), '--model', 'bag', '--epochs', '3', '--seed', '1'];
    const { code, stderr, stdout } = await eft('train', ...args, '--out', at('run'), ...SMALL);
    expect(stderr).toContain("text 'text' (guessed), label 'label' (guessed)");
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });

  test('holds the files that it should', async () => {
    expect((await readdir(at('run'))).sort()).toEqual([
      'checkpoint.safetensors',
      'config.json',
      'encoder.json',
      'metrics.jsonl',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const lines = (await readFile(at('run/metrics.jsonl'), 'utf8')).trim().split('\n');
    const epochs = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'epoch');
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(epochs[2].validation.accuracy).toBeGreaterThan(0.8);
  });

  test('evaluate gives its score as JSON', async () => {
    const { code, stdout } = await eft('evaluate', at('run'), '--data', at('test.csv.gz'), '--json');
    expect(code).toBe(0);
    const score = JSON.parse(stdout);
    expect(score).toMatchObject({ examples: 200, classes: ['ham', 'spam'] });
    expect(score.accuracy).toBeGreaterThan(0.8);
    const [low, high] = score.accuracyInterval;
    expect(low).toBeLessThan(score.accuracy);
    expect(high).toBeGreaterThan(score.accuracy);
    for (const key of ['macroF1', 'loss']) expect(Number.isFinite(score[key])).toBe(true);
  });

  test('predict keeps the order of standard input, and of a file', async () => {
    const texts = Array.from({ length: 1000 }, (_, i) =>
      i % 3 === 0 ? 'win free money' : 'review the patch',
    );
    const { code, stdout } = await start(['predict', at('run')], `${texts.join('\n')}\n`).end;
    expect(code).toBe(0);
    const labels = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { label: string }).label);
    expect(labels).toEqual(texts.map((_, i) => (i % 3 === 0 ? 'spam' : 'ham')));

    const file = await eft('predict', at('run'), '--data', at('mails.csv'), '--limit', '7');
    const lines = file.stdout.trim().split('\n');
    expect(lines).toHaveLength(7);
    const { label, score, scores } = JSON.parse(lines[0]) as {
      label: string;
      score: number;
      scores: { label: string; score: number }[];
    };
    expect(scores.map((one) => one.label).sort()).toEqual(['ham', 'spam']);
    expect(scores[0]).toEqual({ label, score });
    expect(scores[0].score).toBeGreaterThanOrEqual(scores[1].score);
    expect(scores[0].score + scores[1].score).toBeCloseTo(1, 9);
  });

  test('predict gives tables with fields of the input, and goes on where it was stopped', async () => {
    await writeFile(at('rows.csv'), 'id,text\n7,win free money\n"8,b",review the patch\n9\n10,win\n');
    const table = ['predict', at('run'), '--data', at('rows.csv'), '--output', 'csv', '--keep', 'id'];
    const stopped = await eft(...table);
    expect(stopped.code).toBe(2);
    expect(stopped.stdout).toMatch(/^id,label,score\n7,spam,0\.\d+\n"8,b",ham,0\.\d+\n$/);
    expect(stopped.stderr).toContain('2 answers are written, up to row 2: continue with --after 2');
    expect(stopped.stderr).toContain('rows.csv:4: ');
    const rest = await eft(...table, '--after', '2', '--skip-bad', '1');
    expect(rest.code).toBe(0);
    expect(rest.stdout).toMatch(/^id,label,score\n10,spam,0\.\d+\n$/);
    const labels = await eft('predict', at('run'), 'win free money', '--output', 'labels');
    expect(labels.stdout).toBe('spam\n');
  });

  test('a reader that goes away early is no error', async () => {
    const { child, end } = start(['predict', at('run')], 'win\n'.repeat(20_000));
    child.stdout!.once('data', () => child.stdout!.destroy());
    const { code, stderr } = await end;
    expect(stderr).not.toMatch(/EPIPE/);
    expect(code).toBe(0);
  });
});

describe('a comparison', () => {
  const compare = (out: string, ...more: string[]): ReturnType<typeof eft> =>
    eft(
      ...['compare', '--data', at('mails.csv'), '--epochs', '2', '--seeds', '2', '--out', out, '--json'],
      ...SMALL.slice(2),
      ...['--lengths', '8'],
      ...more,
    );

  test('runs its trials once, writes results and page, and merges with another', async () => {
    const first = await compare(at('first'), '--models', 'elastic-fourier,bag');
    expect(first.code).toBe(0);
    const results = JSON.parse(await readFile(at('first/results.json'), 'utf8'));
    expect(JSON.parse(first.stdout)).toEqual({ ...results, skipped: 0 });
    expect(results.trials).toHaveLength(4);
    expect(Object.keys(results.machine).sort()).toEqual(['cpu', 'node', 'threads', 'tier']);
    for (const trial of results.trials) {
      expect(trial).toMatchObject({ test: { examples: results.protocol.splits.test } });
      expect(['elastic-fourier', 'bag']).toContain(trial.model);
      expect(trial.sequenceLength).toBe(8);
      expect([0, 1]).toContain(trial.seed);
      expect(trial.parameters).toBeGreaterThan(0);
      const number = expect.any(Number);
      expect(trial.epochs).toMatchObject(
        [1, 2].map((epoch) => ({
          epoch,
          seconds: number,
          trainLoss: number,
          trainAccuracy: number,
          validation: { accuracy: number, loss: number, macroF1: number },
        })),
      );
      expect(trial.peakMemoryBytes).toBeGreaterThan(10e6);
      expect(trial.secondsPerEpoch).toBeGreaterThan(0);
      expect(trial.test.accuracyInterval).toHaveLength(2);
    }
    const page = await readFile(at('first/report.html'), 'utf8');
    expect(page).toMatch(/<!doctype html>/i);
    expect(page).toMatch(
      /elastic-fourier \d+\.\d+\.\d+( \(commit \w{8}\))?, \d{4}-\d\d-\d\d \d\d:\d\d UTC\./,
    );

    // More of the same: the finished trials stand as they are.
    const more = await compare(at('first'), '--models', 'elastic-fourier,bag,standard');
    expect(more.stderr).toMatch(/4 finished trials are kept/);
    const grown = JSON.parse(await readFile(at('first/results.json'), 'utf8'));
    expect(grown.trials.slice(0, 4)).toEqual(results.trials);
    expect(grown.trials).toHaveLength(6);

    const second = await compare(at('second'), '--models', 'standard');
    expect(second.code).toBe(0);
    const merged = await eft('report', at('second'), at('first'), '--out', at('both'));
    expect(merged.code).toBe(0);
    expect(merged.stdout).toMatch(/elastic-fourier/);
    expect(await readFile(at('both/report.html'), 'utf8')).toMatch(/standard/);

    const other = await compare(at('other'), '--models', 'bag', '--weight-decay', '0.1');
    expect(other.code).toBe(0);
    const refused = await eft('report', at('first'), at('other'));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/cannot be merged, their settings differ: weightDecay: 0\.01 and 0\.1/);
    const changed = await compare(at('first'), '--models', 'bag', '--weight-decay', '0.1');
    expect(changed.code).toBe(2);
    expect(changed.stderr).toMatch(/holds a comparison with other settings: weightDecay/);
  });
});

test('bench gives its measurements as JSON', async () => {
  const { code, stdout } = await eft(
    ...[
      'bench',
      '--models',
      'elastic-fourier',
      '--lengths',
      '16',
      '--batch',
      '4',
      '--threads',
      '2',
      '--json',
    ],
    ...['--seconds', '0.05', '--channels', '8', '--hidden', '16', '--blocks', '1', '--profile'],
  );
  expect(code).toBe(0);
  const cells = JSON.parse(stdout) as Record<string, unknown>[];
  expect(cells.map(({ mode }) => mode)).toEqual(['train', 'inference']);
  for (const cell of cells) {
    expect(cell).toMatchObject({ model: 'elastic-fourier', sequenceLength: 16, threads: 2 });
    for (const key of ['msPerSequence', 'tokensPerSecond', 'gflops', 'peakMemoryBytes']) {
      expect(cell[key]).toBeGreaterThan(0);
    }
    expect(availableTiers()).toContain(cell.tier);
  }
});

test('a cell that does not fit is refused with what it needs', async () => {
  const { code, stderr } = await eft(
    'bench',
    '--models',
    'elastic-fourier',
    '--lengths',
    '131072',
    '--modes',
    'train',
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/131072 tokens: this needs [\d.]+ GB.*shorter sequence length/);
});

test.each(['', 'params', 'train', 'evaluate', 'predict', 'compare', 'report', 'bench'])(
  'help of %s',
  async (name) => {
    const { code, stdout } = await eft(...(name === '' ? [] : [name]), '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}eft /);
  },
);
