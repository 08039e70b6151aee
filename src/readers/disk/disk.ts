/** Paths, patterns, folders and built-in data sets as sources. */
import { open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Readable } from 'node:stream';
import { InputError } from '../../errors.js';
import type { Disk, PathGroup } from '../diskContract.js';
import { isSingle } from '../signals/formats.js';
import { GENERATED, generated, isGenerated } from '../signals/generated.js';
import { rawSignalOf } from '../signals/series.js';
import type { Source, Wanted } from '../source.js';
import { loadBuiltIn } from './builtIn.js';
import { type ClassFile, filesUnder, layoutOf, tablesIn } from './folder.js';
import { inventoryOf, requireRoom } from './inventory.js';
import { fileFault, gzipFault, openFile, openStream } from './open.js';
import { openParquetFile } from './parquetThread.js';
import { type DataPath, expandPaths } from './paths.js';
import { signalLayout } from './signalFolder.js';

function fileSource({ path, label, split }: Partial<ClassFile> & { readonly path: string }): Source {
  return {
    name: path,
    ...(label === undefined ? {} : { label }),
    ...(split === undefined ? {} : { split }),
    open: () => openFile(path),
    async openParquet() {
      // That a file is not there matters more than what is in it.
      await openFile(path);
      return openParquetFile(path);
    },
    content: (most, tooLong) => contentOf(path, most, tooLong),
    async fault() {
      const isFile = await stat(path).then(
        (status) => status.isFile(),
        () => false,
      );
      return isFile ? gzipFault(path) : undefined;
    },
  };
}

