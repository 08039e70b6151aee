/**
 * Answers as rows of a table: which columns there are, and what stands in them. The columns are the input's `file`, if it
 * has one, then the fields that are kept of it, then the answer's own. An answer's column that a kept field is called
 * like gets `predicted_` in front: `predicted_label`, `predicted_score`, in every format.
 */
import type { AnswerMarks, Prediction } from '../prediction.js';
import { type Answer, plain } from './answer.js';

/** Fields of an input to give along: by their names, or all that it has. */
export type Keep = readonly string[] | 'all';

/** What is to be said of each answer. */
export interface TableRequest {
  readonly keep: Keep;
  /** The most probable classes, each with its score. */
  readonly classes: number;
  /** What is said of an answer besides. */
  readonly marks?: readonly MarkName[];
  /** The model answers any number of labels: they have a column of their own. */
  readonly sets?: boolean;
}

/** What may be said of an answer besides, as its columns are called. */
export type MarkName = keyof AnswerMarks;

/** What a table has of each answer. */
export interface TableShape {
  /** Whether the first column is the input's file. */
  readonly file: boolean;
  /** Fields of the input. */
  readonly kept: readonly string[];
  readonly classes: number;
  readonly marks: readonly MarkName[];
  readonly sets: boolean;
}

/** The shape of a table that holds these answers. */
export function shapeOf(
  answers: readonly Answer[],
  { keep, classes, marks, sets }: TableRequest,
): TableShape {
  const kept = keep === 'all' ? new Set(answers.flatMap((answer) => Object.keys(answer.kept))) : keep;
  return shapeWith(
    answers.some(({ file }) => file !== undefined),
    [...kept],
    classes,
    { marks, sets },
  );
}

/** An input that is a file has no field of that name. */
const shapeWith = (
  file: boolean,
  kept: readonly string[],
  classes: number,
  { marks = [], sets = false }: { readonly [K in 'marks' | 'sets']?: TableRequest[K] | undefined } = {},
): TableShape => ({
  marks,
  sets,
  file,
  kept: file ? kept.filter((name) => name !== 'file') : kept,
  classes,
});

/** The same, of answers that are not held. */
export async function shapeOfAll(
  answers: AsyncIterable<Answer>,
  { keep, classes, marks, sets }: TableRequest,
): Promise<TableShape> {
  let file = false;
  const fields = new Set<string>();
  for await (const answer of answers) {
    file ||= answer.file !== undefined;
    // The first says it, where the fields are named.
    if (keep !== 'all') break;
    for (const name of Object.keys(answer.kept)) fields.add(name);
  }
  return shapeWith(file, keep === 'all' ? [...fields] : keep, classes, { marks, sets });
}

/** The name of an answer's own column: another where a field of the input has it. */
export function ownName(name: string, kept: ReadonlySet<string>): string {
  let own = name;
  while (kept.has(own)) own = `predicted_${own}`;
  return own;
}

/** All labels that were answered, and their scores. */
export const SET_COLUMNS = ['labels', 'scores'] as const;

/** Of the answers' own columns, with how many numbers behind them: `label`, `score`, `label_2`, `score_2` and so on. */
export function columnsOf({ file, kept, classes, marks, sets }: TableShape): string[] {
  const fields = new Set(kept);
  const places = Array.from({ length: classes }, (_, k) => (k === 0 ? '' : `_${k + 1}`));
  const own = [
    ...(sets ? SET_COLUMNS : []),
    ...places.flatMap((place) => [`label${place}`, `score${place}`]),
    ...marks,
  ];
  return [...(file ? [ownName('file', fields)] : []), ...kept, ...own.map((name) => ownName(name, fields))];
}

/** A table's row; undefined where the answer has nothing. */
export function cellsOf({ file, kept, scores, labels }: Answer, shape: TableShape): unknown[] {
  const best = Array.from({ length: shape.classes }, (_, k) => scores[k] as Prediction[number] | undefined);
  return [
    ...(shape.file ? [file] : []),
    ...shape.kept.map((field) => kept[field] ?? undefined),
    ...(shape.sets ? [setCell(labels ?? []), scoresCell(scores)] : []),
    ...best.flatMap((one) => [one?.label, one?.score]),
    ...shape.marks.map((mark) => (mark === 'unsure' ? scores[0].unsure === true : scores[0][mark])),
  ];
}

const SEPARATOR = ';';

/** Labels as the readers take them apart again: with ; between them, or a list where that is part of a name. */
export const setCell = (labels: readonly string[]): string =>
  labels.some((label) => label.includes(SEPARATOR)) ? JSON.stringify(labels) : labels.join(SEPARATOR);

const scoresCell = (scores: Prediction): string =>
  scores
    .filter(({ chosen }) => chosen)
    .map(({ score }) => score)
    .join(SEPARATOR);

/** A value as text: of objects and arrays JSON, of nothing ''. */
export function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  const json: unknown = JSON.parse(JSON.stringify(value, plain));
  // A date is a text in JSON.
  return typeof json === 'string' ? json : JSON.stringify(json);
}

/** What columns a table has of a classifier's answers. */
export const columnsAsked = (
  { classes, multiLabel }: { readonly classes: readonly string[]; readonly multiLabel: boolean },
  topK: number | undefined,
): Pick<TableRequest, 'classes' | 'sets'> => ({
  classes: Math.min(topK ?? (multiLabel ? 0 : 1), classes.length),
  sets: multiLabel,
});
