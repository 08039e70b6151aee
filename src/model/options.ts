/** The options that shape models, with ranges and help. A family takes some of them and sets their defaults. */
import * as z from 'zod';
import { WEIGHTINGS } from '../input/encoder.js';
import { option } from '../options.js';

const positive = z.number().int().positive();
const rate = z.number().min(0).max(0.95);

export const modelOptions = {
  sequenceLength: option(z.number().int().min(2).max(16_777_216), {
    flag: '--seq-len',
    argument: '<n>',
    help: 'tokens a model takes; longer texts are cut',
  }),
  channels: option(positive.max(4096), { argument: '<d>', help: 'width of the model' }),
  hidden: option(positive.max(65_536), { argument: '<h>', help: 'width of the feed-forward layers' }),
  blocks: option(z.number().int().nonnegative().max(256), { argument: '<b>', help: 'number of blocks' }),
  longKernel: option(z.enum(['broad', 'fine']), {
    argument: '<kind>',
    help: 'parameters per scale of a long kernel: broad 16, fine 4 and one for the token itself',
  }),
  scales: option(z.number().int().nonnegative().max(24), {
    argument: '<s>',
    help: 'scales of a long kernel, each twice as wide as the one before; 0 = no long kernel',
  }),
  taps: option(
    z
      .number()
      .int()
      .nonnegative()
      .max(31)
      .refine((taps) => taps === 0 || taps % 2 === 1, 'taps must be odd, or 0'),
    { argument: '<t>', help: 'taps of a short kernel, odd; 0 = no short kernel' },
  ),
  bank: option(z.number().int().nonnegative().max(65_536), {
    argument: '<f>',
    help: 'filters over a few rows; of each the largest answer counts. 0 = the largest numbers of the rows',
  }),
  cosineModes: option(z.number().int().nonnegative().max(64), {
    argument: '<k>',
    help: 'cosine modes of the position that pooling keeps besides; 1 = the mean alone, 0 = none',
  }),
  heads: option(positive.max(256), { argument: '<k>', help: 'heads of attention; must divide the channels' }),
  /** Largest token id; the token table has a padding row besides. */
  vocabulary: option(z.number().int().min(2).max(100_000_000), {
    argument: '<v>',
    help: 'most frequent words that have an id',
  }),
  ngrams: option(z.number().int().min(1).max(8), { argument: '<n>', help: 'longest n-gram' }),
  buckets: option(z.number().int().nonnegative().max(100_000_000), {
    argument: '<b>',
    help: 'rows for hashed n-grams',
  }),
  weighting: option(z.enum(WEIGHTINGS), {
    argument: '<kind>',
    help: 'how n-grams count: by presence, which two classes have by default, or tf-idf, which more have',
  }),
  features: option(z.number().int().min(2).max(100_000_000), {
    argument: '<k>',
    help: 'n-grams that are kept after training, those that matter most; fewer by default where classes are many',
  }),
  dropout: option(rate, { argument: '<p>', help: 'dropout rate' }),
  wordDropout: option(rate, {
    argument: '<p>',
    help: 'share of the words that training replaces by the unknown one',
  }),
  deepOnly: option(z.boolean(), {
    help: 'without the linear path: the deep path alone',
  }),
  labelSmoothing: option(rate, { argument: '<s>', help: 'label smoothing' }),
} as const;

/** How a model takes signals. */
export const signalShape = z.strictObject({
  /** Numbers a step. */
  channels: z.number().int().positive(),
  /** Steps of a row: one row stands where a token stands in a text. */
  patch: z.number().int().positive(),
  /** Steps that are looked at from the first one of a row on; those beyond the patch are also the next rows'. */
  window: z.number().int().positive(),
  /** Pairs of filters whose magnitude is taken; 0: the window's numbers go into a linear layer as they are. */
  filters: z.number().int().nonnegative(),
});
export type SignalShape = z.infer<typeof signalShape>;

/** What every model has. */
export const commonShape = {
  /** n: tokens a model takes. */
  sequenceLength: modelOptions.sequenceLength.default(512),
  vocabulary: modelOptions.vocabulary.default(10_000),
  classes: z.number().int().min(2).max(1_000_000).default(2),
  /** Absent: it takes texts. */
  signal: signalShape.optional(),
  dropout: modelOptions.dropout.default(0),
  labelSmoothing: modelOptions.labelSmoothing.default(0),
} as const;
