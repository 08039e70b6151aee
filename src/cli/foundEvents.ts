/** Found events as files have them, line by line. */
import type { FoundEvent } from '../data/timedEvent.js';
import { InputError } from '../errors.js';

export const FOUND_FORMATS = ['csv', 'jsonl', 'audacity'] as const;
export type FoundFormat = (typeof FOUND_FORMATS)[number];

/** By the ending of the file. Throws InputError on another. */
export function foundFormatOf(out: string | undefined, asked: FoundFormat | undefined): FoundFormat {
  if (asked !== undefined) return asked;
  if (out === undefined || /\.csv$/i.test(out)) return 'csv';
  if (/\.(jsonl|ndjson)$/i.test(out)) return 'jsonl';
  if (/\.txt$/i.test(out)) return 'audacity';
  throw new InputError(
    `${out}: its name ends in none of .csv, .jsonl and .txt (Audacity's labels); or say --format`,
  );
}

export const headOf = (format: FoundFormat): string =>
  format === 'csv' ? 'file,onset,offset,label,score\n' : '';

const quoted = (field: string): string =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

export function foundLine(
  format: FoundFormat,
  file: string,
  { onset, offset, label, score }: FoundEvent,
): string {
  switch (format) {
    case 'csv':
      return `${quoted(file)},${onset},${offset},${quoted(label)},${score}\n`;
    case 'jsonl':
      return `${JSON.stringify({ file, onset, offset, label, score })}\n`;
    case 'audacity':
      return `${onset}\t${offset}\t${label.replaceAll(/[\t\r\n]/g, ' ')}\n`;
  }
}
