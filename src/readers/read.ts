/** Reads labelled datasets, and texts for prediction: whole or as a stream, on one path. */
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Dataset, Example } from '../data/example.js';
import { takeTurns } from '../data/limit.js';
import { InputError } from '../errors.js';
import { loadBuiltIn } from './builtIn.js';
import { type FolderLayout, folderExamples, layoutOf } from './folder.js';
import { requireFormat } from './formats.js';
import { inventoryOf, requireRoom } from './inventory.js';
import { Notes } from './notes.js';
import { gzipFault, openFile, openStream } from './open.js';
import { type CheckedOptions, checkOptions, type ReadOptions } from './options.js';
import { openParquetFile } from './parquetThread.js';
import {
  decideHtml,
  examplesOf,
  htmlStage,
  labelStage,
  type ReadExample,
  SPLIT_NAMES,
  type SplitName,
  type TextsOptions,
  type TextToPredict,
  textsOf,
  withoutHtml,
} from './parse/examples.js';
import { type FileReading, openRows, type RowSource } from './parse/rows.js';
import { type DataPath, expandPaths } from './paths.js';
import type { Reading } from './reading.js';

export { FORMATS, type Format, type ReadOptions, readerOptionsSchema } from './options.js';
export { type ClassReport, classReport, countClasses } from './parse/classReport.js';
export type { ReadExample, SplitName, TextsOptions, TextToPredict } from './parse/examples.js';
export { describeReading, type Reading } from './reading.js';

/** Examples or texts as they are read, once; and how they are read. */
export interface ReadStream<T> extends AsyncIterable<T> {
  /** Where the data come from, for messages and reports. */
  readonly name: string;
  /** What is known so far; all of it when the stream has ended. */
  readonly reading: Reading;
}

/** A stream of examples, whose labels are counted. */
export interface ExampleStream extends ReadStream<ReadExample> {
  /** Number of examples of each label so far, in order of first appearance. */
  readonly classCounts: ReadonlyMap<string, number>;
}

export interface ReadResult extends Dataset<string>, Reading {
  /** Where the data come divided: the examples of each part, all of which are among `examples`. */
  readonly splits?: Readonly<Partial<Record<SplitName, readonly Example<string>[]>>>;
}

/** For messages: the names of a few, or the first and how many more. */
export function nameOf(from: string | readonly string[]): string {
  if (typeof from === 'string') return from;
  return from.length <= 3 ? from.join(', ') : `${from[0]} and ${from.length - 1} more`;
}

/** Throws InputError if there is no such file, or if it is of no format that is read. */
async function openData(path: string, options: CheckedOptions): Promise<RowSource> {
  // Asked first: that a file is not there matters more than its format.
  const source = await openFile(path);
  const format = requireFormat(path, options.format);
  if (format !== 'parquet') return openRows(source, format, options);
  return openParquetFile(path);
}

/** What a damaged gzip file gives may look like bad rows: then the damage is the fault. */
async function* blamingGzip<T>(path: string, batches: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* batches;
  } catch (error) {
    if (error instanceof InputError && (await stat(path)).isFile()) throw (await gzipFault(path)) ?? error;
    throw error;
  }
}

async function* fileExamples(
  path: string,
  options: CheckedOptions,
  limit: number,
  notes: Notes,
): AsyncGenerator<ReadExample[]> {
  const read = async function* (): AsyncGenerator<ReadExample[]> {
    const source = await openData(path, options);
    let any = false;
    const done = (reading: FileReading): void => {
      any = true;
      notes.files.push(reading);
    };
    yield* examplesOf(source, options, limit, notes.skipped, done);
    if (!any) throw new InputError(`${path} holds no examples`);
  };
  yield* blamingGzip(path, read());
}

async function* pathExamples(
  { kind, path }: DataPath,
  options: CheckedOptions,
  limit: number,
  notes: Notes,
): AsyncGenerator<ReadExample[]> {
  if (kind === 'file') yield* fileExamples(path, options, limit, notes);
  else if (kind === 'folder') yield* folderBatches(await layoutOf(path), options, limit, notes);
  else {
    const { examples } = await loadBuiltIn(path);
    // Known texts: what they are does not hang on a guess.
    notes.html.mode ??= 'keep';
    yield takeTurns(examples, limit).map(({ input, label }) => ({ text: input, label, place: path }));
  }
}

async function* folderBatches(
  layout: FolderLayout,
  options: CheckedOptions,
  limit: number,
  notes: Notes,
): AsyncGenerator<ReadExample[]> {
  notes.leftOut.push(...layout.leftOut);
  notes.unlabelled += layout.unlabelled;
  yield* folderExamples(layout, options, limit, notes.skipped, notes.encodings);
  /** Examples that each part may still give. */
  const left = new Map<SplitName | undefined, number>();
  for (const { path, split } of layout.tables) {
    const remaining = left.get(split) ?? limit;
    if (remaining <= 0) continue;
    let count = 0;
    for await (const batch of fileExamples(path, options, remaining, notes)) {
      count += batch.length;
      yield split === undefined ? batch : batch.map((example) => ({ ...example, split }));
    }
    left.set(split, remaining - count);
  }
}

/**
 * Streams labelled examples, in order: of files (CSV, TSV, JSONL, JSON, Parquet, text; all but Parquet also gzipped),
 * folders (FOLDER/<class>/<files>, FOLDER/<split>/<class>/<files>, or a folder of tables), built-in datasets, and
 * patterns of files; several are read one after another. What is held at once does not grow with the data.
 *
 * `limit` is of the first examples in all; of a folder or built-in dataset the first of each class in turn, and of a
 * folder of tables so many of each split.
 *
 * The iteration throws InputError naming file and line: of a row that does not serve (unless `skipBad` allows it), of
 * damaged or too large data, and of labels that are rather an id (unless `manyClasses`).
 */
