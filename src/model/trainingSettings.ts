/** Settings of a training: validated, kept in the run's configuration. */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import { option } from '../options.js';

export const CLASS_WEIGHTINGS = ['none', 'balanced'] as const;
export const SELECTIONS = ['accuracy', 'macro-f1', 'loss'] as const;
export type Selection = (typeof SELECTIONS)[number];
const share = z.number().check(z.gte(0), z.lte(1));

export const trainingSettingsSchema = z.strictObject({
  epochs: option(z._default(z.int().check(z.positive(), z.lte(100_000)), 5), {
    argument: '<e>',
    help: 'passes over the data',
  }),
  batchSize: option(z._default(z.int().check(z.positive(), z.lte(65_536)), 32), {
    argument: '<b>',
    help: 'sequences a step',
  }),
  seed: option(z._default(z.int().check(z.nonnegative(), z.lte(0x7fffffff)), 0), {
    argument: '<s>',
    help: 'decides initial weights, order and dropout',
  }),
  /** Each family's recipe has one. */
  learningRate: option(z.number().check(z.positive(), z.lte(10)), {
    argument: '<r>',
    help: 'peak of the schedule',
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
    help: 'largest global norm of the gradient; 0 = off',
  }),
  warmupShare: option(z._default(z.number().check(z.gte(0), z.lte(1)), 0.1), {
    flag: '--warmup',
    argument: '<share>',
    help: 'share of all steps in which the learning rate rises',
  }),
  classWeights: option(z._default(z.enum(CLASS_WEIGHTINGS), 'none'), {
    argument: '<kind>',
    help: 'how examples count in training: none, all alike; balanced, those of rare classes more, so that classes count alike',
  }),
  select: option(z._default(z.enum(SELECTIONS), 'accuracy'), {
    argument: '<score>',
    help: 'what makes an epoch the best on validation: accuracy, macro-f1 (classes count alike; the default with balanced class weights) or loss',
  }),
  timeShift: option(z._default(share, 0), {
    argument: '<share>',
    help: 'signals: largest shift in time in training, as a share of the length; 0.1 for sounds',
  }),
  timeStretch: option(z._default(share, 0), {
    argument: '<share>',
    help: 'signals: largest stretch or squeeze in time in training, as a share; 0.1 for sounds',
  }),
  timeMask: option(z._default(share, 0), {
    argument: '<share>',
    help: 'signals: longest part that is masked in training, as a share of the length',
  }),
  timeCrop: option(z._default(z.number().check(z.gte(0), z.lte(0.95)), 0), {
    argument: '<share>',
    help: 'signals: most that is cut off the ends in training, as a share of the length',
  }),
  mixup: option(z._default(share, 0), {
    argument: '<a>',
    help: 'signals: training mixes two to one of both classes, with shares from Beta(a, a); 0.2 is usual, 0 = off',
  }),
  gain: option(z._default(z.number().check(z.gte(0), z.lte(5)), 0), {
    argument: '<g>',
    help: 'signals: largest change of loudness in training, by a factor up to e^g (0.7 halves or doubles); 0.5 for sounds',
  }),
  /** As a run has it: 0 where examples were held out, or given; older runs do not say. */
  folds: option(z._default(z.int().check(z.nonnegative(), z.lte(1_000_000)), 0), {
    argument: '<k>',
    help: 'few examples, models that need no gradients: nothing is held out, cross-validation in k folds judges; 0 = a tenth is held out',
  }),
  patience: option(z._default(z.int().check(z.nonnegative()), 0), {
    argument: '<e>',
    help: 'stop after e epochs without a better one; 0 = never',
  }),
});

export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;
/**
 * The settings among `options` (others are passed over), where none is given those of `recipe`, then the defaults.
 * Throws InputError on one that is out of range.
 */
export function configureTraining(
  options: Readonly<Record<string, unknown>>,
  recipe: { readonly learningRate: number },
): TrainingSettings {
  const given = Object.entries(options).filter(
    ([key, value]) => key in trainingSettingsSchema.shape && value !== undefined,
  );
  // By accuracy the best epoch would be the one that forgets rare classes.
  const balanced = options.classWeights === 'balanced' ? { select: 'macro-f1' } : {};
  const parsed = trainingSettingsSchema.safeParse({ ...recipe, ...balanced, ...Object.fromEntries(given) });
  if (parsed.success) return parsed.data;
  throw new InputError(`invalid training settings:\n${z.prettifyError(parsed.error)}`);
}
