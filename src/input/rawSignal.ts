/** From numbers as people give them to a signal: checked, and gaps filled where that is asked. */
import { InputError } from '../errors.js';
import type { Signal } from './input.js';
import { precisionFault } from './precision.js';

/** Steps and channels count from 1 in messages. */
const place = (where: string, step: number, channel: number, channels: number): string =>
  `${where}: step ${step + 1}${channels === 1 ? '' : ` of channel ${channel + 1}`}`;

/**
 * @param raw `{ values, channels?, rate? }` as RawSignal says, or a Float32Array or Float64Array of one channel
 * @param missing what is done about NaN
 * Throws InputError naming the first step that is no number; on no steps at all, rows of unequal length, channels or a rate
 * that are none.
 */
export function readSignal(raw: unknown, missing: 'refuse' | 'interpolate', where: string): Signal {
  const bare = raw instanceof Float32Array || raw instanceof Float64Array;
  const given = (bare ? { values: raw } : raw) as { values?: unknown; channels?: unknown; rate?: unknown };
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InputError(`${where} is not a signal: give { values, channels, rate }, or a Float32Array`);
  }
  const { rate } = given;
  if (rate !== undefined && !(typeof rate === 'number' && Number.isFinite(rate) && rate > 0)) {
    throw new InputError(`${where}: its rate is ${String(rate)}; samples a second are a positive number`);
  }
  const { channels, values } = numbersOf(given, where);
  const steps = values.length / channels;
  if (steps === 0) throw new InputError(`${where}: the signal has no steps`);
  if (!Number.isInteger(steps)) {
    throw new InputError(
      `${where}: ${values.length} numbers are no whole number of steps of ${channels} channels`,
    );
  }
  const result = values instanceof Float32Array ? values : Float32Array.from(values);
  let gaps: Set<number> | undefined;
  for (let i = 0; i < result.length; i++) {
    if (Number.isFinite(result[i])) continue;
    const [step, channel] = [Math.floor(i / channels), i % channels];
    if (Number.isNaN(result[i]) && missing === 'interpolate') {
      gaps ??= new Set();
      gaps.add(channel);
    } else if (Number.isNaN(result[i])) {
      throw new InputError(
        `${place(where, step, channel, channels)} is missing (NaN); --missing interpolate (missing: 'interpolate' when training) fills gaps by straight lines`,
      );
    } else {
      throw new InputError(
        `${place(where, step, channel, channels)} is ${values[i]}, which is no 32-bit number`,
      );
    }
  }
  if (result !== values) {
    for (let c = 0; c < channels; c++) {
      const lost = precisionFault(values, c, channels);
      if (lost !== undefined)
        throw new InputError(`${where}${channels === 1 ? '' : `, channel ${c + 1}`}: ${lost}`);
    }
  }
  const base = { channels, ...(rate === undefined ? {} : { rate }) };
  if (gaps === undefined) return { ...base, values: result };
  // Not in the caller's own memory.
  const filled = result === values ? result.slice() : result;
  for (const channel of gaps) {
    if (interpolate(filled, channel, channels, steps)) continue;
    throw new InputError(`${where}: channel ${channel + 1} holds no value at all, only gaps`);
  }
  return { ...base, values: filled };
}

function numbersOf(
  { values, channels: given }: { values?: unknown; channels?: unknown },
  where: string,
): { channels: number; values: ArrayLike<number> } {
  if (given !== undefined && !(Number.isInteger(given) && (given as number) >= 1)) {
    throw new InputError(`${where}: channels is ${String(given)}; it must be a whole number from 1`);
  }
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    throw new InputError(`${where}: values are 64-bit integers; give them as numbers`);
  }
  if (ArrayBuffer.isView(values) && 'length' in values) {
    return { channels: (given as number | undefined) ?? 1, values: values as unknown as ArrayLike<number> };
  }
  if (!Array.isArray(values)) throw new InputError(`${where}: values must be an array of numbers`);
  const rows = values.length > 0 && Array.isArray(values[0]);
  const channels = (given as number | undefined) ?? (rows ? (values[0] as unknown[]).length : 1);
  const flat: number[] = [];
  for (const [step, row] of values.entries()) {
    const numbers: readonly unknown[] = Array.isArray(row) ? row : [row];
    if (rows !== Array.isArray(row) || (rows && numbers.length !== channels)) {
      throw new InputError(
        `${where}: step ${step + 1} has ${numbers.length} numbers, step 1 has ${channels}: all steps need one for each channel`,
      );
    }
    for (const value of numbers) {
      if (value === null) flat.push(Number.NaN);
      else if (typeof value === 'number') flat.push(value);
      else {
        const shown = typeof value === 'string' ? `'${value.slice(0, 40)}'` : String(value);
        throw new InputError(`${where}: step ${step + 1} is ${shown}, which is not a number`);
      }
    }
  }
  return { channels: Math.max(1, channels), values: flat };
}

/** Straight lines over the gaps, the nearest value before the first and after the last; false if there is none at all. */
export function interpolate(values: Float32Array, at: number, stride: number, steps: number): boolean {
  let last = -1;
  for (let t = 0; t <= steps; t++) {
    const here = t < steps ? values[at + t * stride] : Number.NaN;
    if (t < steps && Number.isNaN(here)) continue;
    if (t === steps && last < 0) return false;
    const from = last < 0 ? here : values[at + last * stride];
    const to = t === steps ? from : here;
    for (let gap = last + 1; gap < t; gap++) {
      values[at + gap * stride] = from + ((to - from) * (gap - last)) / (t - last);
    }
    last = t;
  }
  return true;
}
