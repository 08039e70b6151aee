/** Where a training stood, as its checkpoint says: checked before it is believed. */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import { validationScoreSchema } from '../formats/history.js';
import type { FitState } from './fit.js';

const count = z.int().check(z.nonnegative());
const share = z.number().check(z.gte(0), z.lte(1));
const amount = z.number().check(z.nonnegative());

const stateSchema = z
  .object({
    epoch: count,
    batch: count,
    step: count,
    lossSum: z.number(),
    correct: count,
    seconds: amount,
    history: z.array(
      z.object({
        epoch: count,
        seconds: amount,
        trainLoss: z.number(),
        trainAccuracy: share,
        validation: validationScoreSchema,
        temperature: z.optional(z.number().check(z.positive())),
      }),
    ),
    bestEpoch: count,
    stopped: z.boolean(),
  })
  .check(
    z.superRefine(({ epoch, history, bestEpoch }, context) => {
      const refuse = (path: string, message: string): void =>
        context.addIssue({ code: 'custom', path: [path], message });
      if (history.length !== epoch)
        refuse('history', `${history.length} records of ${epoch} finished epochs`);
      if (history.some((record, i) => record.epoch !== i + 1))
        refuse('history', 'its epochs are not 1, 2, 3 …');
      if (bestEpoch > epoch || (bestEpoch === 0) !== (epoch === 0)) {
        refuse('bestEpoch', `${bestEpoch} is none of ${epoch} finished epochs`);
      }
    }),
  );

/**
 * The counters of a checkpoint, checked against one another and the data. Throws InputError naming the fault.
 * @param batches of an epoch
 * @param path of the run, for messages
 */
export function requireState(json: unknown, batches: number, path: string): FitState {
  const parsed = stateSchema.safeParse(json);
  if (!parsed.success) {
    throw new InputError(`${path}: the checkpoint is damaged:\n${z.prettifyError(parsed.error)}`);
  }
  const { epoch, batch, step } = parsed.data;
  if (batch >= batches || step !== epoch * batches + batch) {
    throw new InputError(
      `${path}: the checkpoint is damaged: step ${step} is not batch ${batch} after ${epoch} epochs of ${batches} batches`,
    );
  }
  return parsed.data;
}
