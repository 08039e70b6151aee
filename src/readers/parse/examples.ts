/** Rows to examples and texts: fields chosen, rows that do not serve left out, HTML taken off, labels looked at. */
import { InputError } from '../../errors.js';
import { HTML_SHARE, hasHtml, stripHtml } from '../../input/html.js';
import type { CheckedOptions, HtmlMode } from '../options.js';
import { MOST_CLASSES, requireLabels } from './classReport.js';
import { chooseField, type FieldNames, type Found, labelOf, partsOf, textOf } from './fields.js';
import { isBad, type Row, TableRow } from './row.js';
import type { FileReading, RowSource } from './rows.js';
import type { SkipList } from './skipped.js';

export const SPLIT_NAMES = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof SPLIT_NAMES)[number];

/** An example and where it came from. */
export interface ReadExample {
  readonly text: string;
  /** Class name as the data states it. */
  readonly label: string;
  /** "file:line", or the file of a folder. */
  readonly place: string;
  /** Where the data come divided. */
  readonly split?: SplitName;
}

export interface TextToPredict {
  readonly text: string;
  /** "file:line". */
  readonly place: string;
  /** Number of its row, from 1 over all files, bad rows counted: go on behind it with `after`. */
  readonly row: number;
  /** The fields asked for with `keep`; undefined where the row has none. */
  readonly kept?: Readonly<Record<string, unknown>>;
}

/** The text and label fields of a source, chosen at its first row. */
class FieldChoice {
  readonly #source: RowSource;
  readonly #options: CheckedOptions;
  #fields: { text: string; parts: string[]; label: string } | undefined;

