/** Series in the .ts format of the UEA and UCR archive (sktime, aeon): a header of @ lines, then a series a line. */
import { InputError } from '../../errors.js';
import type { Line } from '../parse/lines.js';
import { type Found, parseNumbers } from './series.js';

/** Series of a file, in order. Throws InputError on a header that does not serve. */
export async function* sktimeSeries(lines: AsyncIterable<Line>, name: string): AsyncGenerator<Found> {
  let inData = false;
  let labels: ReadonlySet<string> | undefined;
  let dimensions: number | undefined;
  for await (const { text, number } of lines) {
    const line = text.trim();
    const place = `${name}:${number}`;
    if (line === '' || line.startsWith('#') || line.startsWith('%')) continue;
    if (inData) {
      const found = seriesIn(line, place, labels);
      if ('channels' in found) {
        dimensions ??= found.channels.length;
        if (found.channels.length !== dimensions) {
          const fault = `${found.channels.length} channels, ${dimensions} are expected; channels stand with colons between them`;
          yield { place, fault };
          continue;
        }
      }
      yield found;
      continue;
    }
    if (!line.startsWith('@')) {
      throw new InputError(
        `${place}: this is neither a header line (@…) nor behind @data: is it a .ts file?`,
      );
    }
    const [key, ...words] = line.slice(1).split(/\s+/);
    const value = words[0]?.toLowerCase();
    switch (key.toLowerCase()) {
      case 'data':
        inData = true;
        break;
      case 'timestamps':
        if (value === 'true') {
          throw new InputError(
            `${place}: series with time stamps are not read; write their values alone, at equal steps (@timeStamps false)`,
          );
        }
        break;
      case 'targetlabel':
        if (value === 'true')
          throw new InputError(
            `${place}: its labels are measures (@targetLabel); a classifier needs classes`,
          );
        break;
      case 'dimensions':
        dimensions = Number(value);
        break;
      case 'classlabel':
        if (value === 'false') {
          throw new InputError(
            `${place}: the series have no class (@classLabel false); a classifier needs them`,
          );
        }
        if (words.length > 1) labels = new Set(words.slice(1));
        break;
    }
  }
  if (!inData) throw new InputError(`${name}: there is no line @data: is it a .ts file?`);
}

function seriesIn(line: string, place: string, labels: ReadonlySet<string> | undefined): Found {
  const parts = line.split(':');
  const label = parts.pop()!.trim();
  if (parts.length === 0) return { place, fault: 'no class behind the last colon' };
  if (labels !== undefined && !labels.has(label)) {
    return { place, fault: `the class '${label.slice(0, 40)}' is none of those that @classLabel names` };
  }
  const channels: number[][] = [];
  for (const [c, part] of parts.entries()) {
    const numbers = parseNumbers(part);
    if ('fault' in numbers) return { place, fault: `channel ${c + 1}: ${numbers.fault}` };
    channels.push(numbers);
  }
  return { place, label, channels };
}
