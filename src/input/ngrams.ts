/**
 * N-grams of words or of bytes, each with a weight: what a linear model takes. Kept as sorted 32-bit hashes, not as
 * strings.
 */
import * as z from 'zod/mini';
import { ByteHashes } from './byteHashes.js';
import { requireBytes } from './bytes.js';
import {
  CharacterHashes,
  LINE_BREAK,
  MOST_PLACES,
  PlaceHashes,
  shownCharacters,
  shownPlaces,
} from './characterHashes.js';
import { DocumentCounts } from './documentCounts.js';
import {
  type Encoded,
  type Encoder,
  type EncoderArrays,
  type EncoderKind,
  type EncoderOptions,
  NGRAM_UNITS,
  type NgramUnit,
  type Piece,
  type Section,
  WEIGHTINGS,
  type Weighting,
} from './encoder.js';
import { HashIndex } from './hashIndex.js';
import type { Input } from './input.js';
import { mapEach, takeSection } from './long.js';
import { requireText } from './requireText.js';
import { needsSegmentation, segmentation } from './segmentation.js';
import { hashOnto, isWord, TokenHashes } from './tokenHashes.js';
import { tokensOf } from './tokens.js';

/** Euclidean length of a text's weights: numbers that steps of one size suit, however long texts are. */
export const TEXT_LENGTH = 16;

/**
 * Longer n-grams of one training text say too little; where there are only words, all of them have a place. N-grams of
 * bytes are many more, and those of few texts are mostly parts of longer ones.
 */
const leastTexts = (ngrams: number, unit: NgramUnit): number => (unit === 'bytes' ? 5 : ngrams === 1 ? 1 : 2);

/** Lengths of the n-grams of bytes: those between say what these do (docs/research.md). */
const BYTE_ORDERS: readonly number[] = [1, 2, 3, 5, 7];

/** By length, whether n-grams of it count. */
const ordersOf = (unit: NgramUnit, ngrams: number, orders?: readonly number[]): readonly boolean[] =>
  Array.from(
    { length: ngrams + 1 },
    (_, order) => orders?.includes(order) ?? (unit !== 'bytes' || BYTE_ORDERS.includes(order)),
  );

/** Inverse document frequencies are kept in sixteenths. */
const STEPS = 16;

/** Longest n-grams there are. */
export const MOST_NGRAMS = 8;

export const savedNgrams = z.strictObject({
  format: z.literal('elastic-fourier/ngrams'),
  version: z.literal(1),
  ngrams: z.int().check(z.gte(1), z.lte(MOST_NGRAMS)),
  weighting: z.enum(WEIGHTINGS),
  /** Absent: words. */
  unit: z.optional(z.enum(NGRAM_UNITS)),
  /** Lengths that count; absent: by unit. */
  orders: z.optional(z.array(z.int().check(z.gte(1), z.lte(MOST_NGRAMS))).check(z.minLength(1))),
  /** Absent: with presence. */
  signs: z.optional(z.boolean()),
  /** The dictionaries that made the words of scripts without spaces; absent where there were none. */
  segmentation: z.optional(z.string()),
});
type Saved = z.infer<typeof savedNgrams>;

/** Punctuation says much of a judgement, little of a subject, and its n-grams are many. */
const hasSigns = ({ weighting, signs }: EncoderOptions): boolean => signs ?? weighting !== 'tf-idf';

/** Hashes of an input's tokens. */
interface Hashes {
  readonly values: Int32Array;
  readonly count: number;
  /** Of each token where n-grams that begin there must have ended; absent: with the input. */
  readonly ends?: Int32Array;
  read(input: Input, maxLength: number): void;
}

const NOTHING: Features = { hashes: new Uint32Array() };

/** Places say something where nearly all inputs have the same length, and a short one. */
const ALIKE = 0.95;

/** @param lengths of inputs, and how many have each */
function areAlike(lengths: ReadonlyMap<number, number>): boolean {
  const all = [...lengths.values()].reduce((sum, count) => sum + count, 0);
  return [...lengths].some(([length, count]) => length <= MOST_PLACES && count >= ALIKE * all);
}