  constructor(source: RowSource, options: CheckedOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Undefined as long as no row has been given. */
  get names(): FieldNames | undefined {
    return this.#fields && { text: this.#fields.text, label: this.#fields.label };
  }

  /** The fields to read, of a source that names them beforehand. Throws InputError. */
  columns(labelled: boolean, keep: readonly string[] = []): string[] {
    const { names = [], reading } = this.#source;
    const has = (name: string): boolean => names.includes(name) || names.includes(name.split('.')[0]);
    const { parts, label } = this.#choose(reading.name, names, has, labelled);
    return [...parts, ...(labelled ? [label] : []), ...keep];
  }

  /** The fields; throws InputError naming those there are, if the row has not those wanted. */
  of(row: Row, labelled: boolean): { text: string; parts: string[]; label: string } {
    if (this.#fields !== undefined) return this.#fields;
    const { names } = row;
    const known = new Set(names);
    const has = (name: string): boolean => known.has(name) || row.get(name) !== undefined;
    return this.#choose(this.#source.place(row.at), names, has, labelled);
  }

  #choose(
    place: string,
    names: readonly string[],
    has: (name: string) => boolean,
    labelled: boolean,
  ): { text: string; parts: string[]; label: string } {
    const { guess, reading } = this.#source;
    if (reading.format === 'text') this.#fields = { text: 'text', parts: ['text'], label: 'label' };
    else {
      const { textField = guess?.text, labelField = guess?.label } = this.#options;
      const text = chooseField(place, names, has, 'text', textField);
      const label = labelled ? chooseField(place, names, has, 'label', labelField) : '';
      this.#fields = { text, parts: partsOf(text, has), label };
    }
    return this.#fields;
  }
}

/** Whether a source may have rows of different fields: then one without those wanted is the row's fault, not the file's. */
const varies = ({ reading: { format } }: RowSource): boolean => format === 'jsonl' || format === 'json';

/** The fields told or guessed, or why this row has them not, if such a row may be left out. */
function fieldsOf(
  choice: FieldChoice,
  source: RowSource,
  row: Row,
  labelled: boolean,
  options: CheckedOptions,
): { text: string; parts: string[]; label: string } | { fault: string } {
  try {
    return choice.of(row, labelled);
  } catch (error) {
    if (!(error instanceof InputError) || options.skipBad === undefined || !varies(source)) throw error;
    return { fault: error.message.slice(source.place(row.at).length + 2) };
  }
}

/**
 * The labelled examples of one source, in batches, at most `limit` of them.
 * @param done is told how the source was read, when its first row was
 */
export async function* examplesOf(
  source: RowSource,
  options: CheckedOptions,
  limit: number,
  skipped: SkipList,
  done: (reading: FileReading) => void,
): AsyncGenerator<ReadExample[]> {
  const choice = new FieldChoice(source, options);
  const { reading } = source;
  const remedy =
    reading.format === 'text' ? 'begin the line with __label__ and the name of its class' : undefined;
  let told = false;
  let count = 0;
  for await (const rows of source.rows(() => choice.columns(true))) {
    const examples: ReadExample[] = [];
    for (const row of rows) {
      const place = source.place(row.at);
      if (isBad(row)) {
        skipped.add(place, row.fault);
        continue;
      }
      // An empty line between lines is no example.
      if (reading.format === 'text' && row.get('label') === undefined && row.get('text') === '') continue;
      const fields = fieldsOf(choice, source, row, true, options);
      if ('fault' in fields) {
        skipped.add(place, fields.fault);
        continue;
      }
      if (!told) done(readingWith(reading, choice.names, options, true));
      told = true;
      const text = textOf(row, fields.text, fields.parts);
      const label = labelOf(row, fields.label, remedy);
      const fault = faultIn(text) ?? faultIn(label);
      if (fault !== undefined) {
        skipped.add(place, fault);
        continue;
      }
      examples.push({ text: valueIn(text), label: valueIn(label), place });
      if (++count >= limit) break;
    }
    yield examples;
    if (count >= limit) return;
  }
}

const faultIn = (found: Found): string | undefined => ('fault' in found ? found.fault : undefined);
const valueIn = (found: Found): string => ('value' in found ? found.value : '');

function readingWith(
  reading: FileReading,
  fields: FieldNames | undefined,
  { textField, labelField }: CheckedOptions,
  labelled: boolean,
): FileReading {
  if (fields === undefined) return reading;
  const guessed =
    reading.format !== 'text' && (textField === undefined || (labelled && labelField === undefined));
  return { ...reading, fields, guessed: guessed ? [...reading.guessed, 'fields'] : reading.guessed };
}

export interface TextsOptions {
  /** Rows to pass over, bad ones counted: the `row` of the last text that was dealt with. Default: 0. */
  readonly after?: number;
  /** Fields to give along with each text. */
  readonly keep?: readonly string[];
}

/**
 * The texts of one source, in batches. What came before a row that is refused is given first.
 * @param first number of the source's first row
 * @param done is told how the source is read, and the number of its last row so far
 */
export async function* textsOf(
  source: RowSource,
  options: CheckedOptions,
  { after = 0, keep = [] }: TextsOptions,
  first: number,
  skipped: SkipList,
  done: (reading: FileReading, rows: number) => void,
): AsyncGenerator<TextToPredict[]> {
  const choice = new FieldChoice(source, options);
  let number = first - 1;
  const textIn = (row: Row): Found => {
    const fields = fieldsOf(choice, source, row, false, options);
    return 'fault' in fields ? fields : textOf(row, fields.text, fields.parts);
  };
  for await (const rows of source.rows(() => choice.columns(false, keep))) {
    const texts: TextToPredict[] = [];
    let refusal: unknown;
    try {
      for (const row of rows) {
        number++;
        const place = source.place(row.at);
        const text = isBad(row) ? row : textIn(row);
        if (number <= after) continue;
        if ('fault' in text) skipped.add(place, text.fault);
        else {
          const kept = keep.length === 0 ? {} : { kept: keptOf(row as Row, keep, place) };
          texts.push({ text: text.value, place, row: number, ...kept });
        }
      }
    } catch (error) {
      refusal = error;
    }
    done(readingWith(source.reading, choice.names, options, false), number);
    if (texts.length > 0) yield texts;
    if (refusal !== undefined) throw refusal;
  }
}

function keptOf(row: Row, keep: readonly string[], place: string): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  for (const name of keep) {
    const value = row.get(name);
    if (value === undefined && row instanceof TableRow) {
      throw new InputError(`${place}: no field '${name}' to keep; there are ${row.names.join(', ')}`);
    }
    Object.defineProperty(kept, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return kept;
}

/** Texts that decide whether all are HTML. */
const LOOKED_AT = 200;

export interface HtmlReading {
  /** What is done; undefined until that is decided. */
  mode: Exclude<HtmlMode, 'auto'> | undefined;
  /** Of the texts that were looked at, the share with HTML in them; undefined where it was told. */
  share?: number;
}

export function decideHtml(texts: readonly { readonly text: string }[], reading: HtmlReading): void {
  const some = texts.slice(0, LOOKED_AT);
  const share = some.filter(({ text }) => hasHtml(text)).length / Math.max(1, some.length);
  reading.share = share;
  reading.mode = share >= HTML_SHARE ? 'strip' : 'keep';
}

export function withoutHtml<T extends { readonly text: string }>(items: readonly T[]): T[] {
  return items.map((item) => ({ ...item, text: stripHtml(item.text) }));
}

/** Takes HTML off where that is told or the first 200 texts ask for it; until then they are held back. */
export async function* htmlStage(
  batches: AsyncIterable<ReadExample[]>,
  reading: HtmlReading,
): AsyncGenerator<ReadExample[]> {
  const served = (batch: ReadExample[]): ReadExample[] =>
    reading.mode === 'strip' ? withoutHtml(batch) : batch;
  let held: ReadExample[] = [];
  for await (const batch of batches) {
    if (reading.mode !== undefined) {
      yield served(batch);
      continue;
    }
    held = held.concat(batch);
    if (held.length < LOOKED_AT) continue;
    decideHtml(held, reading);
    yield served(held);
    held = [];
  }
  if (reading.mode === undefined) decideHtml(held, reading);
  yield served(held);
}

/** Counts the labels, and refuses them when there are too many; see `requireLabels`. */
export async function* labelStage(
  batches: AsyncIterable<ReadExample[]>,
  counts: Map<string, number>,
  place: string,
  manyClasses: boolean,
  field: () => string | undefined,
): AsyncGenerator<ReadExample[]> {
  let examples = 0;
  for await (const batch of batches) {
    for (const { label } of batch) counts.set(label, (counts.get(label) ?? 0) + 1);
    examples += batch.length;
    if (counts.size > MOST_CLASSES && !manyClasses) requireLabels(place, counts, examples, field());
    yield batch;
  }
  if (!manyClasses) requireLabels(place, counts, examples, field());
}
