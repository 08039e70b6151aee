/** Parameters, time and memory against sequence length on log axes, with fitted exponents and guides. */
import * as Plot from '@observablehq/plot';
import type { Cell, Comparison } from '../evaluation/comparison.js';
import { fitPowerLaw } from '../evaluation/intervals.js';
import { logTicks, renderChart, shortNumber } from './chart.js';
import { formatMemory } from './comparisonTable.js';
import { escapeHtml } from './html.js';
import type { Look } from './palette.js';

/** One thing that was measured of one model at one length. */
export interface Measured {
  readonly model: string;
  readonly sequenceLength: number;
}

/** What a chart shows of each cell; above zero. */
export interface Quantity<T extends Measured> {
  readonly title: string;
  readonly unit: string;
  value(cell: T): number;
  format(value: number): string;
  readonly range?: (cell: T) => readonly [number, number];
}

const QUANTITIES: readonly Quantity<Cell>[] = [
  {
    title: 'Time of an epoch',
    unit: 'seconds',
    value: ({ secondsPerEpoch }) => secondsPerEpoch,
    format: (value) => `${value.toPrecision(3)} s`,
    range: ({ secondsRange }) => secondsRange,
  },
  {
    title: 'Peak memory',
    unit: 'MB',
    value: ({ peakMemoryBytes }) => peakMemoryBytes / 1e6,
    format: (value) => formatMemory(value * 1e6),
  },
  {
    title: 'Parameters',
    unit: 'parameters',
    value: ({ parameters }) => parameters,
    format: (value) => value.toLocaleString('en'),
  },
];

const GUIDES: readonly {
  readonly name: string;
  /** Of the label, so that neighbours do not touch. */
  readonly lift: number;
  at(n: number): number;
}[] = [
  { name: 'O(n)', lift: 8, at: (n) => n },
  { name: 'O(n log n)', lift: -5, at: (n) => n * Math.log2(n) },
  { name: 'O(n²)', lift: 0, at: (n) => n * n },
];

/** The lengths themselves, without those whose labels would run into a neighbour's. */
export function lengthTicks(lengths: readonly number[]): number[] {
  const least = Math.log(lengths[lengths.length - 1] / lengths[0]) / 7;
  const ticks: number[] = [];
  for (const n of lengths.toReversed()) {
    if (ticks.length === 0 || Math.log(ticks[0] / n) >= least) ticks.unshift(n);
  }
  return ticks;
}

/** "n^1.02 ± 0.03"; the error needs three lengths. */
function exponentOf<T extends Measured>(cells: readonly T[], value: (cell: T) => number): string {
  const { exponent, standardError } = fitPowerLaw(
    cells.map(({ sequenceLength }) => sequenceLength),
    cells.map(value),
  );
  const error = cells.length < 3 ? '' : ` ± ${standardError < 0.005 ? '< 0.01' : standardError.toFixed(2)}`;
  return `n^${Math.abs(exponent) < 0.005 ? '0.00' : exponent.toFixed(2).replace('-', '−')}${error}`;
}

/** One quantity against length on log axes; the models' exponents are in the note. Cells are in order of length. */
export function growthChart<T extends Measured>(
  quantity: Quantity<T>,
  cells: readonly T[],
  looks: readonly Look[],
  lengths: readonly number[],
): string {
  const { title, unit, value, format, range } = quantity;
  const [first, last] = [Math.min(...lengths), Math.max(...lengths)];
  const values = cells.map(value);
  const start = Math.max(...cells.filter(({ sequenceLength }) => sequenceLength === first).map(value));
  const top = Math.max(...values) * 3;
  // Guides start together at the largest first value and stop where they would leave the chart.
  const guides = GUIDES.map(({ name, lift, at }) => {
    const steps = Array.from({ length: 33 }, (_, i) => first * (last / first) ** (i / 32));
    return {
      name,
      lift,
      points: steps
        .map((n): [number, number] => [n, (start * at(n)) / at(first)])
        .filter(([, y]) => y <= top),
    };
  });
  const ticks = logTicks([...values, ...guides.flatMap(({ points }) => points.map(([, y]) => y))]);
  const own = (model: string): T[] => cells.filter((cell) => cell.model === model);
  const fits = looks
    .filter(({ model }) => own(model).length > 1)
    .map(({ model }) => `${model} ${exponentOf(own(model), value)}`)
    .join(', ');
  return renderChart({
    title,
    note: `${fits === '' ? '' : `Fitted: ${fits}. `}Thin lines: guides.`,
    plot: {
      marginRight: 66,
      x: {
        type: 'log',
        ticks: lengthTicks(lengths),
        tickFormat: (n: number) => n.toLocaleString('en'),
        label: 'tokens',
      },
      y: { type: 'log', ticks, tickFormat: shortNumber, label: unit },
      marks: [
        Plot.gridY(ticks),
        ...guides.map(({ points }) =>
          Plot.line(points, {
            stroke: 'var(--quiet)',
            strokeWidth: 1,
            strokeOpacity: 0.7,
            strokeDasharray: '1,3',
          }),
        ),
        ...guides.map(({ name, points, lift }) =>
          Plot.text(points.slice(-1), {
            text: () => name,
            dx: 5,
            dy: lift,
            textAnchor: 'start',
            fontSize: 10.5,
            fill: 'var(--quiet)',
          }),
        ),
        ...looks.flatMap(({ model, color, symbol, dash }) => [
          Plot.line(own(model), {
            x: 'sequenceLength',
            y: value,
            stroke: color,
            strokeWidth: 2,
            strokeDasharray: dash,
          }),
          ...(range
            ? [
                Plot.ruleX(own(model), {
                  x: 'sequenceLength',
                  y1: (cell: T) => range(cell)[0],
                  y2: (cell: T) => range(cell)[1],
                  stroke: color,
                }),
              ]
            : []),
          Plot.dot(own(model), { x: 'sequenceLength', y: value, symbol, fill: color, r: 4 }),
        ]),
      ],
    },
    columns: [
      { title: 'model' },
      ...lengths.map((n) => ({ title: `${n} tokens`, numeric: true })),
      { title: 'grows as', numeric: true },
    ],
    rows: looks.map(({ model }) => [
      escapeHtml(model),
      ...lengths.map((n) => {
        const cell = own(model).find(({ sequenceLength }) => sequenceLength === n);
        return cell === undefined ? '–' : format(value(cell));
      }),
      own(model).length > 1 ? escapeHtml(exponentOf(own(model), value)) : '–',
    ]),
  });
}

/** Empty where only one length was run: there is no growth to show. */
export function scalingCharts(
  comparison: Comparison,
  looks: readonly Look[],
  lengths: readonly number[],
): string {
  if (lengths.length < 2) return '';
  return QUANTITIES.map((quantity) => growthChart(quantity, comparison.cells, looks, lengths)).join('\n');
}
