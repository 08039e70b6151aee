/** Parquet tables, a row group at a time, only the columns that are asked for. The decoder is loaded when one is read. */
import type { AsyncBuffer, Compressors, FileMetaData, SchemaTree } from 'hyparquet';
import { InputError } from '../../errors.js';
import { ObjectRow } from './row.js';
import type { RowBatch, RowSource } from './rows.js';

/** A file that is read in places: of Node, a browser's Blob, or a test. */
export type RandomAccess = AsyncBuffer;

/** Rows that are given at once. */
const BATCH = 1024;

/** Most bytes of the columns of a row group, and of a page, unpacked: they are held in memory. */
const MOST_BYTES = 2 ** 29;

/**
 * Closes the file after the last row, and when reading ends early.
 * Throws InputError on a file that is damaged or of a kind that cannot be read.
 */
export async function openParquet(
  name: string,
  file: RandomAccess,
  close: () => Promise<void>,
): Promise<RowSource> {
  try {
    const { parquetMetadataAsync, parquetSchema } = await import('hyparquet');
    const metadata = await damaged(name, () => parquetMetadataAsync(file));
    const names = await damaged(name, async () => namesOf(parquetSchema(metadata)));
    return {
      reading: { name, format: 'parquet', guessed: [] },
      names,
      place: (at) => `${name}: row ${at}`,
      rows: (choose) => parquetRows(name, file, metadata, choose, close),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Columns, and behind them the fields of nested ones as `a.b`. */
function namesOf({ children }: SchemaTree): string[] {
  const nested = children.flatMap((column) =>
    column.children.map((field) => `${column.element.name}.${field.element.name}`),
  );
  return [...children.map(({ element }) => element.name), ...nested];
}

async function* parquetRows(
  name: string,
  file: RandomAccess,
  metadata: FileMetaData,
  choose: (() => readonly string[]) | undefined,
  close: () => Promise<void>,
): AsyncGenerator<RowBatch> {
  try {
    const { parquetReadObjects, parquetSchema } = await import('hyparquet');
    const { compressors } = await import('hyparquet-compressors');
    const all = parquetSchema(metadata).children.map(({ element }) => element.name);
    const wanted = choose?.();
    const columns =
      wanted === undefined
        ? all
        : all.filter((column) => wanted.some((path) => path === column || path.startsWith(`${column}.`)));
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const held = group.columns
        .filter(({ meta_data: column }) => column && columns.includes(column.path_in_schema[0]))
        .reduce((total, { meta_data: column }) => total + Number(column!.total_uncompressed_size), 0);
      if (held > MOST_BYTES) {
        throw new InputError(
          `${name}: a row group of ${Math.round(held / 1e6)} MB of text is too large to hold; write the file with smaller ones (pandas: to_parquet(…, row_group_size=10000))`,
        );
      }
      const start = rowStart;
      const rowEnd = start + Number(group.num_rows);
      const rows = await damaged(name, () =>
        parquetReadObjects({
          file,
          metadata,
          columns,
          rowStart: start,
          rowEnd,
          compressors: bounded(compressors),
        }),
      );
      for (let first = 0; first < rows.length; first += BATCH) {
        yield rows.slice(first, first + BATCH).map((row, i) => new ObjectRow(row, start + first + i + 1));
      }
      rowStart = rowEnd;
    }
  } finally {
    await close();
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
