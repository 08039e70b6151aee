/** The verdict in words. */
import { describe, expect, it } from 'vitest';
import { compareResults } from '#eft/comparison/compareResults.js';
import type { Results } from '#eft/comparison/results/schema.js';
import { RandomStream } from '#eft/random.js';
import { verdictOf } from '#eft/report/verdict.js';
import { fakeResults, withAnswers } from '../comparison/fake-results.js';

const models = ['elastic-fourier', 'standard'];
const of = (results: Results) => verdictOf(compareResults(results));

/** Two classes of 40 and 35 items; each model is right on so many of them, drawn at random. */
function small(right: readonly number[]): Results {
  const results = fakeResults({ lengths: [256], seeds: 1, items: 75, epochs: 3 });
  const labels = results.testLabels.map((_, i) => (i < 40 ? 0 : 1));
  results.testLabels = labels;
  results.protocol.testClasses = [40, 35];
  for (const [t, count] of right.entries()) {
    const order = new RandomStream(t, 'test').permutation(75);
    results.trials[t].bestEpoch = 3;
    withAnswers(
      results.trials[t],
      labels,
      labels.map((label, i) => (order[i] < count ? label : 1 - label)),
    );
  }
  return results;
}

describe('verdictOf', () => {
  it('advises nothing on 75 items at 44.0, 46.7 and 60.0%, and says what is missing', () => {
    const { advice, rows, missing } = of(small([33, 35, 45]));
    expect(advice).toEqual([
      'Nothing is shown to beat always guessing the largest class (right for 53.3% of the 75 test items) at 256 tokens: no model is recommended there.',
    ]);
    expect(rows).toHaveLength(1);
    expect(rows[0].slice(0, 4)).toEqual(['256', 'none yet (bag)', '60.0%', 'guessing']);
    expect(rows[0][4]).toMatch(/^\+6\.7 \(−\d+\.\d to \+\d+\.\d\)$/);
    expect(rows[0][5]).toMatch(/^no: needs about [\d,]+ items$/);
    expect(missing[0]).toMatch(
      /^The nearest, bag at 256 tokens, is right for 60\.0%, 6\.7 points more than guessing .* about [\d,]+ items would be needed to show it; there are 75 test items\.$/,
    );
    expect(missing.join('\n')).toMatch(/In 3 of 3 trainings the last epoch was the best: more epochs/);
    expect(missing.join('\n')).toMatch(/One seed only/);
    expect([...advice, ...rows.flat()].join()).not.toMatch(/Use /);
  });
  it('does not ask for more test items where the best is no better than guessing', () => {
    expect(of(small([30, 33, 40])).missing[0]).toMatch(
      /no more than guessing \(53\.3%\): more training examples or epochs may help, more test items would not/,
    );
  });
  it('advises the faster of two that are alike', () => {
    const results = fakeResults({ models, lengths: [256, 1024] });
    for (const trial of results.trials) {
      const like = results.trials.find(
        ({ seed, sequenceLength }) => seed === trial.seed && sequenceLength === trial.sequenceLength,
      )!;
      trial.predictions = like.predictions;
      trial.test = like.test;
      if (trial.sequenceLength === 256) trial.epochs = like.epochs;
    }
    const { advice, rows, tieRule } = of(results);
    expect(advice).toEqual([
      expect.stringMatching(
        /^Use standard at 256 tokens: no model is shown to be more accurate, and of standard and elastic-fourier, which train about as fast, it is the smallest\. It gets \d\d\.\d\d% of the 600 test items right \(elastic-fourier \d\d\.\d\d%\)\.$/,
      ),
      expect.stringMatching(
        /^Use elastic-fourier at 1,024 tokens: no model is shown to be more accurate, and it trains faster than standard\./,
      ),
    ]);
    expect(tieRule).toMatch(/trains fastest; .* the fewest parameters/);
    expect(rows[1].slice(0, 2)).toEqual(['1,024', 'elastic-fourier']);
    expect(rows[1][7]).toMatch(/^[23]\.\d × as fast \(\d\.\d to \d\.\d\)$/);
  });
  it('names a baseline as one, and keeps names with commas apart', () => {
    const results = fakeResults({ models: [...models, 'bag'], lengths: [256], seeds: 1 });
    const [{ predictions, test }] = results.trials;
    for (const trial of results.trials) {
      trial.predictions = predictions;
      trial.test = test;
      if (trial.model === 'standard') trial.model = 'standard, equal parameters';
    }
    expect(of(results).advice).toEqual([
      expect.stringContaining(
        'Use bag at 256 tokens: no model is shown to be more accurate than this baseline, and it trains faster than elastic-fourier; and standard, equal parameters. It gets ',
      ),
    ]);
  });
  it('says where one is shown to be better, and that its rival’s time is of another machine', () => {
    const results = fakeResults({ models, lengths: [256], seeds: 1 });
    const [best, other] = results.trials;
    withAnswers(
      other,
      results.testLabels,
      best.predictions.map((answer, i) => (i % 5 === 0 ? 1 - results.testLabels[i] : answer)),
    );
    other.machine = { ...results.machine, cpu: 'Another CPU' };
    best.machine = results.machine;
    const { advice, rows } = of(results);
    expect(advice[0]).toMatch(
      /^Use elastic-fourier at 256 tokens: every other model is shown to be less accurate/,
    );
    expect(rows[0].slice(5)).toEqual(['yes', expect.stringMatching(/ s$/), 'not compared']);
  });
  it('explains each method that the page uses, and no other', () => {
    const names = (results: Results): string[] => of(results).methods.map(([name]) => name);
    expect(names(fakeResults({ lengths: [256], seeds: 1, items: 100 }))).toEqual([
      ...['Shown', 'Holm’s correction', 'McNemar', 'Wilson', 'Bootstrap'],
    ]);
    expect(names(fakeResults({ lengths: [256], seeds: 3, items: 100 }))).toEqual([
      ...['Shown', 'Holm’s correction', 'McNemar', 'Bootstrap', '± over seeds'],
    ]);
    expect(names(fakeResults({ models: ['bag'], lengths: [256], seeds: 1, items: 100 }))).toEqual([
      ...['Shown', 'Wilson'],
    ]);
  });
  it('takes one model alone', () => {
    expect(of(fakeResults({ models: ['bag'], lengths: [256], seeds: 1, items: 300 })).advice).toEqual([
      expect.stringMatching(
        /^Use bag at 256 tokens: no other model was run there\. It gets [\d.]+% of the 300 test items right\.$/,
      ),
    ]);
  });
});
