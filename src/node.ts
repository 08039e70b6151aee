/**
 * The public library: train, load, evaluate, predict, save.
 *
 * ```ts
 * import { load, train } from 'elastic-fourier';
 *
 * const classifier = await train({ data: 'mails.csv', model: 'elastic-fourier', sequenceLength: 256 });
 * console.log(await classifier.predict('Win a free cruise now!')); // { label: 'spam', scores: { spam: 0.99, ham: 0.01 } }
 * await classifier.save('runs/mails');
 * await classifier.dispose();
 *
 * const again = await load('runs/mails');
 * ```
 */

import { type Prediction, Predictor } from './classifier/predict.js';
import { trainRun } from './classifier/run.js';
import { requireClasses } from './data/classes.js';
import { encodeDataset } from './data/encode.js';
import type { Example } from './data/example.js';
import { splitByShares } from './data/split.js';
import type { Engine, Session } from './engine/engine.js';
import { createWasmEngine } from './engine/wasm/engine.js';
import { type Evaluation, evaluateLogits } from './evaluation/metrics.js';
import { type RunConfig, RunFolder, type SavedModel } from './formats/runFolder.js';
import { learnTokenizer } from './input/learn.js';
import type { Tokenizer } from './input/tokenizer.js';
import {
  configureModel,
  type ModelConfiguration,
  type ModelName,
  type ModelOptions,
  modelConfigurationSchema,
} from './model/configuration.js';
import { lowerEvaluation } from './model/lowering.js';
import { readDataset } from './readers/read.js';
import type { EpochRecord } from './training/fit.js';
import { forwardDataset } from './training/forward.js';
import {
  configureTraining,
  DEFAULT_LEARNING_RATES,
  type TrainingOptions,
  trainingSettingsSchema,
} from './training/settings.js';

export { FailureError, InputError, InterruptedError } from './errors.js';
export { enableFastVectors } from './platform/node/fastVectors.js';
export type { EpochRecord, Evaluation, Example, ModelName, Prediction };

/** Sequences that go to the engine at once. */
const BATCH = 64;

export interface TrainOptions extends TrainingOptions, Partial<Omit<ModelOptions, 'model' | 'classes'>> {
  /** Labelled texts, or a path or built-in name as `eft train --data` takes it. */
  readonly data: string | readonly Example[];
  /** Validation texts. Default: 10 % of the data, by content hash. */
  readonly validation?: readonly Example[];
  /** Default: `elastic-fourier`. */
  readonly model?: ModelName;
  /** Default: `words`. */
  readonly tokenizer?: 'words' | 'bytes';
  /** Worker threads. Default: the machine's cores, at most 8. The result does not depend on it. */
  readonly threads?: number;
  readonly onEpoch?: (record: EpochRecord, best: boolean) => void;
  /** Stops the training between two steps; `train` then rejects with InterruptedError. */
  readonly signal?: AbortSignal;
}

/** A trained model in memory. */
export class Classifier {
  readonly classes: readonly string[];
  /** Epochs of the training, if it was trained by this process. */
  readonly history: readonly EpochRecord[];
  readonly #config: RunConfig;
  readonly #tokenizer: Tokenizer;
  readonly #parameters: ReadonlyMap<string, Float32Array>;
  readonly #engine: Engine;
  readonly #session: Session;
  readonly #predictor: Predictor;
  readonly #epoch: number | undefined;

  /** @internal Use `train` or `load`. */
  constructor(engine: Engine, session: Session, model: SavedModel, history: readonly EpochRecord[]) {
    this.#engine = engine;
    this.#session = session;
    this.#config = model.config;
    this.#tokenizer = model.tokenizer;
    this.#parameters = model.parameters;
    this.#epoch = model.epoch;
    this.classes = model.config.classes;
    this.history = history;
    this.#predictor = new Predictor(session, model.tokenizer, model.config.model, this.classes);
  }

  /** The model's configuration: name, lengths, widths. */
  get configuration(): ModelConfiguration {
    return this.#config.model;
  }

