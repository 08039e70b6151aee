/** Which fields of a row are the text and the label: as told, or guessed from their names. */
import { labelText, momentOf } from '../../data/label.js';
import { InputError } from '../../errors.js';
import { joinTexts } from '../../input/reading.js';
import type { CheckedOptions } from '../options.js';
import type { Row } from './row.js';
import { shown } from './shown.js';

export interface FieldNames {
  /** Several with commas between them are joined. */
  readonly text: string;
  /** '' where texts are read for prediction. */
  readonly label: string;
}

export const TEXT_NAMES: readonly string[] = [
  'text',
  'body',
  'content',
  'review',
  'message',
  'sentence',
  'document',
  'comment',
  'email',
  'tweet',
  'description',
];

export const LABEL_NAMES: readonly string[] = [
  'label',
  'class',
  'category',
  'target',
  'sentiment',
  'topic',
  'tag',
  'y',
  'language',
  'labels',
  'tags',
];

/** Fields that a message names. */
const LISTED = 20;

function find(names: readonly string[], wanted: readonly string[]): string | undefined {
  for (const want of wanted) {
    const found = names.find((name) => name.toLowerCase() === want);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The field that plays the role, by its name; undefined where no name says so. */
export const guessField = (names: readonly string[], role: 'text' | 'label'): string | undefined =>
  find(names, role === 'text' ? TEXT_NAMES : LABEL_NAMES);

/** The fields that a text is made of: one of that very name, or those between commas. */
export function fieldsIn(field: string, has: (name: string) => boolean): string[] {
  if (has(field) || !field.includes(',')) return [field];
  return field
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/**
 * The name told if there is such a field, or one guessed. Throws InputError naming the fields there are.
 * @param place of the row, for the message
 * @param has whether the data have a field; of JSON also a nested one
 */
export function chooseField(
  place: string,
  names: readonly string[],
  has: (name: string) => boolean,
  role: 'text' | 'label',
  requested: string | undefined,
): string {
  const named = names.filter((name) => name !== '').map((name) => `'${shown(name)}'`);
  const more = named.length > LISTED ? ` and ${named.length - LISTED} more` : '';
  const list = named.slice(0, LISTED).join(', ') + more;
  if (requested !== undefined) {
    const missing = (role === 'text' ? fieldsIn(requested, has) : [requested]).find((part) => !has(part));
    if (missing === undefined) return requested;
    throw new InputError(`${place}: no field '${missing}' for the ${role}; there are ${list}`);
  }
  const guessed = guessField(names, role);
  if (guessed !== undefined) return guessed;
  throw new InputError(
    `${place}: which field is the ${role}? There are ${list}; name it with --${role}-field (a table needs a header line, or --no-header)`,
  );
}

/** What a row gives: a value, or why it has none. */
export type Found = { readonly value: string } | { readonly fault: string };

/** The text of a row, which may be empty. */
export function textOf(row: Row, field: string, parts: readonly string[]): Found {
  if (parts.length === 1) {
    const value = plainText(row.get(parts[0]));
    if (typeof value === 'string') return { value };
    return { fault: `the text field '${shown(field)}' ${value.fault}; give the row a text or remove it` };
  }
  const texts: string[] = [];
  let present = 0;
  for (const part of parts) {
    const given = row.get(part);
    // Of several parts some may be missing: a mail without a subject.
    if (given === undefined || given === null) continue;
    present++;
    const value = plainText(given);
    if (typeof value !== 'string') {
      return { fault: `the text field '${shown(part)}' ${value.fault}; give the row a text or remove it` };
    }
    texts.push(value);
  }
  if (present > 0) return { value: joinTexts(texts) };
  return { fault: `the text fields '${shown(field)}' are missing; give the row a text or remove it` };
}

function plainText(value: unknown): string | { fault: string } {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value))) return String(value);
  if (typeof value === 'number') return { fault: 'is NaN' };
  return { fault: faultOf(value) };
}

/** Throws InputError where a table has no such column. */
export function requireField(
  place: string,
  names: readonly string[],
  has: (name: string) => boolean,
  field: string,
): void {
  if (has(field)) return;
  const list = names.slice(0, LISTED).map((name) => `'${shown(name)}'`);
  throw new InputError(`${place}: no field '${shown(field)}'; there are ${list.join(', ')}`);
}

/** Group and time of a row, as far as they were asked for. */
export function bindingOf(
  row: Row,
  { groupField, timeField }: Pick<CheckedOptions, 'groupField' | 'timeField'>,
): { readonly group?: string; readonly time?: number } | { readonly fault: string } {
  const group = groupField === undefined ? undefined : labelText(row.get(groupField));
  if (group !== undefined && 'fault' in group) {
    return {
      fault: `this row has no group (field '${shown(groupField!)}' ${group.fault}); give it one or remove the row`,
    };
  }
  const time = timeField === undefined ? undefined : momentOf(row.get(timeField));
  if (time !== undefined && 'fault' in time) {
    return {
      fault: `this row has no time (field '${shown(timeField!)}' ${time.fault}); give it one or remove the row`,
    };
  }
  return {
    ...(group === undefined ? {} : { group: group.value }),
    ...(time === undefined ? {} : { time: time.value }),
  };
}

function faultOf(value: unknown): string {
  if (value === undefined || value === null) return 'is missing';
  return `holds ${Array.isArray(value) ? 'an array' : typeof value}, not text`;
}
