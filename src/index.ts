/**
 * The library: train, load, predict, evaluate, compare, save. The same names in Node and in browsers; what a platform
 * lacks throws with advice (code `unsupported`).
 *
 * ```ts
 * import { load, train } from 'elastic-fourier';
 *
 * const classifier = await train({ data: 'mails.csv', model: 'elastic' }); // in a browser: a File, or examples
 * await classifier.predict('Win a free cruise now!'); // [{ label: 'spam', score: 0.99 }, { label: 'ham', score: 0.01 }]
 * await classifier.save('runs/mails');
 * await classifier.dispose();
 *
 * const again = await load('runs/mails');
 * ```
 *
 * What not every program needs (readers of files, trainings, comparisons, kernels of other machines) is loaded when it is called.
 *
 * @module
 */
import { platform } from '#platform';
import type { CheckOptions } from './check/check.js';
import type { CheckReport } from './check/report.js';
import type { CompareOptions } from './comparison/compareInMemory.js';
import type { Results } from './comparison/results/schema.js';
import { Dataset, datasetOf, type LabelledInput } from './data/dataset.js';
import { preloadEngine } from './engine/wasm/runtime.js';
import { Classifier, type LoadOptions } from './inference/classifier.js';
import { loadEntities } from './input/entities.js';
import { prepareSignalEncoders } from './input/index.js';
import { METHODS } from './learning/methods/index.js';
import type { TrainOptions } from './learning/train.js';
import type { ModelLocation } from './platform/place.js';
import type { DataInput } from './readers/asDataset.js';
import type { NamedBlob } from './readers/blob.js';
import type { DataFiles, ItemOptions } from './readers/dataset.js';
import type { FileInspection } from './readers/inspect.js';
import type { ReadOptions } from './readers/options.js';
import type { Verdict } from './report/verdict.js';

export type { CheckOptions } from './check/check.js';
export type { CheckName, CheckReport, Issue, IssueKind } from './check/report.js';
export type { CompareOptions } from './comparison/compareInMemory.js';
export type { Results } from './comparison/results/schema.js';
export {
  Dataset,
  type DatasetParts,
  type Label,
  type LabelledInput,
  type RawExample,
  type ReadingOptions,
  type SplitName,
} from './data/dataset.js';
export type { Skipped, SkippedRow } from './data/skipped.js';
export { split } from './data/split.js';
export { type Runtime, runtime } from './engine/wasm/runtime.js';
export {
  type ErrorCode,
  type FailureCode,
  FailureError,
  type InputCode,
  InputError,
  InterruptedError,
} from './errors.js';
export type { ClassMetrics, Evaluation, UnknownClasses } from './evaluation/metrics.js';
export type { ExportFormat, ExportOptions } from './formats/exportModel.js';
export type { CrossValidation, EpochRecord, ScoredCandidate, ValidationScore } from './formats/history.js';
export { importModel } from './formats/importModel.js';
export type { DataRecord } from './formats/runFolder.js';
export {
  Classifier,
  type EngineOptions,
  type EvaluateOptions,
  type LoadOptions,
  type PredictOptions,
  type ReadingChanges,
  type SaveOptions,
  type SuggestOptions,
  type TrainingRecord,
} from './inference/classifier.js';
export type { Evaluated, ReadExample } from './inference/evaluate.js';
export type { Evidence } from './inference/explanation.js';
export { type PipelineOptions, pipeline, type TextClassificationPipeline } from './inference/pipeline.js';
export type { Prediction, Score } from './inference/prediction.js';
export type { Chunk, InputStream } from './inference/streaming/inputStream.js';
export type { Suggestion } from './inference/suggest.js';
export type { Input, InputKind, Signal } from './input/input.js';
export type { Extent, LongMode } from './input/long.js';
export type { MissingMode, RawInput, RawSignal, Reading, TextFields } from './input/reading.js';
export { resample } from './input/resample.js';
export type { JobProgress } from './jobs/progress.js';
export type { StepEvent } from './learning/fit.js';
export type { TrainOptions } from './learning/train.js';
export type { TrainingOptions } from './learning/trainingOptions.js';
export type { ModelConfiguration, ModelName } from './model/configuration.js';
export type { TrainingSettings } from './model/trainingSettings.js';
export type { AddressOptions } from './platform/httpStore.js';
export type { ModelLocation } from './platform/place.js';
export { type FileStore, MemoryStore } from './platform/store.js';
export type { DataInput } from './readers/asDataset.js';
export type { NamedBlob } from './readers/blob.js';
export type { DataFiles, ItemOptions } from './readers/dataset.js';
export type { FileInspection } from './readers/inspect.js';
export type { ReadOptions } from './readers/options.js';
export type { ClassReport } from './readers/parse/classReport.js';
export type { Verdict } from './report/verdict.js';

/**
 * Opens a saved model: a run folder's path (in Node), an address, or a store of files. Throws InputError on one that is
 * damaged, foreign or of another version.
 *
 * @example
 * const classifier = await load('https://example.org/models/mails');
 */
export const load = (place: ModelLocation, options?: LoadOptions): Promise<Classifier> =>
  Classifier.load(place, options);

