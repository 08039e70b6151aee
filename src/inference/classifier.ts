/// <reference lib="esnext.disposable" preserve="true" />
/** A trained model in memory: predicts, evaluates, saves. The command line, the comparison and the library use this one. */
import { ReadingPass } from '../data/applyReading.js';
import { Dataset, type LabelledInput, type RawExample } from '../data/dataset.js';
import { setText } from '../data/labelSets.js';
import type { SkipList } from '../data/skipped.js';
import type { FoundEvent } from '../data/timedEvent.js';
import type { Engine } from '../engine/engine.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { disposedError, InputError, InterruptedError } from '../errors.js';
import {
  asksDoubt,
  brokenPromise,
  type Doubt,
  type DoubtOptions,
  needsLeftOut,
} from '../evaluation/doubt.js';
import type { DoubtMeasured } from '../evaluation/doubtMeasured.js';
import type { LeftOut } from '../evaluation/leftOut.js';
import { unlikeness } from '../evaluation/unlikeness.js';
import { USUAL_THRESHOLD } from '../evaluation/multiLabel.js';
import type { ExportOptions } from '../formats/exportModel.js';
import type { EpochRecord } from '../formats/history.js';
import { type DataRecord, RunFolder, type SavedModel } from '../formats/runFolder.js';
import type { FusionRecord } from '../formats/trainedModel.js';
import type { Input, InputKind } from '../input/input.js';
import { cutShareOf, type Extent, type LongMode, sumOfExtents } from '../input/long.js';
import { type Expected, prepareReading, type RawInput, type Reading, readInput } from '../input/reading.js';
import { atLength, type ModelConfiguration } from '../model/configuration.js';
import type { TrainingSettings } from '../model/trainingSettings.js';
import type { AddressOptions } from '../platform/httpStore.js';
import { type ModelLocation, storeOf } from '../platform/place.js';
import { asDataset, type DataInput } from '../readers/asDataset.js';
import { isBlob } from '../readers/blob.js';
import type { ReadOptions } from '../readers/options.js';
import type { DetectOptions, Detector, ListenOptions, SoundChunk } from './detection/detector.js';
import { type Evaluated, type EvaluateHooks, evaluateInputs, type ReadExample } from './evaluate.js';
import { evaluateLabels } from './evaluateLabels.js';
import { type Evidence, explanationOf } from './explanation.js';
import { FORWARD_BATCH } from './forwardQueue.js';
import {
  checkEvaluateOptions,
  checkExportOptions,
  checkLoadOptions,
  checkPredictOptions,
} from './options.js';
import { Paths } from './paths.js';
import { inPortions } from './portions.js';
import {
  type AnswerMarks,
  answeredOf,
  labelPredictionOf,
  type Prediction,
  predictionOf,
  type SetRule,
  setRule,
} from './prediction.js';
import { InputStream } from './streaming/inputStream.js';
import { leastSureAndUnlike, modelFeatures, type Suggestion } from './suggest.js';

export interface EngineOptions {
  /** Worker threads, 1 … 8. Default: the machine's cores, at most 8. The result does not depend on it. */
  readonly threads?: number | undefined;
}

export interface LoadOptions extends EngineOptions, AddressOptions, DoubtOptions {
  /**
   * Tokens to read of a text, instead of as many as in training. For families whose parameters do not depend on the
   * length; others are refused.
   */
  readonly sequenceLength?: number | undefined;
  /** What to read of longer inputs, instead of what training read: head, tail, head-tail or windows. */
  readonly long?: LongMode | undefined;
  /** Whether answers say how unlike the training inputs the input is (`unknown`). Default: false. */
  readonly unknown?: boolean | undefined;
  /** What to do to inputs before they are encoded, where that is to differ from training. */
  readonly reading?: ReadingChanges | undefined;
}

/** Parts of a model's reading that may be changed when it is loaded. */
export type ReadingChanges = Omit<Partial<Reading>, 'long' | 'unicode' | 'wholeFiles' | 'mono'> & {
  readonly mono?: boolean | undefined;
};

