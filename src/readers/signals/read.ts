/** Reads labelled signals: archives' .ts, .tsv and .arff, CSV, JSON lines, WAV and .npy files in folders by class. */
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Dataset, Example } from '../../data/example.js';
import { takeTurns } from '../../data/limit.js';
import { InputError } from '../../errors.js';
import type { Signal } from '../../input/input.js';
import { resample } from '../../input/resample.js';
import type { LabelledFile } from '../folder.js';
import { fileFault, openFile } from '../open.js';
import { type CheckedOptions, checkOptions, type ReadOptions } from '../options.js';
import { countClasses, requireLabels } from '../parse/classReport.js';
import { openText } from '../parse/decode.js';
import type { SplitName } from '../parse/examples.js';
import { type Line, LineSplitter } from '../parse/lines.js';
import { SkipList, type Skipped } from '../parse/skipped.js';
import { type DataPath, expandPaths } from '../paths.js';
import { nameOf } from '../read.js';
import { arffSeries } from './arff.js';
import { CHIRPS, chirps } from './chirps.js';
import { isSingle, signalLayout } from './folder.js';
import { jsonSeries } from './json.js';
import { decodeNpy } from './npy.js';
import { type BadSeries, type Found, type Series, signalOf } from './series.js';
import { sktimeSeries } from './sktime.js';
import { tableSeries } from './table.js';
import { decodeWav } from './wav.js';

export interface SignalDataset extends Dataset<Signal> {
  readonly splits?: Readonly<Partial<Record<SplitName, readonly Example<Signal>[]>>>;
  /** One line of English each: what was guessed. */
  readonly notes: readonly string[];
  readonly skipped?: Skipped;
  /** The rate that all were brought to, where that was asked for. */
  readonly resample?: number | undefined;
}

interface Labelled extends Series {
  readonly split?: SplitName;
}

/** A reading in progress: what all signals must have in common, and what was found out. */
class Gathering {
  readonly examples: Example<Signal>[] = [];
  readonly splits: Partial<Record<SplitName, Example<Signal>[]>> = {};
  readonly notes = new Set<string>();
  readonly skipped: SkipList;
  readonly options: CheckedOptions;
  #first:
    | { readonly place: string; readonly channels: number; readonly rate: number | undefined }
    | undefined;

  constructor(options: CheckedOptions) {
    this.options = options;
    this.skipped = new SkipList(options.skipBad);
  }

  get full(): boolean {
    return this.examples.length >= this.options.limit;
  }

  add(found: Found | Labelled): void {
    const outcome = this.#check(found);
    if (typeof outcome === 'string') {
      this.skipped.add(found.place, outcome);
      return;
    }
    const { example, split } = outcome;
    this.examples.push(example);
    if (split === undefined) return;
    this.splits[split] ??= [];
    this.splits[split].push(example);
  }

  /** The example, or what is wrong with it. */
  #check(found: Found | Labelled): { example: Example<Signal>; split?: SplitName } | string {
    if ('fault' in found) return found.fault;
    const signal = preparedSignal(found, this.options);
    if ('fault' in signal) return signal.fault;
    if (found.label.trim() === '') return 'its class is empty';
    const misfit = this.#misfit(found.place, signal);
    if (misfit !== undefined) return misfit;
    const example = { input: signal, label: found.label };
    return 'split' in found && found.split !== undefined ? { example, split: found.split } : { example };
  }

  /** All signals have the channels and the rate of the first. */
  #misfit(place: string, { channels, rate }: Signal): string | undefined {
    const first = this.#first;
    this.#first ??= { place, channels, rate };
    if (first === undefined) return undefined;
    if (channels !== first.channels) {
      return `${channels} ${channels === 1 ? 'channel' : 'channels'}, ${first.place} has ${first.channels}: all signals need the same (ffmpeg -i FILE -ac ${first.channels} NEW.wav)`;
    }
    if (rate !== first.rate) {
      const advice =
        rate === undefined || first.rate === undefined
          ? ''
          : `; --resample ${Math.min(rate, first.rate)} brings them to one`;
      return `${rateText(rate)}, ${first.place} has ${rateText(first.rate)}: all signals need the same rate${advice}`;
    }
    return undefined;
  }
}

const rateText = (rate: number | undefined): string =>
  rate === undefined ? 'an unknown rate' : `${rate} samples a second`;

/** Throws InputError naming file and place of what does not serve, and what to do about it. */
export async function readSignals(
  from: string | readonly string[],
  options: ReadOptions = {},
): Promise<SignalDataset> {
  const gathering = new Gathering(checkOptions(options));
  const name = nameOf(from);
  if (from === CHIRPS || (from.length === 1 && from[0] === CHIRPS)) {
    for (const series of chirps(Math.min(gathering.options.limit, 2000))) gathering.add(series);
  } else {
    const note = (text: string): void => void gathering.notes.add(text);
    for (const path of await expandPaths(from)) {
      if (path.kind === 'file' && isSingle(path.path)) {
        throw new InputError(
          `${path.path}: a single signal without a class; name the folder that holds the classes`,
        );
      }
      for await (const found of foundIn(path, gathering.options, note)) {
        if (gathering.full) break;
        gathering.add(found);
      }
    }
  }
  const { examples, splits, notes, skipped } = gathering;
  if (examples.length === 0) throw new InputError(`${name} holds no signals`);
  if (!gathering.options.manyClasses) requireLabels(name, countClasses(examples), examples.length);
  const { result } = skipped;
  return {
    name,
    examples,
    notes: [...notes],
    resample: gathering.options.resample,
    ...(Object.keys(splits).length > 0 ? { splits } : {}),
    ...(result === undefined ? {} : { skipped: result }),
  };
}

