/** Settings of a training: validated, kept in the run's configuration. */
import * as z from 'zod';
import { InputError } from '../errors.js';
import { option } from '../options.js';

export const CLASS_WEIGHTINGS = ['none', 'balanced'] as const;
export const SELECTIONS = ['accuracy', 'macro-f1', 'loss'] as const;
export type Selection = (typeof SELECTIONS)[number];
const share = z.number().min(0).max(1);

export const trainingSettingsSchema = z.strictObject({
  epochs: option(z.number().int().positive().max(100_000).default(5), {
    argument: '<e>',
    help: 'passes over the data',
  }),
  batchSize: option(z.number().int().positive().max(65_536).default(32), {
    argument: '<b>',
    help: 'sequences a step',
  }),
  seed: option(z.number().int().nonnegative().max(0x7fffffff).default(0), {
    argument: '<s>',
    help: 'decides initial weights, order and dropout',
  }),
  /** Each family's recipe has one. */
  learningRate: option(z.number().positive().max(10), { argument: '<r>', help: 'peak of the schedule' }),
  weightDecay: option(z.number().nonnegative().max(1).default(0.01), {
    argument: '<w>',
    help: 'AdamW weight decay',
  }),
  beta1: z.number().min(0).lt(1).default(0.9).describe('AdamW: decay of the running mean of gradients'),
  beta2: z.number().min(0).lt(1).default(0.999).describe('AdamW: decay of the running mean of their squares'),
  epsilon: z.number().positive().default(1e-8).describe('AdamW: added to the root of those squares'),
  clipNorm: option(z.number().nonnegative().max(1e9).default(1), {
    argument: '<c>',
    help: 'largest global norm of the gradient; 0 = off',
  }),
  warmupShare: option(z.number().min(0).max(1).default(0.1), {
    flag: '--warmup',
    argument: '<share>',
    help: 'share of all steps in which the learning rate rises',
  }),
  classWeights: option(z.enum(CLASS_WEIGHTINGS).default('none'), {
    argument: '<kind>',
    help: 'how examples count in training: none, all alike; balanced, those of rare classes more, so that classes count alike',
  }),
  select: option(z.enum(SELECTIONS).default('accuracy'), {
    argument: '<score>',
    help: 'what makes an epoch the best on validation: accuracy, macro-f1 (classes count alike; the default with balanced class weights) or loss',
  }),
  timeShift: option(share.default(0), {
    argument: '<share>',
    help: 'signals: largest shift in time in training, as a share of the length; 0.1 for sounds',
  }),
  timeStretch: option(share.default(0), {
    argument: '<share>',
    help: 'signals: largest stretch or squeeze in time in training, as a share; 0.1 for sounds',
  }),
  timeMask: option(share.default(0), {
    argument: '<share>',
    help: 'signals: longest part that is masked in training, as a share of the length',
  }),
  timeCrop: option(z.number().min(0).max(0.95).default(0), {
    argument: '<share>',
    help: 'signals: most that is cut off the ends in training, as a share of the length',
  }),
  mixup: option(share.default(0), {
    argument: '<a>',
    help: 'signals: training mixes two to one of both classes, with shares from Beta(a, a); 0.2 is usual, 0 = off',
  }),
  gain: option(z.number().min(0).max(5).default(0), {
    argument: '<g>',
    help: 'signals: largest change of loudness in training, by a factor up to e^g (0.7 halves or doubles); 0.5 for sounds',
  }),
  patience: option(z.number().int().nonnegative().default(0), {
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
