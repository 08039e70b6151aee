/** A comparison of examples in memory, in this process: trials one after the other, nothing kept. */
import * as z from 'zod/mini';
import { platform } from '#platform';
import { InputError, InterruptedError } from '../errors.js';
import type { JobProgress } from '../jobs/progress.js';
import {
  parseTrainOptions,
  requestFor,
  type TrainRequest,
  threadOptions,
  trainRequestSchema,
} from '../learning/options.js';
import { MODEL_NAMES, type ModelName } from '../model/configuration.js';
import { familyOf } from '../model/families/index.js';
import { parsedOptions } from '../options.js';
import { asDataset, type DataInput } from '../readers/asDataset.js';
import type { ReadOptions } from '../readers/options.js';
import { COMPARISON_EPOCHS, protocolOf, testGroupsOf } from './parts.js';
import { makeResults } from './results/file.js';
import type { Results, Trial } from './results/schema.js';
import { splitDataset } from './splitData.js';
import { trainTrial } from './trainTrial.js';

export interface CompareOptions extends Omit<TrainRequest, 'model' | 'seed'> {
  /** Labelled data: a path or built-in name (in Node), a File or Blob, a Dataset, or examples. */
  readonly data: DataInput;
  /** How data are read, e.g. `{ labelField: 'kind' }`. */
  readonly read?: ReadOptions | undefined;
  /** The models to compare, at least one, e.g. `['elastic', 'linear']`. */
  readonly models: readonly ModelName[];
  /** Trainings of each model, from seeds 0, 1, 2 …; default 1. */
  readonly seeds?: number | undefined;
  /** Shares of training, validation and test, by content. Default: 0.7, 0.1, 0.2. */
  readonly shares?: readonly [number, number, number] | undefined;
  /** Worker threads, 1 … 8. Default: the machine's cores, at most 8. */
  readonly threads?: number | undefined;
  /** How far the comparison is, and which trial is at work. */
  readonly onProgress?: ((progress: JobProgress & { readonly name: string }) => void) | undefined;
  /** Stops it; `compare` then rejects with InterruptedError. */
  readonly signal?: AbortSignal | undefined;
}

const SHARES = [0.7, 0.1, 0.2] as const;

/** Models are compared at the same length, whatever their own default. */
const LENGTH = 512;

const { model: _, seed: __, ...settings } = trainRequestSchema.shape;

const compareOptionsSchema = z.strictObject({
  ...z.partial(z.object(settings)).shape,
  data: z.unknown(),
  read: z.optional(z.looseObject({})),
  models: z.array(z.enum(MODEL_NAMES)).check(z.minLength(1, { error: 'name at least one model to compare' })),
  seeds: z.optional(z.int().check(z.gte(1), z.lte(1000))),
  shares: z.optional(
    z
      .tuple([
        z.number().check(z.gt(0), z.lt(1)),
        z.number().check(z.gt(0), z.lt(1)),
        z.number().check(z.gt(0), z.lt(1)),
      ])
      .check(
        z.refine((shares) => Math.abs(shares[0] + shares[1] + shares[2] - 1) < 1e-9, {
          error: 'the shares of training, validation and test must sum to 1',
        }),
      ),
  ),
  threads: threadOptions.threads,
  onProgress: z.optional(
    z.custom<unknown>((value) => value === undefined || typeof value === 'function', {
      error: 'it must be a function',
    }),
  ),
  signal: z.optional(z.instanceof(AbortSignal)),
});

/** Throws InputError on data or options that cannot be used, and as `train` does. */
export async function compareInMemory(options: CompareOptions): Promise<Results> {
  parsedOptions(compareOptionsSchema, options, 'compare');
  const { data, read, models, seeds = 1, shares = SHARES, threads, onProgress, signal, ...own } = options;
  const request = { sequenceLength: LENGTH, ...own };
  const repeated = models.findIndex((model, i) => models.indexOf(model) !== i);
  if (repeated >= 0)
    throw new InputError(`compare: models[${repeated}], '${models[repeated]}', is named twice`);
  if (signal?.aborted) throw new InterruptedError('the comparison was stopped', { cause: signal.reason });
  const dataset = await asDataset(data, 'data', read);
  const parts = await splitDataset(dataset, shares);
  const settingsOf = (model: ModelName, seed: number) => {
    const recipe = familyOf({ model }).training.recipe.epochs;
    const epochs = request.epochs ?? (recipe === undefined ? COMPARISON_EPOCHS : undefined);
    return parseTrainOptions({ ...requestFor({ ...request, epochs }, model), seed });
  };
  const shared = settingsOf(models[0], 0);
  const protocol = protocolOf(
    dataset.name,
    dataset.kind === 'signal' ? 'signal' : 'text',
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
      { name, source: dataset.name, options: settingsOf(model, seed), threads, test: true },
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
    ...testGroupsOf(parts.test),
    trials,
    tuning: [],
  });
}
