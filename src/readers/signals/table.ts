/** Tables of series: a series a row with its class, as UCR's .tsv and .txt and CSV have it; or a row a step. */
import { InputError } from '../../errors.js';
import type { DecodedText } from '../parse/decode.js';
import { shown, shownDelimiter } from '../parse/shown.js';
import type { TableRecord } from '../parse/table.js';
import { type SeriesColumns, seriesColumns } from './columns.js';
import { openSeriesTable } from './dialect.js';
import { LongTable } from './longTable.js';
import { type DecimalMark, isNumber, parseNumber } from './numbers.js';
import type { SeriesOptions } from './options.js';
import type { SeriesOrFault } from './series.js';

/** Rows that are looked at before the first is given, and cells of them. */
const LOOKED_AT = 200;
const MOST_CELLS = 2_000_000;

/**
 * Series of a file, in order.
 * @param usual delimiter, by the file's name; a space stands for white space
 * @param note is told how the columns were taken
 * Throws InputError on columns that are named but not there, and where a class is needed and none is found.
 */
export async function* tableSeries(
  text: DecodedText,
  name: string,
  usual: string,
  options: SeriesOptions,
  note: (text: string) => void,
): AsyncGenerator<SeriesOrFault> {
  const { dialect, records } = openSeriesTable(text, name, usual, options);
  const { delimiter, decimal } = dialect;
  const place = (line: number): string => `${name}:${line}`;
  let first: TableRecord[] = [];
  let cells = 0;
  let reader: Reader | undefined;
  const begin = (): Reader => {
    const columns = seriesColumns(first, decimal, place(first[0].line), options);
    if (decimal === ',') note(`decimal commas, ${shownName(delimiter)} between columns (guessed)`);
    for (const one of columns.notes) note(one);
    if (!options.labelled && first.length > 1 && first.every(({ fields }) => fields.length === 1)) {
      throw new InputError(
        `${place(first[0].line)}: one value a line; write the values of a series side by side in a line, or give the table a column with the times (time,value)`,
      );
    }
    const named = columns.names ?? first[0].fields;
    return readerOf(columns, decimal, named.length, options.labelled, place, note);
  };
  for await (const record of records()) {
    if (reader !== undefined) {
      yield* reader.add(record);
      continue;
    }
    first.push(record);
    cells += record.fields.length;
    if (first.length < LOOKED_AT && (cells < MOST_CELLS || first.length < 3)) continue;
    reader = begin();
    for (const one of reader.columns.header ? first.slice(1) : first) yield* reader.add(one);
    first = [];
  }
  if (reader === undefined && first.length > 0) {
    reader = begin();
    for (const one of reader.columns.header ? first.slice(1) : first) yield* reader.add(one);
  }
  if (reader !== undefined) yield* reader.finish();
}

const shownName = (delimiter: string): string =>
  delimiter === ' ' ? 'white space' : shownDelimiter(delimiter);

interface Reader {
  readonly columns: SeriesColumns;
  add(record: TableRecord): Iterable<SeriesOrFault>;
  finish(): Iterable<SeriesOrFault>;
}

function readerOf(
  columns: SeriesColumns,
  decimal: DecimalMark,
  width: number,
  labelled: boolean,
  place: (line: number) => string,
  note: (text: string) => void,
): Reader {
  const { names, long } = columns;
  const columnName = (column: number): string =>
    names === undefined || names[column] === '' ? String(column + 1) : `'${shown(names[column])}'`;
  if (long === undefined) {
    return {
      columns,
      *add(record) {
        yield wideSeries(record, columns, decimal, labelled, place(record.line), columnName);
      },
      *finish() {},
    };
  }
  const table = new LongTable({
    ...{ columns: { ...columns, long }, decimal, labelled, width, place, columnName, note },
  });
  return {
    columns,
    add(record) {
      table.add(record);
      return [];
    },
    finish: () => table.finish(),
  };
}

/** The archive fills series of different lengths up. */
const FILLED = /^(?:nan)?$/i;

function wideSeries(
  { fields, fault }: TableRecord,
  { names, label, leftOut }: SeriesColumns,
  decimal: DecimalMark,
  labelled: boolean,
  place: string,
  columnName: (column: number) => string,
): SeriesOrFault {
  if (fault !== undefined) return { place, fault };
  if (names !== undefined && fields.slice(names.length).some((cell) => cell !== '')) {
    return { place, fault: `this row has ${fields.length} columns, the header ${names.length}` };
  }
  const own = label === 'last' ? fields.length - 1 : label;
  if (labelled && (own === undefined || own >= fields.length)) {
    return { place, fault: `${fields.length} columns: a class and at least one value are needed` };
  }
  const values: number[] = [];
  /** Values up to the last that is not filled up. */
  let filled = 0;
  for (const [column, cell] of fields.entries()) {
    if (column === own || leftOut.has(column)) continue;
    const value = cell === '' ? Number.NaN : parseNumber(cell, decimal);
    if (typeof value !== 'number') return { place, fault: `column ${columnName(column)} ${value.fault}` };
    values.push(value);
    if (!(Number.isNaN(value) && FILLED.test(cell))) filled = values.length;
  }
  if (values.length === 0) {
    return { place, fault: `${fields.length} columns: a class and at least one value are needed` };
  }
  const channels = [values.slice(0, Math.max(1, filled))];
  if (!labelled) return { place, channels };
  const word = classWord(fields[own!]);
  return word === '' ? { place, fault: 'its class is empty' } : { place, label: word, channels };
}

/** Old files of the UCR archive write the class 1 as 1.0000000e+00. */
function classWord(cell: string): string {
  return /e[+-]\d+$/i.test(cell) && isNumber(cell) && Number.isSafeInteger(Number(cell))
    ? String(Number(cell))
    : cell;
}
