/** Reads a file that a page was given, or any other Blob: the same formats, options and guesses as in Node. */
import type { LabelledInput } from '../data/example.js';
import { InputError } from '../errors.js';
import { requireFormat } from './formats.js';
import { Notes } from './notes.js';
import { type CheckedOptions, checkOptions, type ReadOptions } from './options.js';
import { type ClassReport, classReport } from './parse/classReport.js';
import {
  decideHtml,
  examplesOf,
  htmlStage,
  labelStage,
  type TextsOptions,
  type TextToPredict,
  textsOf,
  withoutHtml,
} from './parse/examples.js';
import { guessField } from './parse/fields.js';
import { openParquet, rowsOf } from './parse/parquet.js';
import { isBad, type Row } from './parse/row.js';
import { openRows, type RowSource } from './parse/rows.js';
import { guessColumns } from './parse/sniff.js';
import type { ByteSource } from './parse/source.js';
import { describeReading, type Reading } from './reading.js';

/** A browser's File, or a Blob with a name: its ending says the format. */
export type NamedBlob = Blob & { readonly name: string };

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function isGzip(file: Blob): Promise<boolean> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return first === 0x1f && second === 0x8b;
}

async function* bytesOf(file: NamedBlob): AsyncGenerator<Uint8Array> {
  const packed = await isGzip(file);
  if (!packed && /\.gz$/i.test(file.name)) {
    throw new InputError(`${file.name}: this is not gzip data; take .gz off its name if it is plain`);
  }
  try {
    yield* chunksOf(packed ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream());
  } catch (error) {
    const { message } = error as Error;
    throw new InputError(
      packed
        ? `${file.name}: the gzip data is damaged or truncated (${message}); fetch or make the file again`
        : `${file.name}: cannot be read (${message})`,
    );
  }
}

/** Throws InputError on an empty file, or one of no format that is read. */
async function openFile(file: NamedBlob, options: CheckedOptions): Promise<RowSource> {
  const { name } = file;
  if (file.size === 0) throw new InputError(`${name} is empty`);
  const format = requireFormat(name, options.format);
  if (format !== 'parquet') {
    const source: ByteSource = { name, bytes: bytesOf(file), patient: true };
    return openRows(source, format, options);
  }
  const { names, batches } = await openParquet(name, {
    byteLength: file.size,
    slice: (start, end) => file.slice(start, end).arrayBuffer(),
  });
  return {
    reading: { name, format, guessed: [] },
    names,
    place: (at) => `${name}: row ${at}`,
    async *rows(choose) {
      for await (const batch of batches(choose?.())) yield rowsOf(batch);
    },
  };
}

/** What is seen of a file before it is read. */
export interface FileInspection {
  /** Its fields, in order; of lines of text `text` and `label`. */
  readonly fields: readonly string[];
  /** By its name, else by the values of the first rows; undefined where neither tells. */
  readonly text: string | undefined;
  readonly label: string | undefined;
  /** The first rows, by field. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Rows that are looked at. */
const INSPECTED = 100;

async function firstRows(source: RowSource): Promise<Row[]> {
  const first: Row[] = [];
  for await (const batch of source.rows()) {
    for (const row of batch) if (!isBad(row)) first.push(row);
    if (first.length >= INSPECTED) break;
  }
  return first.slice(0, INSPECTED);
}

/** The fields of a file and which of them are probably text and label. Throws InputError as `readFile` does. */
export async function inspectFile(file: NamedBlob, options: ReadOptions = {}): Promise<FileInspection> {
  const source = await openFile(file, checkOptions(options));
  const first = await firstRows(source);
  if (first.length === 0) throw new InputError(`${file.name} holds no rows`);
  const fields = [...new Set(first.flatMap(({ names }) => names))].filter((name) => name !== '');
  const rows = first.map((row) => Object.fromEntries(fields.map((name) => [name, row.get(name)])));
  const values = rows.map((row) => ({ fields: fields.map((name) => plain(row[name])) }));
  const byValue = guessColumns(values);
  const named = (column: string | undefined): string | undefined => column && fields[Number(column) - 1];
  const text = guessField(fields, 'text') ?? source.guess?.text ?? named(byValue?.text);
  const label = guessField(fields, 'label') ?? source.guess?.label ?? named(byValue?.label);
  return { fields, text, label: label === text ? undefined : label, rows };
}

const plain = (value: unknown): string =>
  value === undefined || value === null || typeof value === 'object' ? '' : String(value);

/** A labelled file, read. */
export interface LabelledFile {
  readonly name: string;
  readonly examples: readonly Extract<LabelledInput, { readonly text: string }>[];
  readonly classes: ClassReport;
  /** How it was read: what was told, guessed and left out. */
  readonly reading: Reading;
  /** The same in a line of English. */
  readonly description: string;
}

/**
 * All labelled texts of a file: CSV, TSV, JSON lines, JSON array, Parquet, lines of text; all but Parquet also gzipped.
 * Throws InputError naming the line of a row that does not serve (unless `skipBad` allows it), and on labels that are
 * rather an id (unless `manyClasses`).
 */
export async function readFile(file: NamedBlob, options: ReadOptions = {}): Promise<LabelledFile> {
  const checked = checkOptions(options);
  const notes = new Notes(checked);
  const { name } = file;
  const source = await openFile(file, checked);
  const counts = new Map<string, number>();
  const batches = examplesOf(source, checked, checked.limit, notes.skipped, (how) => notes.files.push(how));
  const stages = labelStage(
    htmlStage(batches, notes.html),
    counts,
    name,
    checked.manyClasses ?? false,
    () => notes.files[0]?.fields?.label,
  );
  const examples: { text: string; label: string }[] = [];
  for await (const batch of stages) for (const { text, label } of batch) examples.push({ text, label });
  if (examples.length === 0) throw new InputError(`${name} holds no examples`);
  const { reading } = notes;
  return { name, examples, classes: classReport(counts), reading, description: describeReading(reading) };
}

/**
 * The texts of a file, labels or not, in order; an empty text is passed on, so that there is one a row.
 * Throws InputError as `readFile` does, when all texts before have been given.
 */
export async function* readTexts(
  file: NamedBlob,
  options: ReadOptions & TextsOptions = {},
): AsyncGenerator<TextToPredict> {
  const checked = checkOptions(options);
  const notes = new Notes(checked);
  const source = await openFile(file, checked);
  let count = 0;
  for await (const batch of textsOf(source, checked, options, 1, notes.skipped, () => {})) {
    if (notes.html.mode === undefined && batch.length > 0) decideHtml(batch, notes.html);
    for (const text of notes.html.mode === 'strip' ? withoutHtml(batch) : batch) {
      yield text;
      if (++count >= checked.limit) return;
    }
  }
}

/** Loads what Parquet files need, which is otherwise loaded when one is read. */
export async function preloadReaders(): Promise<void> {
  await Promise.all([
    import('hyparquet'),
    import('hyparquet/src/column.js'),
    import('hyparquet-compressors'),
  ]);
}
