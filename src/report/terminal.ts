/** Tables for terminals. What stands in them may come from outside and is made safe. */
import Table from 'cli-table3';
import colors from 'picocolors';
import { safeForTerminal } from './terminalText.js';

export interface TableOptions {
  readonly color: boolean;
}

const isNumeric = (cell: string): boolean => /^[–+\-−]?\s?[\d.,]*\d/.test(cell) || cell === '–';

/** Columns of numbers stand to the right, others to the left. Cells are plain text. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { color }: TableOptions,
): string {
  const paint = colors.createColors(color);
  const table = new Table({
    head: header.map((cell) => paint.bold(safeForTerminal(cell))),
    colAligns: header.map((_, column) => (rows.every((row) => isNumeric(row[column])) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => row.map((cell) => safeForTerminal(cell))));
  return table.toString();
}
