/** What families with blocks share: their shape options, and how they grow. */
import { commonShape, modelOptions } from '../options.js';
import type { CommonConfiguration, Family } from './family.js';

/** The presets of the founding text. */
export const blockShape = {
  ...commonShape,
  channels: modelOptions.channels.default(32),
  hidden: modelOptions.hidden.default(128),
  blocks: modelOptions.blocks.default(8),
} as const;

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
