/** Cells, pairs and choices, in numbers. */
import { describe, expect, it } from 'vitest';
import { compareResults, findPair, isAsFast, reversed } from '#eft/comparison/compareResults.js';
import type { Results } from '#eft/comparison/results/schema.js';
import { byRank } from '#eft/model/families/display.js';
import { RandomStream } from '#eft/random.js';
import { fakeResults, withAnswers } from './fake-results.js';

const models = ['elastic-fourier', 'standard'];

/** Changes every trial of the standard model beside the other's of the same length and seed. */
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

/** Wrong on every fifth item besides. */
const worse = (predictions: readonly number[], labels: readonly number[]): number[] =>
  predictions.map((predicted, i) => (i % 5 === 0 ? 1 - labels[i] : predicted));

describe('cells', () => {
  it('are one a model and length, with the growth over half the length', () => {
    const { cells } = compareResults(fakeResults({ items: 50 }));
    expect(cells).toHaveLength(9);
    expect(cells[0]).toMatchObject({ model: 'elastic-fourier', sequenceLength: 256, growth: undefined });
    expect(cells[0].trials.map(({ seed }) => seed)).toEqual([0, 1, 2]);
    expect(cells[3].growth).toBeCloseTo(751_978 / 612_714 - 1, 3);
  });
  it('have the time up to the best epoch as a mean over seeds, and say whose last epoch was the best', () => {
    const results = fakeResults({ models: ['bag'], lengths: [256], seeds: 2, items: 50, epochs: 3 });
    results.trials.forEach((trial, seed) => {
      trial.bestEpoch = seed + 2;
      trial.epochs.forEach((epoch, e) => {
        epoch.seconds = 10 ** e;
      });
    });
    const { majority, testItems, cells } = compareResults(results);
    // Seven ham of each ten.
    expect(majority).toBe(0.7);
    expect(testItems).toBe(50);
    expect(cells[0].secondsToBest).toBe((11 + 111) / 2);
    expect(cells[0].secondsPerEpoch).toBe(10);
    expect(cells[0].secondsRange).toEqual([1, 100]);
    expect(cells[0].stillRising).toBe(1);
  });
  it('never ask for more epochs of a training that solves for its weights in one', () => {
    const results = fakeResults({
      models: ['bag', 'standard'],
      lengths: [256],
      seeds: 1,
      items: 50,
      epochs: 1,
    });
    for (const trial of results.trials) if (trial.model === 'standard') trial.model = 'rocket';
    const rising = compareResults(results).cells.map(({ model, stillRising }) => [model, stillRising]);
    expect(Object.fromEntries(rising)).toEqual({ bag: 1, rocket: 0 });
  });
  it('say what they gain over always guessing the largest class', () => {
    const results = fakeResults({ models: ['bag'], lengths: [256], seeds: 1, items: 400 });
    const [{ overGuess, accuracy }] = compareResults(results).cells;
    expect(overGuess.difference).toBeCloseTo(accuracy.mean - 0.7, 12);
    expect(overGuess.shown).toBe(true);
    const [trial] = results.trials;
    withAnswers(
      trial,
      results.testLabels,
      results.testLabels.map(() => 0),
    );
    expect(compareResults(results).cells[0].overGuess).toMatchObject({
      difference: 0,
      shown: false,
      pValue: 1,
    });
  });
});

