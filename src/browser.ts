/**
 * The library in a browser.
 *
 * ```ts
 * import { MemoryStore, train } from 'elastic-fourier';
 *
 * const classifier = await train({ data: [{ text: 'Win a free cruise now!', label: 'spam' }, …] });
 * await classifier.predict('A patch for the list'); // [{ label: 'ham', score: 0.98 }, { label: 'spam', score: 0.02 }]
 * ```
 *
 * What not every page needs (readers of files, comparisons, kernels of other machines) is loaded when it is called.
 *
 * @module
 */

import type { CompareOptions } from './comparison/compareInMemory.js';
import type { Results } from './comparison/results/schema.js';
import { preloadEngine } from './engine/wasm/runtime.js';
import { Classifier, type LoadOptions } from './inference/classifier.js';
import type { Place } from './platform/place.js';
import type { FileInspection, LabelledFile, NamedBlob } from './readers/file.js';
import type { ReadOptions } from './readers/options.js';
import type { TextsOptions, TextToPredict } from './readers/parse/examples.js';
import type { Verdict } from './report/verdict.js';

export type { Results } from './comparison/results/schema.js';
export { type Runtime, runtime } from './engine/wasm/runtime.js';
export * from './index.js';
export type { JobProgress } from './jobs/progress.js';
export { train } from './learning/train.js';
export type { ClassReport } from './readers/parse/classReport.js';
export type { FieldNames } from './readers/parse/fields.js';
export type { FileReading, Guess } from './readers/parse/rows.js';
export type { Skipped, SkippedRow } from './readers/parse/skipped.js';
export type { Reading } from './readers/reading.js';
export type {
  CompareOptions,
  FileInspection,
  LabelledFile,
  NamedBlob,
  ReadOptions,
  TextsOptions,
  TextToPredict,
  Verdict,
};

/** Opens a saved model from a store of files. Throws InputError on one that is damaged, foreign or of another version. */
export const load = (place: Place, options?: LoadOptions): Promise<Classifier> =>
  Classifier.load(place, options);

const readers = () => import('./readers/file.js');
const comparing = () =>
  Promise.all([
    import('./comparison/compareInMemory.js'),
    import('./comparison/compareResults.js'),
    import('./report/verdict.js'),
  ]);

/** The fields of a file and which of them are probably text and label. Throws InputError as `readFile` does. */
export async function inspectFile(file: NamedBlob, options?: ReadOptions): Promise<FileInspection> {
  return (await readers()).inspectFile(file, options);
}

/**
 * All labelled texts of a file: CSV, TSV, JSON lines, JSON array, Parquet, lines of text; all but Parquet also gzipped.
 * Throws InputError naming the line of a row that does not serve (unless `skipBad` allows it), and on labels that are
 * rather an id (unless `manyClasses`).
 */
export async function readFile(file: NamedBlob, options?: ReadOptions): Promise<LabelledFile> {
  return (await readers()).readFile(file, options);
}

/**
 * The texts of a file, labels or not, in order; an empty text is passed on, so that there is one a row. Throws InputError
 * as `readFile` does, when all texts before have been given.
 */
export async function* readTexts(
  file: NamedBlob,
  options?: ReadOptions & TextsOptions,
): AsyncGenerator<TextToPredict> {
  yield* (await readers()).readTexts(file, options);
}

/** What a comparison found, in figures and in the words of the report. */
export interface Compared {
  readonly results: Results;
  readonly verdict: Verdict;
}

/**
 * Trains several models on the same part of the data and tests them on the same part, one after the other, on one page;
 * `eft compare` is its larger brother. Throws InputError on data or options that do not serve, and as `train` does.
 */
export async function compare(options: CompareOptions): Promise<Compared> {
  const [{ compareHere }, { compareResults }, { verdictOf }] = await comparing();
  const results = await compareHere(options);
  return { results, verdict: verdictOf(compareResults(results)) };
}

/**
 * Loads now what is otherwise loaded when it is called: this machine's kernels, the worker, the readers, comparisons.
 * Afterwards nothing is requested from anywhere.
 */
export async function preload(): Promise<void> {
  await Promise.all([preloadEngine(), readers().then(({ preloadReaders }) => preloadReaders()), comparing()]);
}
