/** How often each word stands in texts that are seen once, in memory that is bounded however many they are. */
import { doubled } from './doubled.js';
import { KeyIndex } from './keyIndex.js';
import type { WordKeys } from './wordKeys.js';

/** Texts are counted in so many groups, of which it is settled only afterwards which are learned from. */
export const GROUPS = 2;

/**
 * Where more different words than this have come, the rarest are forgotten, as fastText and word2vec do: one of them
 * that comes again is counted from then on. What is frequent in the end is hardly touched by it.
 */
const MOST_WORDS = 2 ** 21;
/** The same of the characters of all words. */
const MOST_CHARACTERS = 2 ** 26;

/** Share that is free behind a clearing. */
const FREED = 0.25;

export class WordCounts {
  readonly #most: number;
  readonly #index = new KeyIndex();
  /** [word, group] */
  #counts = new Uint32Array(GROUPS * 2 ** 12);
  #words: string[] = [];
  #characters = 0;
  /** Words that stood so often were forgotten once. */
  #forgotten = 0;

  /** @param most different words that are kept */
  constructor(most = MOST_WORDS) {
    this.#most = most;
  }

  /** The tokens that `keys` read last. */
  add(keys: WordKeys, group: number): void {
    const { low, high, count } = keys;
    for (let i = 0; i < count; i++) {
      let number = this.#index.find(low[i], high[i]);
      if (number < 0) number = this.#insert(low[i], high[i], keys.word(i));
      this.#counts[GROUPS * number + group]++;
    }
  }

  /** Words of the groups, each with how often it stands there, in no order. */
  *of(groups: readonly number[]): Generator<[word: string, count: number]> {
    for (const [number, word] of this.#words.entries()) {
      const count = groups.reduce((sum, group) => sum + this.#counts[GROUPS * number + group], 0);
      if (count > 0) yield [word, count];
    }
  }

  #insert(low: number, high: number, word: string): number {
    if (this.#words.length >= this.#most || this.#characters >= MOST_CHARACTERS) this.#forget();
    const number = this.#index.insert(low, high);
    if (GROUPS * number === this.#counts.length) this.#counts = doubled(this.#counts);
    this.#counts.fill(0, GROUPS * number, GROUPS * (number + 1));
    this.#words.push(word);
    this.#characters += word.length;
    return number;
  }

  /** Forgets the rarest words until there is room. */
  #forget(): void {
    const share = 1 - FREED;
    while (this.#words.length > share * this.#most || this.#characters > share * MOST_CHARACTERS) {
      this.#forgotten++;
      const kept = this.#index.keep((number) => this.#totalOf(number) > this.#forgotten);
      this.#words = Array.from(kept, (number) => this.#words[number]);
      kept.forEach((number, i) => {
        this.#counts.copyWithin(GROUPS * i, GROUPS * number, GROUPS * (number + 1));
      });
      this.#characters = this.#words.reduce((sum, { length }) => sum + length, 0);
    }
  }

  #totalOf(number: number): number {
    let total = 0;
    for (let group = 0; group < GROUPS; group++) total += this.#counts[GROUPS * number + group];
    return total;
  }
}
