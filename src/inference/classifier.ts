/** A trained model in memory: predicts, evaluates, saves. The command line, the comparison and the library use this one. */
import { labelsOf } from '../data/encode.js';
import { examplesOf, type LabelledInput } from '../data/example.js';
import type { Engine } from '../engine/engine.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { InputError } from '../errors.js';
import { type Evaluation, evaluateLogits } from '../evaluation/metrics.js';
import { type ExportOptions, exportModel } from '../formats/exportModel.js';
import type { EpochRecord } from '../formats/history.js';
import { type InputReading, RunFolder, type SavedModel } from '../formats/runFolder.js';
import type { FusionRecord } from '../formats/trainedModel.js';
import { type Input, type InputKind, isSignal } from '../input/input.js';
import { cutShareOf, type Extent, type LongMode, sumOfExtents } from '../input/long.js';
import { atLength, type ModelConfiguration } from '../model/configuration.js';
import { type Place, storeOf } from '../platform/place.js';
import { type Evidence, explanationOf } from './explanation.js';
import { FORWARD_BATCH } from './forwardQueue.js';
import { Paths } from './paths.js';
import { inPortions } from './portions.js';
import { type Prediction, predictionOf } from './prediction.js';
import { InputStream } from './streaming/inputStream.js';

export interface EngineOptions {
  /** Worker threads, 1 … 8. Default: the machine's cores, at most 8. The result does not depend on it. */
  readonly threads?: number | undefined;
}

export interface LoadOptions extends EngineOptions {
  /**
   * Tokens to read of a text, instead of as many as in training. For families whose parameters do not depend on the
   * length; others are refused.
   */
  readonly sequenceLength?: number | undefined;
  /** What to read of longer inputs, instead of what training read: head, tail, head-tail or windows. */
  readonly long?: LongMode | undefined;
}

export interface PredictOptions {
  /** How many of the most probable classes to give. Default: all. */
  readonly topK?: number | undefined;
  /** Ends the work early: the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** @internal As of PathsRequest. */
  readonly onSequences?: ((count: number) => void) | undefined;
}

/** Logits and losses of labelled examples beside the scores made from them. */
export interface Evaluated extends Evaluation {
  /** [examples, classes], row-major; of an input in windows the logarithms of its mean scores. */
  readonly logits: Float64Array;
  /** Tokens of the examples, and how many of them were read. */
  readonly extent: Extent;
  /** Share of the examples' tokens that was not read, 0 … 1. */
  readonly cutShare: number;
  /** Cross-entropy of each. */
  readonly losses: Float64Array;
}

/** What a run says of how it was trained; plain JSON. */
export interface TrainingRecord {
  /** Its settings, those that were defaults too. */
  readonly training: Readonly<Record<string, unknown>>;
  /** Name and sizes of the data. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The same model that reads inputs otherwise; a linear path of bytes reads as many of them as the deep one. */
function readingAs(saved: SavedModel, { sequenceLength, long }: LoadOptions): SavedModel {
  const { model, reading } = saved.config;
  const { linear } = saved;
  const config = {
    ...saved.config,
    model: atLength(model, sequenceLength ?? model.sequenceLength),
    reading: { ...reading, long: long ?? reading.long },
  };
  if (linear?.encoder.takes !== 'bytes' || sequenceLength === undefined) return { ...saved, config };
  return { ...saved, config, linear: { ...linear, model: atLength(linear.model, sequenceLength) } };
}

export class Classifier {
  readonly classes: readonly string[];
  /** Epochs of the training, if it was trained by this process. */
  readonly history: readonly EpochRecord[];
  readonly #model: SavedModel;
  readonly #engine: Engine;
  readonly #paths: Paths;
  /** Where it was loaded from. */
  readonly #folder: RunFolder | undefined;

  private constructor(
    engine: Engine,
    paths: Paths,
    model: SavedModel,
    history: readonly EpochRecord[],
    folder: RunFolder | undefined,
  ) {
    this.#folder = folder;
    this.#engine = engine;
    this.#paths = paths;
    this.#model = model;
    this.classes = model.config.classes;
    this.history = history;
  }

