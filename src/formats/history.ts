/** What a training says of each epoch: in metrics.jsonl, in checkpoints and to whoever listens. */
import * as z from 'zod/mini';
import type { LabelDecision } from '../evaluation/labelDecision.js';

/** Examples were left out in turn instead of some held out for all time. */
export interface CrossValidation {
  readonly folds: number;
  /** Examples that were left out. */
  readonly examples: number;
  /** What was chosen by them, in words; absent where there was no choice. */
  readonly chosen?: string | undefined;
  /** All that was tried, the chosen one too. */
  readonly candidates?: readonly ScoredCandidate[] | undefined;
}

export interface ScoredCandidate {
  readonly name: string;
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly loss: number;
}

export interface ValidationScore {
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Mean F1 over the classes; trainings of older versions do not say. */
  readonly macroF1?: number | undefined;
  /** Of several labels: F1 of all of them together; the accuracy is then the share of sets answered exactly. */
  readonly microF1?: number | undefined;
  /** How it came about, where nothing was held out. */
  readonly crossValidation?: CrossValidation | undefined;
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
  /** Of any number of labels: how their scores are calibrated, and when each is answered; of a best epoch. */
  readonly decision?: LabelDecision | undefined;
}

const share = z.number().check(z.gte(0), z.lte(1));

export const validationScoreSchema: z.ZodMiniType<ValidationScore> = z.object({
  accuracy: share,
  loss: z.number(),
  macroF1: z.optional(share),
  microF1: z.optional(share),
  crossValidation: z.optional(
    z.object({
      folds: z.int().check(z.positive()),
      examples: z.int().check(z.nonnegative()),
      chosen: z.optional(z.string()),
      candidates: z.optional(z.array(z.object({ name: z.string(), accuracy: share, loss: z.number() }))),
    }),
  ),
});

/** As files hold it; anything else that stands there is left alone. */
export const epochRecordSchema: z.ZodMiniType<EpochRecord> = z.object({
  epoch: z.int().check(z.positive()),
  seconds: z.number().check(z.nonnegative()),
  trainLoss: z.number(),
  trainAccuracy: share,
  validation: validationScoreSchema,
  temperature: z.optional(z.number().check(z.positive())),
  decision: z.optional(
    z.object({ slopes: z.array(z.number()), shifts: z.array(z.number()), thresholds: z.array(z.number()) }),
  ),
});