  /** Label and probability of each class; an array gives an array, in the same order. */
  predict(text: string): Promise<Prediction>;
  predict(texts: readonly string[]): Promise<Prediction[]>;
  async predict(texts: string | readonly string[]): Promise<Prediction | Prediction[]> {
    if (typeof texts !== 'string') return this.#predictor.predict(texts);
    const [prediction] = await this.#predictor.predict([texts]);
    return prediction;
  }

  /** Throws InputError on a label that the model does not know. */
  async evaluate(examples: readonly Example[]): Promise<Evaluation> {
    const { sequenceLength } = this.#config.model;
    const encoded = encodeDataset('examples', examples, this.classes, this.#tokenizer, sequenceLength);
    const { logits, losses } = await forwardDataset(this.#session, encoded, this.classes.length);
    return evaluateLogits(logits, losses, encoded.labels, this.classes.length);
  }

  /** Writes a run folder that `load` and `eft predict` read. Throws FailureError if it cannot be written. */
  async save(folder: string): Promise<void> {
    const run = new RunFolder(folder);
    await run.prepare();
    await run.begin(this.#config, this.#tokenizer, this.#parameters);
    await run.writeModel(this.#config.model, this.#parameters, this.#epoch);
  }

  /** Ends the worker threads. */
  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }
}

async function open(model: SavedModel, engine: Engine, history: readonly EpochRecord[]): Promise<Classifier> {
  const session = await engine.createInference(lowerEvaluation(model.config.model), { maxBatch: BATCH });
  for (const [name, values] of model.parameters) await session.setParameter(name, values);
  return new Classifier(engine, session, model, history);
}

/**
 * Trains a model; the best epoch by validation accuracy is kept.
 * Throws InputError on data or options that do not serve, FailureError if training diverges.
 */
export async function train(options: TrainOptions): Promise<Classifier> {
  const {
    model: name = 'elastic-fourier',
    sequenceLength = 512,
    ngrams = 1,
    buckets = 0,
    vocabulary = 10_000,
  } = options;
  const dataset =
    typeof options.data === 'string'
      ? await readDataset(options.data)
      : { name: 'data', examples: options.data };
  const classes = requireClasses(dataset);
  const [examples, validation] = options.validation
    ? [dataset.examples, options.validation]
    : splitByShares(dataset.examples, [0.9, 0.1]);
  const tokenizer = learnTokenizer(
    examples.map(({ text }) => text),
    { kind: options.tokenizer ?? 'words', vocabulary, ngrams, buckets },
  );
  const pick = <T extends object>(keys: readonly string[]): T =>
    Object.fromEntries(
      keys.filter((key) => key in options).map((key) => [key, options[key as keyof TrainOptions]]),
    ) as T;
  const model = configureModel({
    ...pick(Object.keys(modelConfigurationSchema.shape)),
    model: name,
    sequenceLength,
    vocabulary: tokenizer.vocabulary,
    buckets: tokenizer.buckets,
    classes: classes.length,
  });
  const settings = configureTraining({
    learningRate: DEFAULT_LEARNING_RATES[name],
    ...pick<TrainingOptions>(Object.keys(trainingSettingsSchema.shape)),
  });
  const encode = (part: readonly Example[]) =>
    encodeDataset(dataset.name, part, classes, tokenizer, sequenceLength);
  const engine = await createWasmEngine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const { state, best } = await trainRun({
      engine,
      model,
      classes,
      tokenizer,
      settings,
      train: encode(examples),
      validation: encode(validation),
      data: { name: dataset.name, examples: examples.length },
      hooks: { onEpoch: (record, isBest) => options.onEpoch?.(record, isBest) },
      ...(options.signal ? { signal: options.signal } : {}),
    });
    const config = {
      model,
      classes,
      training: settings,
      data: { name: dataset.name, examples: examples.length },
    };
    return await open({ config, tokenizer, parameters: best, epoch: state.bestEpoch }, engine, state.history);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/** Loads a run folder. Throws InputError on one that is damaged, foreign or of another version. */
export async function load(folder: string, { threads }: { threads?: number } = {}): Promise<Classifier> {
  const model = await new RunFolder(folder).readModel();
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  return open(model, engine, []);
}
