/** Praat's TextGrid, long and short form: the intervals of its tiers that have a text. */
import { InputError } from '../../errors.js';
import type { FileEvent } from './times.js';

/** Quoted strings (quotes within are doubled), numbers and flags, with the lines that they stand on. */
const TOKEN =
  /"((?:[^"]|"")*)"|(?:^|(?<=[\s=]))(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?=\s|$)|<(exists|absent)>/g;

interface Token {
  readonly text?: string;
  readonly number?: number;
  readonly line: number;
}

function tokensOf(text: string): Token[] {
  // What the long form calls its values: `intervals [1]:`, `item []:`.
  const plain = text.replace(/\[\d*\]/g, (match) => ' '.repeat(match.length));
  let [line, at] = [1, 0];
  return Array.from(plain.matchAll(TOKEN), (match) => {
    for (; at < match.index; at++) if (plain[at] === '\n') line++;
    if (match[1] !== undefined) return { text: match[1].replaceAll('""', '"'), line };
    return match[2] === undefined ? { line } : { number: Number(match[2]), line };
  });
}

export const isTextGrid = (text: string): boolean => /^\s*(?:File type\s*=\s*)?"ooTextFile/.test(text);

export function textGridEvents(text: string, name: string): FileEvent[] {
  const tokens = tokensOf(text);
  let next = 2;
  const fail = (what: string): never => {
    const place = tokens[Math.min(next, tokens.length) - 1];
    throw new InputError(
      `${name}${place === undefined ? '' : `, line ${place.line}`}: this TextGrid lacks ${what}; it is cut off or damaged`,
    );
  };
  const number = (what: string): number => tokens[next++]?.number ?? fail(what);
  const string = (what: string): string => tokens[next++]?.text ?? fail(what);
  if (tokens[1]?.text !== 'TextGrid')
    throw new InputError(`${name} is no TextGrid of Praat ("Object class" is another)`);
  number('its beginning');
  number('its end');
  if (tokens[next]?.text === undefined && tokens[next]?.number === undefined) next++;
  const tiers = number('the number of its tiers');
  const events: FileEvent[] = [];
  for (let tier = 0; tier < tiers; tier++) {
    const kind = string('the kind of a tier');
    string('the name of a tier');
    number('the beginning of a tier');
    number('the end of a tier');
    const count = number('the number of intervals');
    for (let i = 0; i < count; i++) {
      const onset = number('a time');
      if (kind === 'TextTier') {
        string('the text of a point');
        continue;
      }
      const offset = number('the end of an interval');
      const label = string('the text of an interval').trim();
      const place = `${name}, line ${tokens[next - 1].line}`;
      if (label === '') continue;
      if (!(onset >= 0 && offset > onset))
        throw new InputError(`${place}: the interval from ${onset} to ${offset} s has no length`);
      events.push({ onset, offset, label, place });
    }
  }
  return events;
}
