/** The characters of a text as hashes: within words with a mark at their borders, or each at its place. */
import { requireBytes } from './bytes.js';
import { doubled } from './doubled.js';
import { type Input, isBytes } from './input.js';
import { requireText } from './requireText.js';
import { mix } from './tokenHashes.js';

/** What tokens.ts leaves in, and the hashes leave out. */
export const LINE_BREAK = /<br\s*\/?>/gi;
const SPACES = /\s+/u;

/** Words as white space has them, lower-cased: as scikit-learn's analyser `char_wb` takes them. */
const wordsOf = (text: string): string[] =>
  (text.includes('<') ? text.replace(LINE_BREAK, ' ') : text)
    .toLowerCase()
    .split(SPACES)
    .filter((word) => word !== '');

const hashOf = (codePoint: number): number => mix(codePoint + 1);
const ASCII = Int32Array.from({ length: 128 }, (_, codePoint) => hashOf(codePoint));
const BORDER = ASCII[32];

/** Characters within words, a space before and behind each word; n-grams end with their word. */
export class CharacterHashes {
  values = new Int32Array(4096);
  /** Of each character the end of its word. */
  ends = new Int32Array(4096);
  count = 0;

  /** Takes the first `maxLength` characters, the marks at borders counted. */
  read(input: Input, maxLength: number): void {
    this.count = 0;
    for (const word of wordsOf(requireText(input))) {
      if (this.count >= maxLength) break;
      const first = this.count;
      this.#push(BORDER);
      for (let i = 0; i < word.length; i++) {
        const codePoint = word.codePointAt(i)!;
        if (codePoint > 0xffff) i++;
        this.#push(codePoint < 128 ? ASCII[codePoint] : hashOf(codePoint));
      }
      this.#push(BORDER);
      this.count = Math.min(this.count, maxLength);
      this.ends.fill(this.count, first, this.count);
    }
  }

  #push(hash: number): void {
    if (this.count === this.values.length) {
      this.values = doubled(this.values);
      this.ends = doubled(this.ends);
    }
    this.values[this.count++] = hash;
  }
}

/** N-grams of them as they read, a space where a word begins or ends. */
export function shownCharacters(text: string): (start: number, length: number) => string {
  const characters = wordsOf(text).flatMap((word) => [' ', ...word, ' ']);
  return (start, length) => characters.slice(start, start + length).join('');
}

/** Characters of a text, lower-cased, or bytes of a file: all of them, one after the other. */
export class PlaceHashes {
  values = new Int32Array(256);
  count = 0;

  read(input: Input, maxLength: number): void {
    const units = unitsOf(input);
    const count = Math.min(maxLength, units.length);
    while (this.values.length < count) this.values = doubled(this.values);
    for (let i = 0; i < count; i++) this.values[i] = hashOf(units[i]);
    this.count = count;
  }
}

/** Longer inputs are not read to their end: places say nothing of them. */
export const MOST_PLACES = 512;

const unitsOf = (input: Input): ArrayLike<number> =>
  isBytes(input)
    ? requireBytes(input, MOST_PLACES + 1)
    : Array.from(
        requireText(input)
          .slice(0, MOST_PLACES + 1)
          .toLowerCase(),
        (character) => character.codePointAt(0)!,
      );

/** "gt at 31": the place counts from 1. */
export function shownPlaces(input: Input): (start: number, length: number) => string {
  const units = unitsOf(input);
  return (start, length) => {
    const own = Array.from({ length }, (_, i) => String.fromCodePoint(units[start + i]));
    return `${own.join('')} at ${start + 1}`;
  };
}
