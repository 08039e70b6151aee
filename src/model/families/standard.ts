/** The standard transformer: pre-norm blocks of multi-head attention and feed-forward (Vaswani et al. 2017). */
import * as z from 'zod/mini';
import type { TensorId } from '../../program/program.js';
import { feedForward, inputRows, linearLayer, type ModelBuilder, normLayer, pooledHead } from '../layers.js';
import { modelOptions } from '../options.js';
import type { Family } from './family.js';
import {
  blockScaling,
  blockShape,
  signalTraining,
  textDropout,
  textTraining,
  wordVectorTable,
} from './shape.js';

const schema = z.strictObject({
  model: z.literal('standard'),
  ...blockShape,
  heads: z._default(modelOptions.heads, 4),
});
export type StandardConfiguration = z.infer<typeof schema>;

export const standardFamily: Family<StandardConfiguration> = {
  name: 'standard',
  summary: 'a transformer with multi-head attention',
  rank: { order: 1, baseline: false },
  shape: {
    schema,
    complete: textDropout,
    fault: ({ channels, heads }) =>
      channels % heads === 0
        ? undefined
        : `channels must be a multiple of heads: ${channels} channels and ${heads} heads`,
  },
  training: textTraining,
  lower(model, configuration) {
    const { channels, hidden, blocks, heads } = configuration;
    let x = inputRows(model, configuration, { positions: true });
    for (let block = 0; block < blocks; block++) {
      x = attentionBlock(model, `blocks.${block}`, x, channels, hidden, heads);
    }
    return pooledHead(model, x, configuration);
  },
  capabilities: {
    signals: signalTraining(1e-3),
    wordVectors: wordVectorTable,
    scaling: blockScaling(({ heads }) => heads),
  },
};

/** Pre-norm transformer block: multi-head attention and feed-forward. */
function attentionBlock(
  model: ModelBuilder,
  name: string,
  x: TensorId,
  channels: number,
  hidden: number,
  heads: number,
): TensorId {
  const normed = normLayer(model, `${name}.norm1`, x, channels);
  const qkv = linearLayer(model, `${name}.attention.in_proj`, normed, channels, 3 * channels);
  const attended = model.program.emit('attention', { qkv }, { heads }, `${name}.attention`).y;
  const sum = model.linearOnto(x, `${name}.attention.out_proj`, attended, channels, channels);
  return feedForward(model, name, sum, channels, hidden);
}
