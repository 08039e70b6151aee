/**
 * The tokens of tokens.ts as keys of 64 bits, straight from a text's characters: many times as fast as strings, and two
 * tokens of one key are not to be expected among any number of texts.
 */
import {
  APOSTROPHE,
  endOfRun,
  FNV_OFFSET,
  FNV_PRIME,
  kindAt,
  lengthAt,
  lowerCase,
  RUN,
  SINGLE,
  SPACE,
} from './characters.js';
import { doubled } from './doubled.js';
import { needsSegmentation, wordsOfRun } from './segmentation.js';
import { mix } from './tokenHashes.js';

/** The second half of a key is FNV-1a from another start with another odd factor. */
const OTHER_OFFSET = 0x2c1b3c6d;
const OTHER_PRIME = 0x5bd1e995;

/** Keys of ASCII signs, which are tokens of their own; 0 of all else. */
const SIGN_LOW = new Int32Array(128);
const SIGN_HIGH = new Int32Array(128);
for (let unit = 0; unit < 128; unit++) {
  if (kindAt(String.fromCharCode(unit), 0) !== SINGLE) continue;
  SIGN_LOW[unit] = mix(Math.imul(FNV_OFFSET ^ unit, FNV_PRIME));
  SIGN_HIGH[unit] = mix(Math.imul(OTHER_OFFSET ^ unit, OTHER_PRIME));
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/** Keys of the tokens of one text after the other, in arrays that are used again. */
export class WordKeys {
  low = new Int32Array(1024);
  high = new Int32Array(1024);
  /** Where each token begins in the text; of words found by dictionaries, where their run does. */
  starts = new Int32Array(1024);
  count = 0;
  #text = '';
  #low = 0;
  #high = 0;
  /** Words that were found by dictionaries, by their number. */
  readonly #found = new Map<number, string>();
  readonly #byDictionaries: boolean;

  /** @param byDictionaries whether runs of letters of scripts without spaces are cut into words */
  constructor(byDictionaries = true) {
    this.#byDictionaries = byDictionaries;
  }

  /** Takes the first `maxLength` tokens of the text. */
  read(text: string, maxLength: number): void {
    this.count = 0;
    this.#text = text;
    if (this.#found.size > 0) this.#found.clear();
    const { length } = text;
    let i = 0;
    while (i < length && this.count < maxLength) {
      const unit = text.charCodeAt(i);
      if (unit >= 128) i = this.#other(text, i, maxLength);
      else if (lowerCase[unit] !== 0) i = this.#asciiRun(text, i, maxLength);
      else {
        // A space, or a sign.
        if (SIGN_LOW[unit] !== 0) this.#push(SIGN_LOW[unit], SIGN_HIGH[unit], i);
        i++;
      }
    }
  }

  /** A token as `tokensOf` gives it. It is a string of its own, which does not keep the text in memory. */
  word(index: number): string {
    const found = this.#found.get(index);
    if (found !== undefined) return found;
    const text = this.#text;
    const start = this.starts[index];
    const end = kindAt(text, start) === RUN ? endOfRun(text, start) : start + lengthAt(text, start);
    const word = text.slice(start, end).toLowerCase();
    // A longer part of a string refers to the whole. Runs have no lone surrogates.
    return word.length < 13 ? word : DECODER.decode(ENCODER.encode(word));
  }

  /** The run that begins with an ASCII character; by way of strings if others follow. */
  #asciiRun(text: string, start: number, maxLength: number): number {
    const { length } = text;
    let low = FNV_OFFSET;
    let high = OTHER_OFFSET;
    let i = start;
    while (i < length) {
      const unit = text.charCodeAt(i);
      if (unit >= 128) return this.#run(text, start, maxLength);
      let lower = lowerCase[unit];
      if (lower === 0) {
        if (unit !== APOSTROPHE || i + 1 >= length) break;
        const next = text.charCodeAt(i + 1);
        if (next >= 128) return this.#run(text, start, maxLength);
        if (lowerCase[next] === 0) break;
        lower = APOSTROPHE;
      }
      low = Math.imul(low ^ lower, FNV_PRIME);
      high = Math.imul(high ^ lower, OTHER_PRIME);
      i++;
    }
    this.#push(mix(low), mix(high), start);
    return i;
  }

  #other(text: string, at: number, maxLength: number): number {
    const kind = kindAt(text, at);
    const end = at + lengthAt(text, at);
    if (kind === SPACE) return end;
    if (kind === RUN) return this.#run(text, at, maxLength);
    this.#pushWord(text.slice(at, end).toLowerCase(), at);
    return end;
  }

  #run(text: string, start: number, maxLength: number): number {
    const end = endOfRun(text, start);
    const run = text.slice(start, end);
    if (!this.#byDictionaries || !needsSegmentation(run)) this.#pushWord(run.toLowerCase(), start);
    else {
      for (const word of wordsOfRun(text, start, end)) {
        if (this.count === maxLength) break;
        this.#found.set(this.count, word);
        this.#pushWord(word, start);
      }
    }
    return end;
  }

  #pushWord(word: string, start: number): void {
    this.#hash(word);
    this.#push(this.#low, this.#high, start);
  }

  #hash(word: string): void {
    let low = FNV_OFFSET;
    let high = OTHER_OFFSET;
    for (let i = 0; i < word.length; i++) {
      const unit = word.charCodeAt(i);
      low = Math.imul(low ^ unit, FNV_PRIME);
      high = Math.imul(high ^ unit, OTHER_PRIME);
    }
    this.#low = mix(low);
    this.#high = mix(high);
  }

  /** The key of a token by itself. */
  keyOf(word: string): { low: number; high: number } {
    this.#hash(word);
    return { low: this.#low, high: this.#high };
  }

  #push(low: number, high: number, start: number): void {
    if (this.count === this.low.length) {
      this.low = doubled(this.low);
      this.high = doubled(this.high);
      this.starts = doubled(this.starts);
    }
    this.low[this.count] = low;
    this.high[this.count] = high;
    this.starts[this.count++] = start;
  }
}
