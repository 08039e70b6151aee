/** Several encoders of n-grams side by side: their features joined, those of each scaled to a length of its own. */
import * as z from 'zod/mini';
import type {
  Encoded,
  Encoder,
  EncoderArrays,
  EncoderKind,
  EncoderOptions,
  Piece,
  Section,
} from './encoder.js';
import type { Input } from './input.js';
import { loadNgrams, NgramEncoder, savedNgrams, TEXT_LENGTH } from './ngrams.js';

const saved = z.strictObject({
  format: z.literal('elastic-fourier/views'),
  version: z.literal(1),
  views: z.array(savedNgrams).check(z.minLength(1)),
});
type Saved = z.infer<typeof saved>;

/** In `lengths`, and before the names of a view's own arrays. */
const LENGTHS = 'lengths';
const nameOf = (view: number, array: string): string => `${view}.${array}`;

/** One with no features left says nothing: it is not asked. */
export class ViewsEncoder implements Encoder {
  readonly kind = 'views';
  readonly inputKind: 'text' | 'bytes';
  readonly vocabulary: number;
  readonly buckets = 0;
  /** Of the first view, whose tokens are those of the encoder. */
  readonly ngrams: number;
  readonly views: readonly NgramEncoder[];
  /** Features of each view. */
  readonly sizes: readonly number[];
  /** What stands before the ids of each view. */
  readonly firsts: readonly number[];
  /** Euclidean length of a text's weights in each view. */
  readonly lengths: Float32Array;

  constructor(views: readonly NgramEncoder[], lengths?: Float32Array) {
    this.views = views;
    this.ngrams = Math.max(...views.filter(({ unit }) => unit === views[0].unit).map(({ ngrams }) => ngrams));
    this.sizes = views.map(({ size }) => size);
    this.lengths = lengths ?? new Float32Array(views.length).fill(TEXT_LENGTH);
    let first = 0;
    this.firsts = this.sizes.map((size) => {
      first += size;
      return first - size;
    });
    // Models have two rows at least.
    this.vocabulary = Math.max(2, first);
    this.inputKind = views.some(({ inputKind }) => inputKind === 'bytes') ? 'bytes' : 'text';
  }

  static learn(inputs: Iterable<Input>, { views = [], maxLength, vocabulary }: EncoderOptions): ViewsEncoder {
    const all = [...inputs];
    return new ViewsEncoder(
      views.map((options) => NgramEncoder.learn(all, { maxLength, vocabulary, ...options })),
    );
  }

  /**
   * An encoder of some of these features.
   * @param ids ascending
   * @param lengths of the views, if others
   */
  select(ids: Int32Array, lengths = this.lengths): ViewsEncoder {
    return new ViewsEncoder(
      this.views.map((view, v) => {
        const [first, size] = [this.firsts[v], this.sizes[v]];
        return view.select(ids.filter((id) => id > first && id <= first + size).map((id) => id - first));
      }),
      lengths,
    );
  }

  encode(input: Input, maxLength: number): Encoded {
    const share = this.#shareOf(input, maxLength);
    return this.#joined((view, v) => view.encode(input, this.#most(view, v, input, maxLength, share)));
  }

  count(input: Input): number {
    return this.views[0].count(input);
  }

