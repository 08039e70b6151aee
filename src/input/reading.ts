/**
 * The reading of a model: what is done to a raw input before it is encoded. It is one value, settled at training, saved
 * with the model, and applied by `readInput` alone, whoever asks: the door.
 */
import { InputError } from '../errors.js';
import { loadEntities } from './entities.js';
import { stripHtml } from './html.js';
import type { Input, InputKind, Signal } from './input.js';
import type { LongMode } from './long.js';
import { readSignal } from './rawSignal.js';
import { resample } from './resample.js';

export const MISSING_MODES = ['refuse', 'interpolate'] as const;
/** What is done about missing values of a signal: refuse it, or draw straight lines over the gaps. */
export type MissingMode = (typeof MISSING_MODES)[number];

/** How a model reads raw inputs. */
export interface Reading {
  /** What is read of inputs that are longer than the model. */
  readonly long: LongMode;
  /** Texts: whether HTML tags are dropped and entities decoded. Absent: texts are kept as they are. */
  readonly html?: 'keep' | 'strip' | undefined;
  /** Texts: `nfc` puts them into Unicode's normal form C, ill-formed characters replaced. Absent in older models. */
  readonly unicode?: 'nfc' | undefined;
  /** Texts: the fields that are joined, in order, where a text is made of named ones. */
  readonly fields?: readonly string[] | undefined;
  /** Signals: the rate that all are brought to, in samples a second. */
  readonly resample?: number | undefined;
  /** Signals: several channels become one, their mean. */
  readonly mono?: true | undefined;
  /** Signals: missing values (NaN). Absent: refuse. */
  readonly missing?: MissingMode | undefined;
  /** Bytes: the inputs of training were whole files. */
  readonly wholeFiles?: true | undefined;
}

/** A text in named parts, e.g. `{ subject: '…', body: '…' }`. */
export type TextFields = Readonly<Record<string, unknown>>;

/** Numbers over time as people give them. Missing values are NaN. */
export interface RawSignal {
  /** Numbers a step. Default: 1. */
  readonly channels?: number | undefined;
  /** [steps, channels], row-major; or an array of steps, each an array of its channels' numbers. */
  readonly values: ArrayLike<number> | readonly (readonly number[])[];
  /** Steps a second, where it is known. */
  readonly rate?: number | undefined;
}

/** An input as it comes: nothing has been done to it. */
export type RawInput = string | TextFields | Uint8Array | RawSignal | Float32Array | Float64Array;

/** What an encoder takes. */
export interface Expected {
  readonly kind: InputKind;
  /** Of signals: numbers a step, and steps a second; undefined as long as they are not known. */
  readonly channels?: number | undefined;
  readonly rate?: number | undefined;
}

/** Between the fields of a text. */
const BETWEEN = '\n';

/** One text of several, empty ones left out. */
export const joinTexts = (texts: readonly string[]): string =>
  texts.filter((text) => text !== '').join(BETWEEN);

/** Characters below are in normal form C, whatever stands beside them. */
const MAY_CHANGE = /[\u0300-\uffff]/;

/** Unicode's normal form C; halves of surrogate pairs become U+FFFD. Canonically equal texts become equal. */
export function normalText(text: string): string {
  return MAY_CHANGE.test(text) ? text.toWellFormed().normalize('NFC') : text;
}

/** Loads what this reading needs. Whoever settles or loads one calls it, before the first input is read. */
export async function prepareReading({ html }: Pick<Reading, 'html'>): Promise<void> {
  if (html === 'strip') await loadEntities();
}

/** A text as a model reads it. */
export function readText(text: string, { html, unicode }: Pick<Reading, 'html' | 'unicode'>): string {
  const plain = html === 'strip' ? stripHtml(text) : text;
  return unicode === 'nfc' ? normalText(plain) : plain;
}

const NAMES: Readonly<Record<InputKind, string>> = {
  text: 'a text (a string)',
  bytes: 'bytes (a Uint8Array) or a text',
  signal: 'a signal: { values, channels, rate }, or a Float32Array',
};

