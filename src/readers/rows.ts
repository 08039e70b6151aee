/** Rows of a file, whatever its format: named fields and the place they stand. One function a format. */
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { InputError } from '../errors.js';
import { decodedText, linesOf, type Source } from './source.js';

export const FORMATS = ['csv', 'tsv', 'jsonl', 'text'] as const;
export type Format = (typeof FORMATS)[number];

export interface Row {
  readonly fields: Readonly<Record<string, unknown>>;
  /** "file:line", for messages. */
  readonly place: string;
}

/** By the name's ending, `.gz` aside; undefined if it says nothing. */
export function formatOf(path: string): Format | undefined {
  const ending = /\.([^./\\]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'csv' || ending === 'tsv') return ending;
  if (ending === 'jsonl' || ending === 'ndjson') return 'jsonl';
  return ending === 'txt' || ending === 'text' ? 'text' : undefined;
}

export function rowsOf(source: Source, format: Format): AsyncGenerator<Row> {
  if (format === 'jsonl') return jsonRows(source);
  if (format === 'text') return textRows(source);
  return tableRows(source, format === 'tsv' ? '\t' : ',');
}

/** One JSON object a line; empty lines are passed over. */
async function* jsonRows(source: Source): AsyncGenerator<Row> {
  for await (const { text, number } of linesOf(source)) {
    if (text.trim() === '') continue;
    const place = `${source.name}:${number}`;
    let fields: unknown;
    try {
      fields = JSON.parse(text);
    } catch (error) {
      throw new InputError(`${place}: not JSON (${(error as Error).message}); one object a line is needed`);
    }
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
      throw new InputError(`${place}: a JSON object is needed, e.g. {"text": "…", "label": "…"}`);
    }
    yield { fields: fields as Record<string, unknown>, place };
  }
}

/** A text a line, with fastText's `__label__x` in front where it has a label; empty lines are texts of no word. */
async function* textRows(source: Source): AsyncGenerator<Row> {
  for await (const { text, number } of linesOf(source)) {
    const place = `${source.name}:${number}`;
    const labelled = /^\s*__label__(\S+)\s?(.*)$/.exec(text);
    // A second label left in the text would give the first away.
    if (labelled?.[2].trimStart().startsWith('__label__')) {
      throw new InputError(`${place}: more than one __label__ in this line; a text has one label here`);
    }
    yield { fields: labelled ? { label: labelled[1], text: labelled[2] } : { text }, place };
  }
}

/** RFC 4180 with a header line; quoted fields may hold line breaks. */
async function* tableRows(source: Source, delimiter: string): AsyncGenerator<Row> {
  // The parser runs ahead of its reader, so lines are counted where it finds the row.
  let end = 0;
  let emptyLines = 0;
  /** The parser counts a line break of two characters inside quotes twice. */
  let countedTwice = 0;
  const lineAfter = (empty: number): number => end + (empty - emptyLines) + 1;
  /** Of the rows found and not read yet. */
  const lines: number[] = [];
  const parser = parse({
    delimiter,
    bom: true,
    skip_empty_lines: true,
    // Not found from the first line: files put together from several mix them.
    record_delimiter: ['\r\n', '\n', '\r'],
    on_record: (record, info) => {
      lines.push(lineAfter(info.empty_lines));
      for (const field of record) countedTwice += field.split('\r\n').length - 1;
      end = info.lines - countedTwice;
      emptyLines = info.empty_lines;
      return record;
    },
  });
  const input = Readable.from(decodedText(source));
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  let header: string[] | undefined;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      const place = `${source.name}:${lines.shift()}`;
      if (header === undefined) header = requireHeader(place, record);
      else yield { fields: Object.fromEntries(header.map((name, i) => [name, record[i]])), place };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { empty_lines: empty = emptyLines } = error as CsvError & { empty_lines?: number };
    throw tableFault(`${source.name}:${lineAfter(empty)}`, error);
  } finally {
    // Its own, too: it may be waiting for a chunk that is long in coming.
    source.stream.destroy();
    input.destroy();
  }
}

function requireHeader(place: string, record: string[]): string[] {
  const header = record.map((field) => field.trim());
  const repeated = header.find((field, i) => header.indexOf(field) !== i);
  if (repeated !== undefined)
    throw new InputError(`${place}: the column '${repeated}' stands twice in the header`);
  return header;
}

/** @param place where the faulty row begins */
function tableFault(place: string, error: CsvError): InputError {
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    const { record } = error as CsvError & { record?: string[] };
    const found = record === undefined ? '' : ` (${record.length} here)`;
    return new InputError(
      `${place}: this row has not as many columns as the header${found}; a text with a delimiter in it must stand in double quotes`,
    );
  }
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new InputError(`${place}: a double quote opened in this row is never closed; close it`);
  }
  if (error.code === 'INVALID_OPENING_QUOTE' || error.code === 'CSV_INVALID_CLOSING_QUOTE') {
    return new InputError(
      `${place}: this row has a double quote in the midst of a field; a text with quotes in it must stand in double quotes, its own doubled ("He said ""hi""")`,
    );
  }
  return new InputError(`${place}: ${error.message}`);
}
