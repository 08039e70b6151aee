/** Rows of data that are text, whatever their format: opened, sniffed, and read batch by batch. */
import { InputError } from '../../errors.js';
import type { CheckedOptions, Format } from '../options.js';
import { type DecodedText, openText, UNDECODED } from './decode.js';
import type { FieldNames } from './fields.js';
import { JsonArrayFault, JsonArrayParser, jsonRow } from './json.js';
import { EndlessLine, hasBareReturns, LineSplitter } from './lines.js';
import { type BadRow, Columns, ObjectRow, type Row, TableRow } from './row.js';
import { shown } from './shown.js';
import { guessColumns, hasRowNames, quotesAreLiteral, sniffDialect } from './sniff.js';
import type { ByteSource } from './source.js';
import { TableParser, type TableRecord } from './table.js';

/** What a reading may have guessed. */
export type Guess = 'text' | 'label' | 'delimiter' | 'encoding' | 'header' | 'format';

/** How a file is read: as told, or as guessed. */
export interface FileReading {
  readonly name: string;
  readonly format: Format;
  /** Name by the WHATWG standard; undefined for Parquet. */
  readonly encoding?: string;
  /** Of tables: what separates columns. */
  readonly delimiter?: string;
  /** Of tables: whether the first line names the columns. */
  readonly header?: boolean;
  /** Of tables: true where a backslash takes a quote's meaning away, which is always a guess. */
  readonly backslash?: boolean;
  readonly fields?: FieldNames;
  /** Of text and JSON lines: lines that end in '\r' alone, as on old Macintoshes. */
  readonly bareReturns?: boolean;
  readonly guessed: readonly Guess[];
}

export type RowBatch = readonly (Row | BadRow)[];

/** A file whose rows can be read, once. */
export interface RowSource {
  readonly reading: FileReading;
  /** Names of the fields where they are known before a row is read. */
  readonly names?: readonly string[];
  /** Fields guessed from values, for a table without a header line. */
  readonly guess?: FieldNames | undefined;
  /** Where row `at` stands, for messages. */
  place(at: number): string;
  /**
   * @param choose asked before the first row where `names` are known: the fields that will be asked for; others may be
   * missing from the rows. Default: all.
   */
  rows(choose?: () => readonly string[]): AsyncGenerator<RowBatch>;
}

/** What of the options says how rows are read. */
export type RowOptions = Pick<
  CheckedOptions,
  'encoding' | 'skipBad' | 'delimiter' | 'noHeader' | 'maxLine' | 'maxField' | 'maxFields'
>;

/** Throws InputError on what is no such data, where that is seen from the first 64 KiB. */
export async function openRows(
  source: ByteSource,
  requested: Exclude<Format, 'parquet'>,
  options: RowOptions,
): Promise<RowSource> {
  const text = await openText(source, {
    encoding: options.encoding,
    tolerant: options.skipBad !== undefined,
  });
  const { name } = source;
  try {
    if (requested !== 'text' && /^\s*<(?:!doctype html|html)\b/i.test(text.head)) {
      throw new InputError(`${name}: this is a web page, not data; fetch the file itself`);
    }
    const format =
      requested === 'json' || requested === 'jsonl' ? jsonFormat(name, requested, text) : requested;
    const base = {
      name,
      format,
      encoding: text.encoding,
      guessed: [
        ...(text.guessed ? (['encoding'] as const) : []),
        ...(format === requested ? [] : (['format'] as const)),
      ],
    };
    const place = (at: number): string => `${name}:${at}`;
    if (format === 'csv' || format === 'tsv') return openTable(text, base, place, options);
    if (format === 'json')
      return { reading: base, place, rows: () => placed(place, arrayRows(text, options)) };
    const bare = hasBareReturns(text.head, text.whole);
    const reading = bare ? { ...base, bareReturns: true } : base;
    return { reading, place, rows: () => placed(place, lineRows(text, format, bare, options)) };
  } catch (error) {
    await text.pieces.return(undefined);
    throw error;
  }
}

