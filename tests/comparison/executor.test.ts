/** Comparisons whose trials are pretended: machines, and how a stop ends what is measured after the trials. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareInMemory } from '#eft/comparison/compareInMemory.js';
import { compareResults } from '#eft/comparison/compareResults.js';
import type { ComparisonPlan } from '#eft/comparison/plan.js';
import { profileTrials } from '#eft/comparison/profile.js';
import type { OperationTimes, Trial } from '#eft/comparison/results/schema.js';
import { runComparison } from '#eft/comparison/runComparison.js';
import { loadSplit } from '#eft/comparison/splitData.js';
import type { PlacedOutcome, TrialJobs } from '#eft/comparison/trial.js';
import { InterruptedError } from '#eft/errors.js';
import type { Executor } from '#eft/jobs/executor.js';
import { configureModel } from '#eft/model/configuration.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'eft-executor-'));
  const rows = Array.from({ length: 40 }, (_, i) => (i % 2 ? `win a cruise n${i},spam` : `patch n${i},ham`));
  await writeFile(join(root, 'mails.csv'), `text,label\n${rows.join('\n')}\n`);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const plan = (more: Partial<ComparisonPlan> = {}): ComparisonPlan => ({
  folder: join(root, 'out'),
  command: 'eft compare',
  data: { source: join(root, 'mails.csv'), read: {}, split: [0.5, 0.25, 0.25] },
  models: ['bag'],
  lengths: [8],
  seeds: 1,
  options: { tokenizer: 'words', long: 'head', epochs: 1, channels: 8 },
  learningRate: 0.01,
  tune: false,
  threads: 1,
  pairings: [],
  pairingScale: 'width',
  profile: false,
  ...more,
});

/** Answers class 0 to all, on a machine with so many threads. */
const executorOn = (threads: number): Executor<TrialJobs> => ({
  concurrency: 1,
  async run(_kind, _name, { name, options, data }) {
    const { classes, test: items } = await loadSplit(data);
    const labels = items.map(({ label }) => classes.indexOf(label));
    const right = labels.filter((label) => label === 0).length;
    const model = configureModel({ ...options, vocabulary: 50, classes: 2 });
    const score = { accuracy: 0.5, loss: 1 };
    const trial = {
      ...{ name, model: 'bag', sequenceLength: 8, seed: options.seed, parameters: 10, learningRate: 0.01 },
      ...{ configuration: { ...model }, flopsPerSequence: 1, realTokenShare: 1, bestEpoch: 1 },
      epochs: [{ epoch: 1, seconds: 1, trainLoss: 1, trainAccuracy: 0.5, validation: score }],
      ...{ secondsPerEpoch: 1, peakMemoryBytes: 1 },
      test: {
        ...{ accuracy: right / labels.length, accuracyInterval: [0, 1], macroF1: 0.5, loss: 1 },
        examples: labels.length,
        confusion: [
          [right, 0],
          [labels.length - right, 0],
        ],
      },
      predictions: labels.map(() => 0),
      confidence: labels.map(() => 0.5),
    };
    const machine = { node: 'v1', cpu: 'a', threads, tier: 'simd' };
    return { trial, machine } as unknown as PlacedOutcome;
  },
});

test('a trial keeps the machine that it ran on when others go on elsewhere', async () => {
  const first = await runComparison(plan(), executorOn(1));
  // As results of one machine are kept by older versions.
  const { machine: _, ...bare } = first.trials[0];
  const path = join(root, 'out', 'results.json');
  await writeFile(path, JSON.stringify({ ...first, trials: [bare] }));
  const both = await runComparison(plan({ seeds: 2 }), executorOn(4));
  expect(both.trials.map(({ machine }) => machine?.threads)).toEqual([1, 4]);
  expect(both.machine.threads).toBe(4);
  const again = await runComparison(plan({ seeds: 3 }), executorOn(8));
  expect(again.trials.map(({ machine }) => machine?.threads)).toEqual([1, 4, 8]);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(again);
});

test('data that are read already are not read again', async () => {
  const parts = await loadSplit(plan().data);
  const missing = { ...plan().data, source: join(root, 'missing.csv') };
  const executor = executorOn(1);
  const run: Executor<TrialJobs>['run'] = (kind, name, request) =>
    executor.run(kind, name, { ...request, data: plan().data });
  const folder = join(root, 'given');
  const results = await runComparison(
    plan({ folder, data: missing }),
    { concurrency: 1, run },
    {},
    undefined,
    parts,
  );
  expect(results.trials).toHaveLength(1);
});

describe('the time by operation', () => {
  const trials = ['bag', 'standard'].map((model) => ({
    model,
    sequenceLength: 8,
    configuration: configureModel({
      ...{ model: model as 'bag', sequenceLength: 8, vocabulary: 50, classes: 2, channels: 8, hidden: 8 },
      blocks: 1,
    }),
  })) as unknown as Trial[];

  test('is measured of no further model after a stop; what was measured is kept', async () => {
    const times: OperationTimes[] = [];
    const controller = new AbortController();
    const notes: string[] = [];
    const onNote = (note: string): void => {
      notes.push(note);
      controller.abort();
    };
    const measuring = profileTrials(trials, times, 1, { onNote }, controller.signal);
    await expect(measuring).rejects.toThrow(InterruptedError);
    expect(notes).toHaveLength(1);
    expect(times.map(({ model }) => model)).toEqual(['bag']);
  });
});

test('a comparison of signals in memory counts steps', async () => {
  const data = Array.from({ length: 40 }, (_, i) => {
    const values = Float32Array.from({ length: 16 }, (_, t) => Math.sin(t * (i % 2 ? 0.4 : 1.9) + i));
    return { signal: { values, channels: 1 }, label: i % 2 ? 'slow' : 'fast' };
  });
  const results = await compareInMemory({ data, models: ['rocket'], sequenceLength: 16, threads: 1 });
  expect(results.protocol.input).toBe('signal');
  expect(compareResults(results).unit).toBe('steps');
});
