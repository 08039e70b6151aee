/** Words: lower-cased words and single punctuation characters, a vocabulary learned from texts. */
import * as z from 'zod/mini';
import type { Encoded, Encoder, EncoderKind, EncoderOptions, Section, Transcriber } from './encoder.js';
import { type TokenizerJson, wordLevelTokenizer } from './huggingFace.js';
import { KeyIndex } from './keyIndex.js';
import { mapEach, takeSection } from './long.js';
import { needsSegmentation, segmentation } from './segmentation.js';
import { countTokens, TOKEN } from './tokens.js';
import { WordCounts } from './wordCounts.js';
import { WordKeys } from './wordKeys.js';

/** Id of words outside the vocabulary. */
const UNKNOWN = 1;

/** FNV-1a over the bytes of 32-bit word ids (Fowler, Noll & Vo). */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

const saved = z.strictObject({
  format: z.literal('elastic-fourier/words'),
  version: z.literal(1),
  vocabulary: z.int().check(z.positive()),
  ngrams: z.int().check(z.gte(1), z.lte(5)),
  buckets: z.int().check(z.nonnegative()),
  words: z.array(z.string().check(z.minLength(1))),
  /** The dictionaries that made the words of scripts without spaces; absent where there were none. */
  segmentation: z.optional(z.string()),
});
type Saved = z.infer<typeof saved>;

/** Words have ids 2, 3, … in order of frequency; 1 is the unknown word. */
export class WordEncoder implements Encoder {
  readonly kind = 'words';
  readonly firstWord = UNKNOWN + 1;
  readonly vocabulary: number;
  readonly buckets: number;
  readonly ngrams: number;
  /** The dictionaries by which its words were found, if any. */
  readonly segmentation: string | undefined;
  readonly #words: readonly string[];
  /** Numbers of the words from 0. */
  readonly #index = new KeyIndex();
  /** As in training: by dictionaries only where the training's texts needed them. */
  readonly #keys: WordKeys;

  /** @param words most frequent first; at most `vocabulary` − 1 */
  constructor(
    words: readonly string[],
    { vocabulary = 10_000, ngrams = 1, buckets = 0 }: EncoderOptions = {},
    usedSegmentation?: string,
  ) {
    if (words.length > vocabulary - 1)
      throw new RangeError(`${words.length} words do not fit a vocabulary of ${vocabulary}`);
    this.vocabulary = vocabulary;
    this.ngrams = buckets === 0 ? 1 : ngrams;
    this.buckets = buckets;
    this.segmentation = usedSegmentation;
    this.#words = words;
    this.#keys = new WordKeys(usedSegmentation !== undefined);
    for (const word of words) {
      const { low, high } = this.#keys.keyOf(word);
      this.#index.insert(low, high);
    }
  }

  /** Learns the most frequent words of the texts; equally frequent ones in order of their code points. */
  static learn(texts: Iterable<string>, options: EncoderOptions = {}): WordEncoder {
    const counts = new WordCounts();
    const keys = new WordKeys();
    let segmented = false;
    for (const text of texts) {
      segmented ||= needsSegmentation(text);
      keys.read(text, Number.POSITIVE_INFINITY);
      counts.add(keys, 0);
    }
    return WordEncoder.ofCounts(counts.of([0]), options, segmented);
  }

  /** The encoder of the most frequent words; equally frequent ones in order of their code points. */
  static ofCounts(
    counts: Iterable<readonly [word: string, count: number]>,
    options: EncoderOptions,
    segmented: boolean,
  ): WordEncoder {
    const { vocabulary = 10_000 } = options;
    const found = [...counts]
      .sort((a, b) => b[1] - a[1] || byCodePoint(a[0], b[0]))
      .slice(0, Math.max(0, vocabulary - 1))
      .map(([word]) => word);
    return new WordEncoder(found, options, segmented ? segmentation() : undefined);
  }

  get usesDictionaries(): boolean {
    return this.segmentation !== undefined;
  }

  encode(text: string, maxLength: number): Encoded {
    const keys = this.#keys;
    keys.read(text, maxLength);
    return { ids: this.encodeKeys(keys.low, keys.high, keys.count) };
  }

  count(text: string): number {
    return countTokens(text, this.usesDictionaries);
  }

  encodeSections(text: string, sections: readonly Section[]): Iterable<Encoded> {
    const keys = this.#keys;
    keys.read(text, Number.POSITIVE_INFINITY);
    const [low, high] = [keys.low, keys.high].map((half) => half.slice(0, keys.count));
    return mapEach(sections, (section) => {
      const selected = takeSection(low, section);
      return { ids: this.encodeKeys(selected, takeSection(high, section), selected.length) };
    });
  }

