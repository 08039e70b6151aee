/** Chooses the learning rates, on the validation split where they are tuned. */
import { codeOf } from '../errors.js';
import type { Executor } from '../jobs/executor.js';
import { inTurns } from '../jobs/inTurns.js';
import type { JobProgress } from '../jobs/progress.js';
import { isBetter } from '../learning/fit.js';
import type { ModelName } from '../model/configuration.js';
import { type ComparisonHooks, type ComparisonPlan, recipeIn } from './plan.js';
import type { TuningTrial } from './results/schema.js';
import { trialRequest } from './schedule.js';
import type { TrialJobs } from './trial.js';

/** The grid that `--tune` starts from. It widens while its best rate is its end. */
export const LEARNING_RATE_GRID = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2];

/** Every rate that `--tune` may try. */
const RATES = [1e-5, 3e-5, 1e-4, ...LEARNING_RATE_GRID, 1e-1, 3e-1];

/** The rate with the best validation; of equals the one tried first. */
const bestRate = (tried: readonly TuningTrial[]): number =>
  tried.reduce((best, trial) => (isBetter(trial.validation, best.validation) ? trial : best)).learningRate;

/**
 * The rate still to be tried: first those of the grid, then the neighbour of the best rate, if the best is the lowest
 * or the highest that was tried. None when the best lies between two others, or `RATES` ends.
 */
export function nextRate(tried: readonly TuningTrial[]): number | undefined {
  const isTried = (rate: number): boolean => tried.some(({ learningRate }) => learningRate === rate);
  const inGrid = LEARNING_RATE_GRID.find((rate) => !isTried(rate));
  if (inGrid !== undefined) return inGrid;
  const best = RATES.indexOf(bestRate(tried));
  return [RATES[best - 1], RATES[best + 1]].find((rate) => rate !== undefined && !isTried(rate));
}

/** The rates that can be tried without knowing what comes of each other: the rest of the grid, or a neighbour of the best. */
function nextRates(tried: readonly TuningTrial[]): number[] {
  const grid = LEARNING_RATE_GRID.filter((rate) => !tried.some(({ learningRate }) => learningRate === rate));
  const next = nextRate(tried);
  return grid.length > 0 || next === undefined ? grid : [next];
}

/**
 * The learning rate of each model: the one given, or with `plan.tune` the one chosen on validation at the shortest
 * length, or its default. The tuning trials of an earlier run are not repeated; all come back.
 */
export async function chooseLearningRates(
  plan: ComparisonPlan,
  executor: Executor<TrialJobs>,
  earlier: readonly TuningTrial[],
  hooks: ComparisonHooks,
  signal: AbortSignal | undefined,
): Promise<{ learningRates: Record<string, number>; tuning: TuningTrial[] }> {
  const { learningRate: given } = plan;
  const learningRates: Record<string, number> = {};
  const added = new Map<ModelName, TuningTrial[]>();
  await inTurns(plan.models, executor.concurrency, async (model) => {
    const chosen = typeof given === 'number' ? given : given?.[model];
    if (chosen === undefined && plan.tune) {
      const tried = earlier.filter((trial) => trial.model === model);
      const more = await tune(plan, executor, model, tried, hooks, signal);
      added.set(model, more);
      learningRates[model] = bestRate([...tried, ...more]);
    } else learningRates[model] = chosen ?? recipeIn(plan, model, 1).learningRate;
  });
  const tuning = [...earlier, ...plan.models.flatMap((model) => added.get(model) ?? [])];
  return {
    learningRates: Object.fromEntries(plan.models.map((model) => [model, learningRates[model]])),
    tuning,
  };
}

/** The trials still to be made after those in `earlier`, until the best rate lies between two others. */
async function tune(
  plan: ComparisonPlan,
  executor: Executor<TrialJobs>,
  model: ModelName,
  earlier: readonly TuningTrial[],
  hooks: ComparisonHooks,
  signal: AbortSignal | undefined,
): Promise<TuningTrial[]> {
  const sequenceLength = Math.min(...plan.lengths);
  const tried = [...earlier];
  for (let rates = nextRates(tried); rates.length > 0; rates = nextRates(tried)) {
    const found = new Map<number, TuningTrial>();
    await inTurns(rates, executor.concurrency, async (learningRate, index) => {
      const name = `tune-${model}-${sequenceLength}-${learningRate}`;
      const total = Math.max(LEARNING_RATE_GRID.length, tried.length + rates.length);
      hooks.onTrial?.({ name, index: tried.length + index, total });
      const request = trialRequest(plan, { name, model, sequenceLength, seed: 0 }, learningRate, {
        test: false,
      });
      const tell = (progress: JobProgress): void => hooks.onProgress?.({ ...progress, name });
      const { trial } = await executor.run('trial', name, request, tell, signal).catch((error: Error) => {
        // A rate at which training diverges has lost; anything else is a fault.
        if (codeOf(error) === 'diverged') return { trial: undefined };
        throw error;
      });
      const best = trial?.epochs[trial.bestEpoch - 1];
      const result = {
        model,
        sequenceLength,
        learningRate,
        epochs: trial?.epochs.length ?? 0,
        validation: best?.validation ?? { accuracy: 0, loss: Number.MAX_VALUE },
      };
      found.set(learningRate, result);
      hooks.onTuned?.(result);
    });
    // In the order of the rates, whichever ended first: of equals the one tried first is the best.
    tried.push(...rates.map((rate) => found.get(rate)!));
  }
  return tried.slice(earlier.length);
}