/**
 * Trains a model; the best epoch on validation (`select`) is kept. What is done to inputs before they are encoded is
 * settled by the training data, saved with the model and applied to whatever it predicts.
 *
 * Throws InputError on data or options that cannot be used, FailureError (code `diverged`) if training diverges,
 * InterruptedError when the signal is raised.
 *
 * @example
 * const classifier = await train({ data: 'mails.csv', model: 'linear' });
 * await classifier.predict('Win a free cruise now!');
 */
export async function train(options: TrainOptions): Promise<Classifier> {
  const { train: begin } = await import('./learning/train.js');
  return begin(options);
}

const comparing = () =>
  Promise.all([
    import('./comparison/compareInMemory.js'),
    import('./comparison/compareResults.js'),
    import('./report/verdict.js'),
  ]);

/**
 * All examples of files, folders (in Node), a page's files, or an array, in memory. Throws InputError naming the line of a
 * row that cannot be used (unless `skipBad` allows it), and on labels that are rather an id (unless `manyClasses`).
 *
 * @example
 * const mails = await readDataset('mails.csv', { labelField: 'kind' });
 * const [training, validation, test] = split(mails, [0.8, 0.1, 0.1]);
 */
export async function readDataset(
  data: DataFiles | readonly LabelledInput[] | Dataset,
  options?: Omit<ItemOptions, 'after'>,
): Promise<Dataset> {
  if (data instanceof Dataset) return data;
  const { readDataset: read } = await import('./readers/dataset.js');
  return read(data, options);
}

/**
 * A file's labels as a person should see them: counts, near twins, imbalance, and what to be warned of.
 *
 * @example
 * const { warnings } = await classReportOf(mails);
 */
export async function classReportOf(
  data: Dataset | readonly LabelledInput[],
): Promise<import('./readers/parse/classReport.js').ClassReport> {
  const { classReport } = await import('./readers/parse/classReport.js');
  return classReport((data instanceof Dataset ? data : datasetOf(data, 'data')).classCounts);
}

/**
 * The fields of a file and which of them are probably text and label. Throws InputError as `readDataset` does.
 *
 * @example
 * const { fields, text, label } = await inspectFile(file);
 */
export async function inspectFile(file: string | NamedBlob, options?: ReadOptions): Promise<FileInspection> {
  const { inspectFile: inspect } = await import('./readers/inspect.js');
  return inspect(file, options);
}

/**
 * Whether data say what they seem to say: labels that are probably wrong (by models that have not seen their examples),
 * duplicates and near duplicates, what alone gives the label away, odd examples and classes, and what more data would
 * bring. With `against`, such as a test file, also what both have in common, and whether they are alike.
 *
 * Throws InputError on data or options that cannot be used.
 *
 * @example
 * const { labels, issues } = await check('mails.csv', { against: 'test.csv' });
 */
export async function check(data: DataInput, options?: CheckOptions): Promise<CheckReport> {
  const { check: begin } = await import('./check/check.js');
  return begin(data, options);
}

/** What a comparison found, in figures and in the words of the report. */
export interface Compared {
  readonly results: Results;
  readonly verdict: Verdict;
}

/**
 * Trains several models on the same part of the data and tests them on the same part, one after the other, in this
 * process; `eft compare` is its larger brother. Throws InputError on data or options that cannot be used, and as `train`
 * does.
 *
 * @example
 * const { verdict } = await compare({ data: 'mails.csv', models: ['elastic', 'linear'] });
 */
export async function compare(options: CompareOptions): Promise<Compared> {
  const [{ compareInMemory }, { compareResults }, { verdictOf }] = await comparing();
  const results = await compareInMemory(options);
  return { results, verdict: verdictOf(compareResults(results)) };
}

/** What `preload` may leave out. */
export interface PreloadOptions {
  /** Readers and encoders of sounds and series. Default: true. */
  readonly signals?: boolean | undefined;
}

/** How models of texts learn. */
const TEXT_METHODS = [METHODS.gradient, METHODS.linear, METHODS.fused];

/**
 * Loads now what is otherwise loaded when it is called: this machine's kernels, the worker, readers, ways to train,
 * comparisons. Afterwards nothing is requested from anywhere (ONNX and PyTorch exports aside).
 *
 * @example
 * await preload({ signals: false }); // a page that reads texts alone
 */
export async function preload({ signals = true }: PreloadOptions = {}): Promise<void> {
  const reading = Promise.all([import('./readers/dataset.js'), import('./readers/inspect.js')]);
  await Promise.all([
    preloadEngine(),
    reading.then(([, { preloadReaders }]) => preloadReaders()),
    signals ? import('./readers/signals/formats.js') : undefined,
    signals ? prepareSignalEncoders() : undefined,
    import('./learning/train.js'),
    comparing(),
    loadEntities(),
    import('./formats/exportModel.js'),
    import('./formats/modelCard.js'),
    ...(signals ? Object.values(METHODS) : TEXT_METHODS).map((load) => load()),
  ]);
}

/**
 * Turns on the fastest vector instructions that this version of Node has, **for the whole process and all its
 * WebAssembly**: relaxed SIMD (fused multiply-add) in Node 20, 256-bit registers in Node 24 to 26 on x86-64. To be called
 * before the first model is trained or loaded; the `eft` command does, importing the library never does. Throws
 * InputError (code `unsupported`) in browsers, which have no such switch.
 */
export const enableFastVectors = (): void => platform.enableFastVectors();
