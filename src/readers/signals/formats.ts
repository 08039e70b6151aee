/** Files of signals by their format: those that hold many series, and those that hold one signal. */
import { InputError } from '../../errors.js';
import { openText } from '../parse/decode.js';
import { EndlessLine, hasBareReturns, type Line, LineSplitter } from '../parse/lines.js';
import type { ByteSource } from '../parse/source.js';
import { arffSeries } from './arff.js';
import { jsonSeries } from './json.js';
import { decodeNpy } from './npy.js';
import type { SeriesOptions } from './options.js';
import type { Series, SeriesOrFault } from './series.js';
import { sktimeSeries } from './sktime.js';
import { tableSeries } from './table.js';
import { decodeWav } from './wav.js';

/** The name's ending in lower case with its dot, `.gz` aside. */
export const endingOf = (name: string): string =>
  /\.[^./\\]+$/.exec(name.replace(/\.gz$/i, ''))?.[0].toLowerCase() ?? '';

/** Files that hold one signal each. */
const SINGLE = new Set(['.wav', '.wave', '.npy']);

/** Whether a file holds one signal, by its name. */
export const isSingle = (name: string): boolean => SINGLE.has(endingOf(name));

/**
 * Series of a file that holds many, in order; bad ones as such.
 * @param note is told what was guessed, a line of English each
 * Throws InputError on a file of no such format, and on a header that does not serve.
 */
export async function* readSeries(
  source: ByteSource,
  options: SeriesOptions,
  note: (text: string) => void,
): AsyncGenerator<SeriesOrFault> {
  const { name } = source;
  switch (formatOf(name, options)) {
    case 'ts':
      yield* sktimeSeries(linesOf(source, options), name, options, note);
      break;
    case 'arff':
      yield* arffSeries(linesOf(source, options), name, options, note);
      break;
    case 'json':
      yield* jsonSeries(source, 'json', options, note);
      break;
    case 'jsonl':
      yield* jsonSeries(source, 'jsonl', options, note);
      break;
    case 'tsv':
      yield* table(source, '\t', options, note);
      break;
    case 'csv':
      yield* table(source, ',', options, note);
      break;
    case 'text':
      yield* table(source, ' ', options, note);
      break;
    default:
      throw new InputError(
        `${name}: which signals are these? Read are .ts, .arff, .tsv, .csv, .txt, .jsonl (a series a line; another name needs --format), and folders of .wav or .npy files by class`,
      );
  }
}

type SeriesFormat = 'ts' | 'arff' | 'json' | 'jsonl' | 'tsv' | 'csv' | 'text';

const FORMATS: Readonly<Record<string, SeriesFormat>> = {
  '.ts': 'ts',
  '.tsv': 'tsv',
  '.arff': 'arff',
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.txt': 'text',
  '.tab': 'tsv',
  '.psv': 'csv',
};

/** Endings of files that hold many series, in order of preference where the same ones come in several. */
export const MANY: readonly string[] = Object.keys(FORMATS);

/** As given, or by the name. */
function formatOf(name: string, { format }: Pick<SeriesOptions, 'format'>): SeriesFormat | undefined {
  const ending = endingOf(name);
  const own = Object.hasOwn(FORMATS, ending) ? FORMATS[ending] : undefined;
  // A format that is given says how tables are read; others say it by their names.
  if (format === undefined || format === 'parquet' || own === 'ts' || own === 'arff') return own;
  return format;
}

async function* table(
  source: ByteSource,
  usual: string,
  options: SeriesOptions,
  note: (text: string) => void,
): AsyncGenerator<SeriesOrFault> {
  const { encoding, skipBad } = options;
  const text = await openText(source, { encoding, tolerant: skipBad !== undefined });
  try {
    yield* tableSeries(text, source.name, usual, options, note);
  } finally {
    await text.pieces.return(undefined);
  }
}

async function* linesOf(
  source: ByteSource,
  { encoding, maxLine }: Pick<SeriesOptions, 'encoding' | 'maxLine'>,
): AsyncGenerator<Line> {
  const { pieces, head, whole } = await openText(source, { encoding });
  const splitter = new LineSplitter({ maxLine, end: hasBareReturns(head, whole) ? '\r' : '\n' });
  const checked = function* (lines: ReturnType<LineSplitter['push']>): Generator<Line> {
    for (const { text, number } of lines) {
      if (text === undefined) {
        throw new InputError(
          `${source.name}:${number}: a line of more than ${maxLine} characters (--max-line allows more)`,
        );
      }
      yield { text, number };
    }
  };
  try {
    for await (const piece of pieces) yield* checked(splitter.push(piece));
    yield* checked(splitter.finish());
  } catch (error) {
    if (error instanceof EndlessLine) throw new InputError(`${source.name}:${error.line}: ${error.fault}`);
    throw error;
  }
}

/**
 * The signal of a file that holds one: .wav or .npy.
 * @param name for its ending and for messages
 * Throws InputError naming what is wrong with the file.
 */
export function decodeSignal(bytes: Uint8Array, name: string): Pick<Series, 'channels' | 'rate' | 'warning'> {
  if (bytes.length === 0) throw new InputError(`${name} is empty`);
  if (endingOf(name) !== '.npy') return decodeWav(bytes, name);
  const { shape, values } = decodeNpy(bytes, name);
  if (shape.length > 2) {
    throw new InputError(
      `${name}: an array of ${shape.length} dimensions; a signal has [steps] or [steps, channels]`,
    );
  }
  const [steps = 0, count = 1] = shape;
  const channels = Array.from({ length: count }, (_, c) =>
    Float64Array.from({ length: steps }, (_, t) => values[t * count + c]),
  );
  return { channels };
}
