/** What is read: files of a disk, of a page, or pipes, each with what its name and folder say. */
import type { SplitName } from '../data/dataset.js';
import { InputError } from '../errors.js';
import type { NamedBlob } from './blob.js';
import type { CheckedOptions, Format } from './options.js';
import { openParquet, type RandomAccess, rowsOf } from './parse/parquet.js';
import type { RowSource } from './parse/rows.js';
import type { ByteSource } from './parse/source.js';

/** A file, or something like one. */
export interface Source {
  /** Its path, or the name of a page's file; "standard input". */
  readonly name: string;
  /** Its format, where its name does not say it. */
  readonly format?: Format | undefined;
  /** Class and part, where its folder or name says them. */
  readonly label?: string | undefined;
  readonly split?: SplitName | undefined;
  /** Its bytes, unpacked. Throws InputError if there is no such readable file, or if it is empty. */
  open(): Promise<ByteSource>;
  /** Its rows, where it is a Parquet file. */
  openParquet(): Promise<RowSource>;
  /** All its bytes as they are. Throws InputError on more than `most`, whose message is `tooLong`. */
  content(most: number, tooLong: string): Promise<Uint8Array>;
  /** What is wrong with the file as a whole, where bad rows may come from that. */
  fault?(): Promise<InputError | undefined>;
}

/** Sources that belong together: those of one path. */
export interface SourceGroup {
  /** Files that hold one input each. */
  readonly singles: readonly Source[];
  /** Files that hold many. */
  readonly tables: readonly Source[];
}

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

async function* bytesOf(file: Blob, name: string): AsyncGenerator<Uint8Array> {
  const packed = await isGzip(file);
  if (!packed && /\.gz$/i.test(name)) {
    throw new InputError(`${name}: this is not gzip data; take .gz off its name if it is plain`);
  }
  try {
    yield* chunksOf(packed ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream());
  } catch (error) {
    const { message } = error as Error;
    throw new InputError(
      packed
        ? `${name}: the gzip data is damaged or truncated (${message}); fetch or make the file again`
        : `${name}: cannot be read (${message})`,
    );
  }
}

/** The rows of a Parquet file, decoded in this thread. */
export async function parquetSource(name: string, file: RandomAccess): Promise<RowSource> {
  const { names, batches } = await openParquet(name, file);
  return {
    reading: { name, format: 'parquet', guessed: [] },
    names,
    place: (at) => `${name}: row ${at}`,
    async *rows(choose) {
      for await (const batch of batches(choose?.())) yield rowsOf(batch);
    },
  };
}

/** A page's file, or any other Blob with a name. */
export function blobSource(file: NamedBlob): Source {
  const { name = 'file' } = file;
  const requireContent = (): void => {
    if (file.size === 0) throw new InputError(`${name} is empty`);
  };
  return {
    name,
    async open() {
      requireContent();
      return { name, bytes: bytesOf(file, name), patient: true };
    },
    async openParquet() {
      requireContent();
      return parquetSource(name, {
        byteLength: file.size,
        slice: (start, end) => file.slice(start, end).arrayBuffer(),
      });
    },
    async content(most, tooLong) {
      requireContent();
      if (file.size > most) throw new InputError(`${name}: ${tooLong}`);
      return new Uint8Array(await file.arrayBuffer());
    },
  };
}

/** What a reader wants of paths. */
export interface Wanted extends Pick<CheckedOptions, 'labelFrom'> {
  readonly kind: 'text' | 'bytes' | 'signal';
  /** Whether classes are needed. */
  readonly labelled: boolean;
  readonly format?: Format | undefined;
}
