/**
 * JSON lines, or an array, of objects with arrays: {"label": …, "values": [1, 2, …]}; several channels as an array of
 * arrays, one a channel, or as several fields: {"x": […], "y": […]}.
 */
import { fieldsIn } from '../parse/fields.js';
import { isLongInteger } from '../parse/json.js';
import { isBad, type Row } from '../parse/row.js';
import { openRows } from '../parse/rows.js';
import { shown } from '../parse/shown.js';
import type { ByteSource } from '../parse/source.js';
import { guessClass, isIdName, isTimeName, listed } from './names.js';
import type { SeriesOptions } from './options.js';
import type { BadSeries, Series, SeriesOrFault } from './series.js';

/** Fields that hold the values, where there is one of them. */
const VALUES = /^(?:values?|series|signal|samples|data|channels)$/i;

/** Series of a file, in order. Throws InputError on what is no such file. */
export async function* jsonSeries(
  source: ByteSource,
  format: 'json' | 'jsonl',
  options: SeriesOptions,
  note: (text: string) => void,
): AsyncGenerator<SeriesOrFault> {
  const { place, rows } = await openRows(source, format, options);
  /** Names of the channels, where they are fields of their own. */
  let channels: readonly string[] | undefined;
  let first = true;
  for await (const batch of rows()) {
    for (const row of batch) {
      const where = place(row.at);
      if (isBad(row)) {
        yield { place: where, fault: row.fault };
        continue;
      }
      const found = seriesIn(row, where, channels, options);
      if (!('fault' in found) && first) {
        first = false;
        if (found.fields.length > 1) channels = found.fields;
        if (channels !== undefined) note(`channels ${channels.map((name) => `'${shown(name)}'`).join(', ')}`);
        const [count, steps] = [found.channels.length, found.channels[0].length];
        if (count > 4 && count > steps) {
          note(
            `${count} channels of ${steps} steps: arrays of arrays are [channels][steps], one array for each channel`,
          );
        }
      }
      yield found;
    }
  }
}

type WithFields = BadSeries | (Series & { readonly fields: readonly string[] });

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** @param channels the fields of the first series, where there are several */
function seriesIn(
  row: Row,
  place: string,
  channels: readonly string[] | undefined,
  { labelled, labelField, dropColumns = '' }: SeriesOptions,
): WithFields {
  const dropped = new Set(fieldsIn(dropColumns, (name) => row.names.includes(name)));
  const names = row.names.filter((name) => !dropped.has(name));
  const key = labelField ?? guessClass(names.filter((name) => !Array.isArray(row.get(name))));
  const label = key === undefined ? undefined : row.get(key);
  if (labelled && (!isScalar(label) || label === '')) {
    const fault =
      key === undefined || row.get(key) === undefined
        ? `no field with the class${key === undefined ? '' : ` ('${shown(key)}')`}: name it with --label-field; there are ${listed(names, names.length)}`
        : `the class (field '${shown(key)}') is ${JSON.stringify(label)}; every series needs one`;
    return { place, fault };
  }
  const fields = channels ?? valueFields(row, names, key);
  if (fields.length === 0)
    return {
      place,
      fault: 'no field with an array of numbers; an object holds a whole series: {"values": [1, 2, …]}',
    };
  const numbers: number[][] = [];
  for (const field of fields) {
    const values = row.get(field);
    if (!Array.isArray(values)) {
      return { place, fault: `no array of numbers in the field '${shown(field)}', which others have` };
    }
    const nested = values.length > 0 && values.every(Array.isArray);
    for (const channel of nested ? (values as unknown[][]) : [values as unknown[]]) {
      const number = numbers.length + 1;
      const one = channelOf(channel);
      if ('bad' in one) return { place, fault: `value ${one.bad + 1} of channel ${number} ${one.fault}` };
      numbers.push(one.numbers);
    }
  }
  return { place, ...(labelled ? { label: String(label) } : {}), channels: numbers, fields };
}

/** The field called after values; else all arrays of numbers, but ids and times. */
function valueFields(row: Row, names: readonly string[], label: string | undefined): string[] {
  const arrays = names.filter((name) => name !== label && Array.isArray(row.get(name)));
  const called = arrays.find((name) => VALUES.test(name));
  if (called !== undefined) return [called];
  const numeric = arrays.filter((name) => {
    const [first] = (row.get(name) as unknown[]).flat();
    const number = typeof first === 'number' || isLongInteger(first);
    return first === undefined || first === null || number;
  });
  const values = numeric.filter((name) => !isIdName(name) && !isTimeName(name));
  if (values.length > 0) return values;
  return numeric.length > 0 ? numeric : arrays.slice(0, 1);
}

function channelOf(
  channel: readonly unknown[],
): { readonly numbers: number[] } | { readonly bad: number; readonly fault: string } {
  const numbers: number[] = [];
  for (const [at, value] of channel.entries()) {
    if (value === null) numbers.push(Number.NaN);
    else if (isLongInteger(value)) numbers.push(Number(value));
    else if (typeof value === 'number' && Number.isFinite(value)) numbers.push(value);
    else {
      const fault =
        typeof value === 'number'
          ? 'is too large for a 32-bit number'
          : `is ${JSON.stringify(value)}, not a number; write numbers without quotes, and null for a missing one`;
      return { bad: at, fault };
    }
  }
  return { numbers };
}
