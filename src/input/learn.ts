/** Chooses and learns the tokenizer of a training. */
import { ByteTokenizer } from './bytes.js';
import type { Tokenizer } from './tokenizer.js';
import { WordTokenizer } from './words.js';

export interface TokenizerOptions {
  readonly kind: 'words' | 'bytes';
  /** Words with an id of their own (default: that of `WordTokenizer.learn`, as for the others). */
  readonly vocabulary?: number | undefined;
  /** Longest n-gram. */
  readonly ngrams?: number | undefined;
  /** Rows for hashed n-grams. */
  readonly buckets?: number | undefined;
}

/** Learns from training texts alone; bytes have nothing to learn. */
export function learnTokenizer(texts: Iterable<string>, options: TokenizerOptions): Tokenizer {
  const { kind, vocabulary, ngrams, buckets } = options;
  if (kind === 'bytes') return new ByteTokenizer();
  return WordTokenizer.learn(texts, {
    ...(vocabulary === undefined ? {} : { vocabulary }),
    ...(ngrams === undefined ? {} : { ngrams }),
    ...(buckets === undefined ? {} : { buckets }),
  });
}
