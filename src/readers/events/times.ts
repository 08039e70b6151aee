/** Times and labels as files of intervals have them; what is wrong is said with the place. */
import type { TimedEvent } from '../../data/timedEvent.js';
import { InputError } from '../../errors.js';
import { shown } from '../parse/shown.js';

/** An event, and the recording that it is in where the file says so. */
export interface FileEvent extends TimedEvent {
  readonly file?: string;
  /** Where it stands. */
  readonly place: string;
}

export function secondsOf(text: string, what: string, place: string): number {
  const value = Number(text.trim().replace(/^(-?\d*),(\d+)$/, '$1.$2'));
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InputError(
    `${place}: the ${what} is ${shown(text)}; it must be seconds from the beginning, such as 12.34`,
  );
}

/** Throws InputError on an event that ends before it begins, or has no label. */
export function eventOf(
  { onset, offset, label, file }: { onset: string; offset: string; label: string; file?: string | undefined },
  place: string,
): FileEvent {
  const from = secondsOf(onset, 'onset', place);
  const to = secondsOf(offset, 'offset', place);
  if (to <= from) {
    throw new InputError(
      `${place}: the event ends at ${to} s, and begins at ${from} s: an offset lies behind its onset`,
    );
  }
  const name = label.trim();
  if (name === '') throw new InputError(`${place}: the event has no label; give it one or remove the row`);
  return {
    onset: from,
    offset: to,
    label: name,
    place,
    ...(file === undefined ? {} : { file: file.trim() }),
  };
}