export interface EvaluateOptions extends EvaluateHooks<RawExample & ReadExample> {
  /** How files are read, e.g. `{ labelField: 'kind' }`. */
  readonly read?: ReadOptions | undefined;
  /** Ends the work early: the call then rejects with InterruptedError. */
  readonly signal?: AbortSignal | undefined;
}

export interface PredictOptions {
  /** How many of the most probable classes to give. Default: all. */
  readonly topK?: number | undefined;
  /** Ends the work early: the call then rejects with InterruptedError, whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** @internal As of PathsRequest. */
  readonly onSequences?: ((count: number) => void) | undefined;
}

export interface SuggestOptions {
  /** How many inputs to choose. Default: 20. */
  readonly count?: number | undefined;
  /** After how many a new batch begins: label one, train, and ask again. Default: all are one. */
  readonly batch?: number | undefined;
  /** Ends the work early: the call then rejects with InterruptedError. */
  readonly signal?: AbortSignal | undefined;
}

export interface SaveOptions {
  /** Whether another run that lies there is replaced. Default: false. */
  readonly overwrite?: boolean | undefined;
}

/** @internal What is said of a read input. */
export interface ReadAnswer {
  /** Of a model that answers any number of labels, where no `topK` is asked for: those alone. */
  readonly prediction: Prediction;
  /** Those labels, the most probable first. */
  readonly labels?: readonly string[];
  readonly extent: Extent;
  /** Whether any token of it is known. */
  readonly known: boolean;
}

/** What a run says of how it was trained; plain JSON. */
export interface TrainingRecord {
  /** Its settings, those that were defaults too. */
  readonly training: Readonly<TrainingSettings>;
  /** Name and sizes of the data. */
  readonly data: Readonly<DataRecord>;
}

/** The same model that reads inputs otherwise; a linear path of bytes reads as many of them as the deep one. */
function readingAs(
  saved: SavedModel,
  { sequenceLength, long, reading: changes = {} }: LoadOptions,
): SavedModel {
  const { model, reading } = saved.config;
  const { linear } = saved;
  const config = {
    ...saved.config,
    model: atLength(model, sequenceLength ?? model.sequenceLength),
    reading: changed(reading, changes, long),
  };
  if (linear?.encoder.inputKind !== 'bytes' || sequenceLength === undefined) return { ...saved, config };
  return { ...saved, config, linear: { ...linear, model: atLength(linear.model, sequenceLength) } };
}

function changed(reading: Reading, { mono, ...others }: ReadingChanges, long = reading.long): Reading {
  const { mono: own, ...base } = reading;
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return { ...base, ...given, ...((mono ?? own) ? { mono: true } : {}), long };
}

/** The items up to an abort, which also ends the wait for the next one. */
async function* until<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const source = items[Symbol.asyncIterator]();
  const next = (): Promise<IteratorResult<T> | undefined> =>
    new Promise((resolve, reject) => {
      // Heard for one item only: what is held does not grow with the stream.
      const stop = (): void => resolve(undefined);
      signal.addEventListener('abort', stop, { once: true });
      const settled = (): void => signal.removeEventListener('abort', stop);
      source.next().then(resolve, reject).finally(settled);
    });
  try {
    for (;;) {
      requireNotAborted(signal);
      const item = await next();
      if (item === undefined) continue;
      if (item.done) return;
      yield item.value;
    }
  } finally {
    // Not waited for: a source that is waiting for its next item ends only when that has come.
    source.return?.()?.catch(() => {});
  }
}

function requireNotAborted(signal: AbortSignal | undefined, what = 'the prediction'): void {
  if (signal?.aborted) throw new InterruptedError(`${what} was stopped`, { cause: signal.reason });
}

interface OpenOptions {
  readonly history?: readonly EpochRecord[];
  /** What the model says of examples that it did not learn from; default: what it brings. */
  readonly leftOut?: () => Promise<LeftOut | undefined>;
  /** Evidence of the examples left out, ascending, where answers are to say how unlike them an input is. */
  readonly likeness?: Float64Array | undefined;
}

/** Throws InputError where there is nothing to compare with. */
function likenessOf(leftOut: LeftOut | undefined): Float64Array {
  if (leftOut === undefined || leftOut.evidence.length === 0) {
    throw new InputError(
      'this model has no scores of examples that were left out (left-out.json), with which inputs could be compared: train it again',
    );
  }
  return Float64Array.from(leftOut.evidence).sort();
}

