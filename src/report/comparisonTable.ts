/** A comparison for the terminal: the answer first, then the figures that it rests on. */
import { stripVTControlCharacters } from 'node:util';
import colors from 'picocolors';
import type { Cell, Comparison } from '../comparison/compareResults.js';
import { accuracyWithInterval, count, growth, memory, percent, shortSeconds } from './format.js';
import { renderTable, type TableOptions } from './terminal.js';
import { safeForTerminal } from './terminalText.js';
import { inUnit } from './unit.js';
import { type Verdict, verdictOf } from './verdict.js';

const BARS = '▁▂▃▄▅▆▇█';

/** One character a value, lowest to highest. */
export function sparkline(values: readonly number[]): string {
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  return values.map((value) => BARS[Math.round(((value - low) / range) * (BARS.length - 1))]).join('');
}

const timeOf = ({ secondsPerEpoch, secondsRange: [low, high] }: Cell): string =>
  `${shortSeconds(secondsPerEpoch)} s (${shortSeconds(low)} to ${shortSeconds(high)})`;

interface Column {
  readonly title: string;
  cell(cell: Cell): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'model', cell: ({ model }) => model },
  { title: 'parameters', cell: ({ parameters }) => count(parameters) },
  { title: 'tokens', cell: ({ sequenceLength }) => count(sequenceLength) },
  { title: 'growth', cell: (cell) => growth(cell.growth) },
  { title: 'time/epoch', cell: timeOf },
  { title: 'test accuracy (95%)', cell: accuracyWithInterval },
  { title: 'peak memory', cell: ({ peakMemoryBytes }) => memory(peakMemoryBytes) },
];

/** With fewer epochs a curve says nothing. */
const CURVE = 4;

const curveOf = ({ trials }: Cell): string => {
  const [{ epochs }] = trials;
  return epochs.length < CURVE ? '' : sparkline(epochs.map(({ validation }) => validation.accuracy));
};

/** With learning curves, where there are any. */
const columnsFor = (cells: readonly Cell[]): readonly Column[] =>
  cells.some((cell) => curveOf(cell) !== '')
    ? [...COLUMNS, { title: 'validation by epoch', cell: curveOf }]
    : COLUMNS;

/** The same columns with less in them. */
const SHORT_COLUMNS: readonly Column[] = [
  ...COLUMNS.slice(0, 4),
  { title: 'time/epoch', cell: ({ secondsPerEpoch }) => `${shortSeconds(secondsPerEpoch)} s` },
  { title: 'accuracy', cell: ({ accuracy }) => percent(accuracy.mean) },
  { title: 'memory', cell: ({ peakMemoryBytes }) => memory(peakMemoryBytes) },
];

/** Visible characters of the longest line. */
function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => stripVTControlCharacters(line).length));
}

export interface ComparisonOptions extends TableOptions {
  /** Columns of the terminal: the table leaves out what does not fit. Default: no limit. */
  readonly width?: number;
  /** What was read, in a line. */
  readonly data?: string;
}

/** The widest of the tables that fits, or the narrowest. */
function fitting(
  { cells, unit }: Comparison,
  { color, width = Number.POSITIVE_INFINITY }: ComparisonOptions,
): string {
  const tables = [columnsFor(cells), COLUMNS, SHORT_COLUMNS].map((columns) =>
    renderTable(
      inUnit(columns, unit).map(({ title }) => title),
      cells.map((cell) => columns.map((column) => column.cell(cell))),
      { color },
    ),
  );
  return tables.find((table) => widthOf(table) <= width) ?? tables[tables.length - 1];
}

/** The verdict's rows as a table, or as lines where it does not fit. */
function answers(
  { columns, rows }: Pick<Verdict, 'columns' | 'rows'>,
  { color, width = Number.POSITIVE_INFINITY }: ComparisonOptions,
): string {
  const table = renderTable(columns, rows, { color });
  if (widthOf(table) <= width) return table;
  return rows
    .map((row) =>
      row.map((cell, i) => `${i === 0 ? '' : '  '}${columns[i]}: ${safeForTerminal(cell)}`).join('\n'),
    )
    .join('\n');
}

export function renderComparison(comparison: Comparison, options: ComparisonOptions): string {
  const { advice, unread, tieRule, missing, ...table } = verdictOf(comparison);
  const { majority, pairs } = comparison;
  const paint = colors.createColors(options.color);
  const corrected =
    pairs.length > 1 ? ` after Holm’s correction for ${pairs.length} pairs (the page says how)` : '';
  const { data } = options;
  return [
    ...advice.map((sentence) => paint.bold(safeForTerminal(sentence))),
    ...[...(data === undefined ? [] : [data]), ...unread].map((sentence) => safeForTerminal(sentence)),
    ...(tieRule === undefined ? [] : [tieRule]),
    '',
    answers(table, options),
    fitting(comparison, options),
    `Always giving the largest class would be right for ${percent(majority)} of the test items. “Shown”: p below 0.05${corrected}.`,
    ...(missing.length === 0 ? [] : ['', 'What would make the answer surer:']),
    ...missing.map((sentence) => `- ${safeForTerminal(sentence)}`),
  ].join('\n');
}
