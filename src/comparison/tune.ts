/** Chooses a model's learning rate on the validation split. */
import { FailureError } from '../errors.js';
import type { TuningTrial } from '../evaluation/results.js';
import type { ModelName } from '../model/configuration.js';
import type { TrainingSettings } from '../training/settings.js';
import { runInProcess } from './launch.js';
import type { ComparisonHooks, ComparisonPlan } from './plan.js';
import type { TrialRequest } from './trial.js';

/** The grid of `--tune`. */
export const LEARNING_RATE_GRID = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2];

/** The rate of the grid with the best validation at the shortest length; trials of an earlier run are not repeated. */
export async function tune(
  plan: ComparisonPlan,
  model: ModelName,
  tuning: TuningTrial[],
  request: (
    name: string,
    model: ModelName,
    length: number,
    settings: Partial<TrainingSettings>,
    test: boolean,
  ) => TrialRequest,
  hooks: ComparisonHooks,
  signal: AbortSignal | undefined,
): Promise<number> {
  const sequenceLength = Math.min(...plan.lengths);
  for (const [index, learningRate] of LEARNING_RATE_GRID.entries()) {
    const done = tuning.some((trial) => trial.model === model && trial.learningRate === learningRate);
    if (done) continue;
    const name = `tune-${model}-${sequenceLength}-${learningRate}`;
    hooks.onTrial?.({ name, index, total: LEARNING_RATE_GRID.length });
    const { trial } = await runInProcess(
      request(name, model, sequenceLength, { seed: 0, learningRate }, false),
      (progress) => hooks.onProgress?.({ ...progress, name }),
      signal,
    ).catch((error: Error) => {
      // A rate at which training diverges has lost; anything else is a fault.
      if (error instanceof FailureError && /diverged/.test(error.message)) return { trial: undefined };
      throw error;
    });
    const best = trial?.epochs[trial.bestEpoch - 1];
    const result = {
      model,
      sequenceLength,
      learningRate,
      epochs: plan.settings.epochs,
      validation: best?.validation ?? { accuracy: 0, loss: Number.MAX_VALUE },
    };
    tuning.push(result);
    hooks.onTuned?.(result);
  }
  const own = tuning.filter((trial) => trial.model === model);
  const better = (a: TuningTrial, b: TuningTrial): number =>
    b.validation.accuracy - a.validation.accuracy || a.validation.loss - b.validation.loss;
  const [{ learningRate }] = [...own].sort(better);
  if (learningRate === LEARNING_RATE_GRID[0] || learningRate === LEARNING_RATE_GRID.at(-1)) {
    hooks.onNote?.(`${model}: ${learningRate} is the end of the grid; a rate beyond it may be better still`);
  }
  return learningRate;
}
