/**
 * A model family: everything the program knows about a kind of model. A new family is a file beside this one and a
 * line in index.ts; nothing else compares a model's name.
 */
import type * as z from 'zod/mini';
import type { EncoderOptions, Unit } from '../../input/encoder.js';
import type { EncoderName } from '../../input/index.js';
import type { TensorId } from '../../program/program.js';
import type { ModelBuilder } from '../layers.js';
import type { SignalShape } from '../options.js';
import type { Capabilities } from './capabilities.js';
import type { Recipe } from './recipe.js';

export interface Family<C extends CommonConfiguration = CommonConfiguration> {
  readonly name: C['model'];
  /** One line, for help and documentation. */
  readonly summary: string;
  readonly rank: Rank;
  readonly shape: Shape<C>;
  /** What it takes: default, the tokens of any tokenizer. */
  readonly encoder?: EncoderNeeds<C>;
  readonly training: Training<C>;
  /** Emits the model for one sequence and returns its logits, [1, classes]. */
  lower(model: ModelBuilder, configuration: C): TensorId;
  /** What else it can do. */
  readonly capabilities: Capabilities<C>;
}

/** Where a family stands in tables, legends and verdicts. */
export interface Rank {
  /** In tables and legends: smaller comes first. */
  readonly order: number;
  /**
   * A baseline is what people would use otherwise: a verdict compares models with it, and it is left out where
   * architectures are scaled to equal cost.
   */
  readonly baseline: boolean;
}

/** What every configuration has. */
export interface CommonConfiguration {
  readonly model: string;
  /** n: tokens a model takes. */
  readonly sequenceLength: number;
  /** Largest token id; the token table has a padding row besides. */
  readonly vocabulary: number;
  readonly classes: number;
  readonly dropout: number;
  readonly labelSmoothing?: number;
  readonly multiLabel?: true | undefined;
  readonly signal?: SignalShape | undefined;
}

/** The options of a family, and which of them fit together. */
export interface Shape<C> {
  /** Its options with their defaults. */
  readonly schema: z.ZodMiniType<C> & { readonly shape: Readonly<Record<string, z.ZodMiniType>> };
  /** Options that follow from others and were not given. */
  complete?(options: Readonly<Record<string, unknown>>, tokens: Unit): Record<string, unknown>;
  /** What is wrong with options that are each in range; undefined if nothing. */
  fault?(configuration: C): string | undefined;
  /** Rows a sequence can have; default: its tokens. */
  capacity?(configuration: C): number;
}

/** What a family needs of its encoder. */
export interface EncoderNeeds<C> {
  /** The only kind that it can take; default: any tokenizer. */
  readonly kind?: EncoderName;
  /** Options of the encoder; the default vocabulary is the configuration's. */
  options?(configuration: C, unit?: Unit): EncoderOptions;
}

/**
 * How a model learns: by gradients of its program on an engine; as the linear model that it is; by ridge regression of
 * its head; as a kernel machine in closed form; or as a deep path, by gradients, beside a shallow one.
 * `learning/methods` has a file for each.
 */
export type MethodName = 'gradient' | 'linear' | 'ridge' | 'kernel' | 'fused';

/** What besides decides whether cross-validation is possible in the time that few examples are worth. */
export interface FoldOptions {
  readonly signals: boolean;
  /** Options of a training in steps are given: it is wanted, and it needs examples held out. */
  readonly steps: boolean;
  /** Options of layers are given. */
  readonly layers: boolean;
  readonly deepOnly?: boolean | undefined;
  /** Examples have any number of labels: thresholds are to be settled on many that were left out. */
  readonly multiLabel?: boolean;
}

export interface Training<C extends CommonConfiguration = CommonConfiguration> {
  readonly method: MethodName;
  /** Settings where none are given. */
  readonly recipe: Recipe;
  /** Those that follow from how many texts there are to learn from. */
  recipeFor?(examples: number, configuration: C): Partial<Recipe>;
  /**
   * In how many folds it judges itself by cross-validation where no validation data are given: then all examples are
   * learned from. 0: some are held out; absent: always.
   * @param asked `folds` as given
   */
  foldsFor?(examples: number, asked: number | undefined, options: FoldOptions): number;
  /** Options of a training that have no effect on it. */
  readonly ignores?: readonly string[];
}
