/** Series in the .ts format of the UEA and UCR archive (sktime, aeon): a header of @ lines, then a series a line. */
import { InputError } from '../../errors.js';
import type { Line } from '../parse/lines.js';
import { parseNumber, parseNumbers } from './numbers.js';
import type { SeriesOptions } from './options.js';
import type { SeriesOrFault } from './series.js';
import { spaced, timeOf, timePositions } from './times.js';

/** What the header says. */
interface Header {
  /** Whether a class, or a measure, stands behind the last colon; undefined: the header does not say. */
  classed?: boolean;
  /** What the classes are, where they are named. */
  classes?: ReadonlySet<string>;
  /** Values with the times at which they were taken. */
  timed: boolean;
  dimensions?: number;
}

/**
 * Series of a file, in order.
 * @param note is told what was made of time stamps
 * Throws InputError on a header that does not serve.
 */
export async function* sktimeSeries(
  lines: AsyncIterable<Line>,
  name: string,
  { labelled }: Pick<SeriesOptions, 'labelled'>,
  note: (text: string) => void,
): AsyncGenerator<SeriesOrFault> {
  const header: Header = { timed: false };
  let inData = false;
  for await (const { text, number } of lines) {
    const line = text.trim();
    const place = `${name}:${number}`;
    if (line === '' || line.startsWith('#') || line.startsWith('%')) continue;
    if (!inData) {
      inData = readHeader(line, place, header, labelled);
      if (inData && header.timed) note('time stamps give the order; values are taken at equal steps');
      continue;
    }
    const found = seriesIn(line, place, header, labelled);
    if ('channels' in found) {
      header.dimensions ??= found.channels.length;
      if (found.channels.length !== header.dimensions) {
        const fault = `${found.channels.length} channels, ${header.dimensions} are expected; channels are separated by colons`;
        yield { place, fault };
        continue;
      }
    }
    yield found;
  }
  if (!inData) throw new InputError(`${name}: there is no line @data: is it a .ts file?`);
}

/** Whether this was the last line of the header. Throws InputError. */
function readHeader(line: string, place: string, header: Header, labelled: boolean): boolean {
  if (!line.startsWith('@')) {
    throw new InputError(`${place}: this is neither a header line (@…) nor after @data: is it a .ts file?`);
  }
  const [key, ...words] = line.slice(1).split(/\s+/);
  const value = words[0]?.toLowerCase();
  switch (key.toLowerCase()) {
    case 'data':
      return true;
    case 'timestamps':
      header.timed = value === 'true';
      break;
    case 'targetlabel':
      if (value !== 'true') break;
      if (labelled) {
        throw new InputError(`${place}: its labels are measures (@targetLabel); a classifier needs classes`);
      }
      header.classed = true;
      break;
    case 'dimension':
    case 'dimensions':
      if (Number.isInteger(Number(value))) header.dimensions = Number(value);
      break;
    case 'classlabel':
      if (value === 'false' && labelled) {
        throw new InputError(
          `${place}: the series have no class (@classLabel false); training needs the class of each (@classLabel true a b, and :a after its values)`,
        );
      }
      header.classed = value !== 'false';
      if (words.length > 1) header.classes = new Set(words.slice(1));
      break;
  }
  return false;
}

/** Parts between colons, but for those within (a time, a value). */
function partsOf(line: string, timed: boolean): string[] {
  if (!timed) return line.split(':');
  const parts: string[] = [];
  let [from, depth] = [0, 0];
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ':' && depth === 0) {
      parts.push(line.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(line.slice(from));
  return parts;
}

function seriesIn(line: string, place: string, header: Header, labelled: boolean): SeriesOrFault {
  const { timed, classes, dimensions } = header;
  const parts = partsOf(line, timed);
  let label: string | undefined;
  if (labelled || (header.classed ?? endsInClass(parts, dimensions))) {
    label = parts.pop()!.trim();
    if (parts.length === 0) return { place, fault: 'no class after the last colon' };
    if (labelled && classes !== undefined && !classes.has(label)) {
      return { place, fault: `the class '${label.slice(0, 40)}' is not listed in @classLabel` };
    }
  }
  const channels: ArrayLike<number>[] = [];
  for (const [c, part] of parts.entries()) {
    const numbers = timed ? timedNumbers(part) : parseNumbers(part);
    if ('fault' in numbers) return { place, fault: `channel ${c + 1}: ${numbers.fault}` };
    channels.push(numbers);
  }
  return { place, ...(labelled ? { label } : {}), channels };
}

/** Where the header does not say: one word behind series of several values, or one part more than there are channels. */
function endsInClass(parts: readonly string[], dimensions: number | undefined): boolean {
  if (dimensions !== undefined) return parts.length === dimensions + 1;
  return parts.length > 1 && !parts[parts.length - 1].includes(',') && parts[0].includes(',');
}

/** Values of (time, value), … in order of their times; NaN where steps are missing. */
function timedNumbers(part: string): Float64Array | { readonly fault: string } {
  const times: number[] = [];
  const values: number[] = [];
  const pair = /\s*\(([^()]*)\)\s*(?:,|$)/y;
  const text = part.trim();
  while (pair.lastIndex < text.length) {
    const at = pair.lastIndex;
    const found = pair.exec(text);
    const number = values.length + 1;
    if (found === null) {
      return {
        fault: `value ${number} is '${text.slice(at, at + 40)}'; with time stamps it is (time,value)`,
      };
    }
    const end = found[1].lastIndexOf(',');
    const time = timeOf(found[1].slice(0, Math.max(0, end)).trim());
    const value = parseNumber(found[1].slice(end + 1).trim());
    if (end < 0 || time === undefined) {
      return { fault: `value ${number} is '(${found[1].slice(0, 40)})', which is no (time,value)` };
    }
    if (typeof value !== 'number') return { fault: `value ${number} ${value.fault}` };
    times.push(time);
    values.push(value);
  }
  if (values.length === 0) return new Float64Array(0);
  const places = timePositions(times);
  return 'fault' in places ? places : spaced(values, places);
}
