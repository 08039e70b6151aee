/** Reads a tokenizer back from the content of `tokenizer.json`. */
import { z } from 'zod';
import { InputError } from '../errors.js';
import { BYTES_FORMAT, ByteTokenizer } from './bytes.js';
import type { Tokenizer } from './tokenizer.js';
import { WORDS_FORMAT, WordTokenizer } from './words.js';

const schema = z.discriminatedUnion('format', [
  z.strictObject({
    format: z.literal(WORDS_FORMAT),
    version: z.literal(1),
    vocabulary: z.number().int().positive(),
    ngrams: z.number().int().min(1).max(5),
    buckets: z.number().int().nonnegative(),
    words: z.array(z.string().min(1)),
  }),
  z.strictObject({ format: z.literal(BYTES_FORMAT), version: z.literal(1) }),
]);

/**
 * @param place what to call the file in messages
 * Throws InputError on content that is not a tokenizer of this version.
 */
export function tokenizerFromJSON(json: unknown, place: string): Tokenizer {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new InputError(
      `${place} is not a tokenizer of this version of eft:\n${z.prettifyError(parsed.error)}`,
    );
  }
  if (parsed.data.format === BYTES_FORMAT) return new ByteTokenizer();
  const { words, vocabulary } = parsed.data;
  if (words.length > vocabulary - 1) {
    throw new InputError(`${place}: ${words.length} words do not fit a vocabulary of ${vocabulary}`);
  }
  if (new Set(words).size !== words.length) throw new InputError(`${place}: the same word stands twice`);
  return new WordTokenizer(words, parsed.data);
}
