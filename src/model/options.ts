/** The options that shape models, with ranges and help. A family takes some of them and sets their defaults. */
import * as z from 'zod/mini';
import { NGRAM_UNITS } from '../input/encoder.js';
import { inGroup, option } from '../options.js';

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

export const modelOptions = inGroup('Model', {
  sequenceLength: option(z.int().check(z.gte(2), z.lte(16_777_216)), {
    flag: '--seq-len',
    argument: '<n>',
    help: 'tokens to read of a text',
    common: true,
    alias: ['sequence-length', 'max-length', 'max-len', 'length', 'lengths'],
  }),
  channels: option(positive.check(z.lte(4096)), {
    argument: '<d>',
    help: 'width of the model',
    alias: ['dim', 'width', 'd-model'],
  }),
  hidden: option(positive.check(z.lte(65_536)), {
    argument: '<h>',
    help: 'width of the feed-forward layers',
  }),
  blocks: option(z.int().check(z.nonnegative(), z.lte(256)), { argument: '<b>', help: 'number of blocks' }),
  longKernel: option(z.enum(['broad', 'fine']), {
    argument: '<kind>',
    help: 'parameters a scale of the long convolution',
    more: 'broad has 16, fine has 4 and one for the token itself',
  }),
  scales: option(z.int().check(z.nonnegative(), z.lte(24)), {
    argument: '<s>',
    help: 'scales of the long convolution, each twice as wide as the one before; 0: none',
  }),
  taps: option(
    z.int().check(
      z.nonnegative(),
      z.lte(31),
      z.refine((taps) => taps === 0 || taps % 2 === 1, 'taps must be odd, or 0'),
    ),
    { argument: '<t>', help: 'taps of the short convolution, an odd number; 0: none' },
  ),
  bank: option(z.int().check(z.nonnegative(), z.lte(65_536)), {
    argument: '<f>',
    help: 'filters over neighbouring tokens, of which the largest answer counts; 0: none',
  }),
  cosineModes: option(z.int().check(z.nonnegative(), z.lte(64)), {
    argument: '<k>',
    help: 'cosine modes of the position that pooling keeps as well; 1: the mean, 0: none',
  }),
  heads: option(positive.check(z.lte(256)), {
    argument: '<k>',
    help: 'attention heads; must divide the channels',
  }),
  /** Largest token id; the token table has a padding row besides. */
  vocabulary: option(z.int().check(z.gte(2), z.lte(100_000_000)), {
    argument: '<v>',
    help: 'how many of the most frequent words the model knows',
    alias: ['vocab', 'vocab-size', 'max-features'],
  }),
  ngrams: option(z.int().check(z.gte(1), z.lte(8)), {
    argument: '<n>',
    help: 'longest n-gram, in words',
    alias: ['word-ngrams', 'ngram-range'],
  }),
  buckets: option(z.int().check(z.nonnegative(), z.lte(100_000_000)), {
    argument: '<b>',
    help: 'rows for hashed n-grams',
  }),
  weighting: option(z.enum(LINEAR_WEIGHTINGS), {
    argument: '<kind>',
    help: 'how n-grams are weighted: presence, tf-idf, tf-idf-signs (punctuation too), or chosen',
    more: 'chosen: by cross-validation; of many texts presence is the default for two classes, tf-idf for more',
  }),
  features: option(z.string().check(z.refine(areFeatures, `must be some of ${FEATURES.join(', ')}`)), {
    argument: '<kinds>',
    help: `what n-grams are of, separated by commas: ${FEATURES.join(', ')}`,
    more: 'by default words, and for few texts what cross-validation chooses',
    common: true,
  }),
  maxFeatures: option(z.int().check(z.gte(2), z.lte(100_000_000)), {
    argument: '<k>',
    help: 'n-grams that are kept after training, those with the most weight',
    more: 'fewer by default where there are many classes',
  }),
  dropout: option(rate, { argument: '<p>', help: 'dropout rate' }),
  wordDropout: option(rate, {
    argument: '<p>',
    help: 'share of the words that training replaces by the unknown word',
  }),
  deepOnly: option(z.boolean(), {
    help: 'leave the linear path out and train the deep path alone',
  }),
  labelSmoothing: option(rate, { argument: '<s>', help: 'how far targets are moved towards equal shares' }),
} as const);

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
  /** Numbers of a row for each channel, where they are no steps but bands of a spectrum. */
  bands: z.optional(positive),
  /** Of what reads one row of features: numbers of it, and its centres if it has any. Older models do not say. */
  features: z.optional(z.int().check(z.positive(), z.lte(2 ** 24))),
  centres: z.optional(positive),
});
export type SignalShape = z.infer<typeof signalShape>;

/** Numbers of a row. */
export const rowNumbers = ({ channels, patch, bands = patch }: SignalShape): number => channels * bands;

/** Numbers that a model looks at from the first one of a row on. */
export const windowNumbers = ({ channels, patch, window, bands }: SignalShape): number =>
  channels * (bands === undefined ? window : bands * Math.ceil(window / patch));

/** What every model has. */
export const commonShape = {
  /** n: tokens a model takes. */
  sequenceLength: z._default(modelOptions.sequenceLength, 512),
  vocabulary: z._default(modelOptions.vocabulary, 10_000),
  classes: z._default(z.int().check(z.gte(2), z.lte(1_000_000)), 2),
  /** Any number of labels at once, a sigmoid each. Absent: one class, by a softmax. */
  multiLabel: z.optional(z.literal(true)),
  /** Absent: it takes texts. */
  signal: z.optional(signalShape),
  dropout: z._default(modelOptions.dropout, 0),
  labelSmoothing: z._default(modelOptions.labelSmoothing, 0),
} as const;
