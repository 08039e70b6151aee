/** What the filters of a model of signals listen to: each pair of them over frequency, and all together. */
import * as Plot from '@observablehq/plot';
import type { FilterResponses } from '../evaluation/filterResponse.js';
import { pictureOf } from './bitmap.js';
import { renderChart } from './chart.js';
import { count } from './format.js';
import { looksOf } from './palette.js';

/** Frequencies as people write them: hertz where the rate is known. */
function scaleOf(rate: number | undefined): { readonly label: string; readonly factor: number } {
  if (rate === undefined) return { label: 'cycles per step', factor: 1 };
  return rate < 4000
    ? { label: 'frequency, Hz', factor: rate }
    : { label: 'frequency, kHz', factor: rate / 1000 };
}

const short = (value: number): string => Number(value.toPrecision(3)).toString();

function pairs({ model, sequenceLength, rate, frequencies, pairs: all }: FilterResponses): string {
  const { label, factor } = scaleOf(rate);
  const [rows, columns] = [all.length, frequencies.length];
  const values = Float64Array.from({ length: rows * columns }, (_, i) =>
    Math.sqrt(all[Math.floor(i / columns)][i % columns]),
  );
  const [width, height] = [0.5 * factor, rows];
  const peaks = all.map((powers) => factor * frequencies[powers.indexOf(1)]);
  return renderChart({
    title: `${model}, ${count(sequenceLength)} steps: what each pair of filters answers to`,
    note: `One line for each pair of learned filters, in order of their peaks: how strongly it answers a wave of each frequency; the lighter, the stronger.`,
    plot: {
      x: { label, domain: [0, width], ticks: 6 },
      y: { label: 'pair of filters', domain: [0, height], ticks: 5 },
      marks: [
        Plot.image([0], {
          x: width / 2,
          y: height / 2,
          src: () => pictureOf(rows, columns, values),
          width: 400 - 56 - 18 - 12,
          height: 270 - 26 - 40 - 12,
          preserveAspectRatio: 'none',
        }),
      ],
    },
    columns: [
      { title: 'pair', numeric: true },
      { title: `peak, ${label.replace('frequency, ', '')}`, numeric: true },
    ],
    rows: peaks.map((peak, i) => [count(i + 1), short(peak)]),
  });
}

function together({ model, sequenceLength, rate, frequencies, mean, meanBefore }: FilterResponses): string {
  const { label, factor } = scaleOf(rate);
  const [{ color }] = looksOf([model]);
  const points = (of: Float64Array) =>
    frequencies.map((frequency, i) => ({ frequency: factor * frequency, power: of[i] }));
  return renderChart({
    title: `${model}, ${count(sequenceLength)} steps: what all filters together answer to`,
    note: 'Mean over the pairs, each 1 at its peak. Dashed: before training, when they were short waves.',
    plot: {
      x: { label, domain: [0, 0.5 * factor], ticks: 6 },
      y: { label: 'mean power', grid: true, zero: true, ticks: 6 },
      marks: [
        Plot.line(points(meanBefore), {
          x: 'frequency',
          y: 'power',
          stroke: 'var(--quiet)',
          strokeDasharray: '4,3',
        }),
        Plot.line(points(mean), { x: 'frequency', y: 'power', stroke: color, strokeWidth: 2 }),
      ],
    },
    columns: [label, 'mean power', 'before training'].map((title) => ({ title, numeric: true })),
    rows: frequencies.flatMap((frequency, i) =>
      i % 8 === 0 ? [[short(factor * frequency), mean[i].toPrecision(3), meanBefore[i].toPrecision(3)]] : [],
    ),
  });
}

/** Two charts for each model. */
export function responseCharts(responses: readonly FilterResponses[]): string {
  return responses.flatMap((one) => [pairs(one), together(one)]).join('\n');
}
