/** Where the time of a training step goes: milliseconds by kind of operation, one chart a model and length. */
import * as Plot from '@observablehq/plot';
import type { Results } from '../comparison/results/schema.js';
import { renderChart } from './chart.js';
import { count, percent, shortNumber } from './format.js';
import { escapeHtml } from './html.js';
import type { Look } from './palette.js';

/** As `eft bench --profile` measures them: milliseconds a sequence, summed over threads. */
export type ShownOperationTimes = Pick<Results['operations'][number], 'model' | 'sequenceLength'> &
  Partial<Results['operations'][number]>;

const MOST_BARS = 10;

function chart(
  { model, sequenceLength, operations = {} }: ShownOperationTimes,
  unit: string,
  color: string,
): string {
  const all = Object.entries(operations)
    .map(([kind, time]) => ({ kind, time }))
    .sort((a, b) => b.time - a.time);
  const whole = all.reduce((sum, { time }) => sum + time, 0);
  const rest = all.slice(MOST_BARS).reduce((sum, { time }) => sum + time, 0);
  const shown = [
    ...all.slice(0, MOST_BARS),
    ...(all.length > MOST_BARS ? [{ kind: 'all others', time: rest }] : []),
  ];
  const share = (time: number): string => percent(time / whole, 1);
  return renderChart({
    title: `${model}, ${count(sequenceLength)} ${unit}: time by operation`,
    note: `${whole.toPrecision(3)} ms a sequence in all, summed over threads.`,
    plot: {
      marginLeft: 150,
      marginRight: 50,
      x: { label: 'ms a sequence', grid: true, ticks: 5, tickFormat: shortNumber },
      y: { label: null, domain: shown.map(({ kind }) => kind), tickSize: 0 },
      marks: [
        Plot.barX(shown, { x: 'time', y: 'kind', fill: color, insetTop: 1, insetBottom: 1 }),
        Plot.text(shown, {
          x: 'time',
          y: 'kind',
          text: ({ time }) => share(time),
          dx: 4,
          textAnchor: 'start',
          fontSize: 10.5,
          fill: 'var(--quiet)',
        }),
      ],
    },
    columns: [
      { title: 'operation' },
      { title: 'ms a sequence', numeric: true },
      { title: 'share', numeric: true },
    ],
    rows: all.map(({ kind, time }) => [escapeHtml(kind), time.toPrecision(3), share(time)]),
  });
}

/** Empty where no operation was timed. */
export function operationCharts(
  times: readonly ShownOperationTimes[],
  looks: readonly Look[],
  unit = 'tokens',
): string {
  const rank = ({ model }: ShownOperationTimes): number => looks.findIndex((look) => look.model === model);
  return times
    .filter(({ operations = {} }) => Object.values(operations).some((time) => time > 0))
    .toSorted((a, b) => rank(a) - rank(b))
    .map((cell) =>
      chart(cell, unit, looks.find(({ model }) => model === cell.model)?.color ?? 'var(--quiet)'),
    )
    .join('\n');
}
