/** The first rows of a table of numbers: what their columns hold. */
import type { TableRecord } from '../parse/table.js';
import { type DecimalMark, isGrouped, isMissing, isNumber } from './numbers.js';

export class Sample {
  readonly rows: readonly (readonly string[])[];
  readonly width: number;
  readonly #decimal: DecimalMark;

  /** @param records without the header */
  constructor(records: readonly TableRecord[], decimal: DecimalMark) {
    this.rows = records.filter(({ fault }) => fault === undefined).map(({ fields }) => fields);
    this.width = this.rows.reduce((most, { length }) => Math.max(most, length), 0);
    this.#decimal = decimal;
  }

  /** Whether rows have different numbers of columns. */
  get ragged(): boolean {
    return this.rows.some(({ length }) => length !== this.width);
  }

  /** What stands in a column, empty cells passed over. */
  cells(column: number): string[] {
    return this.rows.map((row) => row[column] ?? '').filter((cell) => cell !== '');
  }

  isText(cell: string): boolean {
    return (
      cell !== '' && !isNumber(cell, this.#decimal) && !isMissing(cell) && !isGrouped(cell, this.#decimal)
    );
  }

  /** Whether most cells are words. */
  holdsText(column: number): boolean {
    const cells = this.cells(column);
    return 2 * cells.filter((cell) => this.isText(cell)).length > cells.length;
  }

  /** Whether most cells are numbers; one may be written wrong. */
  holdsNumbers(column: number): boolean {
    const cells = this.cells(column);
    return 2 * cells.filter((cell) => !this.isText(cell)).length > cells.length;
  }

  #numbers(column: number): number[] {
    return this.cells(column).map((cell) => {
      if (!isNumber(cell, this.#decimal)) return Number.NaN;
      return Number(this.#decimal === ',' ? cell.replace(',', '.') : cell);
    });
  }

  /** Whether all are whole numbers, also such as 1.0e+00. */
  holdsWhole(column: number): boolean {
    const numbers = this.#numbers(column);
    return numbers.length > 0 && numbers.every(Number.isInteger);
  }

  /** Whether each is one more than that before it. */
  counts(column: number, atLeast: number): boolean {
    const cells = this.cells(column);
    if (cells.length < atLeast || cells.length !== this.rows.length) return false;
    return cells.every(
      (cell, i) => /^\d+$/.test(cell) && (i === 0 || Number(cell) === Number(cells[i - 1]) + 1),
    );
  }

  /** Whether a column numbers the rows: each one more than that before it, or all different beside decimals alone. */
  numbersRows(column: number, others: readonly number[]): boolean {
    if (this.counts(column, 3)) return true;
    const cells = this.cells(column);
    return (
      cells.length > 3 &&
      cells.length === this.rows.length &&
      cells.every((cell) => /^\d+$/.test(cell)) &&
      !this.repeats(column) &&
      others.every((other) => this.holdsNumbers(other) && this.hasDecimals([other]))
    );
  }

  /** Whether a column counts from 0 or 1. */
  countsFromStart(column: number, atLeast: number): boolean {
    return this.counts(column, atLeast) && Number(this.cells(column)[0]) <= 1;
  }

  distinct(column: number): number {
    return new Set(this.cells(column)).size;
  }

  /** Whether some value comes again. */
  repeats(column: number): boolean {
    return this.distinct(column) < this.cells(column).length;
  }

  /** Whether some value stands in rows that follow each other. */
  runs(column: number): boolean {
    return this.rows.some(
      (row, i) => i > 0 && row[column] !== '' && row[column] === this.rows[i - 1][column],
    );
  }

  /** Words or whole numbers of which most come again. */
  looksLikeClasses(column: number | undefined): column is number {
    if (column === undefined) return false;
    const few = this.distinct(column) <= Math.max(2, this.cells(column).length / 2);
    return few && this.repeats(column) && (this.holdsText(column) || this.holdsWhole(column));
  }

  /** Whether some cell of the columns has decimals. */
  hasDecimals(columns: readonly number[]): boolean {
    return columns.some((column) => this.#numbers(column).some((value) => !Number.isInteger(value)));
  }
}