  encodeSections(input: Input, sections: readonly Section[]): Iterable<Encoded> {
    const count = this.count(input);
    const parts = this.views.map((view, v) => {
      if (this.sizes[v] === 0) return [];
      const own = v === 0 ? count : view.count(input);
      // Other views have other tokens: the same share of them.
      const at = (place: number): number => (count === 0 ? 0 : Math.round((place / count) * own));
      const scaled = sections.map((section) => section.map(([from, to]) => [at(from), at(to)] as const));
      return [...view.encodeSections(input, scaled)];
    });
    return sections.map((_, i) => this.#joined((_view, v) => parts[v][i]));
  }

  /** @param of what a view that has features makes of the input */
  #joined(of: (view: NgramEncoder, v: number) => Encoded): Encoded {
    const parts: { readonly v: number; readonly encoded: Encoded }[] = [];
    this.views.forEach((view, v) => {
      if (this.sizes[v] === 0) return;
      const encoded = of(view, v);
      // Where a view knows nothing of an input, it gives an id without weight.
      if (encoded.weights![0] !== 0) parts.push({ v, encoded });
    });
    const count = parts.reduce((sum, { encoded }) => sum + encoded.ids.length, 0);
    if (count === 0) return { ids: Int32Array.of(1), weights: Float32Array.of(0) };
    const ids = new Int32Array(count);
    const weights = new Float32Array(count);
    let at = 0;
    for (const { v, encoded } of parts) {
      const [first, factor] = [this.firsts[v], this.lengths[v] / TEXT_LENGTH];
      for (let i = 0; i < encoded.ids.length; i++, at++) {
        ids[at] = first + encoded.ids[i];
        weights[at] = factor * encoded.weights![i];
      }
    }
    return { ids, weights };
  }

  /** Share of the input that `maxLength` tokens of the first view are. */
  #shareOf(input: Input, maxLength: number): number {
    const count = Number.isFinite(maxLength) ? this.count(input) : 0;
    return count <= maxLength ? 1 : maxLength / count;
  }

  #most(view: NgramEncoder, v: number, input: Input, maxLength: number, share: number): number {
    if (v === 0) return maxLength;
    return share === 1 ? Number.POSITIVE_INFINITY : Math.ceil(share * view.count(input));
  }

  /** Of the first view that has features: in the others it is about the same. */
  knownShare(input: Input, maxLength: number): number {
    const v = Math.max(
      0,
      this.sizes.findIndex((size) => size > 0),
    );
    const share = this.#shareOf(input, maxLength);
    return this.views[v].knownShare(input, this.#most(this.views[v], v, input, maxLength, share));
  }

  pieces(input: Input, maxLength: number): Piece[] {
    const share = this.#shareOf(input, maxLength);
    return this.views.flatMap((view, v) => {
      if (this.sizes[v] === 0) return [];
      const [first, factor] = [this.firsts[v], this.lengths[v] / TEXT_LENGTH];
      return view
        .pieces(input, this.#most(view, v, input, maxLength, share))
        .map(({ id, weight, text }) => ({ id: first + id, weight: factor * weight, text }));
    });
  }

  get usesDictionaries(): boolean {
    return this.views.some(({ usesDictionaries }) => usesDictionaries);
  }

  get warning(): string | undefined {
    return this.views.map(({ warning }) => warning).find((warning) => warning !== undefined);
  }

  toJSON(): Saved {
    return {
      format: 'elastic-fourier/views',
      version: 1,
      views: this.views.map((view) => view.toJSON()),
    };
  }

  get arrays(): EncoderArrays {
    const own = this.views.flatMap(({ arrays }, v) =>
      Array.from(arrays, ([name, values]) => [nameOf(v, name), values] as const),
    );
    return new Map([[LENGTHS, this.lengths], ...own]);
  }
}

export const views: EncoderKind<Input, Saved> = {
  summary: 'n-grams of several kinds, joined',
  learn: (inputs, options) => ViewsEncoder.learn(inputs, options),
  saved,
  load(content, arrays) {
    const lengths = arrays.get(LENGTHS);
    if (!(lengths instanceof Float32Array) || lengths.length !== content.views.length) {
      throw new Error("its 'lengths' do not fit its views");
    }
    if (!lengths.every((length) => Number.isFinite(length) && length >= 0)) {
      throw new Error("its 'lengths' are none");
    }
    const all = content.views.map((view, v) => {
      const prefix = nameOf(v, '');
      const own = [...arrays].filter(([name]) => name.startsWith(prefix));
      return loadNgrams(view, new Map(own.map(([name, values]) => [name.slice(prefix.length), values])));
    });
    return new ViewsEncoder(all, lengths);
  },
};
