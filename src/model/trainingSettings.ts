/** Settings of a training: validated, kept in the run's configuration. */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import { inGroup, option } from '../options.js';

export const CLASS_WEIGHTINGS = ['none', 'balanced'] as const;
export const SELECTIONS = ['accuracy', 'macro-f1', 'loss'] as const;
export type Selection = (typeof SELECTIONS)[number];
const share = z.number().check(z.gte(0), z.lte(1));

const LEAST_PATIENCE = 6;

/** A third of the epochs: a training may stand still for a while before it learns (docs/research.md). */
const patienceFor = (epochs: number): number => Math.max(LEAST_PATIENCE, Math.ceil(epochs / 3));

/** What help says of it. */
export const PATIENCE_DEFAULT = `epochs/3, at least ${LEAST_PATIENCE}`;

const THRESHOLD_GOALS = 'it is f1, precision=… or recall=… with a number from 0 to 1';

const isThresholdGoal = (text: string): boolean => /^(?:f1|(?:precision|recall)=(?:0?\.\d+|0|1))$/.test(text);

const settings = inGroup('Training', {
  epochs: option(z._default(z.int().check(z.positive(), z.lte(100_000)), 5), {
    argument: '<e>',
    help: 'passes over the data, at most',
    common: true,
    alias: ['epoch', 'num-epochs', 'n-epochs', 'iterations'],
  }),
  batchSize: option(z._default(z.int().check(z.positive(), z.lte(65_536)), 32), {
    argument: '<b>',
    help: 'sequences a step',
    alias: ['batch'],
  }),
  seed: option(z._default(z.int().check(z.nonnegative(), z.lte(0x7fffffff)), 0), {
    argument: '<s>',
    help: 'seed of the random numbers',
    more: 'they decide initial weights, order and dropout',
    common: true,
    alias: ['random-state', 'random-seed'],
  }),
  /** Each family's recipe has one. */
  learningRate: option(z.number().check(z.positive(), z.lte(10)), {
    argument: '<r>',
    help: 'peak learning rate',
    common: true,
    alias: ['lr'],
  }),
  weightDecay: option(z._default(z.number().check(z.nonnegative(), z.lte(1)), 0.01), {
    argument: '<w>',
    help: 'AdamW weight decay',
  }),
  beta1: z
    ._default(z.number().check(z.gte(0), z.lt(1)), 0.9)
    .check(z.describe('AdamW: decay of the running mean of gradients')),
  beta2: z
    ._default(z.number().check(z.gte(0), z.lt(1)), 0.999)
    .check(z.describe('AdamW: decay of the running mean of their squares')),
  epsilon: z
    ._default(z.number().check(z.positive()), 1e-8)
    .check(z.describe('AdamW: added to the root of those squares')),
  clipNorm: option(z._default(z.number().check(z.nonnegative(), z.lte(1e9)), 1), {
    argument: '<c>',
    help: 'largest norm of the gradient; 0: no clipping',
  }),
  warmupShare: option(z._default(z.number().check(z.gte(0), z.lte(1)), 0.1), {
    flag: '--warmup',
    argument: '<share>',
    help: 'share of the steps over which the learning rate rises',
  }),
  classWeights: option(z._default(z.enum(CLASS_WEIGHTINGS), 'none'), {
    group: 'Labels',
    argument: '<kind>',
    help: 'how examples count: none, or balanced',
    more: 'none counts all alike, balanced gives rare classes more weight so that all classes count alike',
    alias: ['class-weight', 'balanced'],
  }),
  select: option(z._default(z.enum(SELECTIONS), 'accuracy'), {
    argument: '<score>',
    help: 'which validation score decides the best epoch: accuracy, macro-f1 or loss',
    more: 'macro-f1 counts classes alike and is the default with balanced class weights',
  }),
  thresholdFor: option(
    z._default(z.string().check(z.refine(isThresholdGoal, { error: THRESHOLD_GOALS })), 'f1'),
    {
      group: 'Labels',
      argument: '<score>',
      help: 'of several labels, what their thresholds are for: f1, precision=0.9 or recall=0.9',
      alias: ['threshold', 'thresholds'],
    },
  ),
  timeShift: option(z._default(share, 0), {
    group: 'Signals',
    argument: '<share>',
    help: 'in training: largest shift in time, as a share of the length (0.1 for sounds)',
  }),
  timeStretch: option(z._default(share, 0), {
    group: 'Signals',
    argument: '<share>',
    help: 'in training: largest stretch or squeeze in time, as a share (0.1 for sounds)',
  }),
  timeMask: option(z._default(share, 0), {
    group: 'Signals',
    argument: '<share>',
    help: 'in training: longest part that is masked, as a share of the length',
  }),
  bandMask: option(z._default(share, 0), {
    argument: '<share>',
    help: 'sounds as mel bands: most bands next to each other that are masked in training, as a share of all; 0.2 unless told otherwise',
  }),
  timeCrop: option(z._default(z.number().check(z.gte(0), z.lte(0.95)), 0), {
    group: 'Signals',
    argument: '<share>',
    help: 'in training: most that is cut off the ends, as a share of the length',
  }),
  mixup: option(z._default(share, 0), {
    group: 'Signals',
    argument: '<a>',
    help: 'in training: mix two signals, with shares from Beta(a, a); 0: off',
    more: '0.2 is usual; both classes are then the target',
  }),
  gain: option(z._default(z.number().check(z.gte(0), z.lte(5)), 0), {
    group: 'Signals',
    argument: '<g>',
    help: 'in training: largest change of loudness, by a factor up to e^g (0.5 for sounds)',
    more: '0.7 halves or doubles',
  }),
  /** As a run has it: 0 where examples were held out, or given; older runs do not say. */
  folds: option(z._default(z.int().check(z.nonnegative(), z.lte(1_000_000)), 0), {
    argument: '<k>',
    help: 'cross-validation in k folds instead of a tenth held out, for few examples; 0: hold a tenth out',
    more: 'for models that need no gradients: they then learn from all examples',
    common: true,
  }),
  patience: option(z._default(z.int().check(z.nonnegative()), LEAST_PATIENCE), {
    argument: '<e>',
    help: 'epochs without a gain after which it stops',
    more: '0: never',
    common: true,
    alias: ['early-stopping', 'early-stop'],
  }),
});

export const trainingSettingsSchema = z.strictObject(settings);
export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;
/**
 * The settings among `options` (others are passed over), where none is given those of `recipe`, then the defaults.
 * Throws InputError on one that is out of range.
 */
export function configureTraining(
  options: Readonly<Record<string, unknown>>,
  recipe: { readonly learningRate: number; readonly patience?: number },
): TrainingSettings {
  const given = Object.entries(options).filter(
    ([key, value]) => key in trainingSettingsSchema.shape && value !== undefined,
  );
  // By accuracy the best epoch would be the one that forgets rare classes.
  const balanced = options.classWeights === 'balanced' ? { select: 'macro-f1' } : {};
  const parsed = trainingSettingsSchema.safeParse({ ...recipe, ...balanced, ...Object.fromEntries(given) });
  if (parsed.success) {
    const named = options.patience ?? recipe.patience;
    return named === undefined ? { ...parsed.data, patience: patienceFor(parsed.data.epochs) } : parsed.data;
  }
  throw new InputError(`invalid training settings:\n${z.prettifyError(parsed.error)}`);
}
