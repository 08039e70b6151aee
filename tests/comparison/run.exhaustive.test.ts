/** A comparison of models scaled to equal cost, by each measure of it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ComparisonPlan } from '#eft/comparison/plan.js';
import { runComparison } from '#eft/comparison/runComparison.js';
import { here } from './here.js';
import { csv, options, planIn } from './mails.js';

let root: string;
const at = (name: string): string => join(root, name);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'eft-comparison-'));
  await writeFile(at('mails.csv'), csv(200));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const plan = (folder: string, more: Partial<ComparisonPlan> = {}): ComparisonPlan =>
  planIn(root, folder, more);

test('models are scaled to equal cost once, and trained beside their presets', async () => {
  const paired = plan('paired', {
    models: ['elastic-fourier', 'standard', 'bag'],
    lengths: [16],
    pairings: ['parameters', 'flops', 'seconds'],
    profile: true,
    options: { ...options, heads: 2 },
  });
  const names: string[] = [];
  const hooks = { onPaired: ({ name }: { name: string }) => void names.push(name) };
  const results = await runComparison(paired, here, hooks);
  // At 16 tokens elastic-fourier has more of both; which one is slower is for the machine to say.
  expect(names.slice(0, 2)).toEqual(['standard, equal parameters', 'standard, equal FLOPs']);
  expect(names[2]).toMatch(/^(standard|elastic-fourier), equal seconds$/);
  const scaled = [...names];
  for (const { cost, target, reached, sequenceLength, name } of results.pairings) {
    // Seconds are measured, here on a busy machine: that some were found is all that can be asked.
    if (cost === 'seconds') continue;
    expect(Math.abs(reached / target - 1), `${name} at ${sequenceLength}`).toBeLessThan(0.02);
    const trial = (model: string) =>
      results.trials.find((other) => other.model === model && other.sequenceLength === sequenceLength)!;
    const of = cost === 'parameters' ? 'parameters' : 'flopsPerSequence';
    expect(trial(name)[of]).toBe(reached);
    expect(trial('elastic-fourier')[of]).toBe(target);
  }
  expect(results.trials).toHaveLength(6);
  expect(results.trials.map(({ name }) => name)).toContain('standard-equal-FLOPs-16-0');
  expect(results.operations.map(({ model, sequenceLength }) => [model, sequenceLength]).sort()).toEqual(
    ['bag', 'elastic-fourier', 'standard', ...scaled].map((model) => [model, 16]).sort(),
  );
  for (const { operations } of results.operations) expect(Object.keys(operations)).toContain('linear');

  names.length = 0;
  const again = await runComparison(paired, here, hooks);
  expect(names).toEqual([]);
  expect(again).toEqual(results);
  await expect(runComparison({ ...paired, pairingScale: 'depth' }, here)).rejects.toThrow(/scaled by width/);
});
