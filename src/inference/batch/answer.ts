/** What is said of an input, and how that reads: as a line of JSON, as a row of a table, as a label. */
import type { Prediction } from '../prediction.js';

export interface Answer {
  /** Number of the input's row, from 1. */
  readonly row: number;
  /** Fields of the input to give along. */
  readonly kept: Readonly<Record<string, unknown>>;
  /** Most probable first. */
  readonly scores: Prediction;
  /** What decided, largest first: the text of each piece, and its evidence by class. */
  readonly evidence?:
    | readonly { readonly text: string; readonly evidence: Readonly<Record<string, number>> }[]
    | undefined;
}

/** Those that are lines of text. */
export const LINE_OUTPUTS = ['jsonl', 'csv', 'labels'] as const;
export type LineOutput = (typeof LINE_OUTPUTS)[number];

export const OUTPUTS = [...LINE_OUTPUTS, 'parquet'] as const;
export type Output = (typeof OUTPUTS)[number];

/** What a table has of each answer. */
export interface TableShape {
  /** Fields of the input. */
  readonly keep: readonly string[];
  /** The most probable classes, each with its score. */
  readonly classes: number;
}

/** Names of a table's columns: fields of the input, then `label`, `score`, `label_2`, `score_2` and so on. */
export function columnsOf({ keep, classes }: TableShape): string[] {
  const places = Array.from({ length: classes }, (_, k) => (k === 0 ? '' : `_${k + 1}`));
  return [...keep, ...places.flatMap((place) => [`label${place}`, `score${place}`])];
}

/** A table's row; undefined where the answer has nothing. */
export function cellsOf({ kept, scores }: Answer, { keep, classes }: TableShape): unknown[] {
  const best = Array.from({ length: classes }, (_, k) => scores[k] as Prediction[number] | undefined);
  return [
    ...keep.map((field) => kept[field] ?? undefined),
    ...best.flatMap((one) => [one?.label, one?.score]),
  ];
}

/** What stands before the lines. */
export const headOf = (output: LineOutput, shape: TableShape): string =>
  output === 'csv' ? csvLine(columnsOf(shape)) : '';

export function lineOf(answer: Answer, output: LineOutput, shape: TableShape): string {
  const { kept, scores, evidence } = answer;
  const [{ label, score }] = scores;
  if (output === 'labels') return `${label}\n`;
  if (output === 'csv') return csvLine(cellsOf(answer, shape));
  return `${JSON.stringify({ ...kept, label, score, scores, evidence }, plain)}\n`;
}

/** JSON has no whole numbers beyond 2⁵³. */
export const plain = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

/** RFC 4180. */
function csvLine(fields: readonly unknown[]): string {
  const quoted = fields.map((field) => {
    const text = String(field ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\n`;
}
