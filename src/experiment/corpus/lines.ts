/** Answers as lines of a file, as `eft predict` prints them. */
import type { Prediction } from '../../classifier/prediction.js';
import type { AnswerFormat } from './parts.js';

export interface Answer {
  readonly scores: Prediction;
  /** Fields of the input that are given along. */
  readonly kept?: Readonly<Record<string, unknown>> | undefined;
}

/** The first line of a table; nothing for other formats. */
export function headLine(format: AnswerFormat, keep: readonly string[]): string {
  return format === 'csv' ? csvLine([...keep, 'label', 'score']) : '';
}

export function answerLine(
  { scores, kept = {} }: Answer,
  format: AnswerFormat,
  keep: readonly string[],
): string {
  const [{ label, score }] = scores;
  if (format === 'labels') return `${label}\n`;
  if (format === 'csv')
    return csvLine([...keep.map((field) => String(kept[field] ?? '')), label, String(score)]);
  return `${JSON.stringify({ ...kept, label, score, scores })}\n`;
}

/** RFC 4180. */
function csvLine(fields: readonly string[]): string {
  const quoted = fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field));
  return `${quoted.join(',')}\n`;
}