/** JSON lines go by the name .json as well, and arrays by that of .jsonl. */
function jsonFormat(
  name: string,
  requested: 'json' | 'jsonl',
  { head, whole }: DecodedText,
): 'json' | 'jsonl' {
  const begins = head.trimStart();
  if (begins.startsWith('[')) {
    // A line that is an array by itself is a fault of JSON lines.
    return requested === 'json' || !parses(begins.split('\n', 1)[0]) || !begins.includes('\n{')
      ? 'json'
      : 'jsonl';
  }
  if (!begins.startsWith('{') || requested === 'jsonl') return requested;
  const lines = begins.trimEnd().split('\n');
  const long = lines.length === 1 && !whole;
  const columns = whole && lines.length === 1 && holdsColumns(lines[0]);
  if (!columns && (long || parses(lines[0]))) return 'jsonl';
  throw new InputError(
    `${name}: one JSON object; an array of objects or one object a line is needed (pandas: to_json(…, orient='records', lines=True))`,
  );
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** An object of columns, as pandas writes it by default: none of its fields is a text or a label. */
function holdsColumns(text: string): boolean {
  try {
    return Object.values(JSON.parse(text)).every((value) => typeof value === 'object' && value !== null);
  } catch {
    return false;
  }
}

function undecoded(at: number, encoding: string): BadRow {
  return {
    at,
    fault: `bytes in this row do not decode as ${encoding}; name the right encoding with --encoding`,
  };
}

/** What breaks a source as a whole is the input's fault, at its place. */
async function* placed(
  place: (at: number) => string,
  rows: AsyncGenerator<RowBatch>,
): AsyncGenerator<RowBatch> {
  try {
    yield* rows;
  } catch (error) {
    if (error instanceof JsonArrayFault || error instanceof EndlessLine) {
      throw new InputError(`${place(error.line)}: ${error.fault}`);
    }
    throw error;
  }
}

/** JSON lines, of which empty ones are passed over, or texts, a line each. */
async function* lineRows(
  text: DecodedText,
  format: 'jsonl' | 'text',
  bareReturns: boolean,
  { maxLine }: RowOptions,
): AsyncGenerator<RowBatch> {
  const lines = new LineSplitter({ maxLine, end: bareReturns ? '\r' : '\n' });
  const rowsOf = (found: ReturnType<LineSplitter['push']>): RowBatch => {
    const rows: (Row | BadRow)[] = [];
    for (const { text: line, number } of found) {
      if (line === undefined) rows.push(longLine(number, maxLine));
      else if (text.faulty() && line.includes(UNDECODED)) rows.push(undecoded(number, text.encoding));
      else if (format === 'text') rows.push(textRow(line, number));
      else if (line.trim() !== '') rows.push(jsonRow(line, number, 'one object a line'));
    }
    return rows;
  };
  for await (const piece of text.pieces) yield rowsOf(lines.push(piece));
  yield rowsOf(lines.finish());
}

function longLine(at: number, maxLine: number): BadRow {
  return { at, fault: `a line of more than ${maxLine} characters (--max-line allows longer ones)` };
}

/** A text with fastText's `__label__x` in front, once for each of its labels. */
function textRow(line: string, at: number): Row | BadRow {
  const labels: string[] = [];
  let text = line;
  for (;;) {
    const labelled = /^\s*__label__(\S+)\s?([\s\S]*)$/.exec(text);
    if (labelled === null) break;
    labels.push(labelled[1]);
    text = labelled[2];
  }
  if (labels.length === 0) return new ObjectRow({ text }, at);
  return new ObjectRow({ label: labels.length === 1 ? labels[0] : labels, text }, at);
}

async function* arrayRows(text: DecodedText, { maxLine }: RowOptions): AsyncGenerator<RowBatch> {
  const parser = new JsonArrayParser(maxLine);
  for await (const piece of text.pieces) {
    yield parser.push(piece).map((element) => {
      if (text.faulty() && element.text.includes(UNDECODED)) return undecoded(element.line, text.encoding);
      return jsonRow(element.text, element.line, 'an object');
    });
  }
  parser.finish();
}

/** The line in which Excel writes the delimiter. */
export const SEPARATOR_LINE = /^"?sep=([^\r\n"])"?[\r\n]+/i;

function openTable(
  text: DecodedText,
  base: FileReading,
  place: (at: number) => string,
  options: RowOptions,
): RowSource {
  const { maxField, maxFields, noHeader = false } = options;
  const separator = SEPARATOR_LINE.exec(text.head);
  const usual = base.format === 'tsv' ? '\t' : ',';
  const dialect = sniffDialect(separator ? text.head.slice(separator[0].length) : text.head, {
    usual,
    given: options.delimiter ?? separator?.[1],
    whole: text.whole,
    limits: { maxField, maxFields },
  });
  const { delimiter, backslash, records } = dialect;
  const parser = new TableParser({
    delimiter,
    backslash,
    literalQuotes: quotesAreLiteral(delimiter),
    stopAtFault: options.skipBad === undefined,
    maxField,
    maxFields,
  });
  const reading: FileReading = {
    ...base,
    delimiter,
    header: !noHeader,
    ...(backslash ? { backslash } : {}),
    guessed: [
      ...base.guessed,
      ...(options.delimiter === undefined && delimiter !== usual ? (['delimiter'] as const) : []),
    ],
  };
  const rowNames = !noHeader && hasRowNames(records);
  let columns: Columns | undefined;
  const rowOf = (record: TableRecord): Row | BadRow | undefined => {
    const { line: at, fields, fault } = record;
    if (separator && at === 1) return undefined;
    const first = columns === undefined;
    if (columns === undefined) {
      if (fault !== undefined) throw new InputError(`${place(at)}: ${fault}`);
      columns = noHeader
        ? new Columns(fields.map((_, i) => String(i + 1)))
        : headerOf(place(at), rowNames ? ['', ...fields] : fields);
    }
    if (first && !noHeader) return undefined;
    if (fault !== undefined) return { at, fault };
    if (text.faulty() && fields.some((field) => field.includes(UNDECODED)))
      return undecoded(at, text.encoding);
    if (fields.length !== columns.names.length) {
      const others = noHeader ? 'the first row' : 'the header';
      return {
        at,
        fault: `this row does not have as many columns as ${others} (${fields.length} here); a text with a delimiter in it must be in double quotes`,
      };
    }
    return new TableRow(columns, fields, at);
  };
  const rowsOf = (found: readonly TableRecord[]): RowBatch =>
    found.map(rowOf).filter((row) => row !== undefined);
  const rows = async function* (): AsyncGenerator<RowBatch> {
    for await (const piece of text.pieces) for (const batch of parser.push(piece)) yield rowsOf(batch);
    for (const batch of parser.finish()) yield rowsOf(batch);
  };
  return {
    reading,
    guess: noHeader ? guessColumns(records) : undefined,
    place,
    rows: () => placed(place, rows()),
  };
}

/** Names may be missing, as spreadsheets leave them, but none may stand twice. */
function headerOf(place: string, fields: readonly string[]): Columns {
  const names = fields.map((field) => field.trim());
  const seen = new Set<string>();
  for (const name of names) {
    if (name !== '' && seen.has(name)) {
      throw new InputError(`${place}: the column '${shown(name)}' appears twice in the header`);
    }
    seen.add(name);
  }
  return new Columns(names);
}
