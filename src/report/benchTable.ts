/** What `eft bench` measured, for the terminal; its page has the same columns. */
import { plot } from 'asciichart';
import type { CellResult } from '../benchmark/cell.js';
import { fitPowerLaw } from '../evaluation/intervals.js';
import { count, memory, milliseconds, percent, plural } from './format.js';
import { renderTable, type TableOptions } from './terminal.js';
import { safeForTerminal } from './terminalText.js';

/** What the table and its page show of a measurement. */
export type BenchCell = Omit<CellResult, 'steps'>;

export interface BenchColumn {
  readonly title: string;
  readonly numeric: boolean;
  /** Plain text. */
  cell(cell: BenchCell): string;
}

export const BENCH_COLUMNS: readonly BenchColumn[] = [
  { title: 'model', numeric: false, cell: ({ model }) => model },
  { title: 'tokens', numeric: true, cell: ({ sequenceLength: n }) => count(n) },
  { title: 'mode', numeric: false, cell: ({ mode }) => mode },
  {
    title: 'ms/sequence',
    numeric: true,
    cell: ({ msPerSequence, msPerSequenceSpread }) =>
      `${milliseconds(msPerSequence)} (${msPerSequenceSpread.map(milliseconds).join(' to ')})`,
  },
  {
    title: 'tokens/s',
    numeric: true,
    cell: ({ tokensPerSecond }) => count(Math.round(tokensPerSecond)),
  },
  { title: 'GFLOP/s', numeric: true, cell: ({ gflops }) => gflops.toFixed(1) },
  { title: 'of products', numeric: true, cell: ({ shareOfMatrixRate }) => percent(shareOfMatrixRate) },
  {
    title: 'planned',
    numeric: true,
    cell: ({ plannedMemoryBytes }) => memory(plannedMemoryBytes),
  },
  { title: 'peak memory', numeric: true, cell: ({ peakMemoryBytes }) => memory(peakMemoryBytes) },
];

export interface BenchOptions extends TableOptions {
  /** Of Node.js, for the line on the machine. */
  readonly node: string;
}

/** The table, times by operation where measured, and how time and memory grow with length. */
export function renderBench(cells: readonly BenchCell[], { color, node }: BenchOptions): string {
  const lines = [
    renderTable(
      BENCH_COLUMNS.map(({ title }) => title),
      cells.map((cell) => BENCH_COLUMNS.map((column) => column.cell(cell))),
      { color },
    ),
  ];
  const [first] = cells;
  if (first !== undefined) {
    lines.push(
      `batch ${count(first.batch)}, ${plural(first.threads, 'thread')}, ${first.tier}, Node ${node}`,
    );
  }
  for (const cell of cells) if (cell.operations !== undefined) lines.push(operationTable(cell, color));
  return [...lines, ...growth(cells)].join('\n');
}

function operationTable(
  { model, sequenceLength: n, mode, operations = {} }: BenchCell,
  color: boolean,
): string {
  const total = Object.values(operations).reduce((sum, time) => sum + time, 0);
  const rows = Object.entries(operations).map(([kind, ms]) => [kind, ms.toFixed(3), percent(ms / total)]);
  return `${safeForTerminal(model)}, ${count(n)} tokens, ${mode}:\n${renderTable(['operation', 'ms/sequence, all threads', 'share'], rows, { color })}`;
}

/** Fitted exponents against length, and a chart of the times, for what has at least three lengths. */
function growth(cells: readonly BenchCell[]): string[] {
  const groups = new Map<string, BenchCell[]>();
  for (const cell of cells) {
    const name = `${cell.model}, ${cell.mode}`;
    groups.set(name, [...(groups.get(name) ?? []), cell]);
  }
  return [...groups]
    .filter(([, group]) => group.length >= 3)
    .map(([name, group]) => {
      const lengths = group.map(({ sequenceLength }) => sequenceLength);
      const power = (value: (cell: BenchCell) => number): string => {
        const { exponent, standardError } = fitPowerLaw(lengths, group.map(value));
        return `${exponent.toFixed(3)} ± ${standardError.toFixed(3)}`;
      };
      const time = power(({ msPerSequence }) => msPerSequence);
      const planned = power(({ plannedMemoryBytes }) => plannedMemoryBytes);
      const peak = power(({ peakMemoryBytes }) => peakMemoryBytes);
      // Repeated points make the few columns wide enough to read.
      const columns = group.flatMap(({ msPerSequence }) =>
        new Array<number>(8).fill(Math.log10(msPerSequence)),
      );
      return `${safeForTerminal(name)}: time grows with length to the power ${time}, planned memory ${planned}, peak memory ${peak}
log₁₀ of ms/sequence at ${lengths.map((n) => count(n)).join(', ')} tokens:
${plot(columns, { height: 8 })}`;
    });
}
