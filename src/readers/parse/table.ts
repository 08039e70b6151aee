/**
 * Tables of fields between delimiters (RFC 4180): quoted fields may hold delimiters, line breaks and doubled quotes.
 * A record that breaks the rules is given as such, and reading goes on behind the line that broke them.
 */
import { Skipping } from './lines.js';

export interface TableRules {
  /** One character. */
  readonly delimiter: string;
  /**
   * Whether quotes that break the rules are characters like others, as in most tables with tabs; else such a record
   * is a fault.
   */
  readonly literalQuotes: boolean;
  /** Whether a backslash takes a quote's meaning away, as Spark and MySQL write it. */
  readonly backslash: boolean;
  /** Longest field, in UTF-16 code units. */
  readonly maxField: number;
  /** Most fields of a record. */
  readonly maxFields: number;
  /** Whether all behind the first faulty record is passed over. */
  readonly stopAtFault: boolean;
}

export interface TableRecord {
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** What is wrong with it. */
  readonly fault?: string;
}

const QUOTE = 34;
const LINE_FEED = 10;
const RETURN = 13;
const BACKSLASH = 92;

/** Records that are given at once. */
const BATCH = 1024;

const MIDST =
  'this row has a double quote in the middle of a field; a text with quotes in it must be in double quotes, its own doubled ("He said ""hi""")';
const UNCLOSED = 'a double quote opened in this row is never closed; close it';

/**
 * Where the parser stands: before a field, in one, in a quoted one, behind a quote in it, behind '\r', in a line that is
 * passed over, behind all that is read.
 */
type State = 'start' | 'plain' | 'quoted' | 'quote' | 'return' | 'skip' | 'stopped';

/** Push pieces of text, get batches of records; `finish` gives the last. Throws EndlessLine. Line ends are '\r\n', '\n' and '\r', also mixed. */
export class TableParser {
  readonly #rules: TableRules;
  readonly #delimiter: number;
  #state: State = 'start';
  /** Fields of the record that is being read. */
  #fields: string[] = [];
  /** Of the field that is being read, as it stands in the text, without its opening quote. */
  #partial = '';
  /** Line that is being read, that on which the record began, and that on which the field did. */
  #line = 1;
  #recordLine = 1;
  #fieldLine = 1;
  /** Whether the field that begins here is read without regard to its quotes. */
  #literal = false;
  /** Whether the record has a quoted field: then it is no empty line. */
  #quoted = false;
  #records: TableRecord[] = [];
  readonly #skipped = new Skipping();

  constructor(rules: TableRules) {
    this.#rules = rules;
    this.#delimiter = rules.delimiter.charCodeAt(0);
  }

