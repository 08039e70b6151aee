/** The bag of words and hashed n-grams: fastText's model (Joulin et al. 2017), the mean of embeddings and a linear layer. */
import * as z from 'zod/mini';
import { embeddingLayer, pooledHead } from '../layers.js';
import { commonShape, modelOptions } from '../options.js';
import type { Family } from './family.js';

/** Rows for hashed n-grams where none are asked for. */
const DEFAULT_BUCKETS = 131_072;

const schema = z.strictObject({
  model: z.literal('bag'),
  ...commonShape,
  channels: z._default(modelOptions.channels, 32),
  ngrams: z._default(modelOptions.ngrams, 1),
  buckets: z._default(modelOptions.buckets, 0),
});
export type BagConfiguration = z.infer<typeof schema>;

export const bagFamily: Family<BagConfiguration> = {
  name: 'bag',
  summary: "fastText's model: the mean of word (and hashed n-gram) embeddings, no order",
  rank: { order: 2, baseline: true },
  shape: {
    schema,
    complete: ({ ngrams = 1, buckets = DEFAULT_BUCKETS }) => ({ buckets: ngrams === 1 ? 0 : buckets }),
    /** The tokens of a text, and the n-grams of those tokens. */
    capacity: ({ sequenceLength, ngrams }) => sequenceLength * ngrams,
  },
  encoder: { options: ({ ngrams, buckets }) => ({ ngrams, buckets }) },
  training: { method: 'gradient', recipe: { learningRate: 1e-2 } },
  capabilities: { anyLength: true },
  lower(model, configuration) {
    const { vocabulary, buckets, channels } = configuration;
    const x = model.dropout(embeddingLayer(model, vocabulary + buckets, channels, undefined));
    return pooledHead(model, x, configuration);
  },
};
