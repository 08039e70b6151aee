/** A comparison for the terminal: the paper's table, learning curves as sparklines, the verdict. */
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

export const HEADER = [
  'model',
  'parameters',
  'tokens',
  'growth',
  'time/epoch',
  'test accuracy (95 %)',
  'peak memory',
  'validation by epoch',
];

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

export function renderComparison(
  { cells, advice, findings, majority }: Comparison,
  options: TableOptions,
): string {
  const rows = cells.map((cell) => [
    cell.model,
    cell.parameters.toLocaleString('en'),
    cell.sequenceLength.toLocaleString('en'),
    formatGrowth(cell.growth),
    formatSeconds(cell),
    formatAccuracy(cell),
    formatMemory(cell.peakMemoryBytes),
    sparkline(cell.trials[0].epochs.map(({ validation }) => validation.accuracy)),
  ]);
  const paint = colors.createColors(options.color);
  return [
    renderTable(HEADER, rows, options),
    `Always saying the largest class would be right for ${percent(majority)} of the test items.`,
    ...advice.map((sentence) => paint.bold(sentence)),
    ...findings,
  ].join('\n');
}
