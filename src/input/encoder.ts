/** The contract of encoders: from a raw input to token ids. They know neither models nor engines. */
import type * as z from 'zod/mini';
import type { TokenizerJson } from './huggingFace.js';
import type { Input, InputKind } from './input.js';

/** What an encoder learns with. */
export interface EncoderOptions {
  /** Largest id of a token of its own; encoders with a fixed alphabet pass it over. Default 10,000. */
  readonly vocabulary?: number | undefined;
  /** Longest n-gram; 1 = tokens alone. */
  readonly ngrams?: number | undefined;
  /** Rows for hashed n-grams; 0 = none. */
  readonly buckets?: number | undefined;
  /** What n-grams are of, for encoders that know several kinds. Default: words. */
  readonly unit?: NgramUnit | undefined;
  /** Lengths of the n-grams that count, for encoders of n-grams. Default: by unit, up to the longest. */
  readonly orders?: readonly number[] | undefined;
  /** Whether signs stand among the words. Default: with presence. */
  readonly signs?: boolean | undefined;
  /** Training inputs that an n-gram must stand in. Default: by unit and length. */
  readonly least?: number | undefined;
  /** Several encoders of n-grams whose features are joined. */
  readonly views?: readonly EncoderOptions[] | undefined;
  /** Tokens that will be read of an input: more need not be learned from. Default: all. */
  readonly maxLength?: number | undefined;
  /** How tokens are weighted, for encoders that do. */
  readonly weighting?: Weighting | undefined;
  /** Steps of a signal that make a frame. */
  readonly patch?: number | undefined;
  /** For encoders that draw something at random. */
  readonly seed?: number | undefined;
}

/** `presence`: all alike; `tf-idf`: more if frequent in the text, less if many texts have them. */
export const WEIGHTINGS = ['presence', 'tf-idf'] as const;
export type Weighting = (typeof WEIGHTINGS)[number];

export const UNITS = ['words', 'bytes'] as const;
export type Unit = (typeof UNITS)[number];

/**
 * What n-grams are of: besides, words of the first line, characters within words, and characters or bytes with the place
 * where they stand.
 */
export const NGRAM_UNITS = [...UNITS, 'title', 'chars', 'positions'] as const;
export type NgramUnit = (typeof NGRAM_UNITS)[number];

/** What an encoder makes of an input. */
export interface Encoded {
  readonly ids: Int32Array;
  /** One for each id; absent: all alike. */
  readonly weights?: Float32Array;
  /** Of signals: the numbers of every row. */
  readonly frames?: Float32Array;
}

/** Ranges of an input's tokens, from … to − 1, that are one sequence together. */
export type Section = readonly (readonly [from: number, to: number])[];

/** Learned numbers of an encoder that are too many for JSON; kept beside the model's weights. */
export type EncoderArrays = ReadonlyMap<
  string,
  Uint8Array | Uint16Array | Uint32Array | Int8Array | Int32Array | Float32Array | Float64Array
>;

/** A piece of an input that has an id. */
export interface Piece {
  readonly id: number;
  readonly weight: number;
  /** As it reads. */
  readonly text: string;
}

/**
 * Ids are 1 … `vocabulary` (0 is padding and never comes out of `encode`). With hashed n-grams ids
 * `vocabulary + 1 … vocabulary + buckets` follow the tokens' own.
 */
