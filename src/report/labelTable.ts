/** An evaluation of answers of any number of labels, in words for the terminal and as data for programs. */
import type { Evaluation } from '../evaluation/metrics.js';
import type { MultiLabelScores } from '../evaluation/multiLabel.js';
import { confusionsOf } from './classificationTable.js';
import { count, percent, plural } from './format.js';
import { renderTable, type TableOptions } from './terminal.js';

type Evaluated = Evaluation & { readonly multiLabel: MultiLabelScores & { readonly targets?: unknown } };

const MOST_PAIRS = 15;

/** A row a label, the largest first; the averages; labels that are taken for each other. */
export function labelReport(
  { multiLabel: scores, confusion, examples, loss, unknown }: Evaluated,
  classes: readonly string[],
  options: TableOptions,
): string {
  const order = [...classes.keys()].sort((a, b) => scores.perLabel[b].support - scores.perLabel[a].support);
  const averages: [string, number, number, number][] = [
    ['micro average', scores.microPrecision, scores.microRecall, scores.microF1],
  ];
  const table = renderTable(
    ['label', 'precision', 'recall', 'F1', 'average precision', 'threshold', 'examples'],
    [
      ...order.map((c) => {
        const { precision, recall, f1, averagePrecision, threshold, support } = scores.perLabel[c];
        const average = Number.isNaN(averagePrecision) ? '–' : percent(averagePrecision);
        return [
          classes[c],
          ...[precision, recall, f1].map((value) => percent(value)),
          average,
          threshold.toFixed(3),
          count(support),
        ];
      }),
      ...averages.map(([name, ...own]) => [
        name,
        ...own.map((value) => percent(value)),
        '',
        '',
        count(examples),
      ]),
      [
        'macro average',
        '',
        '',
        percent(scores.macroF1),
        percent(scores.averagePrecision),
        '',
        count(examples),
      ],
    ],
    options,
  );
  const pairs = confusionsOf(confusion).slice(0, MOST_PAIRS);
  const confused = renderTable(
    ['missed', 'answered wrongly beside it', 'times'],
    pairs.map(({ truth, answer, times }) => [classes[truth], classes[answer], count(times)]),
    options,
  );
  const strange =
    unknown === undefined ? '' : `, ${plural(unknown.examples, 'example')} with labels unknown to the model`;
  return `${table}\n${pairs.length === 0 ? '' : `${confused}\n`}micro F1 ${percent(scores.microF1)}, macro F1 ${percent(scores.macroF1)}, by example ${percent(scores.sampleF1)}; ${percent(scores.subsetAccuracy)} of the examples have all their labels and no others; ${scores.labelsPerExample.toFixed(2)} labels an example, ${scores.answeredPerExample.toFixed(2)} answered; loss ${loss.toFixed(4)}, ${plural(examples, 'example')}${strange}\n`;
}

/** @param more what else is known of it */
export function labelSummary(
  {
    multiLabel,
    perClass: _,
    unknown,
    ...result
  }: Omit<Evaluated, 'confusion' | 'unknown'> & { readonly unknown: Evaluation['unknown'] | undefined },
  classes: readonly string[],
  more: object,
): object {
  const { targets: _targets, perLabel, ...scores } = multiLabel;
  return {
    ...result,
    ...scores,
    perLabel: perLabel.map((one, c) => ({ label: classes[c], ...one })),
    ...(unknown === undefined ? {} : { unknownClasses: unknown }),
    ...more,
  };
}
