/** Settings of a training: validated, kept in the run's configuration. */
import { z } from 'zod';
import { InputError } from '../errors.js';
import type { ModelName } from '../model/configuration.js';

/**
 * Peak learning rates where none is given. High for AdamW: most parameters are rows of the token table, which few
 * steps touch. On film reviews at 512 tokens Elastic Fourier had 87.0 % of the validation split right after an epoch
 * with 1e-2, and 85.3 % with 3e-3. `eft compare --tune` chooses for the data at hand.
 */
export const DEFAULT_LEARNING_RATES: Readonly<Record<ModelName, number>> = {
  'elastic-fourier': 1e-2,
  standard: 1e-2,
  bag: 1e-2,
};

export const trainingSettingsSchema = z.strictObject({
  /** Passes over the training examples. */
  epochs: z.number().int().positive().max(100_000).default(5),
  /** Sequences a step. */
  batchSize: z.number().int().positive().max(65_536).default(32),
  /** Initial weights, order and dropout follow from it. */
  seed: z.number().int().nonnegative().max(0x7fffffff).default(0),
  /** Peak of the schedule. */
  learningRate: z.number().positive().max(10).default(1e-3),
  weightDecay: z.number().nonnegative().max(1).default(0.01),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  /** Largest global norm of the gradient; 0 = no clipping. */
  clipNorm: z.number().nonnegative().default(1),
  /** Share of all steps in which the learning rate rises. */
  warmupShare: z.number().min(0).max(1).default(0.1),
  /** Stop after this many epochs without a better validation; 0 = never. */
  patience: z.number().int().nonnegative().default(0),
});

export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;
export type TrainingOptions = z.input<typeof trainingSettingsSchema>;

/** Validated settings; throws InputError on one that is out of range. */
export function configureTraining(options: TrainingOptions): TrainingSettings {
  const parsed = trainingSettingsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InputError(`the training settings do not serve:\n${z.prettifyError(parsed.error)}`);
}
