/** Tables of numbers: what separates their columns and marks decimals, sniffed together; and their records. */
import { InputError } from '../../errors.js';
import { type DecodedText, UNDECODED } from '../parse/decode.js';
import { EndlessLine, hasBareReturns, LineSplitter } from '../parse/lines.js';
import { SEPARATOR_LINE } from '../parse/rows.js';
import { DELIMITERS, quotesAreLiteral } from '../parse/sniff.js';
import { TableParser, type TableRecord } from '../parse/table.js';
import { type DecimalMark, isGrouped, isMissing, isNumber } from './numbers.js';
import type { SeriesOptions } from './options.js';

export interface SeriesDialect {
  /** One character; a space stands for white space of any length. */
  readonly delimiter: string;
  readonly decimal: DecimalMark;
}

type Limits = Pick<SeriesOptions, 'maxLine' | 'maxField' | 'skipBad'>;

interface RecordParser {
  push(piece: string): Iterable<readonly TableRecord[]>;
  finish(): Iterable<readonly TableRecord[]>;
}

function parserOf(
  delimiter: string,
  { maxLine, maxField, skipBad }: Limits,
  bareReturns: boolean,
): RecordParser {
  if (delimiter === ' ') return new WhiteSpaceParser(maxLine, bareReturns);
  return new TableParser({
    delimiter,
    backslash: false,
    literalQuotes: quotesAreLiteral(delimiter),
    stopAtFault: skipBad === undefined,
    maxField,
    // Columns are steps here: a row may have as many as a line may have characters.
    maxFields: maxLine,
  });
}

/** Columns between spaces and tabs, as the UCR archive once had them. Lines that begin with # are comments. */
class WhiteSpaceParser implements RecordParser {
  readonly #lines: LineSplitter;
  readonly #maxLine: number;

  constructor(maxLine: number, bareReturns: boolean) {
    this.#maxLine = maxLine;
    this.#lines = new LineSplitter({ maxLine, end: bareReturns ? '\r' : '\n' });
  }

  *push(piece: string): Generator<TableRecord[]> {
    yield this.#records(this.#lines.push(piece));
  }

  *finish(): Generator<TableRecord[]> {
    yield this.#records(this.#lines.finish());
  }

  #records(lines: ReturnType<LineSplitter['push']>): TableRecord[] {
    return lines.flatMap(({ text, number: line }): TableRecord[] => {
      if (text === undefined) {
        const fault = `a line of more than ${this.#maxLine} characters (--max-line allows longer ones)`;
        return [{ line, fields: [], fault }];
      }
      const plain = text.trim();
      return plain === '' || plain.startsWith('#') ? [] : [{ line, fields: plain.split(/\s+/) }];
    });
  }
}

/** Records that are looked at. */
const LOOKED_AT = 100;

/** The first records of a head; the last of them may be cut off. */
function firstRecords(head: string, whole: boolean, parser: RecordParser): TableRecord[] {
  const records: TableRecord[] = [];
  for (const batch of parser.push(head)) records.push(...batch);
  for (const batch of parser.finish()) records.push(...batch);
  if (!whole && records.length > 1) records.pop();
  return records.slice(0, LOOKED_AT);
}

/** How well records read as numbers: the mean share of cells that are some, over the rows behind the first. */
function scoreOf(
  records: readonly TableRecord[],
  delimiter: string,
): { score: number; decimal: DecimalMark } {
  const rows = records.length > 1 ? records.slice(1) : records;
  const counts = { '.': 0, ',': 0 };
  for (const { fields } of rows) {
    for (const field of fields) {
      const cell = field.trim();
      if (isNumber(cell)) counts['.'] += cell.includes('.') ? 1 : 0;
      else if (isNumber(cell, ',')) counts[','] += thousandsAt(cell, delimiter) ? 0 : 1;
      else if (cell.includes('.') && isGrouped(cell, ',')) counts[','] += cell.includes(',') ? 1 : 0;
    }
  }
  const decimal = counts[','] > counts['.'] ? ',' : '.';
  let score = 0;
  for (const { fields } of rows) {
    if (fields.length < 2) continue;
    let [numbers, cells] = [0, 0];
    for (const field of fields) {
      const cell = field.trim();
      if (cell === '') continue;
      cells++;
      if (isNumber(cell, decimal) || isMissing(cell) || isGrouped(cell, decimal)) numbers++;
    }
    if (cells > 0) score += numbers / cells;
  }
  return { score: rows.length === 0 ? 0 : score / rows.length, decimal };
}

/** Between commas "1,234" in quotes is a thousand and more; between others 1,234 has decimals. */
const thousandsAt = (cell: string, delimiter: string): boolean =>
  delimiter === ',' && /^[+-]?[1-9]\d{0,2},\d{3}$/.test(cell);

export interface SeriesSniffOptions extends Limits {
  /** By the file's name. */
  readonly usual: string;
  readonly given: string | undefined;
  readonly whole: boolean;
}

/** The delimiter and decimal mark under which most cells are numbers; the usual ones if none are better. */
export function sniffSeries(
  head: string,
  { usual, given, whole, ...limits }: SeriesSniffOptions,
): SeriesDialect {
  const bare = hasBareReturns(head, whole);
  const candidates = given === undefined ? [...new Set([usual, ...DELIMITERS, ' '])] : [given];
  let best: { dialect: SeriesDialect; score: number } | undefined;
  for (const delimiter of candidates) {
    const parser = parserOf(delimiter, { ...limits, skipBad: 0 }, bare);
    const { score, decimal } = scoreOf(firstRecords(head, whole, parser), delimiter);
    // The first of equals.
    if (best === undefined || score > best.score) best = { dialect: { delimiter, decimal }, score };
  }
  return best!.dialect;
}

/** A table that is open, once. */
export interface SeriesTable {
  readonly dialect: SeriesDialect;
  /** Cells are trimmed. Throws InputError on a line without end. */
  records(): AsyncGenerator<TableRecord>;
}

/** @param usual delimiter, by the file's name */
export function openSeriesTable(
  text: DecodedText,
  name: string,
  usual: string,
  options: SeriesOptions,
): SeriesTable {
  if (/^\s*<(?:!doctype html|html)\b/i.test(text.head)) {
    throw new InputError(`${name}: this is a web page, not data; fetch the file itself`);
  }
  const separator = SEPARATOR_LINE.exec(text.head);
  const dialect = sniffSeries(separator ? text.head.slice(separator[0].length) : text.head, {
    ...options,
    usual,
    given: options.delimiter ?? separator?.[1],
    whole: text.whole,
  });
  const parser = parserOf(dialect.delimiter, options, hasBareReturns(text.head, text.whole));
  const checked = (record: TableRecord): TableRecord => {
    const { line, fields } = record;
    if (text.faulty() && fields.some((field) => field.includes(UNDECODED))) {
      const fault = `bytes in this row do not decode as ${text.encoding}; name the right encoding with --encoding`;
      return { line, fields, fault };
    }
    return { ...record, fields: fields.map((field) => field.trim()) };
  };
  const batches = async function* (): AsyncGenerator<readonly TableRecord[]> {
    for await (const piece of text.pieces) yield* parser.push(piece);
    yield* parser.finish();
  };
  return {
    dialect,
    async *records() {
      try {
        for await (const batch of batches()) {
          for (const record of batch) if (!(separator && record.line === 1)) yield checked(record);
        }
      } catch (error) {
        if (error instanceof EndlessLine) throw new InputError(`${name}:${error.line}: ${error.fault}`);
        throw error;
      }
    },
  };
}