  *push(piece: string): Generator<TableRecord[]> {
    yield* this.#read(piece);
    if (this.#records.length > 0) yield this.#take();
  }

  *finish(): Generator<TableRecord[]> {
    while (this.#state === 'quoted') {
      const [text, at] = this.#rewind('', 0, -1);
      this.#breakRules(UNCLOSED);
      yield* this.#read(text.slice(at));
    }
    if (this.#state === 'quote') this.#endQuoted();
    else if (this.#state === 'plain' || (this.#state === 'start' && this.#fields.length > 0)) {
      this.#endField(this.#partial);
    }
    if (this.#fields.length > 0) this.#endRecord();
    if (this.#records.length > 0) yield this.#take();
  }

  #take(): TableRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  *#read(text: string): Generator<TableRecord[]> {
    const { maxField } = this.#rules;
    let piece = text;
    let at = 0;
    /** Where in this piece the field began that is being read; -1 if in a former one. */
    let began = -1;
    while (at < piece.length && this.#state !== 'stopped') {
      if (this.#records.length >= BATCH) yield this.#take();
      switch (this.#state) {
        case 'return':
          if (piece.charCodeAt(at) === LINE_FEED) at++;
          this.#state = 'start';
          break;

        case 'start':
          if (this.#fields.length === 0) {
            this.#recordLine = this.#line;
            this.#quoted = false;
          }
          this.#fieldLine = this.#line;
          began = at;
          if (piece.charCodeAt(at) === QUOTE && !this.#literal) {
            this.#quoted = true;
            this.#state = 'quoted';
            at++;
          } else this.#state = 'plain';
          break;

        case 'plain': {
          const ends = this.#plainEnd(piece, at);
          const length = ends - at + this.#partial.length;
          const part = piece.slice(at, ends);
          at = ends;
          if (length > maxField) this.#skipLine(this.#tooLong(''));
          else if (ends === piece.length) this.#partial += part;
          else if (piece.charCodeAt(ends) === QUOTE) this.#skipLine(MIDST);
          else {
            this.#endField(this.#partial + part);
            at = this.#separate(piece, at);
          }
          break;
        }

        case 'quoted': {
          const closes = this.#closingQuote(piece, at);
          const closed = closes >= 0;
          const ends = closed ? closes : piece.length;
          this.#partial += piece.slice(at, ends);
          at = ends;
          if (this.#partial.length > maxField) {
            [piece, at] = this.#rewind(piece, at, began);
            this.#breakRules(this.#tooLong('; a double quote opened in this row may never be closed'));
          } else if (closed) {
            this.#state = 'quote';
            at++;
          }
          break;
        }

        case 'quote': {
          const code = piece.charCodeAt(at);
          if (code === QUOTE) {
            this.#partial += '""';
            this.#state = 'quoted';
            at++;
          } else if (code === this.#delimiter || code === LINE_FEED || code === RETURN) {
            this.#endQuoted();
            at = this.#separate(piece, at);
          } else {
            this.#partial += '"';
            [piece, at] = this.#rewind(piece, at, began);
            this.#breakRules(MIDST);
          }
          break;
        }

        case 'skip': {
          const ends = lineEnd(piece, at);
          this.#skipped.pass(ends - at, this.#line);
          at = ends;
          if (at < piece.length) at = this.#separate(piece, at);
          break;
        }
      }
    }
  }

  /** Where an unquoted field ends, or a quote breaks it, or the piece ends. */
  #plainEnd(piece: string, from: number): number {
    const quote = this.#rules.literalQuotes || this.#literal ? LINE_FEED : QUOTE;
    const delimiter = this.#delimiter;
    let at = from;
    for (; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (code === delimiter || code === LINE_FEED || code === RETURN || code === quote) break;
    }
    return at;
  }

  /** The next quote that is not doubled in this piece, nor escaped; -1 if there is none. */
  #closingQuote(piece: string, from: number): number {
    const { backslash } = this.#rules;
    let at = piece.indexOf('"', from);
    while (at >= 0) {
      if (backslash && this.#isEscaped(piece, from, at)) at = piece.indexOf('"', at + 1);
      else if (piece.charCodeAt(at + 1) === QUOTE) at = piece.indexOf('"', at + 2);
      else break;
    }
    return at;
  }

  /** Whether an odd number of backslashes stands before the quote at `quote`. */
  #isEscaped(piece: string, from: number, quote: number): boolean {
    let at = quote - 1;
    while (at >= from && piece.charCodeAt(at) === BACKSLASH) at--;
    let before = quote - 1 - at;
    if (at < from) {
      let back = this.#partial.length - 1;
      while (back >= 0 && this.#partial.charCodeAt(back) === BACKSLASH) back--;
      before += this.#partial.length - 1 - back;
    }
    return before % 2 === 1;
  }

  #endQuoted(): void {
    const raw = this.#partial;
    let field = raw;
    if (this.#rules.backslash) field = raw.replace(/\\(["\\])|""/g, (_, escaped?: string) => escaped ?? '"');
    else if (raw.includes('"')) field = raw.replaceAll('""', '"');
    this.#line += lineBreaks(raw);
    this.#endField(field);
  }

  #endField(field: string): void {
    this.#fields.push(field);
    this.#partial = '';
    this.#literal = false;
    this.#state = 'start';
  }

  /** At a delimiter or line end: passes over it, and ends the record at the latter. Returns where to go on. */
  #separate(piece: string, at: number): number {
    const code = piece.charCodeAt(at);
    if (code === this.#delimiter) {
      if (this.#fields.length >= this.#rules.maxFields) {
        this.#skipLine(`this row has more than ${this.#rules.maxFields} columns; --max-fields allows more`);
      }
      return at + 1;
    }
    this.#endRecord();
    this.#line++;
    this.#state = code === RETURN ? 'return' : 'start';
    return at + 1;
  }

  /** Empty lines, also such as `,,,` that spreadsheets leave, are no records. */
  #endRecord(): void {
    const fields = this.#fields;
    if (fields.length === 0) return;
    this.#fields = [];
    if (!this.#quoted && fields.every((field) => field === '')) return;
    this.#records.push({ line: this.#recordLine, fields });
  }

  #tooLong(why: string): string {
    return `this row has a field of more than ${this.#rules.maxField} characters${why} (--max-field allows longer ones)`;
  }

  /**
   * Back to the beginning of a quoted field, as if nothing of it had been read.
   * @param at up to where `partial` holds the piece
   * @returns the text to read from there, and where in it that is
   */
  #rewind(piece: string, at: number, began: number): [piece: string, at: number] {
    const raw = `"${this.#partial}`;
    this.#partial = '';
    this.#line = this.#fieldLine;
    this.#state = 'start';
    return began >= 0 ? [piece, began] : [raw + piece.slice(at), 0];
  }

  /** At the beginning of a quoted field that breaks the rules: it is taken literally, or its record is a fault. */
  #breakRules(fault: string): void {
    if (this.#rules.literalQuotes) this.#literal = true;
    else this.#skipLine(fault);
  }

  /** The record is a fault; the rest of the line is passed over. */
  #skipLine(fault: string): void {
    this.#records.push({ line: this.#recordLine, fields: this.#fields, fault });
    this.#fields = [];
    this.#partial = '';
    this.#literal = false;
    this.#skipped.begin();
    this.#state = this.#rules.stopAtFault ? 'stopped' : 'skip';
  }
}

function lineEnd(piece: string, from: number): number {
  let at = from;
  for (; at < piece.length; at++) {
    const code = piece.charCodeAt(at);
    if (code === LINE_FEED || code === RETURN) break;
  }
  return at;
}

/** Line breaks in a text; '\r\n' is one. */
function lineBreaks(text: string): number {
  let total = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) total++;
  for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) {
    if (text.charCodeAt(at + 1) !== LINE_FEED) total++;
  }
  return total;
}
