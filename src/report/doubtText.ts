/** What is said of a model's doubt in words: after a training, and of an evaluation. */
import { brokenPromise, type Doubt } from '../evaluation/doubt.js';
import type { DoubtMeasured, MeasuredShare } from '../evaluation/doubtMeasured.js';
import { count, percent } from './format.js';

export interface DoubtLine {
  readonly text: string;
  readonly warning: boolean;
}

/** A line for each rule that was settled. */
export function doubtLines(doubt: Doubt): readonly DoubtLine[] {
  const { asked, unsure, sets } = doubt;
  const lines: DoubtLine[] = [];
  const broken = brokenPromise(doubt);
  if (broken !== undefined) {
    lines.push({
      text: `--max-error ${asked.maxError} is not reached, so every answer is unsure: ${broken}`,
      warning: true,
    });
  } else if (unsure !== undefined) lines.push({ text: unsureText(doubt, unsure), warning: false });
  if (sets !== undefined) lines.push(setsLine(sets, asked.sets!));
  return lines;
}

function setsLine({ least, examples, right }: NonNullable<Doubt['sets']>, share: number): DoubtLine {
  if (least === 0) {
    return {
      text: `${count(examples)} examples left out are too few for sets that hold ${percent(share, 1)}: each set is of all classes`,
      warning: true,
    };
  }
  const empty =
    right / examples > share
      ? `; the best class alone is right in ${percent(right / examples, 1)}, so some sets will be empty: ask for more than that`
      : '';
  return {
    text: `sets hold the classes with a score of ${least.toPrecision(3)} and more: by ${count(examples)} examples left out the right one in ${percent(share, 1)}${empty}`,
    warning: false,
  };
}

function unsureText(
  { asked }: Doubt,
  { below, examples, answered = 0, wrong = 0 }: NonNullable<Doubt['unsure']>,
): string {
  const promise =
    asked.maxError !== undefined
      ? `, so that at most ${percent(asked.maxError, 1)} of the others are wrong (95% confidence)`
      : asked.minCoverage !== undefined
        ? `, so that at least ${percent(asked.minCoverage, 1)} are not (95% confidence)`
        : '';
  const rule =
    below === 0 ? 'no answer is unsure' : `answers with a score below ${below!.toPrecision(4)} are unsure`;
  if (examples === undefined) return `${rule}${promise}`;
  const share = answered === 0 ? '' : `, and ${percent(wrong / answered, 1)} of these is wrong`;
  return `${rule}${promise}; of ${count(examples)} examples left out ${percent(answered / examples, 1)} is answered${share}`;
}

const measured = ({ share, interval: [low, high] }: MeasuredShare): string =>
  `${percent(share, 1)} (95% interval ${percent(low, 1)} to ${percent(high, 1)})`;

function unlikeText({ over95, apart }: NonNullable<DoubtMeasured['unknownScore']>): string {
  const known = `unknown above 0.95: ${measured(over95)} of the examples of its classes`;
  if (apart === undefined) return known;
  const { area, interval } = apart;
  return `${known}; it tells those of other classes apart with an area under the ROC curve of ${area.toFixed(3)} (${interval[0].toFixed(3)} to ${interval[1].toFixed(3)})`;
}

/** Lines about an evaluation. */
export function doubtMeasuredLines({ riskCoverage, unsure, sets, unknownScore }: DoubtMeasured): string[] {
  const { area, areaInterval, points } = riskCoverage;
  const at = [0.5, 0.8, 0.9].flatMap(
    (wanted) => points.find(({ coverage }) => coverage >= wanted - 1e-9) ?? [],
  );
  const errors = at.map(
    ({ coverage, error, errorInterval: [low, high] }) =>
      `${percent(error, 1)} (${percent(low, 1)} to ${percent(high, 1)}) wrong of the surest ${percent(coverage, 0)}`,
  );
  return [
    `${errors.join(', ')}; area under the risk-coverage curve ${percent(area)} (${percent(areaInterval[0])} to ${percent(areaInterval[1])})`,
    ...(unsure === undefined
      ? []
      : [`not unsure ${measured(unsure.answered)}, of these wrong ${measured(unsure.wrong)}`]),
    ...(sets === undefined
      ? []
      : [
          `sets hold the right class in ${measured(sets.coverage)}, ${percent(sets.asked, 1)} was asked; ${sets.meanSize.toFixed(2)} classes in the mean, ${count(sets.sizes[0])} sets are empty`,
        ]),
    ...(unknownScore === undefined ? [] : [unlikeText(unknownScore)]),
  ];
}
