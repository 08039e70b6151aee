/** Reads labelled signals: archives' .ts, .tsv and .arff, CSV, JSON lines, WAV and .npy files in folders by class. */
import { readFile, stat } from 'node:fs/promises';
import type { Dataset, Example } from '../../data/example.js';
import { takeTurns } from '../../data/limit.js';
import { InputError } from '../../errors.js';
import type { Signal } from '../../input/input.js';
import { resample } from '../../input/resample.js';
import { filesUnder } from '../folder.js';
import { fileFault, openFile } from '../open.js';
import { type CheckedOptions, checkOptions, type ReadOptions } from '../options.js';
import { countClasses, requireLabels } from '../parse/classReport.js';
import type { SplitName } from '../parse/examples.js';
import { SkipList, type Skipped } from '../parse/skipped.js';
import { type DataPath, expandPaths } from '../paths.js';
import { nameOf } from '../read.js';
import { CHIRPS, chirps } from './chirps.js';
import { type SignalFile, signalLayout } from './folder.js';
import { decodeSignal, isSingle, readSeries } from './formats.js';
import { type BadSeries, type Series, type SeriesOrFault, signalOf } from './series.js';

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
  #warnings = 0;
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

  add(found: SeriesOrFault | Labelled): void {
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
  #check(found: SeriesOrFault | Labelled): { example: Example<Signal>; split?: SplitName } | string {
    if ('fault' in found) return found.fault;
    const signal = preparedSignal(found, this.options);
    if ('fault' in signal) return signal.fault;
    const { label = '', warning } = found;
    if (label.trim() === '') return 'its class is empty';
    const misfit = this.#misfit(found.place, signal);
    if (misfit !== undefined) return misfit;
    if (warning !== undefined) this.#warn(found.place, warning);
    const example = { input: signal, label };
    return 'split' in found && found.split !== undefined ? { example, split: found.split } : { example };
  }

  #warn(place: string, warning: string): void {
    this.#warnings++;
    if (this.#warnings === 1) this.notes.add(`${place}: ${warning}`);
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
      for await (const found of foundIn(path, { ...gathering.options, labelled: true }, note)) {
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
    for await (const found of foundIn(path, { ...checked, labelled: false }, () => {})) {
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
  options: CheckedOptions & { readonly labelled: boolean },
  note: (text: string) => void,
): AsyncGenerator<SeriesOrFault | Labelled> {
  if (kind === 'built-in')
    throw new InputError(`${path} is a data set of texts; built-in signals: ${CHIRPS}`);
  if (kind === 'file') {
    if (isSingle(path)) yield await singleOf({ path }, options);
    else yield* readSeries(await openFile(path), options, note);
    return;
  }
  const { files, tables, notes } = signalLayout(path, await filesUnder(path), options);
  for (const one of notes) note(one);
  for (const { path: table, split } of tables) {
    for await (const found of readSeries(await openFile(table), options, note)) {
      yield split === undefined || 'fault' in found ? found : { ...found, split };
    }
  }
  const items = files.map((file) => ({ file, label: `${file.split ?? ''}/${file.label ?? ''}` }));
  for (const { file } of takeTurns(items, options.limit)) yield await singleOf(file, options);
}

/** The one signal of a file, or what is wrong with it where that is allowed. Throws InputError. */
async function singleOf(file: SignalFile, { skipBad }: CheckedOptions): Promise<Labelled | BadSeries> {
  try {
    return await decodedOf(file);
  } catch (error) {
    if (!(error instanceof InputError) || skipBad === undefined) throw error;
    return { place: file.path, fault: error.message.replace(`${file.path}: `, '') };
  }
}

async function decodedOf({ path, label, split }: SignalFile): Promise<Labelled> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw fileFault(path, error);
  });
  if (status.size === 0) throw new InputError(`${path} is empty`);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw fileFault(path, error);
  });
  return { place: path, label, ...decodeSignal(bytes, path), ...(split === undefined ? {} : { split }) };
}