/** The same model with another threshold, or other sets, where they are asked for. */
async function doubtingAs(
  saved: SavedModel,
  folder: RunFolder,
  { unsure, maxError, minCoverage, sets }: LoadOptions,
): Promise<SavedModel> {
  const given = Object.entries({ unsure, maxError, minCoverage, sets }).filter(
    ([, value]) => value !== undefined,
  );
  const asked: DoubtOptions = Object.fromEntries(given);
  if (!asksDoubt(asked)) return saved;
  const { changedDoubt } = await import('../evaluation/settleDoubt.js');
  const leftOut = needsLeftOut(asked) ? await folder.readLeftOut() : undefined;
  return { ...saved, config: { ...saved.config, doubt: changedDoubt(saved.config.doubt, asked, leftOut) } };
}

export class Classifier {
  readonly classes: readonly string[];
  /** Epochs of its training, as far as they are recorded. */
  readonly history: readonly EpochRecord[];
  readonly #model: SavedModel;
  readonly #engine: Engine;
  readonly #paths: Paths;
  readonly #expected: Expected;
  readonly #leftOut: () => Promise<LeftOut | undefined>;
  readonly #likeness: Float64Array | undefined;
  #detector: Promise<Detector> | undefined;
  /** Of a model that answers any number of labels. */
  readonly #sets: SetRule | undefined;
  #disposed: Promise<void> | undefined;

  private constructor(
    engine: Engine,
    paths: Paths,
    model: SavedModel,
    { history = [], leftOut = async () => model.leftOut, likeness }: OpenOptions,
  ) {
    this.#engine = engine;
    this.#paths = paths;
    this.#model = model;
    this.classes = model.config.classes;
    this.#sets = model.config.model.multiLabel
      ? setRule(this.classes, model.decision?.thresholds)
      : undefined;
    this.history = history;
    this.#leftOut = leftOut;
    this.#likeness = likeness;
    const { inputKind: kind = 'text', channels, rate } = model.encoder;
    this.#expected = { kind, channels, rate };
  }

  /** @internal Use `train` or `load`. Takes the engine over: `dispose` ends it. */
  static async open(model: SavedModel, engine: Engine, options: OpenOptions = {}): Promise<Classifier> {
    await prepareReading(model.config.reading);
    return new Classifier(engine, await Paths.open(engine, model), model, options);
  }

