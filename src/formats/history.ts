/** What a training says of each epoch: in metrics.jsonl, in checkpoints and to whoever listens. */
import * as z from 'zod/mini';

export interface ValidationScore {
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Mean F1 over the classes; trainings of older versions do not say. */
  readonly macroF1?: number | undefined;
}

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly seconds: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly validation: ValidationScore;
  /** By which the scores of the validation examples are divided to be most likely; of a best epoch. */
  readonly temperature?: number | undefined;
}

/** As files hold it; anything else that stands there is left alone. */
export const epochRecordSchema: z.ZodMiniType<EpochRecord> = z.object({
  epoch: z.int().check(z.positive()),
  seconds: z.number().check(z.nonnegative()),
  trainLoss: z.number(),
  trainAccuracy: z.number().check(z.gte(0), z.lte(1)),
  validation: z.object({
    accuracy: z.number().check(z.gte(0), z.lte(1)),
    loss: z.number(),
    macroF1: z.optional(z.number().check(z.gte(0), z.lte(1))),
  }),
  temperature: z.optional(z.number().check(z.positive())),
});
