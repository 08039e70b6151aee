/** Learning curves: validation accuracy by epoch and by seconds, and training loss, one chart of each a length. */
import * as Plot from '@observablehq/plot';
import type { Comparison } from '../comparison/compareResults.js';
import type { Trial } from '../comparison/results/schema.js';
import { LEAST_SECONDS, logTicks, renderChart } from './chart.js';
import { count, shortNumber } from './format.js';
import { escapeHtml } from './html.js';
import type { Look } from './palette.js';

interface Point {
  readonly epoch: number;
  readonly seconds: number;
  readonly accuracy: number;
  readonly loss: number;
}

function curve({ epochs }: Trial): Point[] {
  let seconds = 0;
  return epochs.map(({ epoch, seconds: own, trainLoss, validation }) => {
    seconds += own;
    return {
      epoch,
      seconds: Math.max(seconds, LEAST_SECONDS),
      accuracy: 100 * validation.accuracy,
      loss: trainLoss,
    };
  });
}

interface View {
  readonly title: string;
  readonly x: 'epoch' | 'seconds';
  readonly y: 'accuracy' | 'loss';
  readonly xLabel: string;
  readonly yLabel: string;
}

const VIEWS: readonly View[] = [
  {
    title: 'validation by epoch',
    x: 'epoch',
    y: 'accuracy',
    xLabel: 'epoch',
    yLabel: 'accuracy, %',
  },
  {
    title: 'validation by seconds',
    x: 'seconds',
    y: 'accuracy',
    xLabel: 'seconds of training',
    yLabel: 'accuracy, %',
  },
  { title: 'training loss by epoch', x: 'epoch', y: 'loss', xLabel: 'epoch', yLabel: 'loss' },
];

function chart(view: View, length: number, { cells, unit }: Comparison, looks: readonly Look[]): string {
  const { title, x, y, xLabel, yLabel } = view;
  const here = cells.filter(({ sequenceLength }) => sequenceLength === length);
  const epochs = Math.max(...here.flatMap(({ trials }) => trials.map((trial) => trial.epochs.length)));
  const seconds = here.flatMap(({ trials }) =>
    trials.flatMap((trial) => curve(trial).map((point) => point.seconds)),
  );
  const step = Math.max(1, Math.ceil(epochs / 8));
  const ticks = Array.from({ length: Math.floor(epochs / step) }, (_, i) => (i + 1) * step);
  return renderChart({
    title: `${count(length)} ${unit}: ${title}`,
    plot: {
      x:
        x === 'epoch'
          ? { ticks, tickFormat: 'd', label: xLabel }
          : { type: 'log', ticks: logTicks(seconds), tickFormat: shortNumber, label: xLabel },
      y: { label: yLabel, grid: true, ticks: 6 },
      marks: looks.flatMap(({ model, color, symbol, dash }) =>
        here
          .filter((cell) => cell.model === model)
          .flatMap(({ trials }) => trials.map(curve))
          .flatMap((points) => [
            Plot.line(points, {
              x,
              y,
              stroke: color,
              strokeWidth: 1.5,
              strokeOpacity: 0.8,
              strokeDasharray: dash,
            }),
            Plot.dot(points, { x, y, symbol, fill: color, r: epochs > 12 ? 1.5 : 2.5 }),
          ]),
      ),
    },
    columns: [
      { title: 'model' },
      { title: 'seed', numeric: true },
      { title: 'epoch', numeric: true },
      { title: 'seconds', numeric: true },
      { title: yLabel, numeric: true },
    ],
    rows: here.flatMap(({ model, trials }) =>
      trials.flatMap((trial) =>
        curve(trial).map((point) => [
          escapeHtml(model),
          String(trial.seed),
          String(point.epoch),
          point.seconds.toFixed(1),
          y === 'accuracy' ? point.accuracy.toFixed(2) : point.loss.toFixed(4),
        ]),
      ),
    ),
  });
}

export function learningCharts(
  comparison: Comparison,
  looks: readonly Look[],
  lengths: readonly number[],
): string {
  return lengths.flatMap((length) => VIEWS.map((view) => chart(view, length, comparison, looks))).join('\n');
}
