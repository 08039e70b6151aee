/** The moment of a training as its run folder keeps it: taken from a session, checked, and put back. */
import * as z from 'zod';
import type { Session } from '../engine/engine.js';
import { InputError } from '../errors.js';
import type { Checkpoint } from '../formats/runFolder.js';
import type { FitState } from '../training/fit.js';

type Weights = Map<string, Float32Array>;

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const amount = z.number().nonnegative();

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
        validation: z.object({ accuracy: share, loss: z.number() }),
      }),
    ),
    bestEpoch: count,
    stopped: z.boolean(),
  })
  .superRefine(({ epoch, history, bestEpoch }, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (history.length !== epoch) refuse('history', `${history.length} records of ${epoch} finished epochs`);
    if (history.some((record, i) => record.epoch !== i + 1))
      refuse('history', 'its epochs are not 1, 2, 3 …');
    if (bestEpoch > epoch || (bestEpoch === 0) !== (epoch === 0)) {
      refuse('bestEpoch', `${bestEpoch} is none of ${epoch} finished epochs`);
    }
  });

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
      `${path}: the checkpoint is damaged: step ${step} is not batch ${batch} behind ${epoch} epochs of ${batches} batches`,
    );
  }
  return parsed.data;
}

async function collect(
  names: readonly string[],
  read: (name: string) => ArrayLike<number> | Promise<ArrayLike<number>>,
): Promise<Weights> {
  const weights: Weights = new Map();
  for (const name of names) weights.set(name, Float32Array.from(await read(name)));
  return weights;
}

export function weightsOf(session: Session, names: readonly string[]): Promise<Weights> {
  return collect(names, (name) => session.parameter(name));
}

export async function checkpointOf(
  session: Session,
  names: readonly string[],
): Promise<Pick<Checkpoint, 'parameters' | 'm' | 'v'>> {
  return {
    parameters: await weightsOf(session, names),
    m: await collect(names, (name) => session.moment('m', name)),
    v: await collect(names, (name) => session.moment('v', name)),
  };
}

export async function restore(
  session: Session,
  { parameters, m, v }: Pick<Checkpoint, 'parameters' | 'm' | 'v'>,
): Promise<void> {
  for (const [name, values] of parameters) await session.setParameter(name, values);
  for (const [name, values] of m) await session.setMoment('m', name, values);
  for (const [name, values] of v) await session.setMoment('v', name, values);
}
