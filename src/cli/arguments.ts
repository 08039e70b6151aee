/** Parsers of option values: each says what is wrong with a value and what would be right. */
import { InvalidArgumentError } from 'commander';
import { InputError } from '../errors.js';
import type { ReadingChanges } from '../inference/classifier.js';
import { MODEL_NAMES, type ModelName } from '../model/configuration.js';
import { modelOptions } from '../model/options.js';
import { trainingSettingsSchema } from '../model/trainingSettings.js';
import { type ReadOptions, readerOptionsSchema } from '../readers/options.js';
import type { CliCommand } from './command.js';
import { addOptions, givenOptions, parserOf } from './options.js';

/** A whole number from `least` to `most`. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `≥ ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

/** A number from `least` (itself only if `inclusive`) to `most`. */
export function real(least: number, most: number, inclusive = true): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const enough = inclusive ? value >= least : value > least;
    if (text.trim() !== '' && Number.isFinite(value) && enough && value <= most) return value;
    throw new InvalidArgumentError(
      `It must be a number ${inclusive ? 'from' : 'above'} ${least} up to ${most}.`,
    );
  };
}

/** Several values with commas between them, none twice. */
export function listOf<T>(one: (text: string) => T): (text: string) => T[] {
  return (text) => {
    const values = text.split(',').map((part) => one(part.trim()));
    const repeated = values.find((value, i) => values.indexOf(value) !== i);
    if (repeated !== undefined) throw new InvalidArgumentError(`'${repeated}' is given twice.`);
    return values;
  };
}

export function modelName(text: string): ModelName {
  const found = MODEL_NAMES.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`Models are ${MODEL_NAMES.join(', ')}.`);
  return found;
}

/** A folder to write. */
export function folderPath(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must name a folder.');
}

/** "80/10/10" per cent, or numbers of examples. */
export function splitArgument(text: string): [number, number, number] {
  const parts = text.split('/').map(Number);
  if (parts.length !== 3 || parts.some((part) => !(part > 0))) {
    throw new InvalidArgumentError(
      'It is train/validation/test, in percent (80/10/10) or examples (20000/2500/2500).',
    );
  }
  const total = parts[0] + parts[1] + parts[2];
  if (total !== 100 && !parts.every(Number.isInteger))
    throw new InvalidArgumentError('Examples are whole numbers.');
  return (total === 100 ? parts.map((part) => part / 100) : parts) as [number, number, number];
}

/** A length of sequences. */
export const sequenceLength = parserOf(modelOptions.sequenceLength) as (text: string) => number;

/** A peak learning rate. */
export const learningRate = parserOf(trainingSettingsSchema.shape.learningRate) as (text: string) => number;

/** How data are read; only what was given. */
export function readOptionsOf(options: Readonly<Record<string, unknown>>): ReadOptions {
  return givenOptions(options, readerOptionsSchema.shape) as ReadOptions;
}

/** What of the options changes a model's reading. */
export function readingChangesOf(options: Readonly<Record<string, unknown>>): ReadingChanges {
  const { html, resample, mono, missing, textField } = readOptionsOf(options);
  const fields = textField?.split(',').map((part) => part.trim());
  return {
    ...(html === undefined || html === 'auto' ? {} : { html }),
    ...(resample === undefined ? {} : { resample }),
    ...(mono === undefined ? {} : { mono }),
    ...(missing === undefined ? {} : { missing }),
    ...(fields === undefined ? {} : { fields }),
  };
}

/** What `--input bytes` asks of a training: bytes as tokens. Throws InputError where another tokenizer is asked for. */
export function byteTokenizerFor(
  { input }: ReadOptions,
  tokenizer: unknown,
): { readonly tokenizer?: 'bytes' } {
  if (input !== 'bytes') return {};
  if (tokenizer !== undefined && tokenizer !== 'bytes') {
    throw new InputError(`--input bytes takes bytes as tokens: leave --tokenizer ${tokenizer} out`);
  }
  return { tokenizer: 'bytes' };
}

/** @param rare what this command lists in its full help alone */
export const addReaderOptions = (command: CliCommand, rare: readonly string[] = []): CliCommand =>
  addOptions(command, readerOptionsSchema.shape, {}, rare);
