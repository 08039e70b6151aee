/** Rows to raw examples: fields chosen, rows that cannot be used left out. */
import type { RawExample } from '../../data/dataset.js';
import type { SkipList } from '../../data/skipped.js';
import { InputError } from '../../errors.js';
import type { CheckedOptions } from '../options.js';
import { bindingOf, chooseField, type FieldNames, fieldsIn, requireField, textOf } from './fields.js';
import { columnLabels, type FoundLabels, labelColumnsIn, rowLabels } from './labels.js';
import { isBad, type Row } from './row.js';
import type { FileReading, RowBatch, RowSource } from './rows.js';
import { shown } from './shown.js';

/** What is wanted of each row. */
export interface RowWish {
  /** Whether a row needs a label. */
  readonly labelled: boolean;
  /** Fields to give along with each input; `all`: every one. */
  readonly keep: readonly string[] | 'all';
  /** Rows to pass over, bad ones counted. */
  readonly after: number;
  /** Most examples to give. */
  readonly limit: number;
}

interface Chosen {
  readonly text: string;
  readonly parts: readonly string[];
  readonly label: string;
  /** Instead of a field of the label: columns of 0 and 1. */
  readonly columns?: readonly string[];
}

/** The text and label fields of a source, chosen at its first row. */
class FieldChoice {
  readonly #source: RowSource;
  readonly #options: CheckedOptions;
  #fields: Chosen | undefined;

