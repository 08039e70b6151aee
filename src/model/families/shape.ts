/** What families with blocks share: their shape options, and how they grow. */
import * as z from 'zod/mini';
import { TOKEN_TABLE } from '../layers.js';
import { commonShape, modelOptions } from '../options.js';
import type { Growth, SignalTraining, WordVectorTable } from './capabilities.js';
import type { CommonConfiguration, Training } from './family.js';

/** The presets of the founding text. */
export const blockShape = {
  ...commonShape,
  channels: z._default(modelOptions.channels, 32),
  hidden: z._default(modelOptions.hidden, 128),
  blocks: z._default(modelOptions.blocks, 8),
  wordDropout: z._default(modelOptions.wordDropout, 0),
} as const;

/** Begins with vectors of the words: on film reviews worth a point of accuracy (docs/research.md). */
export const wordVectorTable: WordVectorTable = { table: TOKEN_TABLE, deviation: 0.3 };

/** Epochs that make so many steps, within bounds. */
export function epochsFor(
  examples: number,
  { steps, batchSize, least, most }: Readonly<Record<'steps' | 'batchSize' | 'least' | 'most', number>>,
): number {
  return Math.max(least, Math.min(most, Math.ceil(steps / Math.ceil(examples / batchSize))));
}

/** Of so many texts and fewer, none is held out. */
const FEW_TEXTS = 5000;
/** Of fewer than these, more folds leave more of them to learn from. */
const VERY_FEW_TEXTS = 500;

/** In how many folds linear models of texts are judged; 0: a tenth is held out. */
export const textFolds = (examples: number): number =>
  examples > FEW_TEXTS ? 0 : examples > VERY_FEW_TEXTS ? 5 : 10;

/** Of so many texts some folds say enough, and leaving all out would take minutes where posts are long. */
const LEFT_OUT_AT_LEAST = 600;

/** How many of the folds are left out in turn. */
export const foldsLeftOut = (examples: number, folds: number): number =>
  Math.min(folds, examples > 1500 ? Math.ceil((LEFT_OUT_AT_LEAST * folds) / examples) : folds);

const EPOCHS = 4;

/** What suits the paper's models on texts; both the same. */
export const textTraining: Training = {
  method: 'gradient',
  recipe: { learningRate: 3e-3, epochs: EPOCHS },
  /** More epochs of few texts: 4 of 2,000 reviews learn next to nothing, 20 of them have 81% (docs/research.md). */
  recipeFor: (examples) => ({
    epochs: epochsFor(examples, { steps: 2400, batchSize: 32, least: EPOCHS, most: 40 }),
  }),
};

/** Their dropout on texts, where none is given. */
export const textDropout = ({
  signal,
  ...given
}: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  signal === undefined ? { dropout: 0.2, wordDropout: 0.3, ...given } : {};

interface Blocks {
  readonly channels: number;
  readonly hidden: number;
  readonly blocks: number;
}

/** @param unit what channels must be a multiple of */
export function blockScaling<C extends Blocks & CommonConfiguration>(unit: (c: C) => number): Growth<C> {
  return {
    width: {
      size: (c: C) => Math.max(1, Math.floor(c.channels / unit(c))),
      largest: (c: C) => Math.floor(2048 / unit(c)),
      resize(c: C, size: number): C {
        const channels = size * unit(c);
        return { ...c, channels, hidden: Math.max(1, Math.round((c.hidden * channels) / c.channels)) };
      },
    },
    depth: {
      size: (c: C) => Math.max(1, c.blocks),
      largest: () => 256,
      resize: (c: C, size: number): C => ({ ...c, blocks: size }),
    },
    hidden: { of: (c: C) => c.hidden, with: (c: C, hidden: number): C => ({ ...c, hidden }) },
  };
}

const SIGNAL_BATCH = 32;

/** How training changes sounds: 14 errors instead of 25 in 1,200 answers on spoken digits (docs/research.md). */
const SOUNDS = { timeShift: 0.1, timeStretch: 0.1, gain: 0.5 } as const;

/** What suits models with blocks on signals; few are seen more often than they would need, to little harm. */
export function signalTraining(learningRate: number): SignalTraining {
  return {
    recipe: (examples, sounds) => ({
      learningRate,
      batchSize: SIGNAL_BATCH,
      epochs: epochsFor(examples, { steps: 1200, batchSize: SIGNAL_BATCH, least: 10, most: 60 }),
      ...(sounds ? SOUNDS : {}),
    }),
  };
}

/** Options without effect on a model of signals whose features are fixed and whose layer is solved at once. */
export const IGNORED_WHERE_SOLVED: readonly string[] = [
  'tokenizer',
  'vocabulary',
  'patch',
  'window',
  'filters',
  'frontend',
  'bandMask',
  'timeShift',
  'timeStretch',
  'timeMask',
  'timeCrop',
  'gain',
  'mixup',
  'dropout',
  'weightDecay',
  'clipNorm',
  'learningRate',
  'epochs',
  'batchSize',
];
