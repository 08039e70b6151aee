/** The chart of errors by coverage says what was counted. */
import { expect, it } from 'vitest';
import { compareResults } from '#eft/comparison/compareResults.js';
import { riskCoverageOf } from '#eft/evaluation/riskCoverage.js';
import { percent } from '#eft/report/format.js';
import { looksOf } from '#eft/report/palette.js';
import { riskChart } from '#eft/report/riskChart.js';
import { fakeResults } from '../comparison/fake-results.js';

it('has a band and a line for each model, the areas in its note, and all points in its table', () => {
  const models = ['standard', 'bag'];
  const results = fakeResults({ items: 200, epochs: 2, seeds: 2, lengths: [64, 128], models });
  const html = riskChart(compareResults(results), results.testLabels, looksOf(models));
  expect(html).toContain('128 tokens: wrong answers, where only the surest are given');
  for (const model of models) {
    const own = results.trials.filter((trial) => trial.model === model && trial.sequenceLength === 128);
    const { area, points } = riskCoverageOf(
      own.flatMap(({ confidence }) => confidence),
      own.flatMap(({ predictions }) => predictions.map((answer, i) => answer === results.testLabels[i])),
    );
    expect(html).toContain(`${model} ${percent(area)}`);
    expect(html).toContain(percent(points[9].errorInterval[1], 1));
  }
  expect(html.match(/fill-opacity="0.12"/g)).toHaveLength(models.length);
  expect(html.match(/<tr/g)).toHaveLength(1 + 20 * models.length);
});
