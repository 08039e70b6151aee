/** The options that shape models, with ranges and help. A family takes some of them and sets their defaults. */
import * as z from 'zod/mini';
import { NGRAM_UNITS } from '../input/encoder.js';
import { option } from '../options.js';

const positive = z.int().check(z.positive());
const rate = z.number().check(z.gte(0), z.lte(0.95));

/** How a linear model's features may be weighted; `chosen`: several are tried. */
export const LINEAR_WEIGHTINGS = ['presence', 'tf-idf', 'tf-idf-signs', 'chosen'] as const;
export type LinearWeighting = (typeof LINEAR_WEIGHTINGS)[number];

/** What n-grams may be of, as people name it. */
export const FEATURES = NGRAM_UNITS;

/** "words,chars" */
const areFeatures = (list: string): boolean =>
  list
    .split(',')
    .every((name, i, all) => (FEATURES as readonly string[]).includes(name) && all.indexOf(name) === i);

export const modelOptions = {
  sequenceLength: option(z.int().check(z.gte(2), z.lte(16_777_216)), {
    flag: '--seq-len',
    argument: '<n>',
    help: 'tokens a model takes; longer texts are cut',
  }),
  channels: option(positive.check(z.lte(4096)), { argument: '<d>', help: 'width of the model' }),
  hidden: option(positive.check(z.lte(65_536)), {
    argument: '<h>',
    help: 'width of the feed-forward layers',
  }),
  blocks: option(z.int().check(z.nonnegative(), z.lte(256)), { argument: '<b>', help: 'number of blocks' }),
  longKernel: option(z.enum(['broad', 'fine']), {
    argument: '<kind>',
    help: 'parameters per scale of a long kernel: broad 16, fine 4 and one for the token itself',
  }),
  scales: option(z.int().check(z.nonnegative(), z.lte(24)), {
    argument: '<s>',
    help: 'scales of a long kernel, each twice as wide as the one before; 0 = no long kernel',
  }),
  taps: option(
    z.int().check(
      z.nonnegative(),
      z.lte(31),
      z.refine((taps) => taps === 0 || taps % 2 === 1, 'taps must be odd, or 0'),
    ),
    { argument: '<t>', help: 'taps of a short kernel, odd; 0 = no short kernel' },
  ),
  bank: option(z.int().check(z.nonnegative(), z.lte(65_536)), {
    argument: '<f>',
    help: 'filters over a few rows; of each the largest answer counts. 0 = the largest numbers of the rows',
  }),
  cosineModes: option(z.int().check(z.nonnegative(), z.lte(64)), {
    argument: '<k>',
    help: 'cosine modes of the position that pooling keeps besides; 1 = the mean alone, 0 = none',
  }),
  heads: option(positive.check(z.lte(256)), {
    argument: '<k>',
    help: 'heads of attention; must divide the channels',
  }),
  /** Largest token id; the token table has a padding row besides. */
  vocabulary: option(z.int().check(z.gte(2), z.lte(100_000_000)), {
    argument: '<v>',
    help: 'most frequent words that have an id',
  }),
  ngrams: option(z.int().check(z.gte(1), z.lte(8)), { argument: '<n>', help: 'longest n-gram' }),
  buckets: option(z.int().check(z.nonnegative(), z.lte(100_000_000)), {
    argument: '<b>',
    help: 'rows for hashed n-grams',
  }),
  weighting: option(z.enum(LINEAR_WEIGHTINGS), {
    argument: '<kind>',
    help: 'how n-grams of words or bytes count: presence, tf-idf (of words without signs), tf-idf-signs, or chosen by cross-validation',
  }),
  features: option(z.string().check(z.refine(areFeatures, `must be some of ${FEATURES.join(', ')}`)), {
    argument: '<kinds>',
    help: `what n-grams are of, several with commas between: ${FEATURES.join(', ')} (default: words, and of few texts what cross-validation chooses)`,
  }),
  maxFeatures: option(z.int().check(z.gte(2), z.lte(100_000_000)), {
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
  channels: z.int().check(z.positive()),
  /** Steps of a row: one row stands where a token stands in a text. */
  patch: z.int().check(z.positive()),
  /** Steps that are looked at from the first one of a row on; those beyond the patch are also the next rows'. */
  window: z.int().check(z.positive()),
  /** Pairs of filters whose magnitude is taken; 0: the window's numbers go into a linear layer as they are. */
  filters: z.int().check(z.nonnegative()),
  /** Of what reads one row of features: numbers of it, and its centres if it has any. Older models do not say. */
  features: z.optional(z.int().check(z.positive(), z.lte(2 ** 24))),
  centres: z.optional(positive),
});
export type SignalShape = z.infer<typeof signalShape>;

/** What every model has. */
export const commonShape = {
  /** n: tokens a model takes. */
  sequenceLength: z._default(modelOptions.sequenceLength, 512),
  vocabulary: z._default(modelOptions.vocabulary, 10_000),
  classes: z._default(z.int().check(z.gte(2), z.lte(1_000_000)), 2),
  /** Absent: it takes texts. */
  signal: z.optional(signalShape),
  dropout: z._default(modelOptions.dropout, 0),
  labelSmoothing: z._default(modelOptions.labelSmoothing, 0),
} as const;
