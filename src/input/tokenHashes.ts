/**
 * 32-bit hashes of a text's tokens, straight from its characters: the tokens of tokens.ts, HTML line breaks left out,
 * many times as fast because no strings are made of ASCII words.
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
  SPACE,
} from './characters.js';
import { doubled } from './doubled.js';
import { needsSegmentation, wordsOfRun } from './segmentation.js';

const LESS_THAN = 60;
const GREATER_THAN = 62;
const SLASH = 47;

/** Whether a token is a word, not a sign. */
export const isWord = (token: string): boolean => kindAt(token, 0) === RUN;

/** MurmurHash3's finalizer: every bit of the input moves every bit of the output. */
export function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The hash of a lower-cased token. */
export function hashToken(token: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < token.length; i++) hash = Math.imul(hash ^ token.charCodeAt(i), FNV_PRIME);
  return mix(hash);
}

/** The hash of a sequence of tokens, from that of all but its last token and the last one's. */
export const hashOnto = (hash: number, token: number): number => mix(Math.imul(hash, 0x9e3779b1) + token);

/** Behind the HTML line break that begins at `at`, as `/<br\s*\/?>/i` has it; `at` where none begins. */
function afterLineBreak(text: string, at: number): number {
  if ((text.charCodeAt(at + 1) | 32) !== 98 || (text.charCodeAt(at + 2) | 32) !== 114) return at;
  let i = at + 3;
  while (i < text.length && kindAt(text, i) === SPACE) i++;
  if (text.charCodeAt(i) === SLASH) i++;
  return text.charCodeAt(i) === GREATER_THAN ? i + 1 : at;
}

/** Hashes of the tokens of one text after the other, in an array that is used again. */
export class TokenHashes {
  values = new Int32Array(1024);
  count = 0;
  readonly #signs: boolean;

  /** @param signs whether tokens that are no words count */
  constructor(signs: boolean) {
    this.#signs = signs;
  }

  /** Takes the first `maxLength` tokens of the text. */
  read(text: string, maxLength: number): void {
    this.count = 0;
    const { length } = text;
    let i = 0;
    while (i < length && this.count < maxLength) {
      const unit = text.charCodeAt(i);
      if (unit === 32) i++;
      else if (unit < 128 && lowerCase[unit] !== 0) i = this.#asciiRun(text, i, maxLength);
      else if (unit === LESS_THAN && afterLineBreak(text, i) !== i) i = afterLineBreak(text, i);
      else i = this.#other(text, i, maxLength);
    }
  }

  /** The run that begins with an ASCII character; by way of strings if others follow. */
  #asciiRun(text: string, start: number, maxLength: number): number {
    const { length } = text;
    let hash = FNV_OFFSET;
    let i = start;
    while (i < length) {
      const unit = text.charCodeAt(i);
      if (unit >= 128) return this.#run(text, start, maxLength);
      const lower = lowerCase[unit];
      if (lower !== 0) hash = Math.imul(hash ^ lower, FNV_PRIME);
      else {
        if (unit !== APOSTROPHE || i + 1 >= length) break;
        const next = text.charCodeAt(i + 1);
        if (next >= 128) return this.#run(text, start, maxLength);
        if (lowerCase[next] === 0) break;
        hash = Math.imul(hash ^ APOSTROPHE, FNV_PRIME);
      }
      i++;
    }
    this.#push(mix(hash));
    return i;
  }

  #other(text: string, at: number, maxLength: number): number {
    const kind = kindAt(text, at);
    const end = at + lengthAt(text, at);
    if (kind === SPACE) return end;
    if (kind === RUN) return this.#run(text, at, maxLength);
    if (this.#signs) this.#push(hashToken(text.slice(at, end).toLowerCase()));
    return end;
  }

  #run(text: string, start: number, maxLength: number): number {
    const end = endOfRun(text, start);
    const run = text.slice(start, end);
    if (!needsSegmentation(run)) this.#push(hashToken(run.toLowerCase()));
    else {
      for (const word of wordsOfRun(text, start, end)) {
        if (this.count === maxLength) break;
        if (this.#signs || isWord(word)) this.#push(hashToken(word));
      }
    }
    return end;
  }

  #push(hash: number): void {
    if (this.count === this.values.length) this.values = doubled(this.values);
    this.values[this.count++] = hash;
  }
}