  /** @internal Use `train` or `load`. Takes the engine over: `dispose` ends it. */
  static async open(
    model: SavedModel,
    engine: Engine,
    { history = [], folder }: { history?: readonly EpochRecord[]; folder?: RunFolder } = {},
  ): Promise<Classifier> {
    return new Classifier(engine, await Paths.open(engine, model), model, history, folder);
  }

  /**
   * Opens what `save` or `eft train` wrote. Throws InputError on a place that holds no run, or one that is damaged or
   * of another version.
   */
  static async load(place: Place, options: LoadOptions = {}): Promise<Classifier> {
    const folder = new RunFolder(storeOf(place));
    const model = readingAs(await folder.readModel(), options);
    const { threads } = options;
    const engine = await createWasmEngine(threads === undefined ? {} : { threads });
    try {
      return await Classifier.open(model, engine, { folder });
    } catch (error) {
      await engine.dispose();
      throw error;
    }
  }

  /** The model's configuration: name, lengths, widths. */
  get configuration(): ModelConfiguration {
    return this.#model.config.model;
  }

  /** What is known of its training: settings and data. */
  get training(): TrainingRecord {
    const { training, data } = this.#model.config;
    return { training, data };
  }

  /** Epoch of the weights; 0: untrained, no epoch was finished yet; undefined: the file does not say. */
  get epoch(): number | undefined {
    return this.#model.epoch;
  }

  /** By which logits are divided before they become scores: fitted on validation, so that scores mean what they say. */
  get temperature(): number {
    return this.#model.temperature ?? 1;
  }

  /** What it predicts: texts, bytes (texts too), or signals. */
  get takes(): InputKind {
    return this.#model.encoder.takes ?? 'text';
  }

  /** What validation said of a model of two paths; undefined for a model of one. */
  get fusion(): FusionRecord | undefined {
    return this.#model.linear?.fusion;
  }

  /** What should be known before its answers are trusted; empty as a rule. */
  get warnings(): readonly string[] {
    return this.#paths.warnings;
  }

  /** What is read of inputs that are longer than the model, and what its training did with HTML in files. */
  get reading(): InputReading {
    return this.#model.config.reading;
  }

  /** Share of the input's tokens that the model knows, 0 … 1: a label for an input of unknown tokens says nothing. */
  knownShare(input: Input): number {
    return this.#paths.knownShare(input);
  }

  /** Tokens of the input, and how many of them the model reads. */
  extentOf(input: Input): Extent {
    return this.#paths.extentOf(input);
  }

  /** Share of the inputs' tokens that the model does not read, 0 … 1: what stands there cannot change an answer. */
  cutShare(inputs: Input | readonly Input[]): number {
    const all: readonly Input[] = Array.isArray(inputs) ? inputs : [inputs as Input];
    return cutShareOf(sumOfExtents(all.map((input) => this.extentOf(input))));
  }

  /** Classes with their probabilities, largest first; an array gives an array, in the same order. Calls may overlap. */
  predict(input: Input, options?: PredictOptions): Promise<Prediction>;
  predict(inputs: readonly Input[], options?: PredictOptions): Promise<Prediction[]>;
  async predict(
    inputs: Input | readonly Input[],
    options: PredictOptions = {},
  ): Promise<Prediction | Prediction[]> {
    const one = async (input: Input): Promise<Prediction> => {
      this.#demandKind(input);
      return predictionOf(await this.#paths.logits(input, options), this.classes, options.topK);
    };
    return Array.isArray(inputs) ? Promise.all((inputs as readonly Input[]).map(one)) : one(inputs as Input);
  }

  /** @internal A prediction, and what was read for it. */
  async answer(
    input: Input,
    { topK }: PredictOptions = {},
  ): Promise<{ readonly prediction: Prediction; readonly extent: Extent }> {
    this.#demandKind(input);
    const { logits, extent } = await this.#paths.forward(input);
    return { prediction: predictionOf(logits, this.classes, topK), extent };
  }

  #demandKind(input: Input): void {
    if (this.takes === 'text' && typeof input !== 'string') {
      throw new InputError(
        `this model takes texts, not ${isSignal(input) ? 'signals' : 'bytes'}: give it strings`,
      );
    }
  }