describe('pairs', () => {
  it('show no difference where the answers are the same', () => {
    const results = rig(fakeResults({ models, lengths: [256] }), (trial, like) => {
      trial.predictions = like.predictions;
      trial.test = like.test;
      trial.epochs = like.epochs;
    });
    const { pairs, choices } = compareResults(results);
    expect(pairs[0].accuracy.shown).toBe(false);
    expect(isAsFast(pairs[0])).toBe(true);
    expect(choices[0]).toMatchObject({ outcome: 'cheapest', winner: { model: 'standard' } });
    expect(choices[0].asFast.map(({ model }) => model)).toEqual(['elastic-fourier']);
  });
  it('show the more accurate and the faster model', () => {
    const results = rig(fakeResults({ models, lengths: [256] }), (trial, like) => {
      withAnswers(trial, labels, worse(like.predictions, labels));
      trial.epochs = like.epochs.map((epoch) => ({ ...epoch, seconds: 3 * epoch.seconds }));
    });
    const { pairs, choices } = compareResults(results);
    const [{ accuracy, speed, speedRange }] = pairs;
    expect(accuracy.shown).toBe(true);
    expect(accuracy.difference).toBeGreaterThan(0.1);
    expect(accuracy.interval[0]).toBeGreaterThan(0);
    expect(accuracy.mcNemar).toBeLessThan(1e-6);
    expect(speed).toBeCloseTo(3, 10);
    expect(speedRange![0]).toBeGreaterThan(2);
    expect(choices[0]).toMatchObject({ outcome: 'most-accurate', winner: { model: 'elastic-fourier' } });
    expect(choices[0].against).toBe(pairs[0]);
  });
  it('are corrected together: what one alone shows, many need not', () => {
    const one = fakeResults({ models, lengths: [256], seeds: 1, items: 300 });
    const labels = one.testLabels;
    const [a, b] = one.trials;
    withAnswers(a, labels, labels);
    // Seven items more are wrong: McNemar p = 2/128.
    withAnswers(
      b,
      labels,
      labels.map((label, i) => (i < 7 ? 1 - label : label)),
    );
    expect(compareResults(one).pairs[0].accuracy).toMatchObject({ shown: true, level: 0.95 });
    for (let seed = 1; seed < 6; seed++) {
      for (const trial of [a, b]) {
        const copy = structuredClone(trial);
        Object.assign(copy, { sequenceLength: 256 + seed, name: `${trial.model}-${seed}` });
        withAnswers(copy, labels, a.predictions);
        one.trials.push(copy);
      }
    }
    const { pairs } = compareResults(one);
    expect(pairs).toHaveLength(6);
    expect(pairs[0].accuracy.mcNemar).toBeCloseTo(2 / 128, 12);
    expect(pairs[0].accuracy.pValue).toBeCloseTo((6 * 2) / 128, 12);
    for (const { accuracy } of pairs) {
      expect(accuracy.shown).toBe(false);
      expect(accuracy.interval[0]).toBeLessThanOrEqual(0);
      expect(accuracy.interval[1]).toBeGreaterThanOrEqual(0);
    }
  });
  it('turn round with their signs', () => {
    const { pairs } = compareResults(fakeResults({ models, lengths: [256], seeds: 2 }));
    const turned = reversed(pairs[0]);
    expect(turned.accuracy.difference).toBe(-pairs[0].accuracy.difference);
    expect(turned.accuracy.interval[0]).toBe(-pairs[0].accuracy.interval[1]);
    expect(turned.speed).toBeCloseTo(1 / pairs[0].speed!, 12);
    expect(findPair(pairs, 256, 'standard', 'elastic-fourier')).toEqual(turned);
    expect(findPair(pairs, 512, 'standard', 'elastic-fourier')).toBeUndefined();
  });
  it('compare no times of different machines', () => {
    const results = fakeResults({ models, lengths: [256], items: 50, epochs: 2 });
    const other = { ...results.machine, cpu: 'Another CPU' };
    for (const trial of results.trials) trial.machine = trial.model === 'standard' ? other : results.machine;
    const { pairs, choices } = compareResults(results);
    expect(pairs[0].speed).toBeUndefined();
    expect(choices[0].byTime).toBe(false);
    // One seed of each on the same machine is enough.
    results.trials.find(({ model }) => model === 'standard')!.machine = results.machine;
    const [pair] = compareResults(results).pairs;
    expect(pair.b.timed).toHaveLength(1);
    expect(pair.speed).toBeGreaterThan(1);
  });
  it('give no interval of a time measured once, and no ratio of a time of zero', () => {
    const results = fakeResults({ models, lengths: [256], seeds: 1, epochs: 1, items: 50 });
    expect(compareResults(results).pairs[0].speedRange).toBeUndefined();
    for (const { epochs } of results.trials) epochs[0].seconds = 0;
    expect(compareResults(results).pairs[0].speed).toBeUndefined();
  });
  const labels = fakeResults({ models, lengths: [256] }).testLabels;
});