/** What a wrong input is, for messages. */
function shownKind(raw: unknown): string {
  if (raw === null || raw === undefined) return String(raw);
  if (typeof raw === 'string') return 'a text';
  if (raw instanceof Uint8Array) return 'bytes';
  if (Array.isArray(raw)) return 'an array';
  if (typeof raw === 'object') return 'values' in raw ? 'a signal' : 'an object';
  return `${typeof raw} ${String(raw)}`;
}

const isRecord = (raw: unknown): raw is TextFields =>
  typeof raw === 'object' &&
  raw !== null &&
  !Array.isArray(raw) &&
  !ArrayBuffer.isView(raw) &&
  !('values' in raw && (typeof raw.values === 'object' || 'channels' in raw));

/**
 * The input as the encoder takes it: the only place where a reading is applied.
 * @param where names the input in messages: "input 3", "mails.csv:7"
 * Throws InputError, its message beginning with `where`, on an input of another kind and one that cannot be read.
 */
export function readInput(
  raw: unknown,
  reading: Omit<Reading, 'long'>,
  expected: Expected,
  where: string,
): Input {
  const { kind } = expected;
  const refuse = (): never => {
    throw new InputError(`${where} is ${shownKind(raw)}; this model takes ${NAMES[kind]}`);
  };
  if (kind === 'signal') {
    if (typeof raw === 'string' || raw instanceof Uint8Array || isRecord(raw)) return refuse();
    return signalAtDoor(raw, reading, expected, where);
  }
  if (typeof raw === 'string') return readText(raw, reading);
  if (raw instanceof Uint8Array) return kind === 'bytes' ? raw : refuse();
  if (isRecord(raw)) return readText(textOfFields(raw, reading.fields, where), reading);
  return refuse();
}

/** Text of the fields that the model was trained on. */
function textOfFields(record: TextFields, fields: readonly string[] | undefined, where: string): string {
  if (fields === undefined) {
    throw new InputError(
      `${where} is an object; this model was not trained on named fields: give it one text`,
    );
  }
  const texts: string[] = [];
  for (const field of fields) {
    if (!Object.hasOwn(record, field)) {
      throw new InputError(
        `${where} has no field '${field}'; this model reads ${fields.map((name) => `'${name}'`).join(', ')} together`,
      );
    }
    const value = record[field];
    // As in files: some of several may be missing, as a mail's subject.
    if (value === null || value === undefined) continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
      throw new InputError(`${where}: the field '${field}' is ${shownKind(value)}, not a text`);
    }
    texts.push(String(value));
  }
  return joinTexts(texts);
}

function signalAtDoor(
  raw: unknown,
  { missing = 'refuse', mono, resample: wanted }: Omit<Reading, 'long'>,
  { channels, rate }: Expected,
  where: string,
): Signal {
  let signal = readSignal(raw, missing, where);
  if (mono && signal.channels > 1) signal = meanOfChannels(signal);
  if (channels !== undefined && signal.channels !== channels) {
    const advice =
      channels === 1 ? '; --mono (mono: true when training) takes the mean of several channels' : '';
    throw new InputError(
      `${where}: ${countOf(signal.channels, 'channel')}; ${channels === 1 ? '1 is' : `${channels} are`} needed, as in the training data${advice}`,
    );
  }
  if (wanted !== undefined) {
    try {
      signal = resample(signal, wanted);
    } catch (error) {
      if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
      throw error;
    }
  }
  if (rate !== undefined && signal.rate !== undefined && signal.rate !== rate) {
    throw new InputError(
      `${where}: ${signal.rate} samples a second; ${rate} are needed, as in the training data; --resample ${rate} (resample: ${rate} when training) brings sounds to one rate`,
    );
  }
  return signal;
}

const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The mean of all channels of each step. */
function meanOfChannels({ channels, values, ...signal }: Signal): Signal {
  const mean = new Float32Array(values.length / channels);
  for (let step = 0; step < mean.length; step++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += values[step * channels + c];
    mean[step] = sum / channels;
  }
  return { ...signal, channels: 1, values: mean };
}

/** The kind of a raw input, where it is one at all. */
export function kindOfRaw(raw: unknown): InputKind | undefined {
  if (typeof raw === 'string') return 'text';
  if (raw instanceof Uint8Array) return 'bytes';
  if (raw instanceof Float32Array || raw instanceof Float64Array) return 'signal';
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  return isRecord(raw) ? 'text' : 'signal';
}
