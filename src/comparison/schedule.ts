/** The trials that a comparison consists of: each model, preset or scaled, at each length from each seed. */
import { join } from 'node:path';
import { type ModelName, type ModelOptions, modelConfigurationSchema } from '../model/configuration.js';
import { COMPARISON_EPOCHS } from './parts.js';
import { type ComparisonPlan, recipeIn } from './plan.js';
import type { Pairing } from './results/schema.js';
import type { TrialRequest } from './trial.js';

/** A row of the comparison: a preset, or a model scaled for a pairing. */
interface Competitor {
  readonly label: string;
  readonly model: ModelName;
  readonly sequenceLength: number;
  /** Shape of a scaled model. */
  readonly scaled?: Omit<ModelOptions, 'model' | 'sequenceLength'>;
}

export interface ScheduledTrial extends Competitor {
  /** Also its folder's name: "standard, equal FLOPs" gives standard-equal-FLOPs-512-0. */
  readonly name: string;
  readonly seed: number;
}

export function scheduleTrials(plan: ComparisonPlan, pairings: readonly Pairing[]): ScheduledTrial[] {
  const competitors = plan.lengths.flatMap((sequenceLength): Competitor[] => [
    ...plan.models.map((model) => ({ label: model, model, sequenceLength })),
    ...pairings
      .filter((pairing) => pairing.sequenceLength === sequenceLength && plan.pairings.includes(pairing.cost))
      .map(({ name, configuration }) => {
        const { model, sequenceLength: _, ...scaled } = modelConfigurationSchema.parse(configuration);
        return { label: name, model, sequenceLength, scaled };
      }),
  ]);
  return competitors.flatMap((competitor) =>
    Array.from({ length: plan.seeds }, (_, seed) => ({
      ...competitor,
      name: `${competitor.label.replaceAll(/\W+/g, '-')}-${competitor.sequenceLength}-${seed}`,
      seed,
    })),
  );
}

/** Where a trial's run folder lies in a comparison's folder. */
export function trialFolder(folder: string, name: string): string {
  return join(folder, 'trials', name);
}

/** What a trial's process is told. `test` false leaves the test split alone. */
export function trialRequest(
  plan: ComparisonPlan,
  trial: Omit<ScheduledTrial, 'label'>,
  learningRate: number,
  { test }: { test: boolean },
): TrialRequest {
  const { name, model, sequenceLength, seed } = trial;
  const { classes: _, ...shape } = trial.scaled ?? {};
  const own = recipeIn(plan, model, 1).epochs !== undefined;
  const epochs = plan.options.epochs ?? (own ? undefined : COMPARISON_EPOCHS);
  return {
    name,
    folder: trialFolder(plan.folder, name),
    data: plan.data,
    options: { ...plan.options, ...shape, epochs, model, sequenceLength, seed, learningRate },
    threads: plan.threads,
    test,
  };
}
