/** Words: lower-cased words and single punctuation characters, a vocabulary learned from texts. */
import * as z from 'zod';
import type { Encoded, Encoder, EncoderKind, EncoderOptions, Section } from './encoder.js';
import { takeSection } from './long.js';
import { countTokens, needsSegmentation, segmentation, tokensOf } from './tokens.js';

/** Id of words outside the vocabulary. */
const UNKNOWN = 1;

/** FNV-1a over the bytes of 32-bit word ids (Fowler, Noll & Vo). */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

const saved = z.strictObject({
  format: z.literal('elastic-fourier/words'),
  version: z.literal(1),
  vocabulary: z.number().int().positive(),
  ngrams: z.number().int().min(1).max(5),
  buckets: z.number().int().nonnegative(),
  words: z.array(z.string().min(1)),
  /** The dictionaries that made the words of scripts without spaces; absent where there were none. */
  segmentation: z.string().optional(),
});
type Saved = z.infer<typeof saved>;

/** Words have ids 2, 3, … in order of frequency; 1 is the unknown word. */
export class WordEncoder implements Encoder {
  readonly kind = 'words';
  readonly vocabulary: number;
  readonly buckets: number;
  readonly ngrams: number;
  /** The dictionaries by which its words were found, if any. */
  readonly segmentation: string | undefined;
  readonly #words: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

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
    this.#ids = new Map(words.map((word, i) => [word, UNKNOWN + 1 + i]));
  }

  /** Learns the most frequent words of the texts; equally frequent ones in order of their code points. */
  static learn(texts: Iterable<string>, options: EncoderOptions = {}): WordEncoder {
    const counts = new Map<string, number>();
    let segmented = false;
    for (const text of texts) {
      segmented ||= needsSegmentation(text);
      for (const token of tokensOf(text)) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    const { vocabulary = 10_000 } = options;
    const words = [...counts]
      .sort((a, b) => b[1] - a[1] || byCodePoint(a[0], b[0]))
      .slice(0, Math.max(0, vocabulary - 1))
      .map(([word]) => word);
    return new WordEncoder(words, options, segmented ? segmentation() : undefined);
  }

  encode(text: string, maxLength: number): Encoded {
    const ids: number[] = [];
    for (const token of tokensOf(text)) {
      if (ids.length === maxLength) break;
      ids.push(this.#ids.get(token) ?? UNKNOWN);
    }
    if (ids.length === 0) ids.push(UNKNOWN);
    return this.#sequence(ids);
  }

  count(text: string): number {
    return countTokens(text);
  }

  encodeSections(text: string, sections: readonly Section[]): Encoded[] {
    const ids = Int32Array.from(tokensOf(text), (token) => this.#ids.get(token) ?? UNKNOWN);
    return sections.map((section) => this.#sequence(takeSection(ids, section)));
  }

  #sequence(ids: ArrayLike<number> & Iterable<number>): Encoded {
    return { ids: Int32Array.from(this.ngrams > 1 ? [...ids, ...this.#hashedNgrams(ids)] : ids) };
  }

  knownShare(text: string, maxLength: number): number {
    let known = 0;
    let count = 0;
    for (const token of tokensOf(text)) {
      if (count === maxLength) break;
      count++;
      if (this.#ids.has(token)) known++;
    }
    return count === 0 ? 0 : known / count;
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

  *#hashedNgrams(ids: ArrayLike<number>): Generator<number> {
    for (let order = 2; order <= this.ngrams; order++) {
      for (let start = 0; start + order <= ids.length; start++) {
        let hash = FNV_OFFSET;
        for (let i = start; i < start + order; i++) {
          for (let shift = 0; shift < 32; shift += 8) {
            hash = Math.imul(hash ^ ((ids[i] >>> shift) & 0xff), FNV_PRIME);
          }
        }
        yield this.vocabulary + 1 + ((hash >>> 0) % this.buckets);
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

export const words: EncoderKind<string, Saved> = {
  summary: 'lower-cased words and punctuation, a vocabulary learned from the training texts',
  learn: (texts, options) => WordEncoder.learn(texts, options),
  saved,
  load(content) {
    if (new Set(content.words).size !== content.words.length) throw new Error('the same word stands twice');
    return new WordEncoder(content.words, content, content.segmentation);
  },
};
