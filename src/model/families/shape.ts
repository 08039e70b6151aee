/** What families with blocks share: their shape options, and how they grow. */
import { TOKEN_TABLE } from '../layers.js';
import { commonShape, modelOptions } from '../options.js';
import type { CommonConfiguration, Family, Recipe } from './family.js';

/** The presets of the founding text. */
export const blockShape = {
  ...commonShape,
  channels: modelOptions.channels.default(32),
  hidden: modelOptions.hidden.default(128),
  blocks: modelOptions.blocks.default(8),
  wordDropout: modelOptions.wordDropout.default(0),
} as const;

/** Begins with vectors of the words: on film reviews worth a point of accuracy (docs/research.md). */
export const wordVectors = { table: TOKEN_TABLE, deviation: 0.3 } as const;

/** What suits the paper's models on texts; both the same. */
export const textRecipe = { learningRate: 3e-3, epochs: 4 } as const;

/** Steps of a training on texts, and the batches they are counted in. */
const TEXT_STEPS = 2400;
const TEXT_BATCH = 32;

/** More epochs of few texts: 4 of 2,000 reviews learn next to nothing, 20 of them have 81 % (docs/research.md). */
export const textRecipeFor = (examples: number): Partial<Recipe> => ({
  epochs: Math.max(textRecipe.epochs, Math.min(40, Math.ceil(TEXT_STEPS / Math.ceil(examples / TEXT_BATCH)))),
});

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
export function blockScaling<C extends Blocks & CommonConfiguration>(
  unit: (c: C) => number,
): NonNullable<Family<C>['scaling']> {
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

/** Steps of a training on signals; few signals are seen more often than they would need, to little harm. */
const SIGNAL_STEPS = 1200;
const SIGNAL_BATCH = 32;

/** What suits models with blocks on so many signals. */
export function signalRecipe(learningRate: number): (examples: number) => Partial<Recipe> {
  return (examples) => {
    const epochs = Math.ceil(SIGNAL_STEPS / Math.ceil(examples / SIGNAL_BATCH));
    return { learningRate, batchSize: SIGNAL_BATCH, epochs: Math.max(10, Math.min(60, epochs)) };
  };
}