  /** Whether the model knows any token of the input: a label for one of unknown tokens says nothing. */
  knows(input: Input): boolean {
    // Mostly the first few tokens tell.
    for (const length of [16, 128]) {
      if (this.#paths.knownShare(input, length) > 0) return true;
    }
    return this.knownShare(input) > 0;
  }

  /**
   * The pieces of the input that decided, those that speak most for or against the most probable class first. Throws
   * InputError for models whose logits are no sums over pieces; linear's are, and elastic's in part: its linear path.
   */
  async explain(input: Input): Promise<Evidence[]> {
    const [{ label }] = await this.predict(input, { topK: 1 });
    return explanationOf(this.#model, input, this.classes.indexOf(label));
  }

  /** Predictions of a stream, in order; memory does not grow with its length. */
  predictStream(inputs: AsyncIterable<Input>, options: PredictOptions = {}): AsyncGenerator<Prediction> {
    return inPortions(inputs, FORWARD_BATCH, (portion) => this.predict(portion, options));
  }

  /**
   * For one input that comes in chunks: `push` them, ask for a running `answer`, and `end` with that of the whole, which
   * is what `predict` gives (to 10⁻⁵). Chunks are signals (or their numbers, Float32Array), bytes, or pieces of a text.
   * Signals and bytes take bounded memory and time a chunk, however long they get: an `elastic` model that reads from the
   * head holds a block of rows, others what they read at once.
   *
   * ```ts
   * const stream = classifier.stream({ topK: 1 });
   * for await (const samples of microphone) {
   *   await stream.push(samples);
   *   show(await stream.answer());
   * }
   * const [{ label }] = await stream.end();
   * ```
   */
  stream({ topK }: PredictOptions = {}): InputStream {
    const { channels, rate } = this.#model.encoder;
    return new InputStream({
      ...{ takes: this.takes, channels, rate },
      open: (text) => this.#paths.streams(text),
      answer: (logits) => predictionOf(this.#paths.sum(logits), this.classes, topK),
    });
  }

  /**
   * Throws InputError on a label that the model does not know.
   * @param onProgress examples done so far
   */
  async evaluate(
    examples: readonly LabelledInput[],
    { name = 'examples', onProgress }: { name?: string; onProgress?: (done: number) => void } = {},
  ): Promise<Evaluated> {
    const given = examplesOf(examples);
    for (const { input } of given.slice(0, 1)) this.#demandKind(input);
    const labels = labelsOf(name, given, this.classes);
    const count = this.classes.length;
    const logits = new Float64Array(labels.length * count);
    const losses = new Float64Array(labels.length);
    const extents: Extent[] = [];
    let done = 0;
    await Promise.all(
      Array.from(labels, async (label, i) => {
        const result = await this.#paths.forward(given[i].input, label);
        logits.set(result.logits, i * count);
        losses[i] = result.loss;
        extents.push(result.extent);
        onProgress?.(++done);
      }),
    );
    const extent = sumOfExtents(extents);
    const read = { extent, cutShare: cutShareOf(extent) };
    return { ...evaluateLogits(logits, losses, labels, count), logits, losses, ...read };
  }

  /** Writes a run that `load` and `eft predict` read. Throws FailureError if it cannot be written. */
  async save(place: Place): Promise<void> {
    const { config, epoch } = this.#model;
    const run = new RunFolder(storeOf(place));
    await run.prepare();
    await run.begin(config, this.#model);
    await run.writeModel(config.model, this.#model, epoch);
  }

  /**
   * Writes the model in a format of others, over older files. Throws FailureError if it cannot be written, InputError
   * where the format has no place for the model.
   */
  async export(place: Place, options: ExportOptions): Promise<void> {
    const { epoch } = this.#model;
    const trained = this.history.find((record) => record.epoch === epoch);
    const accuracy =
      trained?.validation.accuracy ??
      (epoch === undefined ? undefined : await this.#folder?.readAccuracy(epoch));
    await exportModel(this.#model, accuracy, storeOf(place), options);
  }

  /** Answers what was asked before, then ends the worker threads and gives the memory back. */
  async dispose(): Promise<void> {
    await this.#paths.close();
    await this.#engine.dispose();
  }
}