  constructor(source: RowSource, options: CheckedOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Undefined as long as no row has been given. */
  get names(): FieldNames | undefined {
    return this.#fields && { text: this.#fields.text, label: this.#fields.label };
  }

  /** The fields to read, of a source that names them beforehand. Throws InputError. */
  columns({ labelled, keep }: RowWish): string[] {
    const { names = [], reading } = this.#source;
    const has = (name: string): boolean => names.includes(name) || names.includes(name.split('.')[0]);
    const { parts, label, columns = [label] } = this.#choose(reading.name, names, has, labelled);
    const { groupField, timeField } = this.#options;
    const binding = labelled ? [groupField, timeField].filter((name) => name !== undefined) : [];
    for (const name of binding) requireField(reading.name, names, has, name);
    return [...parts, ...(labelled ? columns : []), ...binding, ...(keep === 'all' ? names : keep)];
  }

  /** The fields; throws InputError naming those there are, if the row has not those wanted. */
  of(row: Row, labelled: boolean): Chosen {
    if (this.#fields !== undefined) return this.#fields;
    const { names } = row;
    const known = new Set(names);
    const has = (name: string): boolean => known.has(name) || row.get(name) !== undefined;
    return this.#choose(this.#source.place(row.at), names, has, labelled);
  }

  /**
   * Chooses by the first rows of a source whose rows may have different fields: those that most of them have come first.
   * Where none has what is wanted, the rows say so themselves.
   */
  lookAt(rows: RowBatch, labelled: boolean): void {
    if (this.#fields !== undefined || !varies(this.#source)) return;
    const counts = new Map<string, number>();
    const seen = rows.filter((row): row is Row => !isBad(row)).slice(0, LOOKED_AT);
    for (const { names } of seen) for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    const all = [...counts.keys()];
    const common = all.filter((name) => 2 * (counts.get(name) ?? 0) > seen.length);
    const has = (name: string): boolean =>
      counts.has(name) || seen.some((row) => row.get(name) !== undefined);
    for (const names of [common, all]) {
      try {
        this.#choose('', names, has, labelled);
        return;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    }
  }

  #choose(
    place: string,
    names: readonly string[],
    has: (name: string) => boolean,
    labelled: boolean,
  ): Chosen {
    const { guess, reading } = this.#source;
    if (reading.format === 'text') this.#fields = { text: 'text', parts: ['text'], label: 'label' };
    else {
      const { textField = guess?.text, labelField = guess?.label, labelColumns } = this.#options;
      const text = chooseField(place, names, has, 'text', textField);
      const columns =
        labelled && labelColumns !== undefined ? labelColumnsIn(place, labelColumns, names) : undefined;
      const label =
        columns?.join(',') ?? (labelled ? chooseField(place, names, has, 'label', labelField) : '');
      this.#fields = {
        ...{ text, parts: fieldsIn(text, has), label },
        ...(columns === undefined ? {} : { columns }),
      };
    }
    return this.#fields;
  }
}

/** Rows that a choice of fields is made by. */
const LOOKED_AT = 100;

/** Whether a source may have rows of different fields: then one without those wanted is the row's fault, not the file's. */
const varies = ({ reading: { format } }: RowSource): boolean => format === 'jsonl' || format === 'json';

/** The fields of a row, or why this row has them not, if such a row may be left out. */
function fieldsOf(
  choice: FieldChoice,
  source: RowSource,
  row: Row,
  labelled: boolean,
  options: CheckedOptions,
): Chosen | { fault: InputError } {
  try {
    return choice.of(row, labelled);
  } catch (error) {
    if (!(error instanceof InputError) || options.skipBad === undefined || !varies(source)) throw error;
    return { fault: error };
  }
}

/**
 * The examples of one source, in batches, in order. What came before a row that is refused is given first.
 * @param first number of the source's first row
 * @param done is told how the source is read, and the number of its last row so far
 */
export async function* rowExamples(
  source: RowSource,
  options: CheckedOptions,
  wish: RowWish,
  first: number,
  skipped: SkipList,
  done: (reading: FileReading, lastRow: number) => void,
): AsyncGenerator<RawExample[]> {
  const { labelled, keep, after, limit } = wish;
  const choice = new FieldChoice(source, options);
  const { reading } = source;
  const remedy =
    reading.format === 'text' ? 'begin the line with __label__ and the name of its class' : undefined;
  let number = first - 1;
  let count = 0;
  const exampleOf = (row: Row, place: string): RawExample | { fault: string | InputError } => {
    const fields = fieldsOf(choice, source, row, labelled, options);
    if ('fault' in fields) return fields;
    const text = textOf(row, fields.text, fields.parts);
    if ('fault' in text) return text;
    const label: FoundLabels | object = labelled ? labelsOf(row, fields, options, remedy) : {};
    if ('fault' in label) return label;
    const binding = labelled ? bindingOf(row, options) : {};
    if ('fault' in binding) return binding;
    return {
      input: text.value,
      ...label,
      place,
      row: number,
      ...binding,
      ...(keep.length === 0 ? {} : { kept: keptOf(row, keep) }),
    };
  };
  let isChecked = keep === 'all' || keep.length === 0;
  for await (const rows of source.rows(() => choice.columns(wish))) {
    choice.lookAt(rows, labelled);
    const examples: RawExample[] = [];
    let refusal: unknown;
    try {
      if (!isChecked) isChecked = requireKept(source, rows, keep as readonly string[]);
      for (const row of rows) {
        // An empty line between labelled lines is no example.
        if (
          labelled &&
          reading.format === 'text' &&
          !isBad(row) &&
          row.get('label') === undefined &&
          row.get('text') === ''
        )
          continue;
        number++;
        const place = source.place(row.at);
        const example = isBad(row) ? row : exampleOf(row, place);
        if (number <= after) continue;
        if ('fault' in example) skipped.add(place, example.fault);
        else {
          examples.push(example);
          if (++count >= limit) break;
        }
      }
    } catch (error) {
      refusal = error;
    }
    if (!labelled || choice.names !== undefined) {
      done(readingWith(reading, choice.names, options, labelled), number);
    }
    if (examples.length > 0) yield examples;
    if (refusal !== undefined) throw refusal;
    if (count >= limit) return;
  }
}

function labelsOf(
  row: Row,
  { label, columns }: Chosen,
  options: CheckedOptions,
  remedy: string | undefined,
): FoundLabels {
  if (columns !== undefined) return columnLabels(row, columns, options.labels);
  return rowLabels(row, label, options, remedy);
}

function readingWith(
  reading: FileReading,
  fields: FieldNames | undefined,
  { textField, labelField, labelColumns }: CheckedOptions,
  labelled: boolean,
): FileReading {
  if (fields === undefined) return reading;
  const guesses: ('text' | 'label')[] = [];
  if (reading.format !== 'text') {
    if (textField === undefined) guesses.push('text');
    if (labelled && labelField === undefined && labelColumns === undefined) guesses.push('label');
  }
  return { ...reading, fields, guessed: [...reading.guessed, ...guesses] };
}

/**
 * Throws InputError where none of the first rows has a field that is to be kept. Rows of JSON may lack some.
 * @returns false where there was no row to look at
 */
function requireKept(source: RowSource, rows: RowBatch, keep: readonly string[]): boolean {
  const good = rows.filter((row): row is Row => !isBad(row));
  if (good.length === 0) return false;
  const missing = keep.find((name) => good.every((row) => row.get(name) === undefined));
  if (missing === undefined) return true;
  const names = source.names ?? [...new Set(good.flatMap((row) => row.names))];
  const listed = names.filter((name) => name !== '').map((name) => `'${shown(name)}'`);
  throw new InputError(
    `${source.place(good[0].at)}: no field '${shown(missing)}' to keep; there are ${listed.join(', ')}`,
  );
}

function keptOf(row: Row, keep: readonly string[] | 'all'): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  for (const name of keep === 'all' ? row.ownNames : keep) {
    // Not by assignment: a field may be called __proto__.
    Object.defineProperty(kept, name, {
      value: row.get(name),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return kept;
}
