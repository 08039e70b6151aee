/** Cells, pairs and the sentences of the verdict. */
import { describe, expect, it } from 'vitest';
import { compareResults, isUndecided } from '#eft/evaluation/comparison.js';
import type { Results } from '#eft/formats/results.js';
import { fakeResults } from './fake-results.js';

/** The same answers and times for a model as for another, or worse ones. */
function rig(
  results: Results,
  change: (trial: Results['trials'][number], like: Results['trials'][number]) => void,
): Results {
  for (const trial of results.trials.filter(({ model }) => model === 'standard')) {
    const like = results.trials.find(
      ({ model, seed, sequenceLength }) =>
        model === 'elastic-fourier' && seed === trial.seed && sequenceLength === trial.sequenceLength,
    )!;
    change(trial, like);
  }
  return results;
}

describe('compareResults', () => {
  const models = ['elastic-fourier', 'standard'];

  it('makes one cell a model and length, with the growth over half the length', () => {
    const { cells } = compareResults(fakeResults({ items: 50 }));
    expect(cells).toHaveLength(9);
    expect(cells[0]).toMatchObject({ model: 'elastic-fourier', sequenceLength: 256, growth: undefined });
    expect(cells[0].trials.map(({ seed }) => seed)).toEqual([0, 1, 2]);
    expect(cells[3].growth).toBeCloseTo(751_978 / 612_714 - 1, 3);
  });

  it('gives the share of the largest class, and the time up to the best epoch as a mean over seeds', () => {
    const results = fakeResults({ models: ['bag'], lengths: [256], seeds: 2, items: 50, epochs: 3 });
    results.trials.forEach((trial, seed) => {
      trial.bestEpoch = seed + 1;
      trial.epochs.forEach((epoch, e) => {
        epoch.seconds = 10 ** e;
      });
    });
    const { majority, cells } = compareResults(results);
    // Seven ham of each ten.
    expect(majority).toBe(0.7);
    expect(cells[0].secondsToBest).toBe((1 + 11) / 2);
    expect(cells[0].secondsPerEpoch).toBe(10);
    expect(cells[0].secondsRange).toEqual([1, 100]);
  });

  it('says that no difference is shown where the answers are the same', () => {
    const results = rig(fakeResults({ models, lengths: [256] }), (trial, like) => {
      trial.predictions = like.predictions;
      trial.test = like.test;
      trial.epochs = like.epochs;
    });
    const { pairs, advice, findings } = compareResults(results);
    expect(isUndecided(pairs[0])).toBe(true);
    expect(findings.join('\n')).toMatch(/no difference in accuracy is shown/);
    expect(advice).toEqual([
      'Use elastic-fourier or standard at 256 tokens: no difference is shown between them, neither in accuracy nor in training time.',
    ]);
    expect(findings.join('\n')).toMatch(/No difference in training time is shown/);
  });

  it('keeps scaled models apart, whose names have a comma', () => {
    const results = fakeResults({ models: [...models, 'bag'], lengths: [256], seeds: 1 });
    const [{ predictions, test }] = results.trials;
    for (const trial of results.trials) {
      trial.predictions = predictions;
      trial.test = test;
      if (trial.model === 'standard') trial.model = 'standard, equal parameters';
    }
    expect(compareResults(results).advice).toEqual([
      'Use bag at 256 tokens: no model is shown to be more accurate, and it trains faster than elastic-fourier; and standard, equal parameters.',
    ]);
  });

  it('names the more accurate and the faster model', () => {
    const results = rig(fakeResults({ models, lengths: [256] }), (trial, like) => {
      trial.predictions = like.predictions.map((predicted, i) =>
        i % 5 === 0 ? 1 - results0.testLabels[i] : predicted,
      );
      trial.epochs = like.epochs.map((epoch) => ({ ...epoch, seconds: 3 * epoch.seconds }));
    });
    const { pairs, advice, findings } = compareResults(results);
    expect(isUndecided(pairs[0])).toBe(false);
    expect(pairs[0].difference).toBeGreaterThan(0.1);
    expect(pairs[0].pValue).toBeLessThan(1e-6);
    expect(pairs[0].speed).toBeCloseTo(3, 10);
    expect(advice[0]).toMatch(/^Use elastic-fourier at 256 tokens/);
    expect(findings.join('\n')).toMatch(/In training elastic-fourier is 3\.00 times as fast/);
  });
  it('gives the gain of the better model with its own sign, whichever comes first', () => {
    const { findings } = compareResults(fakeResults({ models: ['bag', 'standard'], lengths: [256] }));
    expect(findings[0]).toMatch(
      /standard .* is more accurate than bag .* by \d\.\d points \(95 % interval \d\.\d to \d\.\d points\)/,
    );
    const swapped = fakeResults({ models: ['elastic-fourier', 'bag'], lengths: [256] });
    for (const trial of swapped.trials.filter(({ model }) => model === 'elastic-fourier')) {
      trial.predictions = trial.predictions.map((predicted, i) =>
        i % 5 === 0 ? 1 - swapped.testLabels[i] : predicted,
      );
    }
    const [finding] = compareResults(swapped).findings;
    expect(finding).toMatch(/bag .* is more accurate than elastic-fourier/);
    expect(finding).not.toContain('−');
  });
  const results0 = fakeResults({ models, lengths: [256] });

  it('compares no times of different machines', () => {
    const results = fakeResults({ models, lengths: [256], items: 50, epochs: 2 });
    const other = { ...results.machine, cpu: 'Another CPU' };
    for (const trial of results.trials) trial.machine = trial.model === 'standard' ? other : results.machine;
    const { pairs, findings, advice } = compareResults(results);
    expect(pairs[0].speed).toBeUndefined();
    expect(findings.join()).toMatch(/different machines/);
    expect(advice.join()).not.toMatch(/epoch is shorter/);
    // One seed of each on the same machine is enough.
    results.trials.find(({ model }) => model === 'standard')!.machine = results.machine;
    const [pair] = compareResults(results).pairs;
    expect(pair.b.timed).toHaveLength(1);
    expect(pair.speed).toBeGreaterThan(1);
  });
  it('gives no interval of a time measured once', () => {
    const { pairs, findings } = compareResults(
      fakeResults({ models, lengths: [256], seeds: 1, epochs: 1, items: 50 }),
    );
    expect(pairs[0].speedRange).toBeUndefined();
    expect(findings.join()).toMatch(/in the one epoch measured/);
  });

  it('fits exponents from three lengths on', () => {
    expect(compareResults(fakeResults({ lengths: [256, 512] })).exponents).toEqual([]);
    const { exponents } = compareResults(fakeResults());
    expect(exponents.map(({ model }) => model)).toEqual(['elastic-fourier', 'standard', 'bag']);
    expect(exponents[0].time.exponent).toBeCloseTo(1, 0);
  });

  it('copes with one model, one seed, one length', () => {
    const { cells, pairs, advice, findings } = compareResults(
      fakeResults({ models: ['bag'], lengths: [256], seeds: 1, items: 30 }),
    );
    expect(cells).toHaveLength(1);
    expect(pairs).toEqual([]);
    expect(advice).toEqual([]);
    expect(findings).toEqual([]);
  });
});
