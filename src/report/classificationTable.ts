/** An evaluation for the terminal: precision, recall and F1 of each class with their averages, and the confusions. */
import {
  type AverageMetrics,
  type Evaluation,
  macroAverage,
  weightedAverage,
} from '../evaluation/metrics.js';
import { count, percent } from './format.js';
import { renderTable, type TableOptions } from './terminal.js';

type Counted = Pick<Evaluation, 'perClass' | 'confusion' | 'examples' | 'unknown'>;

/** Of the row of examples whose labels are no class of the model. */
const UNKNOWN = 'unknown to the model';

const figures = ({ precision, recall, f1 }: AverageMetrics): string[] =>
  [precision, recall, f1].map((value) => percent(value));

/** A row a class, then the averages: macro (classes count alike) and weighted (by their examples). */
export function renderClassificationReport(
  evaluation: Counted,
  classes: readonly string[],
  options: TableOptions,
): string {
  const rows = evaluation.perClass.map((metrics, c) => [
    classes[c],
    ...figures(metrics),
    count(metrics.support),
  ]);
  const { unknown } = evaluation;
  const examples = count(evaluation.examples);
  return renderTable(
    ['class', 'precision', 'recall', 'F1', 'examples'],
    [
      ...rows,
      ...(unknown === undefined ? [] : [[UNKNOWN, '–', '–', '–', count(unknown.examples)]]),
      ['macro average', ...figures(macroAverage(evaluation)), examples],
      ['weighted average', ...figures(weightedAverage(evaluation)), examples],
    ],
    options,
  );
}

/** More classes than this do not fit as a matrix. */
const LARGEST_MATRIX = 10;
const MOST_CONFUSIONS = 15;

/** The matrix for up to ten classes; beyond, its fifteen largest entries that are wrong. */
export function renderConfusion(
  { confusion, unknown }: Pick<Evaluation, 'confusion' | 'unknown'>,
  classes: readonly string[],
  options: TableOptions,
): string {
  if (classes.length > LARGEST_MATRIX) {
    // The row behind the classes is theirs that are none.
    const rows = unknown === undefined ? confusion : [...confusion, unknown.predicted];
    const wrong = confusionsOf(rows).slice(0, MOST_CONFUSIONS);
    return renderTable(
      ['true', 'predicted', 'times'],
      wrong.map(({ truth, answer, times }) => [classes[truth] ?? UNKNOWN, classes[answer], count(times)]),
      options,
    );
  }
  return renderTable(
    ['true \\ predicted', ...classes],
    [
      ...confusion.map((row, truth) => [classes[truth], ...row.map((times) => count(times))]),
      ...(unknown === undefined ? [] : [[UNKNOWN, ...unknown.predicted.map((times) => count(times))]]),
    ],
    options,
  );
}

export interface Confusion {
  readonly truth: number;
  readonly answer: number;
  readonly times: number;
}

/** Wrong answers by how often they were given. */
export function confusionsOf(confusion: readonly (readonly number[])[]): Confusion[] {
  return confusion
    .flatMap((row, truth) => row.map((times, answer) => ({ truth, answer, times })))
    .filter(({ truth, answer, times }) => truth !== answer && times > 0)
    .sort((a, b) => b.times - a.times);
}
