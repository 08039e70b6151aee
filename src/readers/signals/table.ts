/** A series a line with its class: UCR's .tsv (class first), CSV (class in a column that is named or guessed). */
import type { Line } from '../parse/lines.js';
import { type Found, parseNumbers } from './series.js';

/** Names of a column that holds the class, where there is a header. */
export const LABEL_NAMES = /^(?:label|labels|class|classes|target|category|y)$/i;

export interface TableOptions {
  readonly delimiter?: string | undefined;
  readonly labelField?: string | undefined;
  readonly noHeader?: boolean | undefined;
}

/** Which column is the class. */
interface Columns {
  readonly label: number;
  readonly delimiter: string;
  /** What to say of the guess. */
  readonly note: string;
}

const cellsOf = (line: string, delimiter: string): string[] =>
  line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

const isNumber = (cell: string): boolean => cell !== '' && !Number.isNaN(Number(cell));

/** Undefined: the first line is no header. */
function columnsByHeader(
  cells: readonly string[],
  delimiter: string,
  options: TableOptions,
): Columns | undefined {
  const { labelField, noHeader } = options;
  if (noHeader || cells.filter((cell) => !isNumber(cell)).length < 2) return undefined;
  const named = labelField === undefined ? undefined : cells.indexOf(labelField);
  const guessed = cells.findIndex((cell) => LABEL_NAMES.test(cell));
  const label = named ?? (guessed < 0 ? 0 : guessed);
  return { label, delimiter, note: `class in the column '${cells[label] ?? ''}'` };
}

/**
 * Series of a file, in order.
 * @param done is told how the columns were taken
 */
export async function* tableSeries(
  lines: AsyncIterable<Line>,
  name: string,
  options: TableOptions,
  done: (note: string) => void,
): AsyncGenerator<Found> {
  let columns: Columns | undefined;
  for await (const { text, number } of lines) {
    const place = `${name}:${number}`;
    if (text.trim() === '') continue;
    if (columns === undefined) {
      const delimiter = options.delimiter ?? ['\t', ';', ','].find((one) => text.includes(one)) ?? ',';
      const cells = cellsOf(text, delimiter);
      const header = columnsByHeader(cells, delimiter, options);
      // Without a header the class stands first, as in the UCR archive, unless only the last one is no number.
      const last = !isNumber(cells.at(-1)!) && isNumber(cells[0]);
      columns = header ?? {
        label: last ? cells.length - 1 : 0,
        delimiter,
        note: `class in the ${last ? 'last' : 'first'} column`,
      };
      if (columns.label < 0) {
        yield {
          place,
          fault: `there is no column '${options.labelField}'; there are ${cells.slice(0, 5).join(', ')} …`,
        };
        return;
      }
      done(columns.note);
      if (header !== undefined) continue;
    }
    yield seriesIn(text, place, columns);
  }
}

function seriesIn(text: string, place: string, { delimiter, label }: Columns): Found {
  const cells = cellsOf(text, delimiter);
  if (cells.length < 2 || label >= cells.length) {
    return { place, fault: `${cells.length} columns: a class and at least one value are needed` };
  }
  const [name] = cells.splice(label, 1);
  // The archive fills series of different lengths up with NaN.
  while (cells.length > 1 && /^(?:nan)?$/i.test(cells.at(-1)!)) cells.pop();
  const numbers = parseNumbers(cells.join(','));
  return 'fault' in numbers ? { place, fault: numbers.fault } : { place, label: name, channels: [numbers] };
}
