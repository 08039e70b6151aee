/** results.json: parsing, refusing, reading, merging. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseResults, readResults, serializeResults } from '#eft/comparison/results/file.js';
import { mergeResults } from '#eft/comparison/results/merge.js';
import type { Results } from '#eft/comparison/results/schema.js';
import { InputError } from '#eft/errors.js';
import { FolderStore } from '#eft/platform/node/folder.js';
import { fakeResults } from './fake-results.js';

const small = (options = {}): Results =>
  fakeResults({ items: 20, seeds: 1, epochs: 2, lengths: [256], ...options });

describe('parseResults', () => {
  const parse = (results: unknown): Results => parseResults(JSON.stringify(results), 'results.json');

  it('reads back what was written', () => {
    const results = small({ seeds: 2 });
    expect(parseResults(serializeResults(results), 'results.json')).toEqual(results);
  });
  it.each([
    ['cut short', '{"format": "elastic', /results.json is damaged: not JSON/],
    ['another program’s', '{"format": "other"}', /no results/],
    ['null', 'null', /no results/],
    ['another version', '{"format": "elastic-fourier/results", "version": 99}', /version 99/],
    ['without trials', '{"format": "elastic-fourier/results", "version": 1}', /trials/],
  ])('refuses a file %s', (_, text, message) => {
    expect(() => parseResults(text, 'results.json')).toThrow(InputError);
    expect(() => parseResults(text, 'results.json')).toThrow(message);
  });

  const damages: [string, (results: Results) => void, RegExp][] = [
    [
      'a trial without all its predictions',
      ({ trials }) => trials[1].predictions.pop(),
      /trial "standard-256-0" has 19 predictions .* 20 test items/,
    ],
    ['another row of the confusion', ({ trials }) => trials[0].test.confusion.push([0, 0]), /not 2 by 2/],
    ['a short row of it', ({ trials }) => trials[0].test.confusion[1].pop(), /not 2 by 2/],
    [
      'a confusion that the predictions do not give',
      ({ trials }) => {
        trials[0].test.confusion[1][0]++;
      },
      /confusion matrix that its predictions do not give \(row 1\)/,
    ],
    [
      'a label of no class',
      ({ testLabels }) => {
        testLabels[3] = 7;
      },
      /label 7, there are 2 classes/,
    ],
    [
      'a prediction of no class',
      ({ trials }) => {
        trials[0].predictions[3] = 2;
      },
      /predicts class 2 of 2/,
    ],
    [
      'a best epoch that was not',
      ({ trials }) => {
        trials[0].bestEpoch = 99;
      },
      /best epoch is 99 of 2/,
    ],
    [
      'a best epoch of 0',
      ({ trials }) => {
        trials[0].bestEpoch = 0;
      },
      /bestEpoch/,
    ],
    ['epochs out of order', ({ trials }) => trials[0].epochs.reverse(), /epoch 2 where epoch 1 belongs/],
    [
      'an accuracy that the predictions do not give',
      ({ trials }) => {
        trials[0].test.accuracy = 0.123;
      },
      /accuracy 0.123, its predictions give/,
    ],
    [
      'an interval beside its accuracy',
      ({ trials }) => {
        trials[0].test.accuracyInterval = [0, 0.1];
      },
      /outside its interval/,
    ],
    [
      'other numbers of test items by class',
      ({ protocol }) => {
        protocol.testClasses = [13, 7];
      },
      /testClasses says 13 test items of class "ham", testLabels has 14/,
    ],
    [
      'a number of a class too many',
      ({ protocol }) => protocol.testClasses.push(0),
      /3 numbers for 2 classes/,
    ],
    [
      'two classes of one name',
      ({ protocol }) => {
        protocol.classes[1] = 'ham';
      },
      /two of its classes/,
    ],
    [
      'a split of another size',
      ({ protocol }) => {
        protocol.splits.test = 21;
      },
      /21 test items, testLabels has 20/,
    ],
    [
      'the same trial twice',
      ({ trials }) => trials.push(trials[0]),
      /two trials are named "elastic-fourier-256-0"/,
    ],
    [
      'two trials of the same model, length and seed',
      ({ trials }) => trials.push({ ...trials[0], name: 'another' }),
      /same model, length and seed/,
    ],
    [
      'a negative time',
      ({ trials }) => {
        trials[0].epochs[0].seconds = -1;
      },
      /seconds/,
    ],
    [
      'a length that is no whole number',
      ({ trials }) => {
        trials[0].sequenceLength = 256.5;
      },
      /sequenceLength/,
    ],
    [
      'a confidence above 1',
      ({ trials }) => {
        trials[0].confidence[0] = 1.5;
      },
      /confidence/,
    ],
  ];
  it.each(damages)('refuses %s', (_, damage, message) => {
    const results = small();
    damage(results);
    expect(() => parse(results)).toThrow(InputError);
    expect(() => parse(results)).toThrow(message);
  });
  it.each([
    '../../etc',
    '..',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'C:\\x',
    '',
    '.',
    'a\u0000',
    '\u001b[31m',
    '-rf',
    'x.',
  ])('refuses the trial name %j, which may lead outside the folder', (name) => {
    const results = small();
    results.trials[0].name = name;
    expect(() => parse(results)).toThrow(/trials\[0\]\.name/);
  });
  it('refuses a number that is not finite', () => {
    const text = serializeResults(small()).replace('"learningRate":0.001', '"learningRate":1e999');
    expect(() => parseResults(text, 'results.json')).toThrow(InputError);
  });
  it('reads every results.json of the repository', async () => {
    const all = (await readdir('docs/results', { recursive: true })).filter((path) =>
      path.endsWith('results.json'),
    );
    expect(all.length).toBeGreaterThan(0);
    for (const path of all.map((name) => join('docs/results', name))) {
      expect(parseResults(await readFile(path, 'utf8'), path).trials.length).toBeGreaterThan(0);
    }
  });
});

describe('readResults', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-results-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('reads a folder', async () => {
    const results = small();
    await writeFile(join(folder, 'results.json'), serializeResults(results));
    expect(await readResults(new FolderStore(folder))).toEqual(results);
  });
  it('names the file that is damaged, and a folder without results', async () => {
    await expect(readResults(new FolderStore(folder))).rejects.toThrow(/holds no results/);
    await writeFile(join(folder, 'results.json'), '{');
    await expect(readResults(new FolderStore(folder))).rejects.toThrow(join(folder, 'results.json'));
  });
});

describe('mergeResults', () => {
  const named = (...all: Results[]) => all.map((results, i) => ({ name: `run-${i + 1}`, results }));
  it('joins trials; of the same trial the first counts', () => {
    const [a, b] = [small(), small({ lengths: [256, 512] })];
    const merged = mergeResults(named(a, b));
    expect(merged.trials.map(({ name }) => name).sort()).toEqual(b.trials.map(({ name }) => name).sort());
    expect(merged.trials[0]).toBe(a.trials[0]);
  });
  it('joins learning rates of different models', () => {
    const merged = mergeResults(named(small({ models: ['bag'] }), small({ models: ['standard'] })));
    expect(merged.protocol.learningRates).toEqual({ bag: 1e-3, standard: 1e-3 });
  });
  it('takes the same test items from another path', () => {
    const [a, b] = [small({ lengths: [256] }), small({ lengths: [512] })];
    b.protocol.data = '/elsewhere/mails.csv';
    expect(mergeResults(named(a, b)).trials).toHaveLength(a.trials.length + b.trials.length);
  });
  it('counts the same tuning, pairing and profile once', () => {
    const paired = small();
    paired.operations.push({ model: 'bag', sequenceLength: 256, operations: { linear: 1 } });
    paired.pairings.push({
      name: 'standard, equal FLOPs',
      model: 'standard',
      reference: 'elastic-fourier',
      cost: 'flops',
      scale: 'width',
      sequenceLength: 256,
      target: 1,
      reached: 1,
      configuration: {},
    });
    const merged = mergeResults(named(paired, structuredClone(paired)));
    expect(merged.pairings).toEqual(paired.pairings);
    expect(merged.operations).toEqual(paired.operations);
  });
  it('counts the same tuning once', () => {
    const results = small();
    expect(mergeResults(named(results, structuredClone(results))).tuning).toEqual(results.tuning);
  });
  it('keeps the machine of each trial where there are several', () => {
    const [a, b] = [small({ lengths: [256] }), small({ lengths: [512] })];
    b.machine.cpu = 'Another CPU';
    const cpus = mergeResults(named(a, b)).trials.map(({ machine }) => machine?.cpu);
    expect(cpus).toEqual([...a.trials.map(() => a.machine.cpu), ...b.trials.map(() => 'Another CPU')]);
  });
  it('refuses models of one name and different shapes', () => {
    const [a, b] = [small({ lengths: [256] }), small({ lengths: [512] })];
    for (const trial of b.trials) trial.configuration.channels = 64;
    expect(() => mergeResults(named(a, b))).toThrow(InputError);
    expect(() => mergeResults(named(a, b))).toThrow(/channels of bag: 32 in bag-256-0 and 64 in bag-512-0/);
  });
  it('names the settings that differ', () => {
    const [a, b] = [small(), small({ epochs: 3 })];
    expect(() => mergeResults(named(a, b))).toThrow(/run-1 and run-2 .* epochs: 2 and 3/);
    b.protocol.epochs = 2;
    b.protocol.testItems = 'other';
    expect(() => mergeResults(named(a, b))).toThrow(/testItems: "0123456789abcdef" and "other"/);
    b.protocol.testItems = a.protocol.testItems;
    b.protocol.learningRates.bag = 0.5;
    expect(() => mergeResults(named(a, b))).toThrow(/learning rate of bag: 0.001 and 0.5/);
  });
});
