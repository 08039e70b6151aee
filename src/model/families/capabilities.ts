/**
 * What only some families can do. Each capability is one small object; a family lists those it has, and whoever needs one
 * asks `familyOf(model).capabilities` for it. A family without any is trained on texts, of one sequence length, in memory.
 */
import type { TensorId } from '../../program/program.js';
import type { ModelBuilder } from '../layers.js';
import type { Recipe } from './recipe.js';

type Parameters = ReadonlyMap<string, Float32Array>;

export interface Capabilities<C> {
  /** Its parameters do not depend on the sequence length: weights of one length work at any other. */
  readonly anyLength?: true;
  readonly signals?: SignalTraining;
  readonly evidence?: Evidential<C>;
  readonly blockwise?: Blockwise<C>;
  readonly wordVectors?: WordVectorTable;
  readonly shallowPath?: ShallowPathUse<C>;
  readonly storage?: IntegerStorage<C>;
  readonly scaling?: Growth<C>;
}

/** It takes signals: sounds and series. */
export interface SignalTraining {
  /**
   * Settings of its training where none are given, in place of those for texts.
   * @param examples to learn from
   * @param sounds whether they are sounds
   */
  recipe(examples: number, sounds?: boolean): Partial<Recipe>;
  /** Centres that a model of so many examples and classes has room for; absent: it has none. */
  centres?(examples: number, classes: number): number;
}

/** Its logits are sums over tokens: it can say which of them decided. */
export interface Evidential<C> {
  /**
   * What a token with weight 1 adds to the logits of each class, in nats.
   * @param parameters by name
   */
  of(parameters: Parameters, configuration: C, id: number): Float64Array;
}

/** Each of its rows depends on few others: it reads inputs of any length, one block of rows after another. */
export interface Blockwise<C> {
  /** Rows to each side that a row depends on, at most. */
  reach(configuration: C): number;
  /** Emits what is pooled, [tokens, columns]: the model's own arithmetic up to there. */
  rows(model: ModelBuilder, configuration: C): TensorId;
  pooling(configuration: C): RowPooling;
}

/** From rows to the one row that the layer `head` takes. */
export interface RowPooling {
  /** Cosine modes of the position, as the operation `cosinePool` has them, of so many of the first columns. */
  readonly modes: number;
  readonly columns: number;
  /** After them, the maximum of each of these columns, through a GELU if `gelu`. */
  readonly largest: { readonly first: number; readonly columns: number };
  readonly gelu: boolean;
}

/** Its token table begins with vectors of the words, learned from the training texts; for encoders that have words. */
export interface WordVectorTable {
  /** Name of the parameter. */
  readonly table: string;
  /** Standard deviation of the vectors' numbers. */
  readonly deviation: number;
}

/** The logits of another model, which has no layers and is trained quickly, are added to its own. */
export interface ShallowPathUse<C> {
  /** Names of the families that are tried for it; none: this configuration has no such path. */
  families(configuration: C): readonly string[];
}

/** Its files hold whole numbers where its training may leave any. */
export interface IntegerStorage<C> {
  /**
   * The weights as files keep them.
   * @param parameters by name
   */
  rounded(parameters: Parameters, configuration: C): Parameters;
}

/** It can be scaled until it costs what another model does (`--match`). */
export interface Growth<C> {
  readonly width: Scaling<C>;
  readonly depth: Scaling<C>;
  readonly hidden: HiddenWidth<C>;
}

/** One way to make a model larger. */
export interface Scaling<C> {
  /** Sizes from 1 to `largest(c)`, and the one that `c` has. */
  size(c: C): number;
  largest(c: C): number;
  resize(c: C, size: number): C;
}

/** The width that takes up what is left of a difference in cost after scaling. */
export interface HiddenWidth<C> {
  of(c: C): number;
  with(c: C, hidden: number): C;
}
