/** JSON lines with arrays: {"label": …, "values": [1, 2, …]} or an array of such arrays, one a channel. */
import type { Line } from '../parse/lines.js';
import type { Found } from './series.js';
import { LABEL_NAMES } from './table.js';

type Row = Readonly<Record<string, unknown>>;

/** Series of a file, in order. */
export async function* jsonSeries(
  lines: AsyncIterable<Line>,
  name: string,
  { labelField }: { readonly labelField?: string | undefined },
): AsyncGenerator<Found> {
  for await (const { text, number } of lines) {
    if (text.trim() === '') continue;
    const place = `${name}:${number}`;
    let row: unknown;
    try {
      row = JSON.parse(text);
    } catch (error) {
      yield { place, fault: `not JSON (${(error as Error).message}); a line is one object` };
      continue;
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      yield { place, fault: 'not an object; a line is {"label": …, "values": […]}' };
      continue;
    }
    yield seriesIn(row as Row, place, labelField);
  }
}

function seriesIn(row: Row, place: string, labelField: string | undefined): Found {
  const key = labelField ?? Object.keys(row).find((name) => LABEL_NAMES.test(name));
  const label = key === undefined ? undefined : row[key];
  if (typeof label !== 'string' && typeof label !== 'number' && typeof label !== 'boolean') {
    return { place, fault: 'no field with the class: name it with --label-field' };
  }
  const values = Object.entries(row).find(([name, value]) => name !== key && Array.isArray(value))?.[1];
  if (values === undefined) return { place, fault: 'no field with an array of numbers' };
  const all = values as unknown[];
  const channels = all.length > 0 && all.every(Array.isArray) ? (all as unknown[][]) : [all];
  const numbers: number[][] = [];
  for (const [c, channel] of channels.entries()) {
    const bad = channel.findIndex((value) => value !== null && typeof value !== 'number');
    if (bad >= 0) {
      return {
        place,
        fault: `value ${bad + 1} of channel ${c + 1} is ${JSON.stringify(channel[bad])}, no number`,
      };
    }
    numbers.push(channel.map((value) => (value === null ? Number.NaN : (value as number))));
  }
  return { place, label: String(label), channels: numbers };
}
