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
    yield { fields: labelled ? { label: labelled[1], text: labelled[2] } : { text }, place };
  }
}

/** RFC 4180 with a header line; quoted fields may hold line breaks. */
async function* tableRows(source: Source, delimiter: string): AsyncGenerator<Row> {
  const parser = parse({ delimiter, bom: true, info: true, skip_empty_lines: true });
  const input = Readable.from(decodedText(source));
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  let header: string[] | undefined;
  let line = 1;
  try {
    for await (const item of parser) {
      const { record, info } = item as { record: string[]; info: { lines: number } };
      if (header === undefined) header = requireHeader(source.name, record);
      else
        yield {
          fields: Object.fromEntries(header.map((name, i) => [name, record[i]])),
          place: `${source.name}:${line}`,
        };
      line = info.lines + 1;
    }
  } catch (error) {
    if (error instanceof CsvError) throw tableFault(source.name, error);
    throw error;
  } finally {
    input.destroy();
  }
}

function requireHeader(name: string, record: string[]): string[] {
  const header = record.map((field) => field.trim());
  const repeated = header.find((field, i) => header.indexOf(field) !== i);
  if (repeated !== undefined)
    throw new InputError(`${name}:1: the column '${repeated}' stands twice in the header`);
  return header;
}

function tableFault(name: string, error: CsvError): InputError {
  // The parser runs ahead of its reader: the line is its own, not ours.
  const { lines: line } = error as CsvError & { lines?: number };
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    const { record } = error as CsvError & { record?: string[] };
    const found = record === undefined ? '' : ` (${record.length} here)`;
    return new InputError(
      `${name}:${line}: this row has not as many columns as the header${found}; a text with a delimiter in it must stand in double quotes`,
    );
  }
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new InputError(`${name}:${line}: a double quote opened in this row is never closed`);
  }
  return new InputError(`${name}:${line}: ${error.message}`);
}
