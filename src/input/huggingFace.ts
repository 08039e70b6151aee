/**
 * Tokenizers as Hugging Face's tokenizer.json has them: the `tokenizers` libraries then give the ids that ours do. Its
 * special tokens stand in the vocabulary alone: as added tokens they would be found in texts that spell them.
 */

/** What stands in the vocabulary for the ids that no text has. */
export const PADDING_TOKEN = '[PAD]';
export const UNKNOWN_TOKEN = '[UNK]';

const COMMON = { version: '1.0', truncation: null, padding: null, added_tokens: [], post_processor: null };

/** JavaScript's \s, written out: other regular expressions take U+0085 for a space, and U+FEFF for none. */
const SPACES = '\\t\\n\\v\\f\\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** A tokenizer.json; of what it holds only the normalizer is changed later. */
export interface TokenizerJson {
  readonly normalizer: Normalizer | null;
  readonly [part: string]: unknown;
}

type Normalizer =
  | { readonly type: 'Lowercase' | 'NFC' }
  | { readonly type: 'Sequence'; readonly normalizers: readonly Normalizer[] };

/** The same tokenizer, which brings texts to Unicode's normal form C first. */
export function withNormalForm(tokenizer: TokenizerJson): TokenizerJson {
  const { normalizer } = tokenizer;
  const nfc = { type: 'NFC' } as const;
  return {
    ...tokenizer,
    normalizer: normalizer === null ? nfc : { type: 'Sequence', normalizers: [nfc, normalizer] },
  };
}

/**
 * Lower-cased matches of a pattern, by a vocabulary.
 * @param pattern source of a regular expression; its only \s stands in a class
 * @param words with ids from 2 on
 */
export function wordLevelTokenizer(pattern: string, words: readonly string[]): TokenizerJson {
  // Half a surrogate pair is in no text of UTF-8, and other readers refuse the file: it keeps its id, under a name that
  // no text gives.
  const names = words.map((word, i) => (word.isWellFormed() ? word : `[unused${i + 2}]`));
  const vocab = new Map([PADDING_TOKEN, UNKNOWN_TOKEN, ...names].map((word, id) => [word, id]));
  return {
    ...COMMON,
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: pattern.replace('\\s', SPACES) },
      behavior: 'Removed',
      invert: true,
    },
    decoder: null,
    model: { type: 'WordLevel', vocab: Object.fromEntries(vocab), unk_token: UNKNOWN_TOKEN },
  };
}

/** UTF-8 bytes, id = byte + 1: byte pairs without a single pair. */
export function byteTokenizer(): TokenizerJson {
  const vocab = new Map(Array.from(byteCharacters(), (character, byte) => [character, byte + 1]));
  vocab.set(PADDING_TOKEN, 0);
  return {
    ...COMMON,
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(vocab),
      merges: [],
    },
  };
}

/** GPT-2's characters for bytes: printable ones of Latin-1 for themselves, the others from U+0100 on, in order. */
function byteCharacters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : next++);
  });
}

/** tokenizer_config.json beside a tokenizer.json. */
export function tokenizerConfig(sequenceLength: number, hasUnknown: boolean): unknown {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: sequenceLength,
    truncation_side: 'right',
    padding_side: 'right',
    pad_token: PADDING_TOKEN,
    ...(hasUnknown ? { unk_token: UNKNOWN_TOKEN } : {}),
    clean_up_tokenization_spaces: false,
  };
}
