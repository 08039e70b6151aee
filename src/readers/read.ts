/** Reads labelled datasets, and texts for prediction as a stream. */
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Dataset, Example } from '../data/example.js';
import { takeTurns } from '../data/limit.js';
import { InputError } from '../errors.js';
import { BUILT_IN, loadBuiltIn } from './builtIn.js';
import { chooseField, type FieldNames, labelOf, textOf } from './fields.js';
import { readFolder } from './folder.js';
import { FORMATS, type Format, formatOf, type Row, rowsOf } from './rows.js';
import { gzipFault, openFile } from './source.js';

export interface ReadOptions {
  /** Default: guessed from usual names. */
  readonly textField?: string;
  readonly labelField?: string;
  /** Default: by the file's name. */
  readonly format?: Format;
  /** The first examples of a file; of a folder or built-in dataset the first of each class in turn. Default: all. */
  readonly limit?: number;
}

export interface ReadResult extends Dataset {
  /** The fields that were used; undefined for folders and built-in datasets. */
  readonly fields?: FieldNames;
}

function requireFormat(path: string, format: Format | undefined): Format {
  const found = format ?? formatOf(path);
  if (found !== undefined) return found;
  throw new InputError(`${path}: which format is this? Name it with --format (${FORMATS.join(', ')})`);
}

/** The rows of a file and its format. */
async function openRows(
  path: string,
  told: Format | undefined,
): Promise<{ rows: AsyncGenerator<Row>; format: Format }> {
  const source = await openFile(path);
  try {
    const format = requireFormat(path, told);
    return { rows: rowsOf(source, format), format };
  } catch (error) {
    source.stream.destroy();
    throw error;
  }
}

/**
 * Reads a file (CSV, TSV, JSONL, text; also gzipped), a folder of files by class, or a built-in dataset.
 * Throws InputError naming file and line.
 */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<ReadResult> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory()) return { name: path, examples: await readFolder(path, limit) };
  if (BUILT_IN.includes(path) && status === undefined) {
    const { examples } = await loadBuiltIn(path);
    return { name: path, examples: takeTurns(examples, limit) };
  }
  if (status === undefined && !/[./\\]/.test(path)) {
    const known = BUILT_IN.map((name) => `'${name}'`).join(', ');
    throw new InputError(`${path}: no such file or folder; built-in datasets: ${known}`);
  }
  return readFile(path, options, limit).catch(async (error: Error) => {
    throw (status?.isFile() && error instanceof InputError && (await gzipFault(path))) || error;
  });
}

async function readFile(path: string, options: ReadOptions, limit: number): Promise<ReadResult> {
  const { rows, format } = await openRows(path, options.format);
  const examples: Example[] = [];
  let fields: FieldNames | undefined;
  for await (const row of rows) {
    if (format === 'text') {
      // An empty line between lines is no example.
      if (row.fields.label === undefined && row.fields.text === '') continue;
      fields ??= { text: 'text', label: 'label' };
    }
    fields ??= {
      text: chooseField(row, 'text', options.textField),
      label: chooseField(row, 'label', options.labelField),
    };
    const remedy = format === 'text' ? 'begin the line with __label__ and the name of its class' : undefined;
    examples.push({ input: textOf(row, fields.text), label: labelOf(row, fields.label, remedy) });
    if (examples.length >= limit) break;
  }
  if (fields === undefined) throw new InputError(`${path} holds no examples`);
  return { name: path, examples, fields };
}

export interface TextToPredict {
  readonly text: string;
  /** "file:line". */
  readonly place: string;
}

/**
 * Streams texts from a file, or from `input` (standard input; a text a line unless `format` says otherwise).
 * Labels are not needed; an empty text is passed on, so that there is one result a row.
 * Throws InputError naming file and line.
 */
export async function* readTexts(
  from: string | Readable,
  { textField, format, limit = Number.POSITIVE_INFINITY }: ReadOptions = {},
): AsyncGenerator<TextToPredict> {
  const { rows } =
    typeof from === 'string'
      ? await openRows(from, format)
      : { rows: rowsOf({ name: 'standard input', stream: from }, format ?? 'text') };
  let field: string | undefined;
  let count = 0;
  try {
    for await (const row of rows) {
      field ??= chooseField(row, 'text', textField);
      yield { text: textOf(row, field), place: row.place };
      // Asked before the next row is: it may be long in coming.
      if (++count >= limit) return;
    }
  } catch (error) {
    throw (typeof from === 'string' && error instanceof InputError && (await gzipFault(from))) || error;
  }
}
