/** Which fields of a row are the text and the label: as told, or guessed from their names. */
import { InputError } from '../errors.js';
import type { Row } from './rows.js';

export interface FieldNames {
  readonly text: string;
  readonly label: string;
}

const TEXT_NAMES = [
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
/** What is shown of a field's name: without a header line it may be a whole text. */
const SHOWN = 40;

const LABEL_NAMES = ['label', 'class', 'category', 'target', 'sentiment', 'topic', 'tag', 'y', 'language'];

function find(names: readonly string[], wanted: readonly string[]): string | undefined {
  for (const want of wanted) {
    const found = names.find((name) => name.toLowerCase() === want);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Throws InputError naming the fields there are, if the one wanted is not among them or none can be guessed. */
export function chooseField(row: Row, role: 'text' | 'label', told: string | undefined): string {
  const names = Object.keys(row.fields);
  const list = names.map((name) => `'${name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name}'`).join(', ');
  if (told !== undefined) {
    if (names.includes(told)) return told;
    throw new InputError(`${row.place}: no field '${told}' for the ${role}; there are ${list}`);
  }
  const guessed = find(names, role === 'text' ? TEXT_NAMES : LABEL_NAMES);
  if (guessed !== undefined) return guessed;
  throw new InputError(
    `${row.place}: which field is the ${role}? There are ${list}; name it with --${role}-field (a table needs a header line)`,
  );
}

/** The text of a row, which may be empty; throws InputError if the field is missing or holds no text. */
export function textOf(row: Row, field: string): string {
  const value = row.fields[field];
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new InputError(
    `${row.place}: the text field '${field}' ${fault(value)}; give the row a text or remove it`,
  );
}

/**
 * The label of a row as a string (numbers and booleans too); throws InputError if it has none.
 * @param remedy what to do about a missing one
 */
export function labelOf(row: Row, field: string, remedy = 'give it one or remove the row'): string {
  const value = row.fields[field];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw new InputError(`${row.place}: this row has no label (field '${field}' ${fault(value)}); ${remedy}`);
}

function fault(value: unknown): string {
  if (value === undefined || value === null) return 'is missing';
  return typeof value === 'string' ? 'is empty' : `holds ${typeof value}, not text`;
}
