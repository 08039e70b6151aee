/** Series in Weka's .arff as the UEA and UCR archive has them: numbers and a class a line, or a relation of channels. */
import { InputError } from '../../errors.js';
import type { Line } from '../parse/lines.js';
import { shown } from '../parse/shown.js';
import { droppedColumns, findColumn, guessClass, isIdName, listed } from './names.js';
import { parseNumber, parseNumbers } from './numbers.js';
import type { SeriesOptions } from './options.js';
import type { SeriesOrFault } from './series.js';

interface Attribute {
  readonly name: string;
  readonly kind: 'numeric' | 'nominal' | 'relational' | 'other';
  /** Of a nominal one. */
  readonly values?: ReadonlySet<string>;
}

/** What is made of the attributes. */
interface Roles {
  readonly attributes: readonly Attribute[];
  readonly label: number | undefined;
  readonly leftOut: ReadonlySet<number>;
}

type Options = Pick<SeriesOptions, 'labelled' | 'labelField' | 'dropColumns'>;

/**
 * Series of a file, in order.
 * @param note is told how the attributes were taken
 * Throws InputError on a header that does not serve.
 */
export async function* arffSeries(
  lines: AsyncIterable<Line>,
  name: string,
  options: Options,
  note: (text: string) => void,
): AsyncGenerator<SeriesOrFault> {
  const attributes: Attribute[] = [];
  let roles: Roles | undefined;
  let inRelation = false;
  for await (const { text, number } of lines) {
    const line = text.trim();
    const place = `${name}:${number}`;
    if (line === '' || line.startsWith('%')) continue;
    if (roles !== undefined) {
      yield seriesIn(line, place, roles, options.labelled);
      continue;
    }
    const [keyword] = line.toLowerCase().split(/\s/, 1);
    if (keyword === '@data') {
      roles = rolesOf(attributes, place, options, note);
    } else if (keyword === '@attribute') {
      const attribute = attributeOf(line);
      // Those of a relation are the steps of its channels.
      if (!inRelation) attributes.push(attribute);
      if (attribute.kind === 'relational') inRelation = true;
    } else if (keyword === '@end') inRelation = false;
    else if (keyword !== '@relation') {
      throw new InputError(
        `${place}: this is neither a header line (@…) nor after @data: is it an .arff file?`,
      );
    }
  }
  if (roles === undefined) throw new InputError(`${name}: there is no line @data: is it an .arff file?`);
}

const unquoted = (word: string): string =>
  word.trim().replace(/^(['"])(.*)\1$/s, (_, __, inner: string) => inner.replace(/\\(['"\\])/g, '$1'));

/** Cells between commas; those in quotes may hold some. */
function cellsOf(text: string): string[] {
  const cells: string[] = [];
  let quote = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\' && quote !== '') at++;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if ((character === "'" || character === '"') && text.slice(from, at).trim() === '')
      quote = character;
    else if (character === ',') {
      cells.push(text.slice(from, at));
      from = at + 1;
    }
  }
  cells.push(text.slice(from));
  return cells;
}

/** `@attribute name type`, the name perhaps in quotes. */
function attributeOf(line: string): Attribute {
  const found = /^@attribute\s+('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s{]+)\s*(.*)$/is.exec(line);
  const name = found === null ? '' : unquoted(found[1]);
  const type = found?.[2].trim() ?? '';
  const nominal = /^\{(.*)\}$/s.exec(type);
  if (nominal !== null) {
    return { name, kind: 'nominal', values: new Set(cellsOf(nominal[1]).map(unquoted)) };
  }
  if (/^relational\b/i.test(type)) return { name, kind: 'relational' };
  return { name, kind: /^(?:numeric|real|integer)\b/i.test(type) ? 'numeric' : 'other' };
}

/** Throws InputError where a class is needed and none is found, or what was named is not there. */
function rolesOf(
  attributes: readonly Attribute[],
  place: string,
  { labelled, labelField, dropColumns }: Options,
  note: (text: string) => void,
): Roles {
  const names = attributes.map(({ name }) => name);
  const leftOut = new Set(droppedColumns(place, dropColumns, names, names.length));
  const open = attributes.map(({ kind }, i) => (leftOut.has(i) ? 'other' : kind));
  let label: number | undefined;
  if (labelField !== undefined) {
    label = findColumn(labelField, names, names.length);
    if (label === undefined && labelled) {
      throw new InputError(
        `${place}: no attribute '${shown(labelField)}' for the class; there are ${listed(names, names.length)}`,
      );
    }
  } else {
    const nominal = open.flatMap((kind, i) => (kind === 'nominal' ? [i] : []));
    const called = guessClass(nominal.map((i) => names[i]));
    if (nominal.includes(names.length - 1)) label = names.length - 1;
    else if (called !== undefined) label = names.indexOf(called);
    else if (nominal.length === 1) [label] = nominal;
    if (label === undefined && labelled) {
      throw new InputError(
        `${place}: the last attribute names no classes ({a,b,…}); a classifier needs them: name the attribute of the class with --label-field; there are ${listed(names, names.length)}`,
      );
    }
    if (labelled && label !== names.length - 1) note(`class in the attribute '${shown(names[label!])}'`);
  }
  const relational = attributes.some(({ kind }) => kind === 'relational');
  for (const [i, { name, kind }] of attributes.entries()) {
    if (i === label || leftOut.has(i)) continue;
    if (!(kind === 'relational' || (kind === 'numeric' && !relational && !isIdName(name)))) {
      leftOut.add(i);
      note(`attribute '${shown(name)}' left out (${kind === 'numeric' ? 'an id' : 'no numbers'})`);
    }
  }
  return { attributes, label, leftOut };
}

function seriesIn(
  line: string,
  place: string,
  { attributes, label, leftOut }: Roles,
  labelled: boolean,
): SeriesOrFault {
  if (line.startsWith('{')) {
    return { place, fault: 'sparse rows ({0 1.5, …}) are not read; write all values of a series' };
  }
  const cells = cellsOf(line);
  if (cells.length !== attributes.length) {
    const fault = `${cells.length} values, the header names ${attributes.length} attributes; ${cells.length < 2 ? 'no class after the last comma' : 'values are separated by commas'}`;
    return { place, fault };
  }
  let word: string | undefined;
  if (labelled && label !== undefined) {
    word = unquoted(cells[label]);
    const { values } = attributes[label];
    if (word === '' || word === '?') return { place, fault: 'its class is missing' };
    if (values !== undefined && !values.has(word)) {
      return { place, fault: `the class '${word.slice(0, 40)}' is not among those in the header` };
    }
  }
  const channels: number[][] = [];
  const steps: number[] = [];
  for (const [i, cell] of cells.entries()) {
    if (i === label || leftOut.has(i)) continue;
    if (attributes[i].kind === 'relational') {
      for (const part of relationOf(cell)) {
        const numbers = parseNumbers(part);
        if ('fault' in numbers) return { place, fault: `channel ${channels.length + 1}: ${numbers.fault}` };
        channels.push(numbers);
      }
      continue;
    }
    const value = parseNumber(unquoted(cell));
    if (typeof value !== 'number')
      return { place, fault: `channel 1: value ${steps.length + 1} ${value.fault}` };
    steps.push(value);
  }
  if (steps.length > 0) channels.push(steps);
  return { place, ...(labelled ? { label: word } : {}), channels };
}

/** Rows of a relation, with \n written out between them. */
const relationOf = (cell: string): string[] =>
  cell
    .trim()
    .replace(/^(['"])(.*)\1$/s, '$2')
    .split('\\n');