/** The signal as it was asked for, or why it is none. */
function preparedSignal(
  found: Series,
  { missing, resample: rate }: CheckedOptions,
): Signal | { readonly fault: string } {
  const signal = signalOf(found, missing);
  if (rate === undefined || 'fault' in signal) return signal;
  try {
    return resample(signal, rate);
  } catch (error) {
    if (error instanceof InputError) return { fault: error.message };
    throw error;
  }
}

export interface SignalToPredict {
  readonly signal: Signal;
  /** "file:line", or the file. */
  readonly place: string;
  /** From 1. */
  readonly row: number;
}

/** Signals of files, one after the other; classes are not needed. Throws InputError as `readSignals` does. */
export async function* readSignalsToPredict(
  from: string | readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<SignalToPredict> {
  const checked = checkOptions(options);
  const skipped = new SkipList(checked.skipBad);
  let row = 0;
  for (const path of await expandPaths(from)) {
    for await (const found of foundIn(path, checked, () => {})) {
      if (row >= checked.limit) return;
      row++;
      const signal = 'fault' in found ? found : preparedSignal(found, checked);
      if ('fault' in signal) skipped.add(found.place, signal.fault);
      else yield { signal, place: found.place, row };
    }
  }
}

/** All series of a path, as they are found. @param note is told what was guessed */
async function* foundIn(
  { kind, path }: DataPath,
  options: CheckedOptions,
  note: (text: string) => void,
): AsyncGenerator<Found | Labelled> {
  if (kind === 'built-in')
    throw new InputError(`${path} is a data set of texts; built-in signals: ${CHIRPS}`);
  if (kind === 'file') {
    if (isSingle(path)) yield await singleOf({ path, label: '' }, options);
    else yield* seriesOf(path, linesOf(path, options), options, note);
    return;
  }
  const { files, tables, note: guess } = await signalLayout(path, options.labelFrom);
  if (guess !== undefined) note(guess);
  for (const { path: table, split } of tables) {
    for await (const found of seriesOf(table, linesOf(table, options), options, note)) {
      yield split === undefined || 'fault' in found ? found : { ...found, split };
    }
  }
  const items = files.map((file) => ({ file, label: `${file.split ?? ''}/${file.label}` }));
  for (const { file } of takeTurns(items, options.limit)) yield await singleOf(file, options);
}

/** The one signal of a file, or what is wrong with it where that is allowed. Throws InputError. */
async function singleOf(file: LabelledFile, { skipBad }: CheckedOptions): Promise<Labelled | BadSeries> {
  try {
    return await decodedOf(file);
  } catch (error) {
    if (!(error instanceof InputError) || skipBad === undefined) throw error;
    return { place: file.path, fault: error.message.replace(`${file.path}: `, '') };
  }
}

async function decodedOf({ path, label, split }: LabelledFile): Promise<Labelled> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw fileFault(path, error);
  });
  if (status.size === 0) throw new InputError(`${path} is empty`);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw fileFault(path, error);
  });
  const base = { place: path, label, ...(split === undefined ? {} : { split }) };
  if (extname(path).toLowerCase() !== '.npy') return { ...base, ...decodeWav(bytes, path) };
  const { shape, values } = decodeNpy(bytes, path);
  if (shape.length > 2) {
    throw new InputError(
      `${path}: an array of ${shape.length} dimensions; a signal has [steps] or [steps, channels]`,
    );
  }
  const count = shape[1] ?? 1;
  const steps = shape[0] ?? 0;
  const channels = Array.from({ length: count }, (_, c) =>
    Float64Array.from({ length: steps }, (_, t) => values[t * count + c]),
  );
  return { ...base, channels };
}

function seriesOf(
  path: string,
  lines: AsyncIterable<Line>,
  options: CheckedOptions,
  note: (text: string) => void,
): AsyncIterable<Found> {
  switch (extname(path.replace(/\.gz$/i, '')).toLowerCase()) {
    case '.ts':
      return sktimeSeries(lines, path);
    case '.arff':
      return arffSeries(lines, path);
    case '.jsonl':
    case '.ndjson':
      return jsonSeries(lines, path, options);
    case '.tsv':
    case '.csv':
    case '.txt':
      return tableSeries(lines, path, options, note);
    default:
      throw new InputError(
        `${path}: which signals are these? Read are .ts, .arff, .tsv, .csv, .jsonl (a series a line), and folders of .wav or .npy files by class`,
      );
  }
}

async function* linesOf(path: string, { encoding, maxLine }: CheckedOptions): AsyncGenerator<Line> {
  const { pieces } = await openText(await openFile(path), { encoding });
  const splitter = new LineSplitter({ maxLine });
  const whole = function* (lines: ReturnType<LineSplitter['push']>): Generator<Line> {
    for (const { text, number } of lines) {
      if (text === undefined) {
        throw new InputError(
          `${path}:${number}: a line of more than ${maxLine} characters (--max-line allows more)`,
        );
      }
      yield { text, number };
    }
  };
  for await (const piece of pieces) yield* whole(splitter.push(piece));
  yield* whole(splitter.finish());
}