/** Takes places and first tokens of the `known` n-grams of a length that have an id. */
type Taker = (places: Int32Array, starts: Int32Array, known: number, order: number) => void;

/** How an n-gram reads. */
type Shown = (start: number, length: number) => string;

/** A text's first line, where it has more than one. */
function titleOf(text: string): string {
  const end = text.trimStart().search(/[\r\n]/);
  return end < 0 ? '' : text.trimStart().slice(0, end);
}

class WordHashes implements Hashes {
  readonly #tokens: TokenHashes;
  readonly #title: boolean;

  constructor(signs: boolean, title: boolean) {
    this.#tokens = new TokenHashes(signs);
    this.#title = title;
  }

  get values(): Int32Array {
    return this.#tokens.values;
  }

  get count(): number {
    return this.#tokens.count;
  }

  read(input: Input, maxLength: number): void {
    const text = requireText(input);
    this.#tokens.read(this.#title ? titleOf(text) : text, maxLength);
  }
}

function hashesOf(options: EncoderOptions): Hashes {
  switch (options.unit) {
    case 'bytes':
      return new ByteHashes();
    case 'chars':
      return new CharacterHashes();
    case 'positions':
      return new PlaceHashes();
    default:
      return new WordHashes(hasSigns(options), options.unit === 'title');
  }
}

/** The hash of an n-gram that begins at a place. */
const hashAt = (hash: number, place: number): number => hashOnto(hash, place + 1);

const LATIN1 = new TextDecoder('latin1');

