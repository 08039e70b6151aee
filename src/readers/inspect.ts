/** What is seen of a file of texts before it is read. */
import { disk } from '#disk';
import { InputError } from '../errors.js';
import { shownOption } from '../options.js';
import { isBlob, type NamedBlob } from './blob.js';
import { requireFormat } from './formats.js';
import { checkOptions, type ReadOptions } from './options.js';
import { guessField } from './parse/fields.js';
import { isBad, type Row } from './parse/row.js';
import { openRows, type RowSource } from './parse/rows.js';
import { guessColumns } from './parse/sniff.js';
import { blobSource, type Source } from './source.js';

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

async function sourceOf(file: string | NamedBlob): Promise<Source> {
  if (isBlob(file)) return blobSource(file);
  if (typeof file !== 'string') {
    throw new InputError(
      `inspectFile: the file must be a path, a File or a Blob; it is ${shownOption(file)}`,
    );
  }
  for await (const { tables } of disk.groupsOf([file], { kind: 'text', labelled: false })) {
    if (tables.length > 0) return tables[0];
  }
  throw new InputError(`${file} is no table of texts`);
}

/**
 * The fields of a file and which of them are probably text and label. Throws InputError as `readDataset` does.
 *
 * @example
 * const { fields, text, label } = await inspectFile('mails.csv');
 */
export async function inspectFile(
  file: string | NamedBlob,
  options: ReadOptions = {},
): Promise<FileInspection> {
  const checked = checkOptions(options);
  const source = await sourceOf(file);
  const { name } = source;
  const bytes = await source.open();
  const format = requireFormat(name, checked.format);
  const rowSource =
    format === 'parquet' ? await source.openParquet() : await openRows(bytes, format, checked);
  const first = await firstRows(rowSource);
  if (first.length === 0) throw new InputError(`${name} holds no rows`);
  const fields = [...new Set(first.flatMap(({ names }) => names))].filter((field) => field !== '');
  const rows = first.map((row) => Object.fromEntries(fields.map((field) => [field, row.get(field)])));
  const values = rows.map((row) => ({ fields: fields.map((field) => plain(row[field])) }));
  const byValue = guessColumns(values);
  const named = (column: string | undefined): string | undefined => column && fields[Number(column) - 1];
  const text = guessField(fields, 'text') ?? rowSource.guess?.text ?? named(byValue?.text);
  const label = guessField(fields, 'label') ?? rowSource.guess?.label ?? named(byValue?.label);
  return { fields, text, label: label === text ? undefined : label, rows };
}

const plain = (value: unknown): string =>
  value === undefined || value === null || typeof value === 'object' ? '' : String(value);

/** Loads what Parquet files need, which is otherwise loaded when one is read. */
export async function preloadReaders(): Promise<void> {
  await Promise.all([
    import('hyparquet'),
    import('hyparquet/src/column.js'),
    import('hyparquet-compressors'),
  ]);
}
