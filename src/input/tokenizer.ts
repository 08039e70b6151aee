/** The contract of tokenizers: text to token ids. They know neither models nor engines. */

/**
 * Ids are 1 … `vocabulary` (0 is padding and never comes out of `encode`). With hashed n-grams (bag model) ids
 * `vocabulary + 1 … vocabulary + buckets` follow the words' own.
 */
export interface Tokenizer {
  readonly kind: 'words' | 'bytes';
  /** Largest id of a token; the token table of a model has `vocabulary + buckets + 1` rows. */
  readonly vocabulary: number;
  /** Rows of the token table for hashed n-grams; 0 = none. */
  readonly buckets: number;
  /**
   * The first `maxLength` tokens of the text (then, with n-grams, the n-grams of those tokens). At least one id: a
   * text without any token gives the unknown token alone.
   */
  encode(text: string, maxLength: number): Int32Array;
  /** Share of the text's first `maxLength` tokens that the vocabulary knows, 0 … 1 (0 for a text without tokens). */
  knownShare(text: string, maxLength: number): number;
  /** The content of `tokenizer.json`. */
  toJSON(): unknown;
}