/** All bytes of a file. Throws InputError on one that cannot be read as a whole. */
async function contentOf(path: string, most: number, tooLong: string): Promise<Uint8Array> {
  const refuse = (why: string): never => {
    throw new InputError(`${path}: ${why}`);
  };
  try {
    const status = await stat(path);
    if (status.isDirectory()) return refuse('this is a folder, a file is needed here');
    if (!status.isFile()) return refuse('this is no file that can be read as a whole');
    if (status.size === 0) throw new InputError(`${path} is empty`);
    if (status.size > most) return refuse(tooLong);
    const handle = await open(path);
    try {
      // Exactly its own memory: a pool's would be kept with it.
      const bytes = new Uint8Array(status.size);
      const { bytesRead } = await handle.read(bytes, 0, status.size, 0);
      return bytesRead === status.size ? bytes : refuse('the file became shorter while it was read');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw fileFault(path, error as NodeJS.ErrnoException);
  }
}

async function groupOf({ kind, path }: DataPath, wanted: Wanted): Promise<PathGroup> {
  if (wanted.kind === 'signal') return signalGroup(kind, path, wanted);
  if (kind === 'built-in') {
    if (wanted.kind === 'bytes') throw new InputError(`${path} is a data set of texts, not a file`);
    const examples = (await loadBuiltIn(path)).map((example, i) => ({ ...example, place: path, row: i + 1 }));
    // Known texts: what they are does not hang on a guess.
    return { singles: [], tables: [], examples, reading: { html: 'keep' } };
  }
  if (wanted.kind === 'bytes') {
    if (kind === 'file') {
      if (wanted.labelled)
        throw new InputError(`${path} is a file; folders of files by class are needed here`);
      return { singles: [fileSource({ path })], tables: [] };
    }
    return wanted.labelled
      ? classGroup(path)
      : { singles: (await filesUnder(path)).map(fileSource), tables: [] };
  }
  if (kind === 'file') return { singles: [], tables: [fileSource({ path })] };
  return wanted.labelled ? classGroup(path) : textsToPredict(path);
}

/** A folder by class, or of tables. */
async function classGroup(path: string): Promise<PathGroup> {
  const { texts, tables, leftOut, unlabelled } = await layoutOf(path);
  return { singles: texts.map(fileSource), tables: tables.map(fileSource), leftOut, unlabelled };
}

/** A folder of tables, or of texts, a file each. */
async function textsToPredict(path: string): Promise<PathGroup> {
  const files = await filesUnder(path);
  const tables = tablesIn(files);
  if (tables.length > 0) return { singles: [], tables: tables.map(fileSource) };
  return { singles: files.map(fileSource), tables: [] };
}

async function signalGroup(
  kind: DataPath['kind'],
  path: string,
  { labelled, labelFrom }: Wanted,
): Promise<PathGroup> {
  if (kind === 'built-in') {
    throw new InputError(`${path} is a data set of texts; built-in signals: ${GENERATED.join(', ')}`);
  }
  if (kind === 'file') {
    const source = fileSource({ path });
    if (!isSingle(path)) return { singles: [], tables: [source] };
    if (labelled) {
      throw new InputError(
        `${path}: a single signal without a class; name the folder that holds the classes`,
      );
    }
    return { singles: [source], tables: [] };
  }
  const { files, tables, notes } = signalLayout(path, await filesUnder(path), { labelled, labelFrom });
  return { singles: files.map(fileSource), tables: tables.map(fileSource), notes };
}

/** Where a path is the name of built-in signals. */
function generatedGroup(set: string): PathGroup {
  const examples = [...generated(set)].map(({ label, place, ...series }, i) => {
    const input = rawSignalOf(series);
    if ('fault' in input) throw new TypeError(`internal: ${input.fault}`);
    return { input, label, place, row: i + 1 };
  });
  return { singles: [], tables: [], examples };
}

export const disk: Disk = {
  async *groupsOf(named, wanted) {
    if (wanted.kind === 'signal' && named.length === 1 && isGenerated(named[0])) {
      yield generatedGroup(named[0]);
      return;
    }
    for (const path of await expandPaths(named)) yield await groupOf(path, wanted);
  },
  async kindOf(named) {
    const kinds = await Promise.all(named.map(kindOfPath));
    return kinds.length > 0 && kinds.every((kind) => kind === 'signal') ? 'signal' : 'text';
  },
  async areFolders(named) {
    for (const { kind, path } of await expandPaths(named)) {
      if (kind !== 'folder' || (await layoutOf(path)).texts.length === 0) return false;
    }
    return true;
  },
  async requireRoom(named, name, what) {
    requireRoom(name, (await inventoryOf(named)).bytes, '', what);
  },
  pipeSource(name, pipe) {
    const stream = pipe instanceof Readable ? pipe : Readable.from(pipe);
    return {
      name,
      // A text a line, unless a format is named.
      format: 'text',
      open: async () => openStream(name, stream),
      async openParquet() {
        throw new InputError(`${name}: Parquet is read from files only`);
      },
      async content(most, tooLong) {
        const chunks: Uint8Array[] = [];
        let length = 0;
        for await (const chunk of stream) {
          chunks.push(chunk as Uint8Array);
          length += (chunk as Uint8Array).length;
          if (length > most) throw new InputError(`${name}: ${tooLong}`);
        }
        if (length === 0) throw new InputError(`${name} is empty`);
        return Buffer.concat(chunks);
      },
    };
  },
};

/** Endings of files that hold nothing but signals. */
const SIGNAL_ENDINGS = ['.wav', '.wave', '.npy', '.ts', '.arff'];

const isSoundOrSeries = (ending: string): boolean => SIGNAL_ENDINGS.includes(ending.toLowerCase());

/** By the name, and of a folder by the files in it. */
async function kindOfPath(name: string): Promise<'text' | 'signal'> {
  const plain = name.replace(/\.gz$/i, '');
  if (isGenerated(basename(plain)) || isSoundOrSeries(extname(plain))) return 'signal';
  const isFolder = await stat(name).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (!isFolder) return 'text';
  const files = await filesUnder(name).catch(() => []);
  return files.some(({ path }) => isSoundOrSeries(extname(path))) &&
    files.every(({ path }) => isSoundOrSeries(extname(path)) || !isTextName(path))
    ? 'signal'
    : 'text';
}

/** Names of files that hold texts of examples; others may lie beside sounds. */
const isTextName = (path: string): boolean =>
  /\.(?:csv|jsonl|ndjson|json|parquet|txt)(?:\.gz)?$/i.test(path) && !/^readme/i.test(basename(path));
