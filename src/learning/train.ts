/** Trains a classifier on labelled examples in memory. */
import type * as z from 'zod';
import { type Dataset, examplesOf, type LabelledInput } from '../data/example.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { InputError } from '../errors.js';
import type { EpochRecord } from '../formats/history.js';
import { RunFolder } from '../formats/runFolder.js';
import { Classifier, type EngineOptions } from '../inference/classifier.js';
import { foreignOptions, type ModelName } from '../model/configuration.js';
import { type Place, storeOf } from '../platform/place.js';
import { chooseModel } from './choose.js';
import type { StepEvent } from './fit.js';
import {
  AUTO,
  parseTrainOptions,
  requestFor,
  type TrainSettings,
  type trainOptionsSchema,
} from './options.js';
import { type DividedDataset, partsOf, prepare, takesUnlabelled, trainingPart } from './prepare.js';
import { requireNoRun, trainRun } from './run.js';

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface TrainOptions extends Optional<Omit<TrainSettings, 'model'>>, EngineOptions {
  /** `auto`: the better of a baseline and `elastic`, by cross-validation on the training data. */
  readonly model?: ModelName | typeof AUTO | undefined;
  readonly data: readonly LabelledInput[];
  /** What to call the data, in messages and in the model's record. Default: data. */
  readonly name?: string | undefined;
  /** What was done with HTML in the texts, for the record: texts of files are then read likewise for prediction. */
  readonly html?: 'keep' | 'strip' | undefined;
  /** Default: 10 % of the data, by content hash. */
  readonly validation?: readonly LabelledInput[] | undefined;
  /**
   * More texts, without labels: models that begin with vectors of words (`elastic`, `elastic-fourier`, `standard`) learn
   * words and vectors from them too.
   */
  readonly unlabelled?: readonly string[] | undefined;
  /** An epoch was validated; `best`: better than all before. */
  readonly onEpoch?: ((record: EpochRecord, best: boolean) => void) | undefined;
  readonly onStep?: ((event: StepEvent) => void) | undefined;
  /** Stops the training between two steps; `train` then rejects with InterruptedError. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Where the run is kept while it trains: after each epoch and when it is stopped, and so that `load` opens the best
   * epoch so far. Refused where a run is already, unless `resume` is set. Default: nowhere.
   */
  readonly out?: Place | undefined;
  /** Go on with the run in `out`, which must be of the same data and settings; the result has the same bits. */
  readonly resume?: boolean | undefined;
}

/**
 * Trains a model; the best epoch on validation (`select`) is kept.
 * Throws InputError on data or options that do not serve, FailureError (code `diverged`) if training diverges,
 * InterruptedError when the signal is raised.
 */
export async function train(options: TrainOptions): Promise<Classifier> {
  const { data, validation, name = 'data', html } = options;
  return trainOn(
    { name, examples: examplesOf(data), html },
    validation && { name: 'validation', examples: examplesOf(validation) },
    options,
  );
}

/** The settings alone. */
function settingsOf(options: Partial<TrainOptions>): Omit<Partial<TrainOptions>, RunKey> {
  const {
    data: _data,
    name: _name,
    html: _html,
    validation: _validation,
    unlabelled: _unlabelled,
    threads: _threads,
    onEpoch: _onEpoch,
    onStep: _onStep,
    signal: _signal,
    out: _out,
    resume: _resume,
    ...settings
  } = options;
  return settings;
}

type RunKey =
  | 'data'
  | 'name'
  | 'html'
  | 'validation'
  | 'unlabelled'
  | 'threads'
  | 'onEpoch'
  | 'onStep'
  | 'signal'
  | 'out'
  | 'resume';

type OptionsOnDatasets = Omit<TrainOptions, 'data' | 'name' | 'html' | 'validation'>;

/** What of the options serves one model: without what means nothing to it, what it tells, and where it is kept. */
function optionsFor(options: OptionsOnDatasets, model: ModelName): OptionsOnDatasets {
  const { unlabelled, signal, threads } = options;
  return {
    ...requestFor(settingsOf(options), model),
    ...(takesUnlabelled(model) ? { unlabelled } : {}),
    signal,
    threads,
  };
}

/** Trains candidates with the same options. */
export function trainingOf(
  options: OptionsOnDatasets,
): (part: Dataset, model: ModelName) => Promise<Classifier> {
  return (part, model) => trainOn(part, undefined, optionsFor(options, model));
}

/** The same on datasets with names, which may come divided, and may have been read from files with HTML in them. */
export async function trainOn(
  dataset: DividedDataset,
  validation: Dataset | undefined,
  options: OptionsOnDatasets,
): Promise<Classifier> {
  if (options.model === AUTO) {
    // Before the trainings from which a model is chosen.
    if (options.out !== undefined && !options.resume) await requireNoRun(new RunFolder(storeOf(options.out)));
    const { model } = await chooseModel(trainingPart(dataset), trainingOf(options));
    const { onEpoch, onStep, out, resume } = options;
    return trainOn(dataset, validation, { ...optionsFor(options, model), onEpoch, onStep, out, resume });
  }
  const { threads, onEpoch, onStep, signal, out, resume } = options;
  const settings = settingsOf(options);
  const parsed = parseTrainOptions(settings as z.input<typeof trainOptionsSchema>);
  const [foreign] = foreignOptions({ ...settings, model: parsed.model });
  if (foreign !== undefined) throw new InputError(`'${foreign}' means nothing to the model ${parsed.model}`);
  const parts = { ...partsOf(dataset, validation), unlabelled: options.unlabelled };
  const prepared = prepare(parts, parsed);
  const data = { name: dataset.name, examples: parts.train.length };
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  try {
    const { config, state, best } = await trainRun({
      engine,
      ...prepared,
      data,
      html: dataset.html,
      resample: dataset.resample,
      wholeFiles: dataset.wholeFiles,
      hooks: {
        onEpoch: (record, isBest) => onEpoch?.(record, isBest),
        onStep: (event) => onStep?.(event),
      },
      ...(signal ? { signal } : {}),
      ...(out === undefined ? {} : { folder: new RunFolder(storeOf(out)), resume: resume === true }),
    });
    return await Classifier.open({ config, ...best, epoch: state.bestEpoch }, engine, {
      history: state.history,
    });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}
