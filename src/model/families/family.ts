/**
 * A model family: everything the program knows about a kind of model. A new family is a file beside this one and a
 * line in index.ts; nothing else compares a model's name.
 */
import type * as z from 'zod';
import type { EncoderOptions, Unit } from '../../input/encoder.js';
import type { EncoderName } from '../../input/index.js';
import type { TensorId } from '../../program/program.js';
import type { ModelBuilder } from '../layers.js';
import type { SignalShape } from '../options.js';

/** Where a family stands in tables, legends and verdicts. */
export interface Place {
  /** In tables and legends: smaller comes first. */
  readonly order: number;
  /**
   * A baseline is what people would take otherwise: a verdict compares models with it, and it is left out where
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
  readonly signal?: SignalShape | undefined;
}

/**
 * How a model is trained: by gradients of its program on an engine; as the linear model that it is; by ridge regression of
 * its head; or as a deep path, by gradients, beside a linear path.
 */
export type MethodName = 'gradient' | 'linear' | 'ridge' | 'fused';

/** Training settings that suit a family (training/settings.ts has the ranges and the other defaults). */
export interface Recipe {
  /** Peak of the schedule. */
  readonly learningRate: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly weightDecay?: number;
  readonly beta2?: number;
  readonly warmupShare?: number;
  readonly timeShift?: number;
  readonly timeStretch?: number;
  readonly timeMask?: number;
  readonly timeCrop?: number;
  readonly gain?: number;
  readonly mixup?: number;
}

/** How a model grows until it costs what another does. */
export interface Scaling<C> {
  /** Sizes from 1 to `largest(c)`, and the one that `c` has. */
  size(c: C): number;
  largest(c: C): number;
  resize(c: C, size: number): C;
}

/** What is left of a difference in cost after scaling is taken up by this width. */
export interface HiddenWidth<C> {
  of(c: C): number;
  with(c: C, hidden: number): C;
}

/** From rows to the one row that the layer `head` takes. */
export interface RowPooling {
  /** Cosine modes of the position, as the operation `cosinePool` has them, of so many of the first columns. */
  readonly modes: number;
  readonly columns: number;
  /** Behind them, the largest number of each of these columns, through a GELU where that is asked. */
  readonly largest: { readonly first: number; readonly columns: number };
  readonly gelu: boolean;
}

/** How a model reads inputs of any length, a block of rows after the other. */
export interface Blockwise<C> {
  /** Rows to each side that a row hangs on, at most. */
  reach(configuration: C): number;
  /** Emits what is pooled, [tokens, columns]: the model's own arithmetic up to there. */
  rows(model: ModelBuilder, configuration: C): TensorId;
  pooling(configuration: C): RowPooling;
}

export interface Family<C extends CommonConfiguration = CommonConfiguration> {
  readonly name: C['model'];
  /** One line, for help and documentation. */
  readonly summary: string;
  readonly place: Place;
  /** Settings of its training where none are given. */
  readonly recipe: Recipe;
  /** Its options with their defaults. */
  readonly schema: z.ZodType<C> & { readonly shape: Readonly<Record<string, z.ZodType>> };
  /** Options that follow from others and were not given. */
  complete?(options: Readonly<Record<string, unknown>>, tokens: Unit): Record<string, unknown>;
  /** What is wrong with options that are each in range; undefined if nothing. */
  fault?(configuration: C): string | undefined;
  /** Settings that follow from how many examples there are to learn from. */
  recipeFor?(examples: number): Partial<Recipe>;
  /** Default: `gradient`. */
  readonly method?: MethodName;
  /** Whether a linear model's logits are added to those of its program, which is then the deep path. */
  linearPath?(configuration: C): boolean;
  /**
   * The table that begins with vectors of the words, learned from the training texts, and the standard deviation of their
   * numbers; for encoders that have words.
   */
  readonly wordVectors?: { readonly table: string; readonly deviation: number };
  /** Options of a training that mean nothing to it. */
  readonly ignores?: readonly string[];
  /** Takes signals; settings of its training on so many of them, or on so many sounds, where none are given. */
  signalRecipe?(examples: number, sounds?: boolean): Partial<Recipe>;
  /** The only kind of encoder that it can take; default: any tokenizer. */
  readonly input?: EncoderName;
  /** What it asks of its encoder; the default vocabulary is the configuration's. */
  encoder?(configuration: C): EncoderOptions;
  /** Rows a sequence can have; default: its tokens. */
  capacity?(configuration: C): number;
  /** Its parameters do not depend on the sequence length: weights of one length serve any other. */
  readonly elastic?: true;
  /**
   * What a token with weight 1 adds to the logits of each class, where these are sums over tokens; absent where not.
   * @param parameters by name
   */
  evidence?(parameters: ReadonlyMap<string, Float32Array>, configuration: C, id: number): Float64Array;
  /** For families whose rows hang on few others. */
  readonly blockwise?: Blockwise<C>;
  /**
   * Weights of any numbers as files keep them, where these hold whole numbers; absent where they hold any.
   * @param parameters by name
   */
  keepable?(
    parameters: ReadonlyMap<string, Float32Array>,
    configuration: C,
  ): ReadonlyMap<string, Float32Array>;
  /** Emits the model for one sequence and returns its logits, [1, classes]. */
  lower(model: ModelBuilder, configuration: C): TensorId;
  /** How it grows; absent: it takes no part in pairings. */
  readonly scaling?: {
    readonly width: Scaling<C>;
    readonly depth: Scaling<C>;
    readonly hidden: HiddenWidth<C>;
  };
}
