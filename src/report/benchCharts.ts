/** Time, memory and rates of a bench against sequence length. */
import type { BenchCell } from './benchTable.js';
import { renderChart } from './chart.js';
import { memory, milliseconds } from './format.js';
import type { Look } from './palette.js';
import {
  growthChart,
  lengthAxis,
  lengthColumns,
  lengthRows,
  type Quantity,
  seriesMarks,
} from './scalingCharts.js';

const COSTS: readonly Quantity<BenchCell>[] = [
  {
    title: 'Time of a sequence',
    unit: 'milliseconds',
    value: ({ msPerSequence }) => msPerSequence,
    format: (value) => `${milliseconds(value)} ms`,
    range: ({ msPerSequenceSpread }) => msPerSequenceSpread,
  },
  {
    title: 'Planned memory',
    unit: 'MB',
    value: ({ plannedMemoryBytes }) => plannedMemoryBytes / 1e6,
    format: (value) => memory(value * 1e6),
  },
  {
    title: 'Peak memory, measured',
    unit: 'MB',
    value: ({ peakMemoryBytes }) => peakMemoryBytes / 1e6,
    format: (value) => memory(value * 1e6),
  },
];

interface Rate {
  readonly title: string;
  readonly note: string;
  readonly unit: string;
  value(cell: BenchCell): number;
  format(value: number): string;
}

const RATES: readonly Rate[] = [
  {
    title: 'Arithmetic rate',
    note: 'The program’s own FLOPs; what is computed again does not count.',
    unit: 'GFLOP/s',
    value: ({ gflops }) => gflops,
    format: (value) => value.toFixed(1),
  },
  {
    title: 'Share of the matrix-product rate',
    note: 'As a share of the rate of matrix products alone, on as many threads in the same process.',
    unit: '%',
    value: ({ shareOfMatrixRate }) => 100 * shareOfMatrixRate,
    format: (value) => `${value.toFixed(1)}%`,
  },
];

/** Rates do not grow as a power of length, so theirs is a plain axis from zero. */
function rateChart(
  { title, note, unit, value, format }: Rate,
  cells: readonly BenchCell[],
  looks: readonly Look[],
  lengths: readonly number[],
): string {
  return renderChart({
    title,
    note,
    plot: {
      x: lengthAxis(lengths),
      y: { domain: [0, 1.05 * Math.max(...cells.map(value))], ticks: 5, grid: true, label: unit },
      marks: looks.flatMap((look) => seriesMarks(cells, look, value)),
    },
    columns: [{ title: 'model' }, ...lengthColumns(lengths)],
    rows: lengthRows(cells, looks, lengths, (cell) => format(value(cell))),
  });
}

/** Of the cells of one mode, in order of length. Empty where they have only one length. */
export function benchCharts(cells: readonly BenchCell[], looks: readonly Look[]): string {
  const lengths = [...new Set(cells.map(({ sequenceLength }) => sequenceLength))];
  if (lengths.length < 2) return '';
  const here = looks.filter(({ model }) => cells.some((cell) => cell.model === model));
  return [
    ...COSTS.map((cost) => growthChart(cost, cells, here, lengths)),
    ...RATES.map((rate) => rateChart(rate, cells, here, lengths)),
  ].join('\n');
}