  /**
   * Opens what `save` or `eft train` wrote. Throws InputError on a place that holds no run, or one that is damaged or
   * of another version.
   */
  static async load(place: ModelLocation, options: LoadOptions = {}): Promise<Classifier> {
    checkLoadOptions(options);
    const { threads, timeout, maxBytes } = options;
    const folder = new RunFolder(storeOf(place, { timeout, maxBytes }));
    const model = await doubtingAs(readingAs(await folder.readModel(), options), folder, options);
    const history = await folder.readHistory();
    const engine = await createWasmEngine(threads === undefined ? {} : { threads });
    try {
      const leftOut = (): Promise<LeftOut | undefined> => folder.readLeftOut();
      const likeness = options.unknown ? likenessOf(await leftOut()) : undefined;
      return await Classifier.open(model, engine, { history, leftOut, likeness });
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

  /** Whether it answers any number of labels, each with a score of its own, instead of one class. */
  get multiLabel(): boolean {
    return this.#sets !== undefined;
  }

  /** Of a model that answers any number of labels: by label, the score from which on it is answered. */
  get thresholds(): ReadonlyMap<string, number> | undefined {
    if (this.#sets === undefined) return undefined;
    const { thresholds } = this.#model.decision ?? {};
    return new Map(this.classes.map((label, c) => [label, thresholds?.[c] ?? USUAL_THRESHOLD]));
  }

  #predictionOf(logits: ArrayLike<number>, topK?: number, unlike?: number): Prediction {
    return this.#sets === undefined
      ? predictionOf(logits, this.classes, topK, this.doubt, unlike)
      : labelPredictionOf(logits, this.#sets, topK);
  }

  /** What it predicts: texts, bytes (texts too), or signals. */
  get inputKind(): InputKind {
    return this.#expected.kind;
  }

  /** Of a model of signals: the channels and the rate (samples a second) of its training, where that is known. */
  get signalShape(): { readonly channels: number; readonly rate?: number | undefined } | undefined {
    const { kind, channels, rate } = this.#expected;
    return kind === 'signal' ? { channels: channels ?? 1, rate } : undefined;
  }

  /** What validation said of a model of two paths; undefined for a model of one. */
  get fusion(): FusionRecord | undefined {
    return this.#model.linear?.fusion;
  }

  /** Which of its answers are unsure, and what its sets hold; undefined where it says neither. */
  get doubt(): Doubt | undefined {
    return this.#model.config.doubt;
  }

  /** What should be known before its answers are trusted; empty as a rule. */
  get warnings(): readonly string[] {
    const broken = this.doubt && brokenPromise(this.doubt);
    return [...this.#paths.warnings, ...(broken ? [`every answer is unsure: ${broken}`] : [])];
  }

  /** What is done to inputs before they are encoded, and what is read of long ones: as in training. */
  get reading(): Reading {
    return this.#model.config.reading;
  }

  /** Applies the model's reading. Throws InputError naming the input. */
  #read(raw: unknown, where = 'input'): Input {
    this.#requireOpen();
    this.#requireOneAnswer();
    return readInput(raw, this.reading, this.#expected, where);
  }

  /** Share of the input's tokens that the model knows, 0 … 1: a label for an input of unknown tokens says nothing. */
  knownShare(input: RawInput): number {
    return this.#paths.knownShare(this.#read(input));
  }

  /** Tokens of the input, and how many of them the model reads. */
  extentOf(input: RawInput): Extent {
    return this.#paths.extentOf(this.#read(input));
  }

  /** Share of the inputs' tokens that the model does not read, 0 … 1: what stands there cannot change an answer. */
  cutShare(inputs: RawInput | readonly RawInput[]): number {
    this.#requireOpen();
    const all: readonly RawInput[] = Array.isArray(inputs) ? inputs : [inputs as RawInput];
    return cutShareOf(sumOfExtents(all.map((input) => this.extentOf(input))));
  }

  /**
   * Classes with their probabilities, largest first. An array, a dataset or a file gives an array, in the same order. The
   * model's reading is applied to each input. Calls may overlap.
   *
   * Throws InputError naming the input that is of another kind, empty or no number; nothing is then answered.
   *
   * @example
   * await classifier.predict('Win a free cruise now!', { topK: 1 }); // [{ label: 'spam', score: 0.99 }]
   */
  predict(input: RawInput, options?: PredictOptions): Promise<Prediction>;
  predict(inputs: readonly RawInput[] | Dataset | Blob, options?: PredictOptions): Promise<Prediction[]>;
  async predict(
    inputs: RawInput | readonly RawInput[] | Dataset | Blob,
    options: PredictOptions = {},
  ): Promise<Prediction | Prediction[]> {
    checkPredictOptions(options, 'predict');
    this.#requireOpen();
    requireNotAborted(options.signal);
    if (Array.isArray(inputs)) {
      const read = (inputs as readonly RawInput[]).map((input, i) => this.#read(input, `inputs[${i}]`));
      return Promise.all(read.map((input) => this.predictRead(input, options)));
    }
    if (inputs instanceof Dataset || isBlob(inputs)) {
      const dataset = await asDataset(inputs as Dataset, 'inputs', {
        ...this.readOptions({}),
        labelled: false,
      });
      const read = dataset.examples.map(({ input, place }) => this.#read(input, place));
      return Promise.all(read.map((input) => this.predictRead(input, options)));
    }
    return this.predictRead(this.#read(inputs), options);
  }

  /** @internal How files are read for this model, but for what was given. */
  readOptions(given: ReadOptions): ReadOptions {
    const { fields, wholeFiles } = this.reading;
    const input = this.inputKind === 'signal' ? 'signal' : wholeFiles ? 'bytes' : 'text';
    const labels = this.multiLabel ? 'many' : 'one';
    return { input, labels, ...(fields === undefined ? {} : { textField: fields.join(',') }), ...given };
  }

  /** @internal Of an input to which the reading was applied. */
  async predictRead(input: Input, options: PredictOptions = {}): Promise<Prediction> {
    const logits = await this.#paths.logits(input, options).catch((error) => {
      requireNotAborted(options.signal);
      throw error;
    });
    return this.#predictionOf(logits, options.topK, this.#unlikeness(logits, input));
  }

  #unlikeness(logits: Float64Array, input: Input): number | undefined {
    if (this.#likeness === undefined) return undefined;
    return unlikeness(this.#likeness, logits, this.#paths.knownShare(input));
  }

  /** @internal What its answers carry besides. */
  get marks(): readonly (keyof AnswerMarks)[] {
    const { unsure, sets } = this.doubt ?? {};
    return [
      ...(unsure === undefined ? [] : (['unsure'] as const)),
      ...(sets === undefined ? [] : (['set'] as const)),
      ...(this.#likeness === undefined ? [] : (['unknown'] as const)),
    ];
  }

  /** @internal The door for examples that come one after the other; those that cannot be read are counted. */
  readingPass(skipped: SkipList): ReadingPass {
    this.#requireOpen();
    this.#requireOneAnswer();
    return new ReadingPass(this.reading, this.#expected, skipped);
  }

  /** @internal A prediction of a read input, what was read of it, and whether any of its tokens is known. */
  async answerRead(input: Input, { topK }: PredictOptions = {}): Promise<ReadAnswer> {
    const { logits, extent } = await this.#paths.forward(input);
    const known = this.#knowsAny(input);
    const unlike = this.#unlikeness(logits, input);
    if (this.#sets === undefined) {
      return { prediction: this.#predictionOf(logits, topK, unlike), extent, known };
    }
    const all = this.#predictionOf(logits);
    const prediction = topK === undefined ? all.filter(({ chosen }) => chosen) : all.slice(0, topK);
    return { prediction, labels: answeredOf(all), extent, known };
  }

  #knowsAny(input: Input): boolean {
    // Mostly the first few tokens tell.
    for (const length of [16, 128]) {
      if (this.#paths.knownShare(input, length) > 0) return true;
    }
    return this.#paths.knownShare(input) > 0;
  }

  /** Whether the model knows any token of the input: a label for one of unknown tokens says nothing. */
  hasKnownTokens(input: RawInput): boolean {
    return this.#knowsAny(this.#read(input));
  }

  /**
   * Which inputs to label next, those that teach most first: of which the model is least sure, and which are unlike each
   * other. Throws InputError naming an input that cannot be read.
   *
   * @example
   * const [first] = await classifier.suggest(tickets, { count: 20 }); // { index: 7, reason: 'billing 41 %, refund 39 %…' }
   */
  async suggest(
    inputs: readonly RawInput[] | Dataset,
    { count = 20, batch = count, signal }: SuggestOptions = {},
  ): Promise<Suggestion[]> {
    this.#requireOpen();
    if (!(Number.isInteger(count) && count >= 1 && Number.isInteger(batch) && batch >= 1)) {
      throw new InputError("suggest: 'count' and 'batch' must be whole numbers from 1 on");
    }
    const read =
      inputs instanceof Dataset
        ? inputs.examples.map(({ input, place }) => this.#read(input, place))
        : inputs.map((input, i) => this.#read(input, `inputs[${i}]`));
    const answers: Prediction[] = [];
    for (let from = 0; from < read.length; from += FORWARD_BATCH) {
      requireNotAborted(signal, 'the choice');
      const some = read.slice(from, from + FORWARD_BATCH);
      answers.push(...(await Promise.all(some.map((input) => this.predictRead(input, { topK: 2 })))));
    }
    const margins = answers.map(([first, second]) => first.score - second.score);
    const { encoder, linear, config } = this.#model;
    const { encoder: own, model } = linear ?? { encoder, model: config.model };
    const chosen = await leastSureAndUnlike(margins, count, async (place) => {
      requireNotAborted(signal, 'the choice');
      return modelFeatures(own.encode(read[place], model.sequenceLength));
    });
    return chosen.map(({ place, distance }, i) => {
      const [first, second] = answers[place];
      const percent = (share: number): string => `${Math.round(100 * share)} %`;
      const unlike = i === 0 ? 'the least sure of all' : `${percent(distance)} unlike those before it`;
      return {
        index: place,
        batch: 1 + Math.floor(i / batch),
        label: first.label,
        rival: second.label,
        scores: [first.score, second.score],
        distance,
        reason: `${first.label} ${percent(first.score)}, ${second.label} ${percent(second.score)}; ${unlike}`,
      };
    });
  }

  /**
   * The pieces of the input that decided, those that speak most for or against the most probable class first. Throws
   * InputError for models whose logits are no sums over pieces; linear's are, and elastic's in part: its linear path.
   *
   * @example
   * const [first] = await classifier.explain('Win a free cruise now!'); // { text: 'cruise', evidence: [-0.8, 0.8] }
   */
  async explain(input: RawInput): Promise<Evidence[]> {
    return this.explainRead(this.#read(input));
  }

  /** @internal Of an input to which the reading was applied. */
  async explainRead(input: Input): Promise<Evidence[]> {
    const [{ label }] = await this.predictRead(input, { topK: 1 });
    return explanationOf(this.#model, input, this.classes.indexOf(label));
  }

  /** Predictions of a stream, in order; memory does not grow with its length. */
  predictStream(inputs: AsyncIterable<RawInput>, options: PredictOptions = {}): AsyncGenerator<Prediction> {
    checkPredictOptions(options, 'predictStream');
    this.#requireOpen();
    if (typeof (inputs as Partial<typeof inputs> | null)?.[Symbol.asyncIterator] !== 'function') {
      throw new InputError('predictStream: inputs must be an async iterable, such as an async generator');
    }
    let count = 0;
    return inPortions(
      options.signal === undefined ? inputs : until(inputs, options.signal),
      FORWARD_BATCH,
      async (portion) => {
        this.#requireOpen();
        const read = portion.map((input) => this.#read(input, `input ${++count} of the stream`));
        return Promise.all(read.map((input) => this.predictRead(input, options)));
      },
    );
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
  stream(options: PredictOptions = {}): InputStream {
    checkPredictOptions(options, 'stream');
    this.#requireOpen();
    this.#requireOneAnswer();
    return new InputStream({
      expected: this.#expected,
      reading: this.reading,
      open: (text) => this.#paths.streams(text),
      answer: (logits) => this.#predictionOf(this.#paths.sum(logits), options.topK),
    });
  }

  /** Whether it says what happens when (`detect`, `listen`), instead of one answer for all of an input. */
  get findsEvents(): boolean {
    return this.#model.config.events !== undefined;
  }

  /**
   * What happens when in a recording: onset and offset in seconds, by onsets. Sounds of another rate are brought to the
   * model's, several channels are mixed. Throws InputError on a model that gives one answer for all of an input.
   *
   * @example
   * await classifier.detect({ values: samples, rate: 8000 }); // [{ onset: 1.24, offset: 1.7, label: 'knock', score: 0.97 }, …]
   */
  async detect(recording: SoundChunk, options: DetectOptions = {}): Promise<FoundEvent[]> {
    return (await this.#detecting()).detect(recording, options);
  }

  /**
   * Events of sound that comes in chunks of any size, without end: each when it is over and `listeningDelay` seconds of sound
   * have followed it. Memory does not grow. The same events whatever the chunks.
   *
   * @example
   * for await (const { label, onset } of classifier.listen(chunks, { rate: 16_000 })) console.log(label, onset);
   */
  async *listen(
    chunks: AsyncIterable<SoundChunk> | Iterable<SoundChunk>,
    options: ListenOptions = {},
  ): AsyncGenerator<FoundEvent> {
    yield* (await this.#detecting()).listen(chunks, options);
  }

  /** Seconds of sound that follow the end of an event before `listen` gives it, at most. */
  async listeningDelay(): Promise<number> {
    return (await this.#detecting()).delay;
  }

  /** Loaded when it is asked for: most models give one answer. */
  #detecting(): Promise<Detector> {
    this.#requireOpen();
    this.#detector ??= import('./detection/detector.js').then(
      ({ Detector: Own }) => new Own(this.#model, this.#engine),
    );
    return this.#detector;
  }

  #requireOneAnswer(): void {
    if (!this.findsEvents) return;
    throw new InputError(
      'this model says what happens when, and gives no answer for all of an input: ask detect() or listen() (eft detect)',
    );
  }

  /**
   * Scores labelled data: a path, a File or Blob, a Dataset, or examples. The model's reading is applied to each input.
   * Examples with a label that the model does not know count as wrong (`unknown`). Throws InputError on an example that
   * cannot be read (unless the data may leave some out), and where no label is one of the model's.
   *
   * @example
   * const { accuracy, accuracyInterval, confusion } = await classifier.evaluate('test.csv');
   */
  async evaluate(
    data: DataInput | readonly LabelledInput[],
    options: EvaluateOptions = {},
  ): Promise<Evaluated> {
    checkEvaluateOptions(options);
    this.#requireOpen();
    const { read, signal, ...hooks } = options;
    requireNotAborted(signal, 'the evaluation');
    const dataset = await asDataset(data, 'data', this.readOptions({ ...read }));
    const { skipList } = dataset;
    const pass = this.readingPass(skipList);
    const examples = function* (): Generator<RawExample & ReadExample> {
      for (const raw of dataset.examples) {
        requireNotAborted(signal, 'the evaluation');
        const { label, labels, place } = raw;
        const bare = label === undefined && labels === undefined;
        const input = bare ? skipList.add(place, 'this example has no label') : pass.read(raw);
        if (input !== undefined) yield { ...raw, input, label: label ?? setText(labels!) };
      }
    };
    return this.evaluateRead(examples(), dataset.name, hooks);
  }

  /** @internal Of examples to which the reading was applied. */
  evaluateRead<E extends ReadExample>(
    examples: AsyncIterable<E> | Iterable<E>,
    name: string,
    hooks: EvaluateHooks<E> = {},
  ): Promise<Evaluated> {
    const forward = async (input: Input, label: number) => {
      const result = await this.#paths.forward(input, label);
      const unlike = this.#unlikeness(result.logits, input);
      return unlike === undefined ? result : { ...result, unlike };
    };
    if (this.#sets !== undefined) {
      return evaluateLabels(forward, this.classes, this.#model.decision?.thresholds, examples, name, hooks);
    }
    return evaluateInputs(forward, this.classes, examples, name, hooks);
  }

  /** How often it is wrong on what it is surest of, and whether its doubt held, on examples that `evaluate` scored. */
  async doubtOn({
    logits,
    labels,
    unlike,
  }: Pick<Evaluated, 'logits' | 'labels' | 'unlike'>): Promise<DoubtMeasured> {
    const { measureDoubt } = await import('../evaluation/doubtMeasured.js');
    return measureDoubt({ logits, labels, unlike }, this.classes.length, this.doubt);
  }

  /**
   * Writes a run that `load` and `eft predict` read, with its history. Throws InputError where the place holds another run
   * and `overwrite` is not set, FailureError if it cannot be written.
   */
  async save(place: ModelLocation, { overwrite = false }: SaveOptions = {}): Promise<void> {
    const { config, epoch } = this.#model;
    const run = new RunFolder(storeOf(place));
    const leftOut = await this.#leftOut();
    await run.save(config, { ...this.#model, leftOut }, { epoch, history: this.history, overwrite });
  }

  /**
   * Writes the model in a format of others, over older files. Throws FailureError if it cannot be written, InputError
   * where the format has no place for the model.
   */
  async export(place: ModelLocation, options: ExportOptions): Promise<void> {
    checkExportOptions(options);
    const { epoch } = this.#model;
    const trained = this.history.find((record) => record.epoch === epoch);
    // Loaded when it is asked for: most programs only predict.
    const { exportModel } = await import('../formats/exportModel.js');
    await exportModel(this.#model, trained?.validation.accuracy, storeOf(place), options);
  }

  #requireOpen(): void {
    if (this.#disposed !== undefined) throw disposedError();
  }

  /** Answers what was asked before, then ends the worker threads and gives the memory back. May be called again. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#paths.close().then(() => this.#engine.dispose());
    return this.#disposed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}
