/** Reads labelled inputs of any kind: texts; signals where that is told or the name says it; files as bytes where told. */
import { basename, extname } from 'node:path';
import type { Example } from '../data/example.js';
import { stepsOf } from '../input/signal.js';
import { areFolders, type FileDataset, readFiles } from './files.js';
import type { InputName, ReadOptions } from './options.js';
import { nameOf, type ReadResult, readDataset, readExamples } from './read.js';
import { describeSplits, number } from './reading.js';
import { CHIRPS } from './signals/chirps.js';
import { readSignals, type SignalDataset } from './signals/read.js';

export type { SignalDataset };
export type InputDataset = ReadResult | SignalDataset | FileDataset;

/** Endings of files that hold nothing else. */
const SIGNAL_ENDINGS = new Set(['.ts', '.arff', '.wav', '.npy']);

/** What data of this name hold, where nobody says. */
export function inputOf(from: string | readonly string[]): InputName {
  const names = typeof from === 'string' ? [from] : from;
  const isSignal = (name: string): boolean => {
    const plain = name.replace(/\.gz$/i, '');
    return basename(plain) === CHIRPS || SIGNAL_ENDINGS.has(extname(plain).toLowerCase());
  };
  return names.length > 0 && names.every(isSignal) ? 'signal' : 'text';
}

/** Whether data are signals: as is told, or else by their name. */
export const holdSignals = (from: string | readonly string[], { input }: ReadOptions): boolean =>
  (input ?? inputOf(from)) === 'signal';

/** Whether data are files to be taken as they are: bytes are asked for, and these are folders of files by class. */
export const holdFiles = async (from: string | readonly string[], { input }: ReadOptions): Promise<boolean> =>
  input === 'bytes' && (await areFolders(from));

/** All of them, in memory. Throws InputError as the readers do. */
export async function readInputs(
  from: string | readonly string[],
  options: ReadOptions = {},
): Promise<InputDataset> {
  if (holdSignals(from, options)) return readSignals(from, options);
  return (await holdFiles(from, options)) ? readFiles(from, options) : readDataset(from, options);
}

/** One after the other; signals and files are in memory all the same. */
export function streamInputs(
  from: string | readonly string[],
  options: ReadOptions = {},
): { readonly name: string; readonly examples: AsyncIterable<Example> } {
  if (holdSignals(from, options)) {
    const all = async function* (): AsyncGenerator<Example> {
      yield* (await readSignals(from, options)).examples;
    };
    return { name: nameOf(from), examples: all() };
  }
  const stream = readExamples(from, options);
  const all = async function* (): AsyncGenerator<Example> {
    if (await holdFiles(from, options)) {
      yield* (await readFiles(from, options)).examples;
      return;
    }
    for await (const { text, label } of stream) yield { input: text, label };
  };
  return { name: stream.name, examples: all() };
}

/** One line of English on signals and what was guessed of them. */
export function describeSignals({ examples, notes, splits, skipped }: SignalDataset): string {
  const [{ input }] = examples;
  const steps = stepsOf(examples.map((example) => example.input));
  const [shortest, longest] = [steps[0], steps[steps.length - 1]];
  const parts = [
    `signals of ${shortest === longest ? number(longest) : `${number(shortest)} to ${number(longest)}`} steps, ${input.channels} ${input.channels === 1 ? 'channel' : 'channels'}`,
  ];
  if (input.rate !== undefined) parts.push(`${number(input.rate)} samples a second`);
  parts.push(...notes);
  if (splits !== undefined) {
    parts.push(describeSplits(Object.entries(splits).map(([name, part]) => [name, part.length])));
  }
  if (skipped !== undefined) parts.push(`${number(skipped.count)} left out`);
  return parts.join('; ');
}
