/** What a comparison is to do, and whom it tells. */

import type { JobProgress } from '../jobs/progress.js';
import type { TrainSettings } from '../learning/options.js';
import type { ModelName } from '../model/configuration.js';
import { familyOf } from '../model/families/index.js';
import type { Recipe } from '../model/families/recipe.js';
import type { PairingCost, PairingScale } from './pairing.js';
import type { Pairing, Trial, TuningTrial } from './results/schema.js';
import { type DataPlan, holdsSignals } from './splitData.js';

/** Settings of a model where none are given: those of its family for data of this kind. @param examples to train on */
export function recipeIn({ data }: Pick<ComparisonPlan, 'data'>, model: ModelName, examples: number): Recipe {
  const { training, capabilities } = familyOf({ model });
  const { recipe } = training;
  return holdsSignals(data) ? { ...recipe, ...capabilities.signals?.recipe(examples) } : recipe;
}

export interface ComparisonPlan {
  readonly folder: string;
  /** The command line, for the record. */
  readonly command: string;
  readonly data: DataPlan;
  readonly models: readonly ModelName[];
  readonly lengths: readonly number[];
  /** Seeds 0 … seeds − 1. */
  readonly seeds: number;
  /** Of every trial; a model takes the shape options that it knows. */
  readonly options: Omit<TrainSettings, 'model' | 'sequenceLength' | 'seed' | 'learningRate'>;
  /** One rate for all models, or some models' own; the others are tuned, or have their default. */
  readonly learningRate: number | Readonly<Partial<Record<ModelName, number>>> | undefined;
  /** Choose each model's rate on validation first, at the shortest length. */
  readonly tune: boolean;
  readonly threads: number | undefined;
  /** Also the model that costs less scaled until it costs what the other does; bags are left out. */
  readonly pairings: readonly PairingCost[];
  readonly pairingScale: PairingScale;
  /** Measure at the end where the time of a training step goes, at the greatest length. */
  readonly profile: boolean;
}

export interface ComparisonHooks {
  /** A trial begins; `index` of `total` that are still to be run. */
  onTrial?(trial: { name: string; index: number; total: number }): void;
  onProgress?(progress: JobProgress & { name: string }): void;
  onTrialDone?(trial: Trial): void;
  /** A trial failed while others go on. */
  onFailed?(name: string, error: Error): void;
  onTuned?(trial: TuningTrial): void;
  onPaired?(pairing: Pairing): void;
  /** Something that takes a while and is no trial. */
  onNote?(note: string): void;
  /** Trials that an earlier run finished. */
  onKept?(count: number): void;
}
