/** Parquet tables, a row group at a time, only the columns that are asked for. The decoder is loaded when one is read. */
import type { AsyncBuffer, ColumnMetaData, Compressors, FileMetaData, SchemaTree } from 'hyparquet';
import { InputError } from '../../errors.js';
import { ObjectRow } from './row.js';
import type { RowBatch } from './rows.js';

/** A file that is read in places: of Node, a browser's Blob, or a test. */
export type RandomAccess = AsyncBuffer;

/** Rows that are given at once. */
const BATCH = 1024;

/** Most bytes of the columns of a row group, and of a page, unpacked: they are held in memory. */
const MOST_BYTES = 2 ** 29;

/** Most values of a column in a row group. */
const MOST_VALUES = 2 ** 26;

/** Rows of a table as plain objects. */
export interface ParquetBatch {
  /** Number of the first, from 1. */
  readonly first: number;
  readonly rows: readonly object[];
}

export interface ParquetTable {
  /** Columns, and behind them the fields of nested ones as `a.b`. */
  readonly names: readonly string[];
  /**
   * @param wanted fields that will be asked for; others may be missing
   * @param onGroup told before a row group is decoded: the sizes that it claims
   */
  batches(
    wanted: readonly string[] | undefined,
    onGroup?: (sizes: { packed: number; unpacked: number }) => void,
  ): AsyncGenerator<ParquetBatch>;
}

/**
 * Throws InputError on a file that is damaged or of a kind that cannot be read. Some damages keep the decoder busy
 * without end: see parquetThread.ts.
 */
export async function openParquet(name: string, file: RandomAccess): Promise<ParquetTable> {
  const { parquetMetadataAsync, parquetSchema } = await import('hyparquet');
  const metadata = await damaged(name, () => parquetMetadataAsync(file));
  const names = await damaged(name, async () => namesOf(parquetSchema(metadata)));
  return { names, batches: (wanted, onGroup) => batchesOf(name, file, metadata, wanted, onGroup) };
}

/** The rows of a batch. */
export const rowsOf = ({ first, rows }: ParquetBatch): RowBatch =>
  rows.map((row, i) => new ObjectRow(row, first + i));

/** Columns, and behind them the fields of nested ones as `a.b`. Throws Error where one has no name. */
function namesOf({ children }: SchemaTree): string[] {
  const nested = children.flatMap((column) =>
    column.children.map((field) => `${column.element.name}.${field.element.name}`),
  );
  const names: unknown[] = children.map(({ element }) => element.name);
  if (names.some((name) => typeof name !== 'string')) throw new Error('a column without a name');
  return [...(names as string[]), ...nested];
}

async function* batchesOf(
  name: string,
  file: RandomAccess,
  metadata: FileMetaData,
  wanted: readonly string[] | undefined,
  onGroup: Parameters<ParquetTable['batches']>[1],
): AsyncGenerator<ParquetBatch> {
  const { parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const all = parquetSchema(metadata).children.map(({ element }) => element.name);
  const columns =
    wanted === undefined
      ? all
      : all.filter((column) => wanted.some((path) => path === column || path.startsWith(`${column}.`)));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const chosen = group.columns.flatMap(({ meta_data: column }) =>
      column && columns.includes(column.path_in_schema[0]) ? [column] : [],
    );
    const total = (size: 'total_uncompressed_size' | 'total_compressed_size'): number =>
      chosen.reduce((sum, column) => sum + Number(column[size]), 0);
    const unpacked = total('total_uncompressed_size');
    if (unpacked > MOST_BYTES) {
      throw new InputError(
        `${name}: a row group of ${Math.round(unpacked / 1e6)} MB of text is too large to hold; write the file with smaller ones (pandas: to_parquet(…, row_group_size=10000))`,
      );
    }
    onGroup?.({ packed: total('total_compressed_size'), unpacked });
    const start = rowStart;
    const rowEnd = start + Number(group.num_rows);
    const rows = await damaged(name, async () => {
      for (const column of chosen) await checkPages(file, column);
      const unpackers = bounded(compressors);
      return parquetReadObjects({ file, metadata, columns, rowStart: start, rowEnd, compressors: unpackers });
    });
    for (let first = 0; first < rows.length; first += BATCH) {
      yield { first: start + first + 1, rows: rows.slice(first, first + BATCH) };
    }
    rowStart = rowEnd;
  }
}

/**
 * Walks over the headers of a column's pages: sizes that lead backwards, or numbers of values that are not there, would
 * keep the decoder busy without end. Throws Error.
 */
async function checkPages(file: RandomAccess, column: ColumnMetaData): Promise<void> {
  const { parquetHeader } = await import('hyparquet/src/column.js');
  const data = Number(column.data_page_offset);
  const dictionary = Number(column.dictionary_page_offset ?? 0);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const length = Number(column.total_compressed_size);
  const most = Number(column.num_values);
  if (!(start >= 0 && length >= 0 && start + length <= file.byteLength))
    throw new Error('a column outside the file');
  if (!(most >= 0 && most <= MOST_VALUES)) throw new Error(`a column of ${most} values in a row group`);
  const reader = { view: new DataView(await file.slice(start, start + length)), offset: 0 };
  let values = 0;
  while (reader.offset < length - 1) {
    const header = parquetHeader(reader);
    const { compressed_page_size: size, data_page_header_v2: v2, dictionary_page_header: words } = header;
    const count = (words ?? header.data_page_header ?? v2)?.num_values ?? 0;
    if (words === undefined) values += count;
    const levels = (v2?.definition_levels_byte_length ?? 0) + (v2?.repetition_levels_byte_length ?? 0);
    const sound =
      size >= 0 &&
      reader.offset + size <= length &&
      count >= 0 &&
      count <= MOST_VALUES &&
      values <= most &&
      levels >= 0 &&
      levels <= size &&
      (v2 === undefined || (v2.num_rows >= 0 && v2.num_rows <= count));
    if (!sound) throw new Error('the header of a page does not hold');
    reader.offset += size;
  }
}

/** The decompressors, none of which unpacks more than may be held, whatever a page says of itself. */
function bounded(compressors: Compressors): Compressors {
  const entries = Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (input: Uint8Array, length: number): Uint8Array => {
      if (!(length <= MOST_BYTES)) throw new Error(`a page of ${length} bytes`);
      return unpack(input, length);
    },
  ]);
  return Object.fromEntries(entries) as Compressors;
}

/** Whatever the decoder throws is the file's fault. */
async function damaged<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new InputError(
      `${name}: the Parquet data are damaged or of a kind that is not read (${(error as Error).message}); write the file again`,
    );
  }
}
