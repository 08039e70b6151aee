/** Comparisons: what is kept, what is refused, how rates are chosen; and that outcomes come through from a process. */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashItems } from '#eft/comparison/parts.js';
import type { ComparisonPlan } from '#eft/comparison/plan.js';
import { runComparison } from '#eft/comparison/runComparison.js';
import { loadSplit } from '#eft/comparison/splitData.js';
import { LEARNING_RATE_GRID, nextRate } from '#eft/comparison/tune.js';
import { FailureError, InputError, InterruptedError } from '#eft/errors.js';
import { processes } from '#eft/jobs/processes/processes.js';
import { exhaustively } from '../exhaustive.js';
import { here } from './here.js';
import { csv, options, planIn } from './mails.js';

let root: string;
const at = (name: string): string => join(root, name);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'eft-comparison-'));
  await writeFile(at('mails.csv'), csv(200));
  await writeFile(at('other.csv'), csv(200, 'm'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const plan = (folder: string, more: Partial<ComparisonPlan> = {}): ComparisonPlan =>
  planIn(root, folder, more);

describe('the split', () => {
  test('is the same each time, and no example stands in two parts', async () => {
    const { data } = plan('');
    const [one, two] = [await loadSplit(data), await loadSplit(data)];
    expect(two).toEqual(one);
    const texts = [...one.train, ...one.validation, ...one.test].map(({ input }) => input);
    expect(new Set(texts).size).toBe(200);
    expect(hashItems(one.test)).toBe(hashItems(two.test));
    expect(hashItems(one.test.slice(1))).not.toBe(hashItems(one.test));
  });
});

test('rates are chosen on validation, once; the test split is left alone meanwhile', async () => {
  const tuned: number[] = [];
  const hooks = { onTuned: ({ learningRate }: { learningRate: number }) => void tuned.push(learningRate) };
  const tuning = plan('tuned', { tune: true, learningRate: undefined });
  const results = await runComparison(tuning, here, hooks);
  expect(tuned.slice(0, LEARNING_RATE_GRID.length)).toEqual(LEARNING_RATE_GRID);
  expect(nextRate(results.tuning)).toBeUndefined();
  const best = [...results.tuning].sort(
    (a, b) => b.validation.accuracy - a.validation.accuracy || a.validation.loss - b.validation.loss,
  )[0];
  expect(results.protocol.learningRates).toEqual({ bag: best.learningRate });
  expect(results.trials.map(({ name, learningRate }) => [name, learningRate])).toEqual([
    ['bag-8-0', best.learningRate],
  ]);
  for (const trial of results.tuning) expect(trial).not.toHaveProperty('test');
  tuned.length = 0;
  expect((await runComparison(tuning, here, hooks)).trials).toEqual(results.trials);
  expect(tuned).toEqual([]);
});

describe('the grid of rates', () => {
  const tried = (accuracies: Record<number, number>) =>
    Object.entries(accuracies).map(([rate, accuracy]) => ({
      model: 'bag',
      sequenceLength: 8,
      learningRate: Number(rate),
      epochs: 1,
      validation: { accuracy, loss: 1 },
    }));

  test('ends when the best rate lies between two others', () => {
    const grid = { 3e-4: 0.5, 1e-3: 0.6, 3e-3: 0.7, 1e-2: 0.8, 3e-2: 0.75 };
    expect(nextRate(tried(grid))).toBeUndefined();
  });
  test('widens at the end that is best, until another is tried or no rate is left', () => {
    const rising = { 3e-4: 0.5, 1e-3: 0.6, 3e-3: 0.7, 1e-2: 0.8, 3e-2: 0.9 };
    expect(nextRate(tried(rising))).toBe(1e-1);
    expect(nextRate(tried({ ...rising, 1e-1: 0.95 }))).toBe(3e-1);
    expect(nextRate(tried({ ...rising, 1e-1: 0.95, 3e-1: 0.96 }))).toBeUndefined();
    expect(nextRate(tried({ ...rising, 1e-1: 0.4 }))).toBeUndefined();
    const falling = { 3e-4: 0.9, 1e-3: 0.8, 3e-3: 0.7, 1e-2: 0.6, 3e-2: 0.5 };
    expect(nextRate(tried(falling))).toBe(1e-4);
  });
});

test('a pairing needs two models with blocks', async () => {
  const lonely = plan('lonely', { models: ['elastic-fourier', 'bag'], pairings: ['flops'] });
  await expect(runComparison(lonely, here)).rejects.toThrow(InputError);
});

test('a finished comparison trains nothing again; more seeds are added to it', async () => {
  const first = await runComparison(plan('grown'), here);
  const begun: string[] = [];
  const kept: number[] = [];
  const hooks = {
    onTrial: ({ name }: { name: string }) => void begun.push(name),
    onKept: (count: number) => void kept.push(count),
  };
  const again = await runComparison(plan('grown'), here, hooks);
  expect(again).toEqual(first);
  const more = await runComparison(plan('grown', { seeds: 2 }), here, hooks);
  expect(begun).toEqual(['bag-8-1']);
  expect(kept).toEqual([1, 1]);
  expect(more.trials[0]).toEqual(first.trials[0]);
  expect(more.trials[1].test.accuracy).toBeGreaterThan(0.5);

  // A trial of another machine keeps it: times of two are never compared as those of one.
  const path = at('grown/results.json');
  const results = JSON.parse(await readFile(path, 'utf8'));
  const other = { ...results.machine, cpu: 'another' };
  results.trials[0].machine = other;
  await writeFile(path, JSON.stringify(results));
  const { trials, machine } = await runComparison(plan('grown', { seeds: 2 }), here);
  expect(trials.map((trial) => trial.machine)).toEqual([other, machine]);
});

test.each<[string, (usual: ComparisonPlan) => Partial<ComparisonPlan>, string]>([
  ['epochs', () => ({ options: { ...options, epochs: 2 } }), 'epochs: 1 and 2'],
  ['a rate', () => ({ learningRate: 0.02 }), 'learning rate of bag: 0.01 and 0.02'],
  ['a shape', () => ({ options: { ...options, channels: 16 } }), 'channels of bag: 8 in bag-8-0 and 16'],
  ['texts', ({ data }) => ({ data: { ...data, source: at('other.csv') } }), 'testItems: '],
])('a folder with other settings is refused: %s', async (_, change, message) => {
  const usual = plan('taken');
  await runComparison(usual, here);
  const before = await readFile(at('taken/results.json'), 'utf8');
  const other = runComparison({ ...usual, ...change(usual) }, here);
  await expect(other).rejects.toThrow(InputError);
  await expect(other).rejects.toThrow(/holds a comparison with other settings/);
  await expect(other).rejects.toThrow(message);
  expect(await readFile(at('taken/results.json'), 'utf8')).toBe(before);
});

exhaustively('models may have rates of their own; the others have their defaults', async () => {
  const { protocol, trials } = await runComparison(
    plan('rates', { models: ['standard', 'bag'], learningRate: { standard: 0.004 } }),
    here,
  );
  expect(protocol.learningRates).toEqual({ standard: 0.004, bag: 0.01 });
  for (const { model, learningRate } of trials) expect(learningRate).toBe(protocol.learningRates[model]);
});

test('other settings are refused before rates are tuned for them', async () => {
  await runComparison(plan('settled'), here);
  const other = plan('settled', {
    options: { ...options, epochs: 2 },
    tune: true,
    learningRate: undefined,
  });
  const hooks = { onTuned: () => expect.unreachable() };
  await expect(runComparison(other, here, hooks)).rejects.toThrow(/other settings: epochs: 1 and 2/);
});

test('damaged results are refused and stay as they are', async () => {
  await runComparison(plan('damaged'), here);
  const path = at('damaged/results.json');
  const half = (await readFile(path, 'utf8')).slice(0, 500);
  await writeFile(path, half);
  await expect(runComparison(plan('damaged'), here)).rejects.toThrow(`${path} is damaged: not JSON`);
  expect(await readFile(path, 'utf8')).toBe(half);
});

test('stopped between two trials, it keeps the first', async () => {
  const controller = new AbortController();
  const stopping = runComparison(
    plan('stopped', { seeds: 3 }),
    here,
    { onTrialDone: () => controller.abort() },
    controller.signal,
  );
  await expect(stopping).rejects.toThrow(InterruptedError);
  const { trials } = JSON.parse(await readFile(at('stopped/results.json'), 'utf8'));
  expect(trials).toHaveLength(1);
});

test('a trial that diverges ends the comparison with its name', async () => {
  // The decay multiplies each weight by 1 − 10 · 1 a step.
  const wild = { ...options, blocks: 8, epochs: 10, clipNorm: 0, weightDecay: 1, warmupShare: 0 };
  const running = runComparison(
    plan('wild', { models: ['elastic-fourier'], learningRate: 10, options: wild }),
    here,
  );
  await expect(running).rejects.toThrow(FailureError);
  await expect(running).rejects.toThrow(/^elastic-fourier-8-0: training diverged at step \d+/);
  expect(await readdir(at('wild'))).not.toContain('results.json');
});

exhaustively('the outcome on a large test split comes through whole', async () => {
  // Predictions of so many items are more than a pipe takes at once.
  const items = 20_000;
  await writeFile(at('large.csv'), csv(items + 120));
  const data = { ...plan('').data, source: at('large.csv'), split: [100, 20, items] as const };
  const { trials, testLabels } = await runComparison(plan('large', { data }), processes);
  expect(trials[0].predictions).toHaveLength(items);
  expect(testLabels).toHaveLength(items);
});
