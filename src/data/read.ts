/** Reads labelled datasets, and texts for prediction as a stream. */
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { InputError } from '../errors.js';
import { BUILT_IN, loadBuiltIn } from './builtIn.js';
import type { Dataset, Example } from './example.js';
import { chooseField, type FieldNames, labelOf, textOf } from './fields.js';
import { folderExamples } from './folder.js';
import { FORMATS, type Format, formatOf, rowsOf } from './rows.js';
import { openFile, type Source } from './source.js';

export interface ReadOptions {
  /** Default: guessed from usual names. */
  readonly textField?: string;
  readonly labelField?: string;
  /** Default: by the file's name. */
  readonly format?: Format;
  /** Stop after this many examples. */
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

/**
 * Reads a file (CSV, TSV, JSONL, text; also gzipped), a folder of files by class, or a built-in dataset.
 * Throws InputError naming file and line.
 */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<ReadResult> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  const isFolder = await stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (isFolder) {
    const examples: Example[] = [];
    for await (const example of folderExamples(path)) {
      if (examples.length >= limit) break;
      examples.push(example);
    }
    return { name: path, examples };
  }
  if (BUILT_IN.includes(path) && !(await exists(path))) {
    const dataset = await loadBuiltIn(path);
    return { name: path, examples: dataset.examples.slice(0, limit) };
  }
  const source = await openFile(path).catch((error: Error) => {
    const known = BUILT_IN.map((name) => `'${name}'`).join(', ');
    if (!/[./\\]/.test(path)) throw new InputError(`${error.message}; built-in datasets: ${known}`);
    throw error;
  });
  const examples: Example[] = [];
  let fields: FieldNames | undefined;
  for await (const row of rowsOf(source, requireFormat(path, options.format))) {
    fields ??= {
      text: chooseField(row, 'text', options.textField),
      label: chooseField(row, 'label', options.labelField),
    };
    if (examples.length >= limit) break;
    examples.push({ text: textOf(row, fields.text), label: labelOf(row, fields.label) });
  }
  if (fields === undefined) throw new InputError(`${path} holds no examples`);
  return { name: path, examples, fields };
}

export interface TextToPredict {
  readonly text: string;
  /** "file:line". */
  readonly place: string;
}

/** Streams texts from a file, or from `input` (standard input; a text a line unless `format` says otherwise). */
export async function* readTexts(
  from: string | Readable,
  { textField, format, limit = Number.POSITIVE_INFINITY }: ReadOptions = {},
): AsyncGenerator<TextToPredict> {
  const source: Source =
    typeof from === 'string' ? await openFile(from) : { name: 'standard input', stream: from };
  const kind = typeof from === 'string' ? requireFormat(from, format) : (format ?? 'text');
  let field: string | undefined;
  let count = 0;
  for await (const row of rowsOf(source, kind)) {
    field ??= chooseField(row, 'text', textField);
    if (count++ >= limit) return;
    yield { text: textOf(row, field), place: row.place };
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
