/** Answers as a Parquet table. Its writer is loaded when it is needed, and installed by who needs it. */
import { loadOptional } from '../../platform/node/optionalPackages.js';
import type { WholeFile } from '../../platform/node/whole.js';
import type { Answer } from './answer.js';
import { cellsOf, cellText, columnsOf, type MarkName, SET_COLUMNS, type TableShape } from './answerTable.js';

/** Rows that are held at a time. */
const GROUP = 10_000;

/** Throws InputError where the package that writes Parquet is not installed. */
export const loadParquetWriter = (): Promise<typeof import('hyparquet-writer')> =>
  loadOptional(
    () => import('hyparquet-writer'),
    ['hyparquet-writer'],
    'Parquet is written by the package hyparquet-writer, which is not installed',
    ', or take --output csv',
  );

type ColumnType = 'STRING' | 'DOUBLE' | 'INT64' | 'BOOLEAN';

const MARK_TYPES: Readonly<Record<MarkName, ColumnType>> = {
  unsure: 'BOOLEAN',
  set: 'STRING',
  unknown: 'DOUBLE',
};

function typeOf(value: unknown): ColumnType | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return 'BOOLEAN';
  if (typeof value !== 'number') return 'STRING';
  return Number.isSafeInteger(value) ? 'INT64' : 'DOUBLE';
}

/** What holds values of both types. */
function commonType(a: ColumnType | undefined, b: ColumnType | undefined): ColumnType | undefined {
  if (a === b || b === undefined) return a;
  if (a === undefined) return b;
  const numbers = [a, b].every((type) => type === 'INT64' || type === 'DOUBLE');
  return numbers ? 'DOUBLE' : 'STRING';
}

function valueAs(type: ColumnType, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (type === 'INT64') return BigInt(value as number);
  if (type !== 'STRING') return value;
  return cellText(value);
}

/** @param answers gives all of them, each time it is called */
export async function writeParquet(
  file: WholeFile,
  answers: () => AsyncIterable<Answer>,
  shape: TableShape,
): Promise<void> {
  const { ParquetWriter, ByteWriter } = await loadParquetWriter();
  const names = columnsOf(shape);
  const first = shape.file ? 1 : 0;
  const afterKept = first + shape.kept.length;
  const afterSets = afterKept + (shape.sets ? SET_COLUMNS.length : 0);
  const types: (ColumnType | undefined)[] = names.map((_, i) =>
    i < afterKept ? undefined : i < afterSets || (i - afterSets) % 2 === 0 ? 'STRING' : 'DOUBLE',
  );
  const marks = names.length - shape.marks.length;
  shape.marks.forEach((mark, m) => {
    types[marks + m] = MARK_TYPES[mark];
  });
  // Fields of the input may be anything: a first look at all rows says what.
  if (afterKept > first) {
    for await (const answer of answers()) {
      cellsOf(answer, shape).forEach((cell, i) => {
        if (i >= first && i < afterKept) types[i] = commonType(types[i], typeOf(cell));
      });
    }
  }
  const columns = names.map((name, i) => ({ name, type: types[i] ?? ('STRING' as const) }));
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }) => ({
      name,
      repetition_type: 'OPTIONAL' as const,
      ...(type === 'STRING'
        ? { type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const }
        : { type: type as Exclude<ColumnType, 'STRING'> }),
    })),
  ];
  const bytes = new ByteWriter();
  const flush = async (): Promise<void> => {
    await file.write(new Uint8Array(bytes.buffer, 0, bytes.index));
    bytes.index = 0;
  };
  const writer = new ParquetWriter({
    writer: Object.assign(bytes, { flush, finish: flush }),
    schema,
    createdBy: 'elastic-fourier',
  });
  let group: unknown[][] = [];
  const write = async (): Promise<void> => {
    if (group.length === 0) return;
    const columnData = columns.map(({ name, type }, i) => ({
      name,
      data: group.map((cells) => valueAs(type, cells[i])),
    }));
    await writer.write({ columnData, rowGroupSize: GROUP });
    group = [];
  };
  for await (const answer of answers()) {
    group.push(cellsOf(answer, shape));
    if (group.length === GROUP) await write();
  }
  await write();
  await writer.finish();
}
