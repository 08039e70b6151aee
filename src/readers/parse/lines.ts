/** Text in pieces to lines, with their numbers and a limit to their length. */

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/** A line that is passed over may have so many UTF-16 code units; one that goes on is taken to have no end. */
const MOST_SKIPPED = 2 ** 28;

/** Thrown on a line that goes on and on: nothing behind it can be read. */
export class EndlessLine {
  readonly line: number;

  constructor(line: number) {
    this.line = line;
  }

  get fault(): string {
    return `a line that has not ended after ${MOST_SKIPPED} characters: are these lines of text?`;
  }
}

/** Counts what is passed over of a line; throws EndlessLine. */
export class Skipping {
  #length = 0;

  /** A line begins that is passed over. */
  begin(): void {
    this.#length = 0;
  }

  pass(length: number, line: number): void {
    this.#length += length;
    if (this.#length > MOST_SKIPPED) throw new EndlessLine(line);
  }
}

export interface LineOptions {
  /** Longest line, in UTF-16 code units. */
  readonly maxLine: number;
  /** Line ends; '\n' takes a '\r' before it along. Default: '\n'. */
  readonly end?: '\n' | '\r';
}

/** Push pieces, get lines; what is behind the last line end comes with `finish`. */
export class LineSplitter {
  readonly #end: '\n' | '\r';
  readonly #maxLine: number;
  #rest = '';
  #number = 0;
  /** Whether the line that begins in `rest` was too long: what follows of it is passed over. */
  #skipping = false;
  readonly #skipped = new Skipping();

  constructor({ maxLine, end = '\n' }: LineOptions) {
    this.#maxLine = maxLine;
    this.#end = end;
  }

  /** Throws EndlessLine. Lines that end in this piece; `text` is undefined for one that is longer than the limit, as soon as it is known. */
  push(piece: string): { text: string | undefined; number: number }[] {
    const lines: { text: string | undefined; number: number }[] = [];
    const parts = piece.split(this.#end);
    // Not searched again: a line may be longer than many pieces.
    parts[0] = this.#rest + parts[0];
    this.#rest = parts.pop()!;
    for (const part of parts) this.#take(part, lines);
    if (this.#rest.length > this.#maxLine) {
      if (!this.#skipping) {
        lines.push({ text: undefined, number: this.#number + 1 });
        this.#skipped.begin();
      }
      this.#skipping = true;
    }
    if (this.#skipping) {
      this.#skipped.pass(this.#rest.length, this.#number + 1);
      this.#rest = '';
    }
    return lines;
  }

  finish(): { text: string | undefined; number: number }[] {
    const lines: { text: string | undefined; number: number }[] = [];
    if (this.#rest !== '' && !this.#skipping) this.#take(this.#rest, lines);
    return lines;
  }

  #take(part: string, lines: { text: string | undefined; number: number }[]): void {
    const number = ++this.#number;
    if (this.#skipping) this.#skipping = false;
    else if (part.length > this.#maxLine) lines.push({ text: undefined, number });
    else {
      const text = this.#end === '\n' && part.endsWith('\r') ? part.slice(0, -1) : part;
      lines.push({ text, number });
    }
  }
}

/** Old Macintosh line ends: '\r' alone, and no '\n' at all in what is known of the text. */
export function hasBareReturns(head: string, whole: boolean): boolean {
  if (head.includes('\n')) return false;
  const first = head.indexOf('\r');
  // One that ends the head may go on to be '\r\n'; a single one within may be part of a line.
  return first >= 0 && (head.indexOf('\r', first + 1) >= 0 || (whole && first < head.length - 1));
}
