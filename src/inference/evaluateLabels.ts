/** Scores answers of any number of labels: the inputs are not held, their logits and labels are. */
import { Growing } from '../data/growing.js';
import { labelsBetween, labelsIn } from '../data/labelSets.js';
import { labelIndices } from '../evaluation/labels.js';
import type { UnknownClasses } from '../evaluation/metrics.js';
import {
  answeredLabels,
  binaryEntropies,
  confusedPairs,
  multiLabelScores,
} from '../evaluation/multiLabel.js';
import { wilsonInterval } from '../evaluation/wilson.js';
import { cutShareOf, type Extent, sumOfExtents } from '../input/long.js';
import {
  type Evaluated,
  type EvaluateHooks,
  type InputForward,
  PORTION,
  type ReadExample,
} from './evaluate.js';

/** What may stand between the labels in a cell. */
const SEPARATORS = [';', '|', ','] as const;

/**
 * The labels of an example. A cell that is no label of the model may hold several that are: what was said of the training data
 * need not be said again.
 */
function labelsOf(example: ReadExample, known: ReadonlyMap<string, number>): readonly string[] {
  const labels = labelsIn(example);
  const [only] = labels;
  if (labels.length !== 1 || known.has(only)) return labels;
  for (const separator of SEPARATORS) {
    const parts = labelsBetween(only, separator);
    if (parts.length > 1 && parts.some((part) => known.has(part))) return parts;
  }
  return labels;
}

/**
 * Labels that are none of the model's count as missed (`unknown`). Throws InputError where none is a label of it.
 * @param name of the examples, for messages
 */
export async function evaluateLabels<E extends ReadExample>(
  forward: InputForward,
  classes: readonly string[],
  thresholds: readonly number[] | undefined,
  examples: AsyncIterable<E> | Iterable<E>,
  name: string,
  { onProgress, onPortion }: EvaluateHooks<E> = {},
): Promise<Evaluated> {
  const known = new Map(classes.map((label, c) => [label, c]));
  const count = classes.length;
  const logits = new Growing((size) => new Float64Array(size));
  const targets = new Growing((size) => new Uint8Array(size));
  /** Labels of each example that the model does not know. */
  const missed: number[] = [];
  const unknown = new Map<string, number>();
  let extent: Extent = { tokens: 0, read: 0 };
  let portion: E[] = [];
  let done = 0;
  let given = 0;
  const work = async (): Promise<void> => {
    const first = done;
    const results = await Promise.all(
      portion.map(async ({ input }) => {
        const result = await forward(input, 0);
        onProgress?.(++done);
        return result;
      }),
    );
    const own = new Float64Array(results.length * count);
    results.forEach((result, i) => {
      own.set(result.logits, i * count);
    });
    logits.append(own);
    extent = sumOfExtents([extent, ...results.map((result) => result.extent)]);
    onPortion?.(portion, own, first);
    portion = [];
  };
  for await (const example of examples) {
    const row = new Uint8Array(count);
    let strange = 0;
    for (const label of labelsOf(example, known)) {
      given++;
      const c = known.get(label);
      if (c !== undefined) row[c] = 1;
      else {
        strange++;
        unknown.set(label, (unknown.get(label) ?? 0) + 1);
      }
    }
    targets.append(row);
    missed.push(strange);
    portion.push(example);
    if (portion.length === PORTION) await work();
  }
  if (portion.length > 0) await work();
  // Refuses other data, or another column.
  const strangers = [...unknown.values()].reduce((sum, n) => sum + n, 0);
  if (given > 0 && strangers === given) labelIndices(name, [...unknown.keys()], classes);
  const data = { logits: logits.values, targets: targets.values, classes: count };
  const scores = multiLabelScores(data, thresholds, missed);
  const losses = binaryEntropies(data);
  const exact = Math.round(scores.subsetAccuracy * missed.length);
  const answers = answeredLabels(logits.values, count, thresholds);
  const strange: { unknown?: UnknownClasses } =
    strangers === 0
      ? {}
      : {
          unknown: {
            examples: missed.filter((n) => n > 0).length,
            labels: Array.from(unknown, ([label, n]) => ({ label, examples: n })),
            predicted: new Array<number>(count).fill(0),
          },
        };
  return {
    accuracy: scores.subsetAccuracy,
    accuracyInterval: wilsonInterval(exact, missed.length),
    macroF1: scores.macroF1,
    loss: losses.length === 0 ? 0 : losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    examples: missed.length,
    perClass: scores.perLabel.map(({ precision, recall, f1, support }) => ({
      precision,
      recall,
      f1,
      support,
    })),
    confusion: confusedPairs(targets.values, answers, count),
    ...strange,
    multiLabel: { ...scores, targets: targets.values },
    logits: logits.values,
    losses,
    labels: new Int32Array(),
    extent,
    cutShare: cutShareOf(extent),
  };
}
