/** Each chart of learning draws the series that its title names. */
import { expect, it } from 'vitest';
import { compareResults } from '#eft/comparison/compareResults.js';
import type { Trial } from '#eft/comparison/results/schema.js';
import { learningCharts } from '#eft/report/learningCharts.js';
import { looksOf } from '#eft/report/palette.js';
import { fakeResults } from '../comparison/fake-results.js';
import { drawnIn } from './drawn.js';

const MODELS = ['elastic-fourier', 'bag'];
const looks = looksOf(MODELS);
const results = fakeResults({ items: 100, epochs: 4, seeds: 1, lengths: [64], models: MODELS });
results.trials.forEach((trial, t) => {
  // Each series a curve of its own, so that none can stand for another.
  for (const epoch of trial.epochs) {
    epoch.trainLoss = 0.9 / (epoch.epoch + t);
    epoch.validation.loss = 0.2 + 0.1 * epoch.epoch;
    epoch.trainAccuracy = 0.5 + 0.01 * epoch.epoch;
    epoch.validation.accuracy = 0.9 - 0.05 * (epoch.epoch - 2) ** 2 - 0.01 * t;
  }
});
const html = learningCharts(compareResults(results), looks, [64]);

type Epoch = Trial['epochs'][number];

it.each<[string, (epoch: Epoch) => number]>([
  ['validation by epoch', ({ validation }) => 100 * validation.accuracy],
  ['validation by seconds', ({ validation }) => 100 * validation.accuracy],
  ['training loss by epoch', ({ trainLoss }) => trainLoss],
])('%s', (title, read) => {
  const drawn = drawnIn(html, `64 tokens: ${title}`);
  for (const { model, color } of looks) {
    const { epochs } = results.trials.find((trial) => trial.model === model)!;
    const { dots } = drawn.get(color)!;
    const values = epochs.map(read);
    const range = Math.max(...values) - Math.min(...values);
    expect(dots).toHaveLength(values.length);
    // To a hundredth of the range.
    dots.forEach((dot, i) => {
      expect(Math.abs(dot - values[i]), `epoch ${i + 1} of ${model}`).toBeLessThan(range / 100);
    });
  }
});
