/**
 * MiniRocket and Hydra (Dempster et al. 2021, 2023): features of random convolutions, and a linear layer fitted by ridge
 * regression.
 */
import * as z from 'zod/mini';
import { MINIROCKET_FEATURES } from '../../input/convolutions/miniRocket.js';
import { linearLayer } from '../layers.js';
import { commonShape, modelOptions } from '../options.js';
import type { Family } from './family.js';
import { IGNORED_WHERE_SOLVED } from './shape.js';

/** Above this, gradients are quicker than ridge regression, as in the paper. */
export const MOST_RIDGE_EXAMPLES = 4000;

const schema = z.strictObject({
  model: z.literal('rocket'),
  sequenceLength: z._default(modelOptions.sequenceLength, 512),
  vocabulary: commonShape.vocabulary,
  classes: commonShape.classes,
  multiLabel: commonShape.multiLabel,
  signal: commonShape.signal,
  dropout: z._default(z.literal(0), 0),
});
export type RocketConfiguration = z.infer<typeof schema>;

export const rocketFamily: Family<RocketConfiguration> = {
  name: 'rocket',
  summary:
    'signals: random convolutions (MiniRocket and Hydra) and ridge regression, the strongest quick baseline',
  rank: { order: 3.5, baseline: true },
  shape: {
    schema,
    /** A signal is one row of features. */
    capacity: () => 2,
  },
  encoder: { kind: 'rocket' },
  training: {
    method: 'ridge',
    recipe: { learningRate: 1e-3 },
    /** The solution says what each example would have got without it; how many go together is its affair. */
    foldsFor: (examples, asked) => (asked === 0 || examples > MOST_RIDGE_EXAMPLES ? 0 : examples),
    ignores: IGNORED_WHERE_SOLVED,
  },
  lower(model, { classes, signal }) {
    // Those of MiniRocket alone, in models that do not say.
    const width = signal?.features ?? MINIROCKET_FEATURES;
    const { y } = model.program.emit('frames', {}, { width, window: width }, 'features');
    const features = model.program.emit('mean', { x: y }, {}, 'pooled').y;
    return linearLayer(model, 'head', features, width, classes);
  },
  capabilities: {
    anyLength: true,
    signals: {
      recipe: (examples) =>
        examples > MOST_RIDGE_EXAMPLES ? { epochs: 20 } : { epochs: 1, batchSize: examples },
    },
  },
};
