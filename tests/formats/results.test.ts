/** results.json: reading, refusing, merging. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '#eft/errors.js';
import { mergeResults, type Results, readResults } from '#eft/formats/results.js';
import { FolderStore } from '#eft/platform/node/folder.js';
import { fakeResults } from '../evaluation/fake-results.js';

const small = (options = {}): Results =>
  fakeResults({ items: 20, seeds: 1, epochs: 2, lengths: [256], ...options });

describe('readResults', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-results-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (text: string): Promise<void> => writeFile(join(folder, 'results.json'), text);

  it('reads back what was written', async () => {
    const results = small();
    await write(JSON.stringify(results));
    expect(await readResults(new FolderStore(folder))).toEqual(results);
  });
  it.each([
    ['cut short', '{"format": "elastic', /not JSON/],
    ['another program’s', '{"format": "other"}', /no results/],
    ['null', 'null', /no results/],
    ['another version', '{"format": "elastic-fourier/results", "version": 99}', /version 99/],
    ['without trials', '{"format": "elastic-fourier/results", "version": 1}', /trials/],
  ])('refuses a file %s', async (_, text, message) => {
    await write(text);
    await expect(readResults(new FolderStore(folder))).rejects.toThrow(InputError);
    await expect(readResults(new FolderStore(folder))).rejects.toThrow(message);
  });
  it('refuses a trial without all its predictions', async () => {
    const results = small();
    results.trials[1].predictions.pop();
    await write(JSON.stringify(results));
    await expect(readResults(new FolderStore(folder))).rejects.toThrow(
      /trial standard-256-0 has 19 predictions .* 20 test items/,
    );
  });
  it('names a folder without results', () =>
    expect(readResults(new FolderStore(folder))).rejects.toThrow(/holds no results/));
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
