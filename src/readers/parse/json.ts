/** JSON: one object a line, or the objects of one array, which is read element by element. */
import { type BadRow, ObjectRow, type Row } from './row.js';

const QUOTE = 34;
const BACKSLASH = 92;
const OPENING_BRACKET = 91;
const CLOSING_BRACKET = 93;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;

/** The object in a line or element; `what` is what the format needs one to be. */
export function jsonRow(text: string, at: number, what: string): Row | BadRow {
  if (isTooDeep(text)) return { at, fault: `JSON nested deeper than ${DEEPEST} levels` };
  let fields: unknown;
  try {
    fields = parseJson(text);
  } catch (error) {
    const advice = NOT_FINITE.test(text)
      ? 'NaN and Infinity are not JSON, though Python writes them; write null for a missing value'
      : `${what} is needed`;
    return { at, fault: `not JSON (${(error as Error).message}); ${advice}` };
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    return { at, fault: 'a JSON object is needed, e.g. {"text": "…", "label": "…"}' };
  }
  return new ObjectRow(fields, at);
}

/** A value that JSON does not know. */
const NOT_FINITE = /[:,[]\s*-?(?:NaN|Infinity)\b/;

/** As many digits as a whole number beyond 2⁵³ has at least; those of a fraction are not looked at. */
const MANY_DIGITS = /(?<![\d.])\d{16}/;

/** A whole number as JSON writes it. */
const LONG_INTEGER = /^-?[1-9]\d{15,}$/;

/**
 * As JSON.parse, save that whole numbers beyond 2⁵³, which a float64 would round, come as their text: ids of different
 * things stay different. Throws SyntaxError as JSON.parse does.
 * @example
 * parseJson('{"id": 9007199254740993}'); // { id: '9007199254740993' }
 */
export function parseJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  if (!MANY_DIGITS.test(text)) return parsed;
  const exact = quoteLongIntegers(text);
  return exact === text ? parsed : JSON.parse(exact);
}

/** Whether a value is the text of a whole number beyond 2⁵³, as `parseJson` gives it. */
export const isLongInteger = (value: unknown): value is string =>
  typeof value === 'string' && LONG_INTEGER.test(value);

/** @param text valid JSON */
function quoteLongIntegers(text: string): string {
  let quoted = '';
  /** Up to here the text is in `quoted`. */
  let done = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === MINUS || isDigit(code)) {
      const begin = at;
      while (isInNumber(text.charCodeAt(at + 1))) at++;
      const number = text.slice(begin, at + 1);
      if (!LONG_INTEGER.test(number) || Number.isSafeInteger(Number(number))) continue;
      quoted += `${text.slice(done, begin)}"${number}"`;
      done = at + 1;
    }
  }
  return quoted + text.slice(done);
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/** Whether the character can stand in a number behind its first: a digit, or one of . e E + - */
const isInNumber = (code: number): boolean =>
  isDigit(code) || code === 46 || code === 101 || code === 69 || code === 43 || code === MINUS;

/** Where the string that begins at `at` has its closing quote; the text's end if it has none. */
function endOfString(text: string, at: number): number {
  for (let place = at + 1; place < text.length; place++) {
    const code = text.charCodeAt(place);
    if (code === QUOTE) return place;
    if (code === BACKSLASH) place++;
  }
  return text.length;
}

/** Nesting that is read. */
const DEEPEST = 10_000;

/** Shorter texts cannot be nested so deep that parsing them takes much memory. */
const SHORT = 2 ** 20;

function isTooDeep(text: string): boolean {
  if (text.length < SHORT) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPENING_BRACKET || code === OPENING_BRACE) {
      if (++depth > DEEPEST) return true;
    } else if (code === CLOSING_BRACKET || code === CLOSING_BRACE) depth--;
  }
  return false;
}

export interface JsonElement {
  /** Line on which it begins. */
  readonly line: number;
  readonly text: string;
}

/** What breaks an array as a whole: nothing behind it can be read. */
export class JsonArrayFault {
  readonly line: number;
  readonly fault: string;

  constructor(line: number, fault: string) {
    this.line = line;
    this.fault = fault;
  }
}

type State = 'before' | 'between' | 'element' | 'after';

/** Push pieces of a JSON array, get the texts of its elements, without parsing them. */
export class JsonArrayParser {
  readonly #maxElement: number;
  #state: State = 'before';
  #partial = '';
  #depth = 0;
  #inString = false;
  /** Whether the last character was a backslash that takes the next one's meaning away. */
  #escaped = false;
  #line = 1;
  #elementLine = 1;

  /** @param maxElement longest element, in UTF-16 code units */
  constructor(maxElement: number) {
    this.#maxElement = maxElement;
  }

  /** Throws JsonArrayFault. */
  push(piece: string): JsonElement[] {
    const elements: JsonElement[] = [];
    /** Where in this piece the element began, or 0. */
    let from = 0;
    let at = 0;
    while (at < piece.length) {
      if (this.#inString) {
        at = this.#string(piece, at);
        continue;
      }
      const character = piece[at];
      if (character === '\n') this.#line++;
      if (this.#state === 'element') {
        if (character === '"') this.#inString = true;
        else if (character === '{' || character === '[') this.#depth++;
        else if (this.#depth === 0 && (character === ',' || character === ']')) {
          elements.push({ line: this.#elementLine, text: this.#partial + piece.slice(from, at) });
          this.#partial = '';
          this.#state = character === ',' ? 'between' : 'after';
        } else if (character === '}' || character === ']') this.#depth--;
      } else if (!/\s/.test(character)) {
        if (this.#state === 'between' && character !== ']') {
          this.#state = 'element';
          this.#elementLine = this.#line;
          from = at;
          // Looked at again, as the first of the element.
          if (character !== ',') continue;
          throw new JsonArrayFault(this.#line, 'a comma where an element of the array should be');
        }
        this.#openOrClose(character);
      }
      at++;
    }
    if (this.#state === 'element') {
      this.#partial += piece.slice(from);
      if (this.#partial.length > this.#maxElement) {
        throw new JsonArrayFault(
          this.#elementLine,
          `an element of more than ${this.#maxElement} characters (--max-line allows longer ones)`,
        );
      }
    }
    return elements;
  }

  /** Throws JsonArrayFault if the array has no end. */
  finish(): void {
    if (this.#state === 'after' || this.#state === 'before') return;
    throw new JsonArrayFault(
      this.#line,
      'the JSON array has no end: the file is truncated; fetch or make it again',
    );
  }

  #openOrClose(character: string): void {
    if (this.#state === 'before' && character === '[') this.#state = 'between';
    else if (this.#state === 'between') this.#state = 'after';
    else if (this.#state === 'before') {
      throw new JsonArrayFault(this.#line, 'a JSON array of objects is needed, or one object a line');
    } else throw new JsonArrayFault(this.#line, 'there is something after the end of the JSON array');
  }

  /** Passes over a string or the part of it that is in this piece; returns where to go on. */
  #string(piece: string, from: number): number {
    let at = from;
    if (this.#escaped) at++;
    this.#escaped = false;
    for (; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (code === QUOTE) {
        this.#inString = false;
        return at + 1;
      }
      if (code === BACKSLASH && ++at === piece.length) this.#escaped = true;
    }
    return piece.length;
  }
}
