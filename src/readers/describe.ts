/** How data were read, as data and in a line of English: what was given, what was guessed, what was left out. */
import { type RawExample, SPLIT_NAMES, type SplitName } from '../data/dataset.js';
import type { Skipped } from '../data/skipped.js';
import type { InputKind } from '../input/input.js';
import type { RawSignal, Reading } from '../input/reading.js';
import type { Format } from './options.js';
import type { FieldNames } from './parse/fields.js';
import type { FileReading, Guess } from './parse/rows.js';
import { shown, shownDelimiter } from './parse/shown.js';

/** Of several files, `fields` to `header` are those of the first. */
export interface DataNotes {
  /** The fields that were used; undefined for folders and built-in datasets. */
  readonly fields?: FieldNames;
  readonly format?: Format;
  /** Of tables: what separates columns. */
  readonly delimiter?: string;
  /** Name by the WHATWG standard. */
  readonly encoding?: string;
  /** Of tables: whether the first line names the columns. */
  readonly header?: boolean;
  /** Of tables: true where a backslash takes a quote's meaning away, which is always a guess. */
  readonly backslash?: boolean;
  /** Rows that were left out; undefined if none was. */
  readonly skipped?: Skipped;
  /** Of data that come divided: number of examples in each part. */
  readonly splitCounts?: Readonly<Partial<Record<SplitName, number>>>;
  /** Files of a folder that are no data, relative to it. */
  readonly leftOut?: readonly string[];
  /** Files of a folder without a label. */
  readonly unlabelled?: number;
  /** Number of files of a folder in each encoding, where not all are UTF-8. */
  readonly encodings?: Readonly<Record<string, number>>;
  /** Of signals and files as bytes: what they are, and what was guessed, one line of English each. */
  readonly remarks?: readonly string[];
  /** Where several files were read: how each was. */
  readonly files?: readonly FileReading[];
  /** What of it was guessed; undefined if nothing was. */
  readonly guessed?: readonly Guess[];
}

const FORMAT_NAMES: Readonly<Record<Format, string>> = {
  csv: 'CSV',
  tsv: 'TSV',
  jsonl: 'JSON lines',
  json: 'JSON array',
  parquet: 'Parquet',
  text: 'text lines',
};

export const number = (value: number): string => value.toLocaleString('en');

/** @param splits number of examples of each part */
export const describeSplits = (splits: readonly (readonly [name: string, count: number])[]): string =>
  `divided as it comes: ${splits.map(([name, count]) => `${name} ${number(count)}`).join(', ')}`;

/** How a file was read, without its name. */
function describeFile({
  format,
  encoding,
  delimiter,
  header,
  backslash,
  fields,
  bareReturns,
  guessed,
}: Omit<FileReading, 'name'>): string {
  const mark = (guess: Guess): string => (guessed.includes(guess) ? ' (guessed)' : '');
  const parts = [FORMAT_NAMES[format] + mark('format')];
  const usual = format === 'tsv' ? '\t' : ',';
  if (delimiter !== undefined && (delimiter !== usual || guessed.includes('delimiter'))) {
    parts.push(`${shownDelimiter(delimiter)} between columns${mark('delimiter')}`);
  }
  if (encoding !== undefined && (encoding !== 'utf-8' || guessed.includes('encoding'))) {
    parts.push(encoding + mark('encoding'));
  }
  if (backslash) parts.push('quotes escaped by backslashes (guessed)');
  if (bareReturns) parts.push('lines end in CR only');
  if (header === false) parts.push('no header line');
  if (fields !== undefined && format !== 'text') {
    parts.push(`text '${shown(fields.text)}'${mark('text')}`);
    if (fields.label !== '') parts.push(`label '${shown(fields.label)}'${mark('label')}`);
  }
  return parts.join(', ');
}

/** One line of English on how the data were read and what was guessed; '' where there is nothing to say. */
export function describeData(reading: DataNotes): string {
  const { format, skipped, splitCounts, leftOut = [], unlabelled, encodings } = reading;
  const parts: string[] = [...(reading.remarks ?? [])];
  if (reading.files !== undefined) {
    const groups = new Map<string, string[]>();
    for (const file of reading.files) {
      const how = describeFile(file);
      groups.set(how, [...(groups.get(how) ?? []), file.name]);
    }
    for (const [how, names] of groups) {
      const which = names.length === 1 ? names[0] : `${number(names.length)} files`;
      parts.push(`${which}: ${how}`);
    }
  } else if (format !== undefined) {
    parts.push(describeFile({ ...reading, format, guessed: reading.guessed ?? [] }));
  }
  if (encodings !== undefined) {
    const list = Object.entries(encodings).map(([encoding, files]) => `${number(files)} as ${encoding}`);
    parts.push(`files read ${list.join(', ')} (guessed)`);
  }
  if (splitCounts !== undefined) {
    const known = SPLIT_NAMES.filter((split) => splitCounts[split] !== undefined);
    parts.push(describeSplits(known.map((split) => [split, splitCounts[split] ?? 0])));
  }
  if (unlabelled !== undefined)
    parts.push(`${number(unlabelled)} ${unlabelled === 1 ? 'file' : 'files'} without a label left out`);
  if (leftOut.length > 0) {
    const more = leftOut.length > 3 ? ` and ${leftOut.length - 3} more` : '';
    parts.push(`not read: ${leftOut.slice(0, 3).map(shown).join(', ')}${more}`);
  }
  if (skipped !== undefined) {
    const [{ place, fault }] = skipped.first;
    parts.push(
      `${number(skipped.count)} ${skipped.count === 1 ? 'row' : 'rows'} left out, the first at ${place} (${fault})`,
    );
  }
  return parts.join('; ');
}

/** What a model's reading does to inputs; '' where it does nothing that people should know. */
export function describeReading(
  { html, fields, resample, mono, missing }: Omit<Reading, 'long'>,
  htmlShare?: number,
): string {
  const share =
    htmlShare === undefined ? '' : ` (guessed: ${Math.round(100 * htmlShare)}% of the first texts have them)`;
  return [
    ...(html === 'strip' ? [`HTML tags dropped, entities decoded${share}`] : []),
    ...(fields !== undefined && fields.length > 1 ? [`the fields ${fields.join(', ')} joined`] : []),
    ...(mono ? ['channels averaged to one'] : []),
    ...(resample === undefined ? [] : [`brought to ${number(resample)} samples a second`]),
    ...(missing === 'interpolate' ? ['missing values filled by straight lines'] : []),
  ].join('; ');
}

/** What signals or files are, in a few words; '' for texts. */
export function describeInputs(kind: InputKind, examples: readonly Pick<RawExample, 'input'>[]): string {
  if (kind === 'text') return '';
  if (kind === 'bytes') {
    const sizes = examples.map(({ input }) => (input as Uint8Array).length).sort((a, b) => a - b);
    const middle = sizes[Math.floor(sizes.length / 2)];
    return `files as bytes, ${number(sizes[0])} to ${number(sizes[sizes.length - 1])}, half of them above ${number(middle)}`;
  }
  const signals = examples.map(({ input }) => input as RawSignal);
  const [{ channels = 1, rate }] = signals;
  const steps = signals.map((signal) => signal.values.length / (signal.channels ?? 1)).sort((a, b) => a - b);
  const [shortest, longest] = [steps[0], steps[steps.length - 1]];
  const length = shortest === longest ? number(longest) : `${number(shortest)} to ${number(longest)}`;
  const first = `signals of ${length} steps, ${channels} ${channels === 1 ? 'channel' : 'channels'}`;
  return rate === undefined ? first : `${first}; ${number(rate)} samples a second`;
}
