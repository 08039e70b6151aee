/** How data are read: one schema, from which the command line's options and the library's types follow. */
import * as z from 'zod/mini';
import type { ReadingOptions } from '../data/dataset.js';
import { LABEL_MODES } from '../data/labelSets.js';
import { InputError } from '../errors.js';
import { MISSING_MODES } from '../input/reading.js';
import { flagOf, inGroup, option, shownOption, suggestion } from '../options.js';
import type { ReadOptions } from './readOptions.js';

export const FORMATS = ['csv', 'tsv', 'jsonl', 'json', 'parquet', 'text'] as const;
export type Format = (typeof FORMATS)[number];

/** What data hold. */
export const INPUTS = ['text', 'bytes', 'signal'] as const;

export const HTML_MODES = ['auto', 'keep', 'strip'] as const;

/** Names for what can hardly be typed, or means something to a shell. */
const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  '\\t': '\t',
  pipe: '|',
  space: ' ',
};

const delimiter = z
  .pipe(
    z.string(),
    z.transform((given) => DELIMITER_NAMES[given.toLowerCase()] ?? given),
  )
  .check(
    z.refine((given) => given.length === 1 && !'"\n\r'.includes(given), {
      error: 'a delimiter is one character, or comma, semicolon, tab, pipe, space; not a quote or line break',
    }),
  );

const encoding = z.string().check(
  z.refine(
    (label) => {
      try {
        new TextDecoder(label);
        return true;
      } catch {
        return false;
      }
    },
    { error: 'no such encoding; e.g. utf-8, utf-16le, windows-1252, windows-1251, shift_jis, gb18030' },
  ),
);

function isPattern(given: string): boolean {
  try {
    new RegExp(given);
    return true;
  } catch {
    return false;
  }
}

const PATTERN = 'no regular expression';

const count = (least: number) => z.int().check(z.gte(least), z.lte(Number.MAX_SAFE_INTEGER));

/**
 * Options of every reader. `argument` is what a command line shows for the value (a switch has none), `help` its line
 * of help.
 */
