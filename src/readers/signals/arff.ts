/** Series in Weka's .arff as the UEA and UCR archive has them: numbers and a class a line, or a relation of channels. */
import { InputError } from '../../errors.js';
import type { Line } from '../parse/lines.js';
import { type Found, parseNumbers } from './series.js';

/** Series of a file, in order. Throws InputError on a header that does not serve. */
export async function* arffSeries(lines: AsyncIterable<Line>, name: string): AsyncGenerator<Found> {
  let inData = false;
  let relational = false;
  let classes: ReadonlySet<string> | undefined;
  for await (const { text, number } of lines) {
    const line = text.trim();
    const place = `${name}:${number}`;
    if (line === '' || line.startsWith('%')) continue;
    if (inData) {
      yield seriesIn(line, place, relational, classes);
      continue;
    }
    const [keyword] = line.toLowerCase().split(/\s/, 1);
    if (keyword === '@data') {
      if (classes === undefined) {
        throw new InputError(
          `${place}: the last attribute names no classes ({a,b,…}); a classifier needs them`,
        );
      }
      inData = true;
    } else if (keyword === '@attribute') {
      if (/\srelational\s*$/i.test(line)) relational = true;
      const nominal = /\{(.*)\}\s*$/.exec(line);
      classes = nominal === null ? undefined : new Set(nominal[1].split(',').map(unquoted));
      // The last attribute is the class; those of the relation stand before its @end.
    } else if (keyword !== '@relation' && keyword !== '@end') {
      throw new InputError(
        `${place}: this is neither a header line (@…) nor behind @data: is it an .arff file?`,
      );
    }
  }
  if (!inData) throw new InputError(`${name}: there is no line @data: is it an .arff file?`);
}

const unquoted = (word: string): string => word.trim().replace(/^(['"])(.*)\1$/, '$2');

function seriesIn(
  line: string,
  place: string,
  relational: boolean,
  classes: ReadonlySet<string> | undefined,
): Found {
  const end = line.lastIndexOf(',');
  if (end < 0) return { place, fault: 'no class behind the last comma' };
  const label = unquoted(line.slice(end + 1));
  if (classes !== undefined && !classes.has(label)) {
    return { place, fault: `the class '${label.slice(0, 40)}' is none of those that the header names` };
  }
  const body = line.slice(0, end);
  const channels: number[][] = [];
  for (const [c, part] of (relational ? unquoted(body).split('\\n') : [body]).entries()) {
    const numbers = parseNumbers(part);
    if ('fault' in numbers) return { place, fault: `channel ${c + 1}: ${numbers.fault}` };
    channels.push(numbers);
  }
  return { place, label, channels };
}
