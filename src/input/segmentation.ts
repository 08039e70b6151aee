/**
 * Words of scripts that are written without spaces, by the runtime's dictionaries. These take a millisecond for a few
 * hundred letters, so the words of a long text can be found ahead, in slices between which the thread is free.
 */
import { platform } from '#platform';
import { inSlices } from '../platform/slices.js';
import { endOfRun, kindAt, lengthAt, RUN } from './characters.js';
import { doubled } from './doubled.js';

/** Scripts that are written without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Dictionaries come with the runtime; the locale matters little to them, and none is right for every text. */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** Letters of a run that are segmented at once: the time of the runtime's segmenter grows with the square of more. */
const PORTION = 8192;

/** Texts of fewer letters are read at once. */
const SHORT = 2048;

/** Words between two looks at the clock. */
const LOOK_WORDS = 64;

/** Whether the text's words depend on the runtime's dictionaries. */
export const needsSegmentation = (text: string): boolean => UNSPACED.test(text);

/** The runtime's dictionaries: texts that need them may have other words under others. */
export const segmentation = (): string => `Unicode ${platform.unicodeVersion()}`;

/** Where the words end in the runs of a text that need dictionaries: the first of them, ascending. */
export interface FoundWords {
  readonly text: string;
  readonly ends: Uint32Array;
}

/** Those in use: see `withWords`. */
let found: FoundWords | undefined;

/** Reads a text whose words were found before, without searching again. `read` must not be asynchronous. */
export function withWords<T>(words: FoundWords | undefined, read: () => T): T {
  const before = found;
  found = words;
  try {
    return read();
  } finally {
    found = before;
  }
}

/** The words, in lower case, of a run of letters of which some need segmentation: `text` from `start` to `end`. */
export function* wordsOfRun(text: string, start: number, end: number): Generator<string> {
  let from = start;
  if (found?.text === text) {
    const { ends } = found;
    for (let i = placeAfter(ends, start); i < ends.length && from < end; i++) {
      yield text.slice(from, ends[i]).toLowerCase();
      from = ends[i];
    }
  }
  while (from < end) {
    const to = endOfPortion(text, from, end);
    for (const { segment } of segmenter.segment(text.slice(from, to))) yield segment.toLowerCase();
    from = to;
  }
}

/**
 * Finds the first words of a text, so that `withWords` can read it at once: in slices, between which others have the
 * thread. Undefined where it is not worth it: the text is short, or needs no dictionaries.
 * @param most words that are needed
 * @param caller as of `inTurn`
 * @throws the signal's reason when it is aborted
 */
export async function findWords(
  text: string,
  most: number,
  caller: object = {},
  signal?: AbortSignal,
): Promise<FoundWords | undefined> {
  if (most <= 0 || text.length <= SHORT || !needsSegmentation(text)) return undefined;
  const words = new Ends();
  await inSlices(caller, search(text, most, words), signal);
  return { text, ends: words.all };
}

/** Ends of words, ascending. */
class Ends {
  #ends = new Uint32Array(1024);
  #count = 0;

  push(end: number): void {
    if (this.#count === this.#ends.length) this.#ends = doubled(this.#ends);
    this.#ends[this.#count++] = end;
  }

  get all(): Uint32Array {
    return this.#ends.slice(0, this.#count);
  }
}

/** Yields now and then. */
function* search(text: string, most: number, found: Ends): Generator<undefined> {
  let words = 0;
  for (let at = 0; at < text.length && words < most; ) {
    const isRun = kindAt(text, at) === RUN;
    const end = isRun ? endOfRun(text, at) : at + lengthAt(text, at);
    if (isRun && needsSegmentation(text.slice(at, end))) {
      for (let from = at; from < end && words < most; ) {
        const to = endOfPortion(text, from, end);
        for (const { index, segment } of segmenter.segment(text.slice(from, to))) {
          found.push(from + index + segment.length);
          if (++words % LOOK_WORDS === 0) yield;
        }
        from = to;
      }
    } else if (isRun && ++words % LOOK_WORDS === 0) yield;
    at = end;
  }
}

/** Not between the halves of a pair. */
function endOfPortion(text: string, from: number, end: number): number {
  const to = Math.min(end, from + PORTION);
  return to < end && text.codePointAt(to - 1)! > 0xffff ? to + 1 : to;
}

/** Of ascending numbers the place of the first that is larger. */
function placeAfter(numbers: Uint32Array, value: number): number {
  let [from, to] = [0, numbers.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (numbers[middle] > value) to = middle;
    else from = middle + 1;
  }
  return from;
}