export function readExamples(from: string | readonly string[], options: ReadOptions = {}): ExampleStream {
  const checked = checkOptions(options);
  const notes = new Notes(checked);
  const name = nameOf(from);
  const classCounts = new Map<string, number>();
  const all = async function* (): AsyncGenerator<ReadExample[]> {
    let left = checked.limit;
    for (const path of await expandPaths(from)) {
      let count = 0;
      for await (const batch of pathExamples(path, checked, left, notes)) {
        count += batch.length;
        yield batch;
      }
      left -= count;
      if (left <= 0) return;
    }
  };
  const examples = async function* (): AsyncGenerator<ReadExample> {
    const field = (): string | undefined => notes.files[0]?.fields?.label;
    const stages = labelStage(
      htmlStage(all(), notes.html),
      classCounts,
      name,
      checked.manyClasses ?? false,
      field,
    );
    let divided: boolean | undefined;
    for await (const batch of stages) {
      for (const example of batch) {
        divided ??= example.split !== undefined;
        if (divided !== (example.split !== undefined)) {
          throw new InputError(
            `${name}: some of these data come divided into training and test data, some do not; name only one kind`,
          );
        }
        if (example.split !== undefined) {
          notes.splitCounts[example.split] = (notes.splitCounts[example.split] ?? 0) + 1;
        }
        yield example;
      }
    }
  };
  return streamOf(name, examples(), notes, { classCounts });
}

function streamOf<T, M extends object>(
  name: string,
  items: AsyncGenerator<T>,
  notes: Notes,
  more: M,
): ReadStream<T> & M {
  return {
    name,
    get reading() {
      return notes.reading;
    },
    [Symbol.asyncIterator]: () => items,
    ...more,
  };
}

/** A copy of its own: a field cut out of a table keeps all the text around it in memory. */
function ownedText(text: string): string {
  return text.isWellFormed() ? Buffer.from(text).toString() : text;
}

/** All that `readExamples` streams, in memory. Throws as it does, and InputError where they surely do not fit. */
export async function readDataset(
  from: string | readonly string[],
  options: ReadOptions = {},
): Promise<ReadResult> {
  const stream = readExamples(from, options);
  if (options.limit === undefined) requireRoom(stream.name, (await inventoryOf(from)).bytes);
  const examples: Example<string>[] = [];
  const splits: Partial<Record<SplitName, Example<string>[]>> = {};
  let tables: boolean | undefined;
  for await (const { text, label, split } of stream) {
    tables ??= stream.reading.delimiter !== undefined;
    const example = { input: tables ? ownedText(text) : text, label };
    examples.push(example);
    if (split === undefined) continue;
    splits[split] ??= [];
    splits[split].push(example);
  }
  const divided = SPLIT_NAMES.some((split) => splits[split] !== undefined);
  return { name: stream.name, examples, ...stream.reading, ...(divided ? { splits } : {}) };
}

/** Bytes of a part of something, or of a pipe, and what to call them in messages. */
export interface NamedStream {
  readonly name: string;
  readonly stream: Readable;
}

function pipedOf(from: string | readonly string[] | Readable | NamedStream): NamedStream | undefined {
  if (typeof from === 'string' || !('stream' in from || 'read' in from)) return undefined;
  return 'stream' in from ? from : { name: 'standard input', stream: from };
}

/**
 * Streams texts of files (several, or by a pattern), or from a stream (standard input; a text a line unless `format`
 * says otherwise). Labels are not needed; an empty text is passed on, so that there is one result a row, bad rows that
 * `skipBad` allows aside. Each text says its row's number: `after` goes on behind it. HTML is guessed from what comes
 * first: tell what the model was trained with.
 * The iteration throws InputError naming file and line, when all texts before have been given.
 */
export function readTexts(
  from: string | readonly string[] | Readable | NamedStream,
  options: ReadOptions & TextsOptions = {},
): ReadStream<TextToPredict> {
  const checked = checkOptions(options);
  const { after = 0, keep = [] } = options;
  const notes = new Notes(checked);
  /** Number of the last row that was read. */
  let row = 0;
  const batchesOf = (source: RowSource): AsyncGenerator<TextToPredict[]> => {
    const index = notes.files.length;
    return textsOf(source, checked, { after, keep }, row + 1, notes.skipped, (reading, last) => {
      notes.files[index] = reading;
      row = last;
    });
  };
  const all = async function* (): AsyncGenerator<TextToPredict[]> {
    const piped = pipedOf(from);
    if (piped !== undefined) {
      const { format = 'text' } = checked;
      if (format === 'parquet') throw new InputError(`${piped.name}: Parquet is read from files only`);
      yield* batchesOf(await openRows(openStream(piped.name, piped.stream), format, checked));
      return;
    }
    for (const { kind, path } of await expandPaths(from as string | readonly string[])) {
      if (kind === 'folder') throw new InputError(`${path} is a folder, a file is needed here`);
      const read = async function* (): AsyncGenerator<TextToPredict[]> {
        yield* batchesOf(await openData(path, checked));
      };
      yield* blamingGzip(path, read());
    }
  };
  const texts = async function* (): AsyncGenerator<TextToPredict> {
    let count = 0;
    for await (const batch of all()) {
      if (notes.html.mode === undefined && batch.length > 0) decideHtml(batch, notes.html);
      for (const text of notes.html.mode === 'strip' ? withoutHtml(batch) : batch) {
        yield text;
        // Asked before the next row is: it may be long in coming.
        if (++count >= checked.limit) return;
      }
    }
  };
  const name = pipedOf(from)?.name ?? nameOf(from as string | readonly string[]);
  return streamOf(name, texts(), notes, {});
}
