/** A comparison of examples in memory, in this process: trials one after the other, nothing kept. */
import { platform } from '#platform';
import { requireClasses } from '../data/classes.js';
import { examplesOf, type LabelledInput } from '../data/example.js';
import { splitByShares } from '../data/split.js';
import { InputError } from '../errors.js';
import { isSignal } from '../input/input.js';
import type { JobProgress } from '../jobs/progress.js';
import { parseTrainOptions, requestFor, type TrainRequest } from '../learning/options.js';
import type { ModelName } from '../model/configuration.js';
import { familyOf } from '../model/families/index.js';
import { COMPARISON_EPOCHS, protocolOf, type SplitData } from './parts.js';
import { makeResults } from './results/file.js';
import type { Results, Trial } from './results/schema.js';
import { trainTrial } from './trainTrial.js';

export interface CompareOptions extends Omit<TrainRequest, 'model' | 'seed'> {
  readonly data: readonly LabelledInput[];
  readonly models: readonly ModelName[];
  /** Trainings of each model, from seeds 0, 1, 2 …; default 1. */
  readonly seeds?: number | undefined;
  /** Shares of training, validation and test, by content. Default: 0.7, 0.1, 0.2. */
  readonly shares?: readonly [number, number, number] | undefined;
  readonly threads?: number | undefined;
  /** How far the comparison is, and which trial is at work. */
  readonly onProgress?: ((progress: JobProgress & { readonly name: string }) => void) | undefined;
  /** Stops it; `compare` then rejects with InterruptedError. */
  readonly signal?: AbortSignal | undefined;
}

const SHARES = [0.7, 0.1, 0.2] as const;

/** Models are compared at the same length, whatever their own default. */
const LENGTH = 512;

function divided(data: readonly LabelledInput[], shares: readonly number[]): SplitData {
  const examples = examplesOf(data);
  const classes = requireClasses({ name: 'data', examples });
  const [train, validation, test] = splitByShares(examples, shares);
  return { classes, train, validation, test, html: undefined, resample: undefined, wholeFiles: undefined };
}

/** Throws InputError on data or options that do not serve, and as `train` does. */
export async function compareHere(options: CompareOptions): Promise<Results> {
  const { data, models, seeds = 1, shares = SHARES, threads, onProgress, signal, ...own } = options;
  const request = { sequenceLength: LENGTH, ...own };
  if (models.length === 0) throw new InputError('name at least one model to compare');
  const parts = divided(data, shares);
  const settingsOf = (model: ModelName, seed: number) => {
    const recipe = familyOf({ model }).training.recipe.epochs;
    const epochs = request.epochs ?? (recipe === undefined ? COMPARISON_EPOCHS : undefined);
    return parseTrainOptions({ ...requestFor({ ...request, epochs }, model), seed });
  };
  const shared = settingsOf(models[0], 0);
  const protocol = protocolOf(
    'data',
    isSignal(parts.test[0]?.input ?? parts.train[0].input) ? 'signal' : 'text',
    { ...shared, epochs: request.epochs ?? COMPARISON_EPOCHS },
    parts,
  );
  const planned = models.flatMap((model) => Array.from({ length: seeds }, (_, seed) => ({ model, seed })));
  const trials: Trial[] = [];
  let machine = { node: platform.name, cpu: 'unknown', threads: 0, tier: 'unknown' };
  for (const [index, { model, seed }] of planned.entries()) {
    const name = `${model}-${seed}`;
    const {
      trial,
      tier,
      threads: used,
    } = await trainTrial(
      parts,
      { name, source: 'data', options: settingsOf(model, seed), threads, test: true },
      ({ share, note }) => onProgress?.({ share: (index + share) / planned.length, note, name }),
      signal,
    );
    machine = { ...machine, threads: used, tier };
    trials.push(trial as Trial);
  }
  return makeResults({
    command: 'compare',
    protocol: {
      ...protocol,
      learningRates: Object.fromEntries(trials.map(({ model, learningRate }) => [model, learningRate])),
    },
    machine,
    testLabels: parts.test.map(({ label }) => parts.classes.indexOf(label)),
    trials,
    tuning: [],
  });
}
