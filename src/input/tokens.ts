/** Words and single punctuation characters of a text, lower-cased; words of scripts without spaces by segmentation. */
import { platform } from '#platform';
import { endOfRun, kindAt, lengthAt, RUN, SPACE } from './characters.js';

/** A run of letters, marks and digits, with apostrophes inside it; or one other character that is not a space. */
export const TOKEN = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|[^\s]/gu;

/** Scripts that are written without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Dictionaries come with the runtime; the locale matters little to them, and none is right for every text. */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** Whether the text's words depend on the runtime's dictionaries. */
export const needsSegmentation = (text: string): boolean => UNSPACED.test(text);

/** The runtime's dictionaries: texts that need them may have other words under others. */
export const segmentation = (): string => `Unicode ${platform.unicodeVersion()}`;

/** One after the other, so that the first tokens of a megabyte do not wait for the rest. */
export function* tokensOf(text: string): Generator<string> {
  const segmented = needsSegmentation(text);
  for (const [token] of text.matchAll(TOKEN)) {
    if (segmented && UNSPACED.test(token)) yield* wordsOfRun(token);
    else yield token.toLowerCase();
  }
}

/** Letters of a run that are segmented at once: the time of the runtime's segmenter grows with the square of more. */
const PORTION = 8192;

/** The words of a run of letters of which some need segmentation. */
export function* wordsOfRun(run: string): Generator<string> {
  for (let from = 0; from < run.length; ) {
    let to = Math.min(run.length, from + PORTION);
    // Not between the halves of a pair.
    if (to < run.length && run.codePointAt(to - 1)! > 0xffff) to++;
    for (const { segment } of segmenter.segment(run.slice(from, to))) yield segment.toLowerCase();
    from = to;
  }
}

/** How many tokens `tokensOf` gives: many times as fast where words have spaces between them. */
export function countTokens(text: string): number {
  const segmented = needsSegmentation(text);
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const kind = kindAt(text, at);
    const end = kind === RUN ? endOfRun(text, at) : at + lengthAt(text, at);
    if (kind === RUN && segmented && UNSPACED.test(text.slice(at, end))) {
      for (const _ of wordsOfRun(text.slice(at, end))) count++;
    } else if (kind !== SPACE) count++;
    at = end;
  }
  return count;
}