export interface Encoder<I extends Input = Input> {
  /** Name of its kind in the registry. */
  readonly kind: string;
  /** Default: texts. */
  readonly inputKind?: InputKind;
  /** Of signals: steps of a row. */
  readonly patch?: number;
  /** The rows of an input that is cut (between rows of its steps) are those of its pieces. */
  readonly piecewise?: true;
  /** Of signals: numbers a step, and steps a second where the training's said. */
  readonly channels?: number;
  readonly rate?: number | undefined;
  /** Numbers of the one row that it makes of an input, where it makes one. */
  readonly rowWidth?: number;
  /** Of sounds as frames of their spectrum: numbers a channel of each frame. */
  readonly bands?: number;
  /** Largest id of a token; the token table of a model has `vocabulary + buckets + 1` rows. */
  readonly vocabulary: number;
  /** Rows of the token table for hashed n-grams; 0 = none. */
  readonly buckets: number;
  /** Id of the most frequent word, where ids are words in order of their frequency. */
  readonly firstWord?: number;
  /** Longest n-gram that has an id; 1 = tokens alone. */
  readonly ngrams: number;
  /**
   * The first `maxLength` tokens of the input (then, with n-grams, the n-grams of those tokens). At least one id: an
   * input without any token gives the unknown token alone.
   */
  encode(input: I, maxLength: number): Encoded;
  /**
   * What `encode` gives, together with what else is asked for at this moment, on up to as many threads; absent where
   * `encode` is quick enough.
   */
  encodeTogether?(input: I, maxLength: number, threads: number): Promise<Encoded>;
  /** Number of its tokens, or steps; 0 for one without any. */
  count(input: I): number;
  /**
   * A sequence for each section of its tokens, as `encode` would make it of them alone: each when it is taken, so that
   * others can have the thread in between. Other inputs may be encoded meanwhile.
   */
  encodeSections(input: I, sections: readonly Section[]): Iterable<Encoded>;
  /** Share of the input's first `maxLength` tokens that the vocabulary knows, 0 … 1 (0 for one without tokens). */
  knownShare(input: I, maxLength: number): number;
  /** Whether words of scripts without spaces are found by the runtime's dictionaries, which takes time. */
  readonly usesDictionaries?: boolean;
  /** Why this runtime may encode differently than the one that learned; undefined if it does not. */
  readonly warning?: string | undefined;
  /** What is saved: an object with the `format` of its kind. */
  toJSON(): unknown;
  /** The same as Hugging Face's tokenizer.json; absent, or undefined, where that format cannot say it. */
  toTokenizerJson?(): TokenizerJson | undefined;
  /** Saved besides, if any. */
  readonly arrays?: EncoderArrays;
  /** The pieces behind the ids that `encode` gives, in that order; absent where a model's evidence is no sum over them. */
  pieces?(input: I, maxLength: number): Piece[];
}

/**
 * Learns from inputs that are seen once: what it notes of each serves to encode it when all have been seen. Memory does
 * not grow with their number.
 */
export interface Transcriber<I extends Input = Input> {
  /**
   * What is noted of an input of which the first `maxLength` tokens are wanted; it holds until the next call.
   * @param group 0 or 1: the encoder may learn from it; undefined: it must not
   */
  note(input: I, maxLength: number, group: number | undefined): Int32Array;
  /** Number of tokens of the input noted last; of one that it must not learn from perhaps of those noted alone. */
  readonly tokens: number;
  /** The last call. @param groups those that are learned from */
  finish(groups: readonly number[]): {
    readonly encoder: Encoder<I>;
    /** What `encode` and `knownShare` give for the input of which this was noted. */
    encode(note: Int32Array): { readonly ids: Int32Array; readonly knownShare: number };
  };
}

/** A kind of encoder. A new one is a file beside this and a line in index.ts. */
export interface EncoderKind<I extends Input, Saved extends { format: string }> {
  /** For help. */
  readonly summary: string;
  /** Default: texts. */
  readonly inputKind?: InputKind;
  /** Loads what its encoders work with, before the first of them learns or encodes. */
  prepare?(): Promise<void>;
  /** Learns from training inputs alone. */
  learn(inputs: Iterable<I>, options: EncoderOptions): Encoder<I>;
  /** Learns in one pass; absent where that is not possible. Learns what `learn` would. */
  transcribe?(options: EncoderOptions): Transcriber<I>;
  /** What its encoders save. */
  readonly saved: z.ZodMiniType<Saved> & { readonly shape: { readonly format: z.ZodMiniLiteral<string> } };
  /** An encoder from what it saved; throws Error saying what does not fit. */
  load(saved: Saved, arrays: EncoderArrays): Encoder<I>;
}
