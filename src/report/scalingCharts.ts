/** Parameters, time and memory against sequence length on log axes, with fitted exponents and guides. */
import * as Plot from '@observablehq/plot';
import type { Cell, Comparison } from '../comparison/compareResults.js';
import { fitPowerLaw } from '../evaluation/intervals.js';
import { logTicks, renderChart } from './chart.js';
import { count, memory, shortNumber } from './format.js';
import { escapeHtml, type TableColumn } from './html.js';
import { labelMarks } from './labels.js';
import type { Look } from './palette.js';

/** One thing that was measured of one model at one length. */
export interface Measurement {
  readonly model: string;
  readonly sequenceLength: number;
}

/** What a chart shows of each cell. */
export interface Quantity<T extends Measurement> {
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
    format: (value) => memory(value * 1e6),
  },
  {
    title: 'Parameters',
    unit: 'parameters',
    value: ({ parameters }) => parameters,
    format: count,
  },
];

const GUIDES: readonly { readonly name: string; at(n: number): number }[] = [
  { name: 'O(n)', at: (n) => n },
  { name: 'O(n log n)', at: (n) => n * Math.log2(n) },
  { name: 'O(n²)', at: (n) => n * n },
];

interface Guide {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

/** They start together at `start` at the first length and stop where they would leave the chart. */
function guidesFrom(start: number, top: number, first: number, last: number): Guide[] {
  return GUIDES.map(({ name, at }) => {
    const steps = Array.from({ length: 33 }, (_, i) => first * (last / first) ** (i / 32));
    return {
      name,
      points: steps
        .map((n): [number, number] => [n, (start * at(n)) / at(first)])
        .filter(([, y]) => y <= top),
    };
  });
}

const guideLine = ({ points }: Guide): Plot.Markish =>
  Plot.line(points, {
    stroke: 'var(--quiet)',
    strokeWidth: 1,
    strokeOpacity: 0.7,
    strokeDasharray: '1,3',
  });

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
function exponentOf<T extends Measurement>(cells: readonly T[], value: (cell: T) => number): string {
  const { exponent, standardError } = fitPowerLaw(
    cells.map(({ sequenceLength }) => sequenceLength),
    cells.map(value),
  );
  const error = cells.length < 3 ? '' : ` ± ${standardError < 0.005 ? '< 0.01' : standardError.toFixed(2)}`;
  return `n^${Math.abs(exponent) < 0.005 ? '0.00' : exponent.toFixed(2).replace('-', '−')}${error}`;
}

/** Line, dots and, where there is one, range of a model. */
export function seriesMarks<T extends Measurement>(
  cells: readonly T[],
  { model, color, symbol, dash }: Look,
  value: (cell: T) => number,
  range?: (cell: T) => readonly [number, number],
): Plot.Markish[] {
  const own = cells.filter((cell) => cell.model === model);
  const x = 'sequenceLength';
  return [
    Plot.line(own, { x, y: value, stroke: color, strokeWidth: 2, strokeDasharray: dash }),
    ...(range === undefined
      ? []
      : [
          Plot.ruleX(own, {
            x,
            y1: (cell: T) => range(cell)[0],
            y2: (cell: T) => range(cell)[1],
            stroke: color,
          }),
        ]),
    Plot.dot(own, { x, y: value, symbol, fill: color, r: 4 }),
  ];
}

/** A row a model: its value at each length. */
export function lengthRows<T extends Measurement>(
  cells: readonly T[],
  looks: readonly Look[],
  lengths: readonly number[],
  show: (cell: T) => string,
): string[][] {
  return looks.map(({ model }) => [
    escapeHtml(model),
    ...lengths.map((n) => {
      const cell = cells.find((one) => one.model === model && one.sequenceLength === n);
      return cell === undefined ? '–' : show(cell);
    }),
  ]);
}

export const lengthAxis = (lengths: readonly number[], unit = 'tokens') => ({
  type: 'log' as const,
  domain: [Math.min(...lengths), Math.max(...lengths)] as const,
  ticks: lengthTicks(lengths),
  tickFormat: count,
  label: unit,
});

export const lengthColumns = (lengths: readonly number[], unit = 'tokens'): TableColumn[] =>
  lengths.map((n) => ({ title: `${count(n)} ${unit}`, numeric: true }));

/** One quantity against length on log axes; the models' exponents are in the note. Cells are in order of length. */
export function growthChart<T extends Measurement>(
  { title, unit, value: measured, format, range }: Quantity<T>,
  cells: readonly T[],
  looks: readonly Look[],
  lengths: readonly number[],
  lengthUnit = 'tokens',
): string {
  // A log axis has no zero: what took no time stands at a thousandth of the largest.
  const least = Math.max(...cells.map(measured)) / 1000 || 0.001;
  const value = (cell: T): number => measured(cell) || least;
  const axis = lengthAxis(lengths, lengthUnit);
  const [first, last] = axis.domain;
  const values = [...cells.map(value), ...(range ? cells.flatMap(range).filter((one) => one > 0) : [])];
  const start = Math.max(...cells.filter(({ sequenceLength }) => sequenceLength === first).map(value));
  const guides = guidesFrom(start, Math.max(...values) * 3, first, last);
  const heights = [...values, ...guides.flatMap(({ points }) => points.map(([, height]) => height))];
  const y = { type: 'log' as const, domain: [Math.min(...heights), Math.max(...heights)] as const };
  const ticks = logTicks(heights);
  const own = (model: string): T[] => cells.filter((cell) => cell.model === model);
  const fits = looks
    .filter(({ model }) => own(model).length > 1)
    .map(({ model }) => `${model} ${exponentOf(own(model), value)}`)
    .join(', ');
  const ends = guides
    .filter(({ points }) => points.length > 0)
    .map(({ name, points }) => {
      const [end, height] = points[points.length - 1];
      return { x: end, y: height, text: name, color: 'var(--quiet)' };
    });
  const rows = lengthRows(cells, looks, lengths, (cell) => format(measured(cell)));
  return renderChart({
    title,
    note: `${fits === '' ? '' : `Fitted: ${fits}. `}Thin lines: guides.`,
    plot: {
      marginRight: MARGIN,
      x: axis,
      y: { ...y, ticks, tickFormat: shortNumber, label: unit },
      marks: [
        Plot.gridY(ticks),
        ...guides.map(guideLine),
        ...labelMarks(ends, { x: axis, y, marginRight: MARGIN }),
        ...looks.flatMap((look) =>
          seriesMarks(cells, look, value, range && ((cell) => raised(range(cell), least))),
        ),
      ],
    },
    columns: [
      { title: 'model' },
      ...lengthColumns(lengths, lengthUnit),
      { title: 'grows as', numeric: true },
    ],
    rows: looks.map(({ model }, i) => [
      ...rows[i],
      own(model).length > 1 ? escapeHtml(exponentOf(own(model), value)) : '–',
    ]),
  });
}

/** Room for the guides' names, px. */
const MARGIN = 66;

const raised = ([low, high]: readonly [number, number], least: number): [number, number] => [
  low || least,
  high || least,
];

/** Empty where only one length was run: there is no growth to show. */
export function scalingCharts(
  comparison: Comparison,
  looks: readonly Look[],
  lengths: readonly number[],
): string {
  if (lengths.length < 2) return '';
  return QUANTITIES.map((quantity) =>
    growthChart(quantity, comparison.cells, looks, lengths, comparison.unit),
  ).join('\n');
}
