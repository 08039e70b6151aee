/**
 * The inputs in a request's JSON. How many there are is looked at before what they are, and the first fault ends the
 * look: a body full of faults costs no more than a good one.
 */
import type { Signal } from '../input/input.js';
import type { RawInput } from '../input/reading.js';
import { type Accepted, describeAccepted, NOUNS } from './accepted.js';
import { RequestError } from './requestError.js';

interface Limits {
  readonly maxItems: number;
}

const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !isArray(value);

/**
 * The inputs, those of an array or the one.
 * Throws RequestError on too many (413), none, or one of another form (422), naming the place.
 */
export function inputsOf(given: unknown, accepted: Accepted, { maxItems }: Limits): RawInput[] {
  const several = accepted.kind === 'signal' ? isSeveralSignals(given, accepted) : isArray(given);
  if (!several) return [inputOf(given, 'inputs', accepted)];
  const items = given as readonly unknown[];
  if (items.length === 0) throw shapeError('inputs is empty', accepted);
  if (items.length > maxItems) {
    throw new RequestError(
      413,
      `too-many-${NOUNS[accepted.kind][1]}`,
      `${items.length} ${NOUNS[accepted.kind][1]}: send at most ${maxItems} at a time`,
    );
  }
  return items.map((item, i) => inputOf(item, `inputs[${i}]`, accepted));
}

function shapeError(fault: string, accepted: Accepted): RequestError {
  return new RequestError(422, 'shape', `${fault}; ${describeAccepted(accepted)}`);
}

function inputOf(item: unknown, place: string, accepted: Accepted): RawInput {
  if (accepted.kind === 'signal') return signalOf(item, place, accepted);
  if (typeof item === 'string') return item;
  // Fields of a text: the model knows which it reads.
  if (isObject(item)) return item;
  throw shapeError(`${place} is ${shownKind(item)}, not a text`, accepted);
}

function shownKind(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * Whether an array is several signals, not one. Numbers are the steps of one; rows of numbers are those of one whose model
 * has several channels, or several signals of a model of one channel, unless each has but one number.
 */
function isSeveralSignals(given: unknown, { channels = 1 }: Accepted): boolean {
  if (!isArray(given)) return false;
  const [first] = given;
  if (isObject(first)) return true;
  if (!isArray(first)) return given.length === 0;
  if (isArray(first[0])) return true;
  return channels === 1 && !given.every((row) => isArray(row) && row.length === 1);
}

function signalOf(item: unknown, place: string, accepted: Accepted): Signal {
  if (isArray(item)) return numbersOf(item, place, accepted);
  if (!isObject(item)) throw shapeError(`${place} is ${shownKind(item)}, not a signal`, accepted);
  const { values, channels, rate } = item;
  if (!isArray(values)) {
    throw shapeError(`${place}.values is ${shownKind(values)}, not an array of numbers`, accepted);
  }
  if (channels !== undefined && !(Number.isInteger(channels) && (channels as number) >= 1)) {
    throw shapeError(`${place}.channels is not a whole number from 1`, accepted);
  }
  if (rate !== undefined && !(typeof rate === 'number' && Number.isFinite(rate) && rate > 0)) {
    throw shapeError(`${place}.rate is not a positive number`, accepted);
  }
  const signal = numbersOf(values, `${place}.values`, accepted, channels as number | undefined);
  return rate === undefined ? signal : { ...signal, rate: rate as number };
}

/** @param values [steps × channels], or [steps][channels] */
function numbersOf(values: readonly unknown[], place: string, accepted: Accepted, channels?: number): Signal {
  if (values.length === 0) throw shapeError(`${place} is empty`, accepted);
  const [first] = values;
  const width = isArray(first) ? first.length : 1;
  if (isArray(first) && (width === 0 || width !== (channels ?? width))) {
    throw shapeError(`${place}[0] has ${width} numbers, not one for each channel`, accepted);
  }
  if (!isArray(first) && values.length % (channels ?? 1) !== 0) {
    throw shapeError(
      `${place} has ${values.length} numbers, no whole steps of ${channels} channels`,
      accepted,
    );
  }
  const flat = new Float32Array(values.length * width);
  for (const [i, row] of values.entries()) {
    if (!isArray(first)) flat[i] = numberOf(row, `${place}[${i}]`, accepted);
    else if (!isArray(row) || row.length !== width) {
      const found = isArray(row) ? `has ${row.length} numbers` : `is ${shownKind(row)}`;
      throw shapeError(`${place}[${i}] ${found}, ${place}[0] has ${width}`, accepted);
    } else {
      for (let c = 0; c < width; c++) {
        flat[i * width + c] = numberOf(row[c], `${place}[${i}][${c}]`, accepted);
      }
    }
  }
  return { channels: isArray(first) ? width : (channels ?? 1), values: flat };
}

/** A missing value, null, is NaN: the model's reading says what is done about it. */
function numberOf(value: unknown, place: string, accepted: Accepted): number {
  if (value === null) return Number.NaN;
  if (typeof value !== 'number') throw shapeError(`${place} is ${shownKind(value)}, not a number`, accepted);
  if (!Number.isFinite(Math.fround(value))) {
    throw shapeError(`${place} is beyond the range of 32-bit numbers`, accepted);
  }
  return value;
}
