/** What the columns of a table of series are: the class, values, times, ids; by their names, or by what they hold. */
import { InputError } from '../../errors.js';
import { shown } from '../parse/shown.js';
import type { TableRecord } from '../parse/table.js';
import {
  droppedColumns,
  findColumn,
  guessClass,
  isClassName,
  isIdName,
  isTimeName,
  listed,
} from './names.js';
import { type DecimalMark, isNumber } from './numbers.js';
import type { SeriesOptions } from './options.js';
import { Sample } from './sample.js';

export interface SeriesColumns {
  /** Undefined where no line names them. */
  readonly names: readonly string[] | undefined;
  /** Whether the first record is the header. */
  readonly header: boolean;
  /** Whether rows begin with a cell for which the header has no name; `names` has '' for it. */
  readonly rowNames: boolean;
  /** Place of the class; `last` where that differs from row to row. */
  readonly label: number | 'last' | undefined;
  /** Places that are neither class nor value. */
  readonly leftOut: ReadonlySet<number>;
  /** Where a row is one step: which columns say the series, and which the time. */
  readonly long?: { readonly ids: readonly number[]; readonly time: number | undefined };
  /** What was guessed, a line of English each. */
  readonly notes: readonly string[];
}

type Options = Pick<SeriesOptions, 'labelled' | 'labelField' | 'dropColumns' | 'noHeader'>;

/**
 * @param records the first of the file
 * @param place of the first record, for messages
 * Throws InputError on columns that are named but not there, and where a class is needed and none is found.
 */
export function seriesColumns(
  records: readonly TableRecord[],
  decimal: DecimalMark,
  place: string,
  options: Options,
): SeriesColumns {
  const header = !options.noHeader && hasHeader(records, decimal, options);
  const sample = new Sample(header ? records.slice(1) : records, decimal);
  if (!header) return new Deciding(sample, undefined, false, place, options).columns();
  const { fields } = records[0];
  const rowNames =
    sample.rows.length > 0 &&
    sample.rows.every(({ length }) => length === fields.length + 1) &&
    !endsEmpty(sample);
  return new Deciding(sample, rowNames ? ['', ...fields] : fields, rowNames, place, options).columns();
}

const endsEmpty = ({ rows }: Sample): boolean => rows.every((row) => row.at(-1) === '');

/** Whether the first record names the columns: words stand there over numbers, or numbers that count the steps. */
function hasHeader(records: readonly TableRecord[], decimal: DecimalMark, options: Options): boolean {
  const [{ fields: first, fault }] = records;
  if (fault !== undefined) return false;
  const below = new Sample(records.slice(1), decimal);
  const words = first.flatMap((cell, i) => (below.isText(cell) ? [i] : []));
  if (below.rows.length === 0) return words.length > 1 && 2 * words.length >= first.length;
  const { labelField = '', dropColumns = '' } = options;
  const given = [labelField, dropColumns, ...dropColumns.split(',')].map((name) => name.trim());
  const isNamed = (cell: string): boolean =>
    isClassName(cell) || isIdName(cell) || isTimeName(cell) || given.includes(cell);
  if (words.some((i) => given.includes(first[i]))) return true;
  // A header of row names is one cell short.
  const shift = below.rows.every(({ length }) => length === first.length + 1) ? 1 : 0;
  const overNumbers = words.filter((i) => below.cells(i + shift).length > 0 && below.holdsNumbers(i + shift));
  if (overNumbers.length > 1) return true;
  // A class may be called y, too: then others are.
  const isHeading = (cell: string): boolean =>
    cell === '' || (isNamed(cell) && !below.cells(first.indexOf(cell)).includes(cell));
  if (overNumbers.length === 1 && (isNamed(first[overNumbers[0]]) || words.length === first.length))
    return true;
  if (words.length === first.length && words.some((i) => isHeading(first[i]))) return true;
  const counted = first.filter((cell) => /^\d+$/.test(cell));
  const others = first.filter((cell) => !/^\d+$/.test(cell));
  if (!countsUp(counted) || countsUp(below.rows[0].filter((cell) => /^\d+$/.test(cell)))) return false;
  if (others.length > 0) return counted.length > 1 && others.every((cell) => isHeading(cell));
  return counted.length > 2 && Number(counted[0]) === 0 && below.hasDecimals(first.map((_, i) => i));
}

const countsUp = (cells: readonly string[]): boolean =>
  cells.length > 1 &&
  Number(cells[0]) <= 1 &&
  cells.every((cell, i) => Number(cell) === Number(cells[0]) + i);