describe('choices', () => {
  it('advise nothing where no model is shown to beat guessing: 75 items, 60% against 53%', () => {
    const results = fakeResults({ lengths: [256], seeds: 1, items: 75 });
    const labels = results.testLabels.map((_, i) => (i < 40 ? 0 : 1));
    results.testLabels = labels;
    results.protocol.testClasses = [40, 35];
    for (const [t, right] of [33, 35, 45].entries()) {
      const random = new RandomStream(t, 'test').permutation(75);
      withAnswers(
        results.trials[t],
        labels,
        labels.map((label, i) => (random[i] < right ? label : 1 - label)),
      );
    }
    const { cells, choices } = compareResults(results);
    expect(cells.map(({ accuracy }) => accuracy.mean)).toEqual([0.44, 35 / 75, 0.6]);
    expect(choices).toHaveLength(1);
    expect(choices[0]).toMatchObject({ outcome: 'nothing-learned', winner: { model: 'bag' } });
    expect(choices[0].winner.overGuess.itemsNeeded).toBeGreaterThan(300);
  });
  it('weigh a baseline against the best of the others, and a model against the best of other families', () => {
    const results = fakeResults({ models: [...models, 'bag'], lengths: [256], seeds: 1 });
    const [{ predictions, test }] = results.trials;
    for (const trial of results.trials) {
      trial.predictions = predictions;
      trial.test = test;
      if (trial.model === 'standard') trial.model = 'elastic-fourier, equal parameters';
    }
    const [{ winner, equals, against }] = compareResults(results).choices;
    expect(winner.model).toBe('bag');
    expect(equals.map(({ model }) => model).sort()).toEqual([
      'elastic-fourier',
      'elastic-fourier, equal parameters',
    ]);
    expect(against?.a.model).toBe('bag');
    for (const trial of results.trials.filter(({ model }) => model === 'bag')) {
      for (const epoch of trial.epochs) epoch.seconds *= 1e6;
    }
    const [choice] = compareResults(results).choices;
    expect(choice.winner.model).toBe('elastic-fourier');
    expect(choice.against?.b.model).toBe('bag');
  });
  it('leave out of the advice what is not shown to have learned anything', () => {
    const results = rig(fakeResults({ models, lengths: [256], seeds: 1 }), (trial) => {
      withAnswers(
        trial,
        results0.testLabels,
        results0.testLabels.map(() => 0),
      );
      for (const epoch of trial.epochs) epoch.seconds /= 1000;
    });
    expect(compareResults(results).choices[0]).toMatchObject({
      outcome: 'most-accurate',
      winner: { model: 'elastic-fourier' },
    });
  });
  const results0 = fakeResults({ models, lengths: [256], seeds: 1 });
  it('show a difference that is not there in at most 5% of 200 comparisons of three models', () => {
    const results = fakeResults({ lengths: [256], seeds: 1, items: 150, epochs: 1 });
    const labels = results.testLabels;
    let shown = 0;
    for (let repetition = 0; repetition < 200; repetition++) {
      const random = new RandomStream(repetition, 'test', 7);
      const difficulty = labels.map(() => random.next());
      for (const trial of results.trials) {
        const right = difficulty.map((own) => (random.next() < 0.6 ? own : random.next()) < 0.9);
        withAnswers(
          trial,
          labels,
          labels.map((label, i) => (right[i] ? label : 1 - label)),
        );
      }
      if (compareResults(results).pairs.some(({ accuracy }) => accuracy.shown)) shown++;
    }
    expect(shown).toBeLessThanOrEqual(10);
  });
});

describe('compareResults', () => {
  it('orders models by the place of their family, scaled forms after their preset', () => {
    expect(['unknown', 'bag', 'standard, equal FLOPs', 'elastic-fourier', 'standard'].sort(byRank)).toEqual([
      'elastic-fourier',
      'standard',
      'standard, equal FLOPs',
      'bag',
      'unknown',
    ]);
  });
  it('fits exponents from three lengths on, of times above zero', () => {
    expect(compareResults(fakeResults({ lengths: [256, 512] })).exponents).toEqual([]);
    const results = fakeResults();
    const { exponents } = compareResults(results);
    expect(exponents.map(({ model }) => model)).toEqual(['elastic-fourier', 'standard', 'bag']);
    expect(exponents[0].time.exponent).toBeCloseTo(1, 0);
    for (const { model, epochs } of results.trials) {
      if (model === 'bag') for (const epoch of epochs) epoch.seconds = 0;
    }
    expect(compareResults(results).exponents.map(({ model }) => model)).toEqual(models);
  });
  it('copes with one model, one seed, one length', () => {
    const { cells, pairs, choices } = compareResults(
      fakeResults({ models: ['bag'], lengths: [256], seeds: 1, items: 300 }),
    );
    expect(cells).toHaveLength(1);
    expect(pairs).toEqual([]);
    expect(choices[0]).toMatchObject({ outcome: 'alone', against: undefined });
  });
  it('copes with no trials', () => {
    expect(compareResults({ ...fakeResults({ items: 10 }), trials: [] })).toMatchObject({
      cells: [],
      pairs: [],
      choices: [],
    });
  });
});