const readerOptions = inGroup('Data', {
  input: option(z.optional(z.enum(INPUTS)), {
    argument: '<kind>',
    help: 'text, bytes or signal (default: by the name)',
    more: 'bytes are files of any kind in folders by class, or the bytes of texts; signals are .ts, .arff, .tsv, CSV and JSON lines of series, and .wav and .npy by class',
    common: true,
    alias: ['type', 'kind', 'signals', 'audio'],
  }),
  textField: option(z.optional(z.string().check(z.minLength(1))), {
    argument: '<name>',
    help: 'column of the text (default: guessed)',
    more: 'a.b for a nested one, a,b for several that are joined',
    common: true,
    alias: ['text', 'text-column', 'text-col', 'column', 'field'],
  }),
  labelField: option(z.optional(z.string().check(z.minLength(1))), {
    group: 'Labels',
    argument: '<name>',
    help: 'column of the label (default: guessed)',
    more: 'a.b for a nested one',
    common: true,
    alias: ['label', 'label-column', 'label-col', 'target', 'class', 'y'],
  }),
  labels: option(z.optional(z.enum(LABEL_MODES)), {
    group: 'Labels',
    argument: '<mode>',
    help: 'one label an example, or many: any number of them, also none (default: by the data)',
    alias: ['multi-label', 'multilabel'],
  }),
  labelSeparator: option(z.optional(z.string().check(z.minLength(1))), {
    group: 'Labels',
    argument: '<char>',
    help: "what separates the labels in a cell, e.g. ';' (default: sniffed; lists are read as such)",
    alias: ['label-sep', 'label-delimiter'],
  }),
  labelColumns: option(z.optional(z.string().check(z.minLength(1))), {
    group: 'Labels',
    argument: '<names>',
    help: 'columns of 0 and 1, one a label, separated by commas; topic_* takes all that begin so (default: none)',
  }),
  groupField: option(z.optional(z.string().check(z.minLength(1))), {
    group: 'Labels',
    argument: '<name>',
    help: 'column of what examples belong to: those of one group are never divided (default: none)',
    more: 'a person, a source, a conversation: splits, folds and tests go by groups',
    alias: ['group', 'groups', 'group-column', 'group-by'],
  }),
  groupFrom: option(z.optional(z.string().check(z.minLength(1), z.refine(isPattern, { error: PATTERN }))), {
    group: 'Labels',
    argument: '<pattern>',
    help: "group in the path of each file: the first group of a regular expression, e.g. '_([a-z]+)_'",
    alias: ['group-pattern', 'group-path'],
  }),
  timeField: option(z.optional(z.string().check(z.minLength(1))), {
    group: 'Labels',
    argument: '<name>',
    help: 'column of when an example came: learned from are those before, judged on those after (default: none)',
    more: 'dates or numbers',
    alias: ['time', 'date-field', 'time-column', 'timestamp'],
  }),
  format: option(z.optional(z.enum(FORMATS)), {
    argument: '<format>',
    help: 'format of the data (default: by the name)',
  }),
  delimiter: option(z.optional(delimiter), {
    argument: '<char>',
    help: 'what separates columns: a character, or comma, semicolon, tab, pipe (default: sniffed)',
    alias: ['sep', 'separator', 'delim'],
  }),
  noHeader: option(z.optional(z.boolean()), {
    help: 'the table has no header line: its columns are named 1, 2, 3…',
  }),
  encoding: option(z.optional(encoding), {
    argument: '<label>',
    help: 'encoding of the text, e.g. windows-1252, utf-16le, shift_jis (default: UTF-8, or a guess that is printed)',
    alias: ['charset'],
  }),
  skipBad: option(z.optional(count(0)), {
    argument: '<n>',
    help: 'skip up to n bad rows and list them (default: stop at the first)',
    alias: ['skip-errors', 'ignore-errors'],
  }),
  html: option(z.optional(z.enum(HTML_MODES)), {
    argument: '<mode>',
    help: 'drop tags and decode entities: auto (where the first texts are HTML), keep or strip (default: auto)',
  }),
  missing: option(z.optional(z.enum(MISSING_MODES)), {
    group: 'Signals',
    argument: '<mode>',
    help: 'missing values: refuse them, or interpolate by straight lines (default: refuse)',
  }),
  resample: option(z.optional(z.int().check(z.positive(), z.lte(10_000_000))), {
    group: 'Signals',
    argument: '<hz>',
    help: 'resample sounds to this many samples a second (default: all must have the same rate)',
    alias: ['sample-rate', 'rate'],
  }),
  dropColumns: option(z.optional(z.string().check(z.minLength(1))), {
    group: 'Signals',
    argument: '<names>',
    help: 'columns of a table of series that hold no values: names or numbers from 1, separated by commas',
  }),
  mono: option(z.optional(z.boolean()), {
    group: 'Signals',
    help: 'average the channels of a signal into one (default: all must have the same channels)',
  }),
  labelFrom: option(z.optional(z.string().check(z.minLength(1), z.refine(isPattern, { error: PATTERN }))), {
    group: 'Labels',
    argument: '<pattern>',
    help: "class in the names of a folder's sound files: the first group of a regular expression, e.g. '^(\\d+)-'",
  }),
  manyClasses: option(z.optional(z.boolean()), {
    group: 'Labels',
    help: 'accept labels that have as many values as an id',
  }),
  limit: option(z.optional(count(1)), {
    argument: '<k>',
    help: 'use only k examples',
    more: 'the first of a file; of folders and built-in data the first of each class in turn',
    common: true,
    alias: ['max-examples', 'max-rows', 'nrows', 'head', 'sample'],
  }),
  maxLine: option(z.optional(count(1)), {
    group: 'Advanced',
    argument: '<n>',
    help: 'longest line or JSON value, in characters (default: 67,108,864)',
  }),
  maxField: option(z.optional(count(1)), {
    group: 'Advanced',
    argument: '<n>',
    help: 'longest field or file of a folder, in characters (default: 33,554,432)',
  }),
  maxFields: option(z.optional(count(1)), {
    group: 'Advanced',
    argument: '<n>',
    help: 'most columns of a table (default: 100,000)',
  }),
});

export const readerOptionsSchema = z.object(readerOptions);

export type { ReadOptions };

/** Options that were checked, with the limits filled in. */
export interface CheckedOptions extends Omit<z.output<typeof readerOptionsSchema>, 'limit'> {
  readonly limit: number;
  readonly maxLine: number;
  readonly maxField: number;
  readonly maxFields: number;
}

/** Throws InputError naming the option that is unknown or wrong. */
export function checkOptions(options: ReadOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InputError(`the options of reading must be an object; they are ${shownOption(options)}`);
  }
  const names = Object.keys(readerOptionsSchema.shape);
  const unknown = Object.keys(options).find((key) => !names.includes(key));
  if (unknown !== undefined) {
    throw new InputError(`there is no option '${unknown}' of reading${suggestion(unknown, names)}`);
  }
  const result = readerOptionsSchema.safeParse(options);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    const key = String(path[0]) as keyof typeof readerOptionsSchema.shape;
    throw new InputError(`${flagOf(key, readerOptionsSchema.shape[key])}: ${message}`);
  }
  const { limit = Number.POSITIVE_INFINITY, ...given } = result.data;
  const { maxLine = 2 ** 26, maxField = 2 ** 25, maxFields = 100_000 } = given;
  return { ...given, limit, maxLine, maxField, maxFields };
}

/** What of the options says how inputs are read: a model's, once it is trained. */
export function readingOptionsOf({
  input,
  html,
  textField,
  resample,
  mono,
  missing,
}: ReadOptions): ReadingOptions {
  // Bytes are taken as they are.
  const mode = html ?? (input === 'bytes' ? 'keep' : undefined);
  const fields = textField?.split(',').map((part) => part.trim());
  return {
    ...(mode === undefined ? {} : { html: mode }),
    ...(fields === undefined ? {} : { fields: fields.filter((part) => part !== '') }),
    ...(resample === undefined ? {} : { resample }),
    ...(mono === undefined ? {} : { mono }),
    ...(missing === undefined ? {} : { missing }),
  };
}