/** Names that end in numbers and begin alike: t0, t1, t2 …; empty where there are several such kinds of like size, or none. */
function numbered(names: readonly string[]): { columns: ReadonlySet<number>; stem: string } {
  const stems = new Map<string, number[]>();
  for (const [i, name] of names.entries()) {
    const parts = /^(.*?)(\d+)(\D*)$/.exec(name);
    if (parts === null || /^unnamed: /i.test(name)) continue;
    const stem = `${parts[1]}#${parts[3]}`;
    stems.set(stem, [...(stems.get(stem) ?? []), i]);
  }
  const kinds = [...stems].filter(([, members]) => members.length > 1);
  const [largest, second] = kinds.sort(([, a], [, b]) => b.length - a.length);
  if (largest === undefined || 2 * (second?.[1].length ?? 0) >= largest[1].length) {
    return { columns: new Set(), stem: '' };
  }
  return { columns: new Set(largest[1]), stem: largest[0] };
}

/** Numbered names that are channels rather than steps. */
const CHANNELS =
  /^(?:ch|chan|channel|sensor|dim|dimension|axis|lead|var|acc|gyro|mag|emg|eeg|ecg|signal)[ _-]?#/i;

/** So many numbered columns are the steps of a series, and others beside them are not. */
const SERIES = 3;
/** So many are the steps of a row, though there are ids and times as well. */
const MANY_STEPS = 8;

/** Rows in which a column that counts is no chance, where it has a name. */
const ENOUGH = 5;

class Deciding {
  readonly #sample: Sample;
  readonly #names: readonly string[] | undefined;
  readonly #rowNames: boolean;
  readonly #place: string;
  readonly #options: Options;
  readonly #count: number;
  readonly #dropped: ReadonlySet<number>;
  readonly #notes: string[] = [];
  readonly #leftOut = new Map<number, string>();

  constructor(
    sample: Sample,
    names: readonly string[] | undefined,
    rowNames: boolean,
    place: string,
    options: Options,
  ) {
    this.#sample = sample;
    this.#names = names;
    this.#rowNames = rowNames;
    this.#place = place;
    this.#options = options;
    this.#count = names?.length ?? sample.width;
    this.#dropped = droppedColumns(place, options.dropColumns, names, this.#count);
  }

  columns(): SeriesColumns {
    const given = this.#givenLabel();
    return this.#names === undefined ? this.#withoutNames(given) : this.#byNames(this.#names, given);
  }

  /** Place of the class as it was given. */
  #givenLabel(): number | undefined {
    const { labelField, labelled } = this.#options;
    if (labelField === undefined) return undefined;
    const found = findColumn(labelField, this.#names, this.#count);
    if (found === undefined && labelled) {
      throw new InputError(
        `${this.#place}: no column '${shown(labelField)}' for the class; there are ${listed(this.#names, this.#count)}`,
      );
    }
    return found;
  }

  #free(label: number | undefined): number[] {
    const free: number[] = [];
    for (let i = 0; i < this.#count; i++) {
      if (i !== label && !this.#dropped.has(i) && !this.#leftOut.has(i)) free.push(i);
    }
    return free;
  }