  /** What `encode` gives for the text of whose first tokens these are the keys. */
  encodeKeys(low: Int32Array, high: Int32Array, count: number): Int32Array {
    if (count === 0) return Int32Array.of(UNKNOWN);
    let size = count;
    for (let order = 2; order <= this.ngrams; order++) size += Math.max(0, count - order + 1);
    const ids = new Int32Array(size);
    for (let i = 0; i < count; i++) ids[i] = this.#idOf(low[i], high[i]);
    if (this.ngrams > 1) this.#hashNgrams(ids, count);
    return ids;
  }

  knownShare(text: string, maxLength: number): number {
    const keys = this.#keys;
    keys.read(text, maxLength);
    let known = 0;
    for (let i = 0; i < keys.count; i++) if (this.#index.find(keys.low[i], keys.high[i]) >= 0) known++;
    return keys.count === 0 ? 0 : known / keys.count;
  }

  /** No tokenizer.json holds dictionaries, or hashes n-grams. */
  toTokenizerJson(): TokenizerJson | undefined {
    if (this.segmentation !== undefined || this.ngrams > 1) return undefined;
    return wordLevelTokenizer(TOKEN.source, this.#words);
  }

  get warning(): string | undefined {
    if (this.segmentation === undefined || this.segmentation === segmentation()) return undefined;
    return `words without spaces between them were found by the dictionaries of ${this.segmentation} in training, here by those of ${segmentation()}: some may be cut differently`;
  }

  toJSON(): Saved {
    const { vocabulary, ngrams, buckets } = this;
    return {
      format: 'elastic-fourier/words',
      version: 1,
      vocabulary,
      ngrams,
      buckets,
      words: [...this.#words],
      ...(this.segmentation === undefined ? {} : { segmentation: this.segmentation }),
    };
  }

  #idOf(low: number, high: number): number {
    const number = this.#index.find(low, high);
    return number < 0 ? UNKNOWN : UNKNOWN + 1 + number;
  }

  /** Writes the ids of the n-grams of the first `count` ids behind these. */
  #hashNgrams(ids: Int32Array, count: number): void {
    let end = count;
    for (let order = 2; order <= this.ngrams; order++) {
      for (let start = 0; start + order <= count; start++) {
        let hash = FNV_OFFSET;
        for (let i = start; i < start + order; i++) {
          for (let shift = 0; shift < 32; shift += 8) {
            hash = Math.imul(hash ^ ((ids[i] >>> shift) & 0xff), FNV_PRIME);
          }
        }
        ids[end++] = this.vocabulary + 1 + ((hash >>> 0) % this.buckets);
      }
    }
  }
}

/** Unlike `<`, which goes by UTF-16 units and so puts U+E000 … U+FFFF last. */
function byCodePoint(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}

/** A note is the low halves of the keys of a text's first tokens, then the high ones. */
class WordTranscriber implements Transcriber {
  tokens = 0;
  readonly #options: EncoderOptions;
  readonly #counts = new WordCounts();
  readonly #keys = new WordKeys();
  #note = new Int32Array(1024);
  /** Whether texts of each group need dictionaries. */
  readonly #segmented: boolean[] = [];

  constructor(options: EncoderOptions) {
    this.#options = options;
  }

  note(text: string, maxLength: number, group: number | undefined): Int32Array {
    const keys = this.#keys;
    if (group === undefined) keys.read(text, maxLength);
    else {
      this.#segmented[group] ||= needsSegmentation(text);
      keys.read(text, Number.POSITIVE_INFINITY);
      this.#counts.add(keys, group);
    }
    this.tokens = keys.count;
    const count = Math.min(keys.count, maxLength);
    if (this.#note.length < 2 * count) this.#note = new Int32Array(4 * count);
    this.#note.set(keys.low.subarray(0, count));
    this.#note.set(keys.high.subarray(0, count), count);
    return this.#note.subarray(0, 2 * count);
  }

  finish(groups: readonly number[]): ReturnType<Transcriber['finish']> {
    const segmented = groups.some((group) => this.#segmented[group]);
    const encoder = WordEncoder.ofCounts(this.#counts.of(groups), this.#options, segmented);
    return {
      encoder,
      encode(note) {
        const count = note.length / 2;
        const ids = encoder.encodeKeys(note.subarray(0, count), note.subarray(count), count);
        let known = 0;
        for (let i = 0; i < count; i++) if (ids[i] !== UNKNOWN) known++;
        return { ids, knownShare: count === 0 ? 0 : known / count };
      },
    };
  }
}

export const words: EncoderKind<string, Saved> = {
  summary: 'lower-cased words and punctuation, a vocabulary learned from the training texts',
  learn: (texts, options) => WordEncoder.learn(texts, options),
  transcribe: (options) => new WordTranscriber(options),
  saved,
  load(content) {
    if (new Set(content.words).size !== content.words.length) throw new Error('the same word appears twice');
    return new WordEncoder(content.words, content, content.segmentation);
  },
};
