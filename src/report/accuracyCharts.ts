/** Test accuracy with its intervals: against sequence length, and against the seconds of training it took. */
import * as Plot from '@observablehq/plot';
import type { Cell, Comparison } from '../comparison/compareResults.js';
import { LEAST_SECONDS, logTicks, renderChart } from './chart.js';
import { accuracyWithInterval, count, percent, shortNumber } from './format.js';
import { escapeHtml } from './html.js';
import { labelMarks } from './labels.js';
import type { Look } from './palette.js';

const low = ({ accuracyInterval }: Cell): number => 100 * accuracyInterval[0];
const high = ({ accuracyInterval }: Cell): number => 100 * accuracyInterval[1];
const middle = ({ accuracy }: Cell): number => 100 * accuracy.mean;

function byLength({ cells, unit }: Comparison, looks: readonly Look[], lengths: readonly number[]): string {
  // Models stand side by side at each length, so that their intervals do not cover one another.
  const place = (cell: Cell): number => {
    const model = looks.findIndex(({ model }) => model === cell.model);
    return lengths.indexOf(cell.sequenceLength) + (model - (looks.length - 1) / 2) * (0.5 / looks.length);
  };
  return renderChart({
    title: 'Test accuracy at each length',
    note: 'Mean over the seeds; the bars are 95% intervals.',
    plot: {
      x: {
        type: 'linear',
        domain: [-0.5, lengths.length - 0.5],
        ticks: lengths.map((_, i) => i),
        tickFormat: (i: number) => count(lengths[i]),
        label: unit,
      },
      y: { label: 'accuracy, %', grid: true, ticks: 6 },
      marks: looks.flatMap(({ model, color, symbol }) => {
        const own = cells.filter((cell) => cell.model === model);
        return [
          Plot.ruleX(own, { x: place, y1: low, y2: high, stroke: color, strokeWidth: 2 }),
          Plot.dot(own, { x: place, y: middle, symbol, fill: color, r: 4.5 }),
        ];
      }),
    },
    columns: [{ title: 'model' }, { title: unit, numeric: true }, { title: 'accuracy (95%)', numeric: true }],
    rows: cells.map((cell) => [
      escapeHtml(cell.model),
      count(cell.sequenceLength),
      accuracyWithInterval(cell),
    ]),
  });
}

/** The least and the largest value, set apart where they are one. */
function extent(values: readonly number[]): [number, number] {
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  return least < largest ? [least, largest] : [least * 0.9 - 0.001, largest * 1.1 + 0.001];
}

function bySeconds({ cells, unit }: Comparison, looks: readonly Look[]): string {
  const seconds = ({ secondsToBest }: Cell): number => Math.max(secondsToBest, LEAST_SECONDS);
  const x = { type: 'log' as const, domain: extent(cells.map(seconds)) };
  const y = { type: 'linear' as const, domain: extent(cells.flatMap((cell) => [low(cell), high(cell)])) };
  const labels = looks.flatMap(({ model, color }) =>
    cells
      .filter((cell) => cell.model === model)
      .map((cell) => ({ x: seconds(cell), y: middle(cell), text: count(cell.sequenceLength), color })),
  );
  return renderChart({
    title: 'Test accuracy against training time',
    note: 'Seconds up to the best epoch, mean over the seeds; the numbers are lengths. Up and left is better.',
    plot: {
      x: { ...x, ticks: logTicks(x.domain), tickFormat: shortNumber, label: 'seconds of training' },
      y: { ...y, label: 'accuracy, %', grid: true, ticks: 6 },
      marks: [
        ...looks.flatMap(({ model, color, symbol, dash }) => {
          const own = cells.filter((cell) => cell.model === model);
          return [
            Plot.line(own, {
              x: seconds,
              y: middle,
              stroke: color,
              strokeOpacity: 0.5,
              strokeDasharray: dash,
            }),
            Plot.ruleX(own, { x: seconds, y1: low, y2: high, stroke: color, strokeOpacity: 0.35 }),
            Plot.dot(own, { x: seconds, y: middle, symbol, fill: color, r: 4.5 }),
          ];
        }),
        ...labelMarks(labels, { x, y }),
      ],
    },
    columns: [
      { title: 'model' },
      { title: unit, numeric: true },
      { title: 'seconds to best', numeric: true },
      { title: 'accuracy', numeric: true },
    ],
    rows: cells.map((cell) => [
      escapeHtml(cell.model),
      count(cell.sequenceLength),
      cell.secondsToBest.toFixed(1),
      percent(cell.accuracy.mean),
    ]),
  });
}

export function accuracyCharts(
  comparison: Comparison,
  looks: readonly Look[],
  lengths: readonly number[],
): string {
  return [byLength(comparison, looks, lengths), bySeconds(comparison, looks)].join('\n');
}
