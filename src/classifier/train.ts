/** Trains a classifier on labelled examples in memory. */
import { type Dataset, examplesOf, type LabelledInput } from '../data/example.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { InputError } from '../errors.js';
import { foreignOptions } from '../model/configuration.js';
import type { EpochRecord, StepEvent } from '../training/fit.js';
import { Classifier, type EngineOptions } from './classifier.js';
import { parseTrainOptions, type TrainSettings } from './options.js';
import { partsOf, prepare } from './prepare.js';
import { trainRun } from './run.js';

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface TrainOptions extends Optional<TrainSettings>, EngineOptions {
  readonly data: readonly LabelledInput[];
  /** Default: 10 % of the data, by content hash. */
  readonly validation?: readonly LabelledInput[] | undefined;
  /** An epoch was validated; `best`: better than all before. */
  readonly onEpoch?: ((record: EpochRecord, best: boolean) => void) | undefined;
  readonly onStep?: ((event: StepEvent) => void) | undefined;
  /** Stops the training between two steps; `train` then rejects with InterruptedError. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains a model; the best epoch by validation accuracy is kept.
 * Throws InputError on data or options that do not serve, FailureError (code `diverged`) if training diverges,
 * InterruptedError when the signal is raised.
 */
export async function train(options: TrainOptions): Promise<Classifier> {
  const { data, validation } = options;
  return trainOn(
    { name: 'data', examples: examplesOf(data) },
    validation && { name: 'validation', examples: examplesOf(validation) },
    options,
  );
}

/** The same on datasets with names. */
export async function trainOn(
  dataset: Dataset,
  validation: Dataset | undefined,
  options: Omit<TrainOptions, 'data' | 'validation'>,
): Promise<Classifier> {
  const { threads, onEpoch, onStep, signal, ...rest } = options;
  const { data: _data, validation: _validation, ...settings } = rest as Partial<TrainOptions>;
  const parsed = parseTrainOptions(settings);
  const [foreign] = foreignOptions({ ...settings, model: parsed.model });
  if (foreign !== undefined) throw new InputError(`'${foreign}' means nothing to the model ${parsed.model}`);
  const prepared = prepare(partsOf(dataset, validation), parsed);
  const data = { name: dataset.name, examples: prepared.train.labels.length };
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  try {
    const { config, state, best } = await trainRun({
      engine,
      ...prepared,
      data,
      hooks: {
        onEpoch: (record, isBest) => onEpoch?.(record, isBest),
        onStep: (event) => onStep?.(event),
      },
      ...(signal ? { signal } : {}),
    });
    return await Classifier.open({ config, ...best, epoch: state.bestEpoch }, engine, {
      history: state.history,
    });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}
