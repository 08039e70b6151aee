/** What is said of an input, and the formats in which it is said. */
import type { Prediction } from '../prediction.js';

export interface Answer {
  /** Number of the input's row, from 1. */
  readonly row: number;
  /** The file that the input is, or is in, where it has no row of fields: of a signal, a file taken whole, a text a file. */
  readonly file?: string | undefined;
  /** Fields of the input to give along. */
  readonly kept: Readonly<Record<string, unknown>>;
  /** Of a model that answers any number of labels: those, the most probable first. */
  readonly labels?: readonly string[] | undefined;
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

/** The format: as it is named, else as the name of the file ends, else JSON lines. */
export const outputFormat = (named: Output | undefined, file = ''): Output =>
  named ?? OUTPUTS.find((output) => file.toLowerCase().endsWith(`.${output}`)) ?? 'jsonl';

export const isLineOutput = (output: Output): output is LineOutput =>
  LINE_OUTPUTS.some((line) => line === output);

/** JSON has no whole numbers beyond 2⁵³. */
export const plain = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;
