/** A comparison for the terminal: the paper's table, learning curves as sparklines, the verdict. */
import { stripVTControlCharacters } from 'node:util';
import colors from 'picocolors';
import type { Cell, Comparison } from '../evaluation/comparison.js';
import { renderTable, type TableOptions } from './terminal.js';

const BARS = '▁▂▃▄▅▆▇█';

/** One character a value, lowest to highest. */
export function sparkline(values: readonly number[]): string {
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  return values.map((value) => BARS[Math.round(((value - low) / range) * (BARS.length - 1))]).join('');
}

const percent = (value: number, digits = 2): string => `${(100 * value).toFixed(digits)} %`;

export function formatGrowth(growth: number | undefined): string {
  if (growth === undefined) return '–';
  return `${growth < 0 ? '−' : '+'}${(100 * Math.abs(growth)).toFixed(1)} %`;
}

/** One decimal, and more below a second, where it would say nothing. */
export function shortSeconds(value: number): string {
  return value < 1 ? value.toPrecision(2) : value.toFixed(1);
}

export function formatSeconds({ secondsPerEpoch, secondsRange: [low, high] }: Cell): string {
  return `${shortSeconds(secondsPerEpoch)} s (${shortSeconds(low)} to ${shortSeconds(high)})`;
}

export function formatAccuracy({ accuracy, accuracyInterval: [low, high] }: Cell): string {
  return `${percent(accuracy.mean)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

export function formatMemory(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

interface Column {
  readonly title: string;
  cell(cell: Cell): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'model', cell: ({ model }) => model },
  { title: 'parameters', cell: ({ parameters }) => parameters.toLocaleString('en') },
  { title: 'tokens', cell: ({ sequenceLength }) => sequenceLength.toLocaleString('en') },
  { title: 'growth', cell: ({ growth }) => formatGrowth(growth) },
  { title: 'time/epoch', cell: formatSeconds },
  { title: 'test accuracy (95 %)', cell: formatAccuracy },
  { title: 'peak memory', cell: ({ peakMemoryBytes }) => formatMemory(peakMemoryBytes) },
  {
    title: 'validation by epoch',
    cell: ({ trials }) => sparkline(trials[0].epochs.map(({ validation }) => validation.accuracy)),
  },
];

/** The same columns with less in them. */
const SHORT_COLUMNS: readonly Column[] = [
  ...COLUMNS.slice(0, 4),
  { title: 'time/epoch', cell: ({ secondsPerEpoch }) => `${shortSeconds(secondsPerEpoch)} s` },
  { title: 'accuracy', cell: ({ accuracy }) => percent(accuracy.mean) },
  { title: 'memory', cell: ({ peakMemoryBytes }) => formatMemory(peakMemoryBytes) },
];

/** Visible characters of the longest line. */
function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => stripVTControlCharacters(line).length));
}

export interface ComparisonOptions extends TableOptions {
  /** Columns of the terminal: the table leaves out what does not fit. Default: no limit. */
  readonly width?: number;
}

export function renderComparison(
  { cells, advice, findings, majority }: Comparison,
  { color, width = Number.POSITIVE_INFINITY }: ComparisonOptions,
): string {
  const tables = [COLUMNS, COLUMNS.slice(0, -1), SHORT_COLUMNS].map((columns) =>
    renderTable(
      columns.map(({ title }) => title),
      cells.map((cell) => columns.map((column) => column.cell(cell))),
      { color },
    ),
  );
  const paint = colors.createColors(color);
  return [
    tables.find((table) => widthOf(table) <= width) ?? tables[tables.length - 1],
    `Always saying the largest class would be right for ${percent(majority)} of the test items.`,
    ...advice.map((sentence) => paint.bold(sentence)),
    ...findings,
  ].join('\n');
}