/** Bytes as people can read them: \\x and two digits for those that are no ASCII signs. */
const shownBytes =
  (bytes: Uint8Array): Shown =>
  (start, length) =>
    LATIN1.decode(bytes.subarray(start, start + length)).replace(
      /[^\x20-\x7e]/g,
      (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );

interface Features {
  /** Ascending. */
  readonly hashes: Uint32Array;
  /** Inverse document frequencies, for tf-idf. */
  readonly scales?: Uint8Array;
}

/**
 * Ids 1, 2, … in order of the hashes. Weights of a text: 1 for presence, or (1 + ln count) · idf with
 * idf = 1 + ln((1 + texts) / (1 + texts that have it)) (Salton & Buckley 1988), all scaled to the length 16.
 */
export class NgramEncoder implements Encoder {
  readonly kind = 'ngrams';
  readonly inputKind: 'text' | 'bytes';
  readonly vocabulary: number;
  readonly buckets = 0;
  readonly ngrams: number;
  readonly weighting: Weighting;
  /** What its n-grams are of. */
  readonly unit: NgramUnit;
  readonly orders: readonly number[] | undefined;
  readonly signs: boolean | undefined;
  /** The dictionaries by which its words were found, if any. */
  readonly segmentation: string | undefined;
  readonly #features: Features;
  readonly #index: HashIndex;
  /** How often the text at hand has each; all 0 between texts. */
  readonly #counts: Int32Array;
  readonly #tokens: Hashes;
  readonly #orders: readonly boolean[];
  /** Whose hashes they are, and of how many of its first tokens at most. */
  #text: string | undefined;
  #limit = 0;
  #ids = new Int32Array(4096);
  /** N-grams that begin at each token: the one of the order at hand. */
  #begun = new Int32Array(1024);
  /** Those of them that end in time, and where they begin. */
  #wanted = new Int32Array(0);
  #starts = new Int32Array(0);

  constructor(
    features: Features,
    { ngrams = 1, weighting = 'presence', unit = 'words', orders, signs }: EncoderOptions = {},
    usedSegmentation?: string,
  ) {
    const { hashes } = features;
    // Models have two rows at least.
    this.vocabulary = Math.max(2, hashes.length);
    this.ngrams = ngrams;
    this.weighting = weighting;
    this.unit = unit;
    this.orders = orders;
    this.signs = signs;
    this.inputKind = unit === 'bytes' ? 'bytes' : 'text';
    this.segmentation = usedSegmentation;
    this.#features = features;
    this.#tokens = hashesOf({ unit, weighting, signs });
    this.#orders = ordersOf(unit, ngrams, orders);
    this.#counts = new Int32Array(hashes.length + 1);
    this.#index = new HashIndex(hashes);
  }

  /** Learns the n-grams of at least two texts (words alone: of any), of many the `vocabulary` that most texts have. */
  static learn(inputs: Iterable<Input>, options: EncoderOptions = {}): NgramEncoder {
    const { ngrams = 1, weighting = 'presence', vocabulary = Number.POSITIVE_INFINITY } = options;
    const { unit = 'words' } = options;
    const counts = new DocumentCounts();
    const tokens = hashesOf({ ...options, weighting });
    const orders = ordersOf(unit, ngrams, options.orders);
    let segmented = false;
    const lengths = new Map<number, number>();
    for (const input of inputs) {
      if (unit === 'words' || unit === 'title') segmented ||= needsSegmentation(requireText(input));
      tokens.read(input, options.maxLength ?? Number.POSITIVE_INFINITY);
      lengths.set(tokens.count, 1 + (lengths.get(tokens.count) ?? 0));
      counts.begin(tokens.count * ngrams);
      for (let start = 0; start < tokens.count; start++) {
        const end = Math.min(tokens.ends?.[start] ?? tokens.count, start + ngrams);
        let hash = tokens.values[start];
        for (let i = start; i < end; i++) {
          if (i > start) hash = hashOnto(hash, tokens.values[i]);
          if (orders[i - start + 1]) counts.add(unit === 'positions' ? hashAt(hash, start) : hash);
        }
      }
    }
    if (unit === 'positions' && !areAlike(lengths)) return new NgramEncoder(NOTHING, options);
    const { hashes, texts: having } = counts.frequent(options.least ?? leastTexts(ngrams, unit), vocabulary);
    const scale = (texts: number): number =>
      Math.min(255, Math.round(STEPS * (1 + Math.log((1 + counts.count) / (1 + texts)))));
    const scales = weighting === 'tf-idf' ? { scales: Uint8Array.from(having, scale) } : {};
    return new NgramEncoder({ hashes, ...scales }, options, segmented ? segmentation() : undefined);
  }

  /** An encoder of some of these n-grams. @param ids ascending */
  select(ids: Int32Array): NgramEncoder {
    const { hashes, scales } = this.#features;
    const chosen = {
      hashes: Uint32Array.from(ids, (id) => hashes[id - 1]),
      ...(scales ? { scales: Uint8Array.from(ids, (id) => scales[id - 1]) } : {}),
    };
    return new NgramEncoder(chosen, this, this.segmentation);
  }

  /** Features: as many as ids, but where a model would have too few rows. */
  get size(): number {
    return this.#features.hashes.length;
  }

  get usesDictionaries(): boolean {
    return this.unit === 'words' || this.unit === 'title';
  }

  encode(input: Input, maxLength: number): Encoded {
    const count = this.#readTokens(input, maxLength);
    return this.#sequence(this.#tokens.values, count);
  }

  count(input: Input): number {
    return this.#readTokens(input, Number.POSITIVE_INFINITY);
  }

  encodeSections(input: Input, sections: readonly Section[]): Iterable<Encoded> {
    const count = this.#readTokens(input, Number.POSITIVE_INFINITY);
    const hashes = this.#tokens.values.slice(0, count);
    return mapEach(sections, (section) => {
      const selected = takeSection(hashes, section);
      return this.#sequence(selected, selected.length);
    });
  }

  /** @param values hashes of its tokens, `count` of them */
  #sequence(values: Int32Array, count: number): Encoded {
    const found = this.#find(values, count);
    // No id would be no sequence; the first one with weight 0 says as little as none.
    if (found === 0) return { ids: Int32Array.of(1), weights: Float32Array.of(0) };
    const ids = this.#ids.slice(0, found);
    const weights = new Float32Array(found);
    const { scales } = this.#features;
    let square = 0;
    for (let i = 0; i < found; i++) {
      const id = ids[i];
      const count = this.#counts[id];
      this.#counts[id] = 0;
      const weight =
        scales === undefined ? 1 : (count === 1 ? 1 : 1 + Math.log(count)) * (scales[id - 1] / STEPS);
      weights[i] = weight;
      square += weight * weight;
    }
    const factor = TEXT_LENGTH / Math.sqrt(square);
    for (let i = 0; i < found; i++) weights[i] *= factor;
    return { ids, weights };
  }

  /** Share of the tokens that stand in some n-gram with an id. */
  knownShare(input: Input, maxLength: number): number {
    const count = this.#readTokens(input, maxLength);
    if (count === 0) return 0;
    const known = new Uint8Array(count);
    this.#visit(count, (_, start, length) => {
      known.fill(1, start, start + length);
    });
    return known.reduce((sum, one) => sum + one, 0) / count;
  }

  pieces(input: Input, maxLength: number): Piece[] {
    const { ids, weights } = this.encode(input, maxLength);
    const count = this.#readTokens(input, maxLength);
    const read = this.#shown(input, count);
    const texts = new Map<number, string>();
    this.#visit(count, (id, start, length) => {
      if (!texts.has(id)) texts.set(id, read(start, length));
    });
    const weightOf = new Map(Array.from(ids, (id, i) => [id, weights![i]]));
    return [...texts].map(([id, text]) => ({ id, weight: weightOf.get(id)!, text }));
  }

  #shown(input: Input, count: number): Shown {
    switch (this.unit) {
      case 'bytes':
        return shownBytes(requireBytes(input));
      case 'chars':
        return shownCharacters(requireText(input));
      case 'positions':
        return shownPlaces(input);
      default:
        return this.#shownWords(input, count);
    }
  }

  #shownWords(input: Input, count: number): Shown {
    const words: string[] = [];
    const text = requireText(input);
    for (const token of tokensOf((this.unit === 'title' ? titleOf(text) : text).replace(LINE_BREAK, ' '))) {
      if (words.length === count) break;
      if (hasSigns(this) || isWord(token)) words.push(token);
    }
    return (start, length) => words.slice(start, start + length).join(' ');
  }

  get warning(): string | undefined {
    if (this.segmentation === undefined || this.segmentation === segmentation()) return undefined;
    return `words without spaces between them were found by the dictionaries of ${this.segmentation} in training, here by those of ${segmentation()}: some may be cut differently`;
  }

  toJSON(): Saved {
    const { ngrams, weighting, unit, orders, signs } = this;
    return {
      format: 'elastic-fourier/ngrams',
      version: 1,
      ngrams,
      weighting,
      ...(unit === 'words' ? {} : { unit }),
      ...(orders === undefined ? {} : { orders: [...orders] }),
      ...(signs === undefined ? {} : { signs }),
      ...(this.segmentation === undefined ? {} : { segmentation: this.segmentation }),
    };
  }

  get arrays(): EncoderArrays {
    return new Map(Object.entries(this.#features));
  }

  /** Hashes of the first tokens into #tokens. @returns how many */
  #readTokens(input: Input, maxLength: number): number {
    const tokens = this.#tokens;
    // Who counts a text's tokens encodes it next. What is no text may have changed since.
    const known =
      typeof input === 'string' &&
      input === this.#text &&
      (tokens.count < this.#limit || maxLength <= this.#limit);
    if (!known) {
      tokens.read(input, maxLength);
      this.#text = typeof input === 'string' ? input : undefined;
      this.#limit = maxLength;
    }
    return Math.min(tokens.count, maxLength);
  }

  /** Ids of the tokens' n-grams, each once, into #ids, and how often the text has them into #counts. */
  #find(values: Int32Array, count: number): number {
    if (this.#ids.length < count * this.ngrams) this.#ids = new Int32Array(2 * count * this.ngrams);
    const [ids, counts] = [this.#ids, this.#counts];
    let found = 0;
    this.#eachOrder(values, count, (places, _, known) => {
      for (let i = 0; i < known; i++) {
        const id = places[i] + 1;
        ids[found] = id;
        found += counts[id]++ === 0 ? 1 : 0;
      }
    });
    return found;
  }

  /** Every n-gram with an id of the first tokens read last, in the order of `#find`. */
  #visit(count: number, visit: (id: number, start: number, length: number) => void): void {
    this.#eachOrder(this.#tokens.values, count, (places, starts, known, order) => {
      for (let i = 0; i < known; i++) visit(places[i] + 1, starts[i], order);
    });
  }

  /** Places and first tokens of the n-grams that have an id, those of one token first, then those of two and so on. */
  #eachOrder(values: Int32Array, count: number, take: Taker): void {
    if (this.#begun.length < count) this.#begun = new Int32Array(2 * count);
    const [begun, index] = [this.#begun, this.#index];
    if (this.unit === 'chars' || this.unit === 'positions') {
      this.#eachWithin(values, count, take);
      return;
    }
    for (let order = 1; order <= this.ngrams && order <= count; order++) {
      const starts = count - order + 1;
      if (order === 2) for (let i = 0; i < starts; i++) begun[i] = hashOnto(values[i], values[i + 1]);
      else if (order > 2)
        for (let i = 0; i < starts; i++) begun[i] = hashOnto(begun[i], values[i + order - 1]);
      if (!this.#orders[order]) continue;
      const known = index.find(order === 1 ? values : begun, starts);
      take(index.places, index.numbers, known, order);
    }
  }

  /** The same for n-grams that end with their word, or know their place. */
  #eachWithin(values: Int32Array, count: number, take: Taker): void {
    const [begun, index, placed] = [this.#begun, this.#index, this.unit === 'positions'];
    const ends = placed ? undefined : (this.#tokens.ends as Int32Array);
    if (this.#wanted.length < count) {
      this.#wanted = new Int32Array(2 * count);
      this.#starts = new Int32Array(2 * count);
    }
    const [wanted, starts] = [this.#wanted, this.#starts];
    for (let order = 1; order <= this.ngrams && order <= count; order++) {
      let many = 0;
      for (let i = 0; i + order <= count; i++) {
        begun[i] = order === 1 ? values[i] : hashOnto(begun[i], values[i + order - 1]);
        if (ends !== undefined && i + order > ends[i]) continue;
        wanted[many] = placed ? hashAt(begun[i], i) : begun[i];
        starts[many++] = i;
      }
      if (!this.#orders[order]) continue;
      const known = index.find(wanted, many);
      const { numbers } = index;
      for (let i = 0; i < known; i++) numbers[i] = starts[numbers[i]];
      take(index.places, numbers, known, order);
    }
  }
}

export const ngrams: EncoderKind<Input, Saved> = {
  summary: 'n-grams of words or bytes with weights, in no order',
  learn: (inputs, options) => NgramEncoder.learn(inputs, options),
  saved: savedNgrams,
  load: (content, arrays) => loadNgrams(content, arrays),
};

/** @param content as it was saved. Throws Error saying what does not fit. */
export function loadNgrams(content: Saved, arrays: EncoderArrays): NgramEncoder {
  const hashes = arrays.get('hashes');
  const scales = arrays.get('scales');
  if (!(hashes instanceof Uint32Array)) throw new Error("its 'hashes' are missing");
  if (hashes.some((hash, i) => i > 0 && hash <= hashes[i - 1])) throw new Error('its hashes are in no order');
  if ((content.weighting === 'tf-idf') !== (scales !== undefined)) throw new Error("its 'scales' do not fit");
  if (scales === undefined) return new NgramEncoder({ hashes }, content, content.segmentation);
  if (!(scales instanceof Uint8Array) || scales.length !== hashes.length || scales.includes(0))
    throw new Error("its 'scales' do not fit its hashes");
  return new NgramEncoder({ hashes, scales }, content, content.segmentation);
}