  #shown(column: number): string {
    const name = this.#names?.[column] ?? '';
    return name === '' ? String(column + 1) : `'${shown(name)}'`;
  }

  #finish(label: number | 'last' | undefined, long?: SeriesColumns['long']): SeriesColumns {
    const byReason = new Map<string, string[]>();
    for (const [column, reason] of this.#leftOut) {
      byReason.set(reason, [...(byReason.get(reason) ?? []), this.#shown(column)]);
    }
    for (const [reason, columns] of byReason) {
      const some =
        columns.length > 4 ? `${columns.slice(0, 3).join(', ')} … (${columns.length})` : columns.join(', ');
      this.#notes.push(`${columns.length === 1 ? 'column' : 'columns'} ${some} left out (${reason})`);
    }
    return {
      names: this.#names,
      header: this.#names !== undefined,
      rowNames: this.#rowNames,
      label,
      leftOut: new Set([...this.#dropped, ...this.#leftOut.keys()]),
      ...(long === undefined ? {} : { long }),
      notes: this.#notes,
    };
  }

  #byNames(names: readonly string[], given: number | undefined): SeriesColumns {
    const sample = this.#sample;
    const open = names.map((name, i) => (this.#dropped.has(i) || i === given ? '' : name));
    const guessed = given === undefined ? guessClass(open) : undefined;
    let label = given ?? (guessed === undefined ? undefined : open.indexOf(guessed));
    const steps = numbered(names.map((name, i) => (this.#dropped.has(i) || i === label ? '' : name)));
    const isSeries = steps.columns.size >= SERIES;
    const apart = this.#free(label).filter((i) => !steps.columns.has(i));
    const ids = apart.filter((i) => names[i] === '' || isIdName(names[i]));
    const times = apart.filter((i) => !ids.includes(i) && isTimeName(names[i]));
    const groups = ids.filter((i) => sample.runs(i) || (times.length > 0 && sample.repeats(i)));
    const channels = !isSeries || CHANNELS.test(steps.stem);
    const few = steps.columns.size < MANY_STEPS;
    const long = channels ? times.length + groups.length > 0 : few && times.length > 0 && groups.length > 0;
    if (label === undefined && this.#options.labelled) {
      const rest = apart.filter((i) => !ids.includes(i) && !times.includes(i));
      label = this.#guessedByValues(names, rest, isSeries);
    }
    if (label !== undefined) this.#noteLabel(label);
    if (long) return this.#longBy(ids, groups, times, label);
    for (const i of ids) {
      const empty = sample.rows.length > 0 && sample.cells(i).length === 0;
      this.#leftOut.set(i, empty ? 'empty' : 'no values: ids or numbers of rows');
    }
    for (const i of times) this.#leftOut.set(i, 'times of the series, no values');
    if (isSeries) {
      const members = [...steps.columns].map((i) => names[i]);
      const which = `beside the series ${shown(members[0])} … ${shown(members[members.length - 1])}`;
      for (const i of this.#free(label)) if (!steps.columns.has(i)) this.#leftOut.set(i, which);
    } else {
      const [first, ...others] = this.#free(label);
      const enough = sample.rows.length >= ENOUGH && others.length > 0;
      if (first === 0 && !steps.columns.has(0) && enough && sample.numbersRows(0, others)) {
        this.#leftOut.set(0, 'it numbers the rows');
      }
      this.#leaveOutWords(label);
    }
    return this.#finish(label);
  }

  #noteLabel(label: number): void {
    const which = `column ${this.#shown(label)}`;
    this.#notes.push(this.#options.labelled ? `class in the ${which}` : `${which} left out (the class)`);
  }

  /** The class where no name says it: the only column of words, or the only one beside a series. */
  #guessedByValues(names: readonly string[], rest: readonly number[], isSeries: boolean): number {
    const sample = this.#sample;
    const words = rest.filter((i) => sample.holdsText(i));
    if (words.length === 1) return words[0];
    const beside = isSeries ? rest.filter((i) => sample.looksLikeClasses(i)) : [];
    if (beside.length === 1) return beside[0];
    if (names.every((name) => name === '' || isNumber(name))) return this.#guessedByPosition(0);
    throw new InputError(
      `${this.#place}: which column is the class? There are ${listed(names, names.length)}; name it with --label-field (a name, or a number from 1). Training needs the class of every series`,
    );
  }

  #longBy(
    ids: readonly number[],
    groups: readonly number[],
    times: readonly number[],
    label: number | undefined,
  ): SeriesColumns {
    const time = times.at(0);
    for (const i of ids) if (!groups.includes(i)) this.#leftOut.set(i, 'no values: numbers of rows');
    for (const i of times) if (i !== time) this.#leftOut.set(i, 'a second time');
    // Beside times also words say which series a row belongs to.
    const words = this.#free(label).filter(
      (i) => i !== time && !groups.includes(i) && this.#sample.holdsText(i) && this.#sample.runs(i),
    );
    const keys = [...groups, ...words];
    const by =
      keys.length > 0
        ? `one series for each ${keys.map((i) => this.#shown(i)).join(' and ')}`
        : 'a new series where the time begins again';
    const order = time === undefined ? '' : `, in order of ${this.#shown(time)}`;
    this.#notes.push(`a row is one step, ${by}${order}`);
    return this.#finish(label, { ids: keys, time });
  }

  #withoutNames(given: number | undefined): SeriesColumns {
    const { labelled } = this.#options;
    const long = this.#longWithoutNames(given);
    if (long !== undefined) return long;
    if (!labelled) return this.#valuesWithoutNames(given);
    let label: number | 'last';
    if (given === undefined) {
      label = this.#guessedByPosition(0);
      const last = label === this.#count - 1 && label > 0;
      const where = label === 0 ? 'the first column' : last ? 'the last column' : `column ${label + 1}`;
      this.#notes.push(`class in ${where}`);
      if (last && this.#sample.ragged) label = 'last';
    } else {
      label = given;
      this.#notes.push(`class in column ${given + 1}`);
      this.#leaveOutIndex(given);
    }
    return this.#finish(label);
  }

  /** The class by what the columns hold: words, or numbers that come again; the first, as in the UCR archive, if in doubt. */
  #guessedByPosition(from: number): number {
    const sample = this.#sample;
    const free = this.#free(undefined).filter((i) => i >= from);
    const words = free.filter((i) => sample.holdsText(i));
    const [first] = free;
    const last = free[free.length - 1];
    // Words that never come again are names of rows, where a class stands at an end.
    const named = words.length === 1 && sample.rows.length > 3 && !sample.repeats(words[0]);
    const instead = [last, first].find((i) => i !== words[0] && sample.looksLikeClasses(i));
    if (named && instead !== undefined) {
      this.#leftOut.set(words[0], 'no values: every row has its own');
      return instead;
    }
    if (words.length > 0) {
      const again = words.length === 1 ? words : words.filter((i) => sample.repeats(i));
      if (again.length !== 1) this.#refuseGuess();
      for (const i of words) if (i !== again[0]) this.#leftOut.set(i, 'no values: every row has its own');
      this.#leaveOutIndex(again[0]);
      return again[0];
    }
    if (first === undefined) this.#refuseGuess();
    const begins = sample.looksLikeClasses(first);
    const ends = free.length > 1 && sample.looksLikeClasses(last);
    const elsewhere = sample.looksLikeClasses(free[1]) ? free[1] : ends ? last : undefined;
    if (!begins && elsewhere !== undefined && free.length > 2) {
      this.#leaveOutIndex(elsewhere);
      if (this.#leftOut.has(first)) return elsewhere;
    }
    if (begins || (!ends && sample.holdsWhole(first))) return first;
    if (ends || (free.length > 1 && sample.holdsWhole(last))) return last;
    return this.#refuseGuess();
  }

  #leaveOutIndex(label: number): void {
    const [first, ...others] = this.#free(label);
    if (first === 0 && others.length > 0 && this.#sample.numbersRows(0, others)) {
      this.#leftOut.set(0, 'it numbers the rows');
    }
  }

  /** Columns that hold words in every row; in a few rows they may be mistakes. */
  #leaveOutWords(label: number | undefined): void {
    const { rows } = this.#sample;
    if (rows.length < 3) return;
    for (const i of this.#free(label)) {
      if (rows.every((row) => this.#sample.isText(row[i] ?? ''))) this.#leftOut.set(i, 'words, no values');
    }
  }

  #refuseGuess(): never {
    throw new InputError(
      `${this.#place}: which column is the class? There are ${listed(this.#names, this.#count)}, and none holds words or repeated whole numbers; name it with --label-field (a number from 1). Training needs the class of every series`,
    );
  }

  /** Without classes all columns are values, but one that numbers the rows beside decimals, or holds words. */
  #valuesWithoutNames(label: number | undefined): SeriesColumns {
    const sample = this.#sample;
    if (label !== undefined) this.#noteLabel(label);
    const free = this.#free(label);
    if (free[0] === 0 && sample.countsFromStart(0, 3) && sample.hasDecimals(free.slice(1))) {
      this.#leftOut.set(0, 'it numbers the rows');
    }
    this.#leaveOutWords(label);
    return this.#finish(label);
  }

  /** A row a step without names: a column whose values stand in rows that follow each other, and one that counts in each. */
  #longWithoutNames(given: number | undefined): SeriesColumns | undefined {
    const sample = this.#sample;
    const { labelled } = this.#options;
    const free = this.#free(given);
    if (sample.rows.length < 4 || sample.ragged || this.#count > 64 || free.length < 3) return undefined;
    for (const id of free.slice(0, 2)) {
      if (!sample.runs(id)) continue;
      const time = free.slice(0, 3).find((i) => i !== id && this.#countsWithin(i, id));
      if (time === undefined) continue;
      const rest = free.filter((i) => i !== id && i !== time);
      const words = rest.filter((i) => sample.holdsText(i));
      const label =
        given ?? words.at(0) ?? (labelled && rest.length > 1 ? this.#constantWithin(rest, id) : undefined);
      if (labelled && label === undefined) return undefined;
      if (label !== undefined) this.#noteLabel(label);
      this.#notes.push(`a row is one step: series by column ${id + 1}, times in column ${time + 1}`);
      return this.#finish(label, { ids: [id], time });
    }
    return undefined;
  }

  #constantWithin(columns: readonly number[], id: number): number | undefined {
    const { rows } = this.#sample;
    const constant = (column: number): boolean =>
      rows.every((row, i) => i === 0 || row[id] !== rows[i - 1][id] || row[column] === rows[i - 1][column]);
    return columns.find((column) => constant(column) && this.#sample.holdsWhole(column));
  }

  /** Whether a column counts up while the id stays, and begins again with the next. */
  #countsWithin(column: number, id: number): boolean {
    const { rows } = this.#sample;
    const start = rows[0][column];
    let again = false;
    return (
      rows.every((row, i) => {
        if (!/^\d+$/.test(row[column] ?? '')) return false;
        if (i === 0) return true;
        if (row[id] === rows[i - 1][id]) return Number(row[column]) === Number(rows[i - 1][column]) + 1;
        again = true;
        return row[column] === start;
      }) && again
    );
  }
}
