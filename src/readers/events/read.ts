/** A file of intervals in any of its forms: by its name, and what stands in it. */
import { InputError } from '../../errors.js';
import { decodeWhole } from '../parse/decode.js';
import { audacityEvents, jsonLineEvents, tableEvents } from './tables.js';
import { isTextGrid, textGridEvents } from './textGrid.js';
import type { FileEvent } from './times.js';

export type { FileEvent } from './times.js';

/** Throws InputError naming the line that cannot be used. */
export function eventsIn(bytes: Uint8Array, name: string): FileEvent[] {
  const text = textOf(bytes, name);
  if (isTextGrid(text)) return textGridEvents(text, name);
  if (/\.textgrid$/i.test(name))
    throw new InputError(`${name} is no TextGrid of Praat: it does not begin with "ooTextFile"`);
  if (/\.(jsonl|ndjson)$/i.test(name)) return jsonLineEvents(text, name);
  const head = text.slice(0, text.search(/[\r\n]|$/));
  // A label track has no header: its first line begins with two numbers.
  if (/^\s*\d+(?:[.,]\d+)?\t\d+(?:[.,]\d+)?\t/.test(head)) return audacityEvents(text, name);
  return tableEvents(text, name);
}

function textOf(bytes: Uint8Array, name: string): string {
  return decodeWhole(name, bytes, undefined).text.replace(/^\ufeff/, '');
}
