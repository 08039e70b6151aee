/** Classification metrics from logits and labels. */
import { wilsonInterval } from './wilson.js';

export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Examples of the class. */
  readonly support: number;
}

/** Over the classes that occur or are predicted. */
export interface AverageMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Examples whose label is no class of the model: whatever it answers is wrong. */
export interface UnknownClasses {
  readonly examples: number;
  /** Their labels, in the order of their first appearance. */
  readonly labels: readonly { readonly label: string; readonly examples: number }[];
  /** How often each class was answered for them: one more row of the confusion matrix. */
  readonly predicted: readonly number[];
}

export interface Evaluation {
  /** Share of all examples that were answered right. */
  readonly accuracy: number;
  /** Wilson, 95%. */
  readonly accuracyInterval: readonly [number, number];
  /** Mean F1 over the classes that occur or are predicted. */
  readonly macroF1: number;
  /** Mean cross-entropy, nats, of the examples of the model's classes. */
  readonly loss: number;
  /** All of them, with those of unknown classes. */
  readonly examples: number;
  /** One for each class of the model. */
  readonly perClass: readonly ClassMetrics[];
  /** [true class][predicted class] */
  readonly confusion: readonly (readonly number[])[];
  /** Absent where every label is a class of the model. */
  readonly unknown?: UnknownClasses;
}

/** Index of a label that is no class of the model. */
export const UNKNOWN_CLASS = -1;

/** exp(z − max) / Σ. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < logits.length; c++) largest = Math.max(largest, logits[c]);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** ln Σ exp(z). */
function logSum(logits: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < logits.length; c++) largest = Math.max(largest, logits[c]);
  let sum = 0;
  for (let c = 0; c < logits.length; c++) sum += Math.exp(logits[c] - largest);
  return largest + Math.log(sum);
}

/**
 * What several answers for one input say together: the logarithms of their mean probabilities, which stand for its
 * logits. Those of one answer are its own logits. logits: [answers, classes].
 */
export function averagedScores(logits: Float64Array, classes: number): Float64Array {
  const answers = logits.length / classes;
  if (answers === 1) return logits;
  const terms = Float64Array.from(logits);
  for (let i = 0; i < answers; i++) {
    const own = terms.subarray(i * classes, (i + 1) * classes);
    const log = logSum(own) + Math.log(answers);
    for (let c = 0; c < classes; c++) own[c] -= log;
  }
  const column = new Float64Array(answers);
  return Float64Array.from({ length: classes }, (_, c) => {
    for (let i = 0; i < answers; i++) column[i] = terms[i * classes + c];
    return logSum(column);
  });
}

/** Logarithms of the probabilities of one answer. */
export function logProbabilities(logits: Float64Array): Float64Array {
  const log = logSum(logits);
  return logits.map((logit) => logit - log);
}

/** Cross-entropy of each example, nats; infinite for one of an unknown class. logits: [examples, classes]. */
export function crossEntropies(logits: Float64Array, labels: Int32Array, classes: number): Float64Array {
  return Float64Array.from(labels, (label, i) => {
    const own = logits.subarray(i * classes, (i + 1) * classes);
    return label === UNKNOWN_CLASS ? Number.POSITIVE_INFINITY : logSum(own) - own[label];
  });
}

/** Class of the largest logit of each example; the first of equal ones. logits: [examples, classes]. */
export function predictedClasses(logits: ArrayLike<number>, classes: number): Int32Array {
  const predicted = new Int32Array(logits.length / classes);
  for (let i = 0; i < predicted.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[i * classes + c] > logits[i * classes + best]) best = c;
    predicted[i] = best;
  }
  return predicted;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

type PerClass = Pick<Evaluation, 'perClass'>;

function averaged({ perClass }: PerClass, weightOf: (metrics: ClassMetrics) => number): AverageMetrics {
  const whole = perClass.reduce((sum, metrics) => sum + weightOf(metrics), 0);
  const mean = (key: 'precision' | 'recall' | 'f1'): number =>
    ratio(
      perClass.reduce((sum, metrics) => sum + weightOf(metrics) * metrics[key], 0),
      whole,
    );
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

/** How often each class was answered, [classes]. */
function answersOf({ confusion, unknown }: Pick<Evaluation, 'confusion' | 'unknown'>): number[] {
  return confusion.map((_, c) => confusion.reduce((sum, row) => sum + row[c], unknown?.predicted[c] ?? 0));
}

/** Each class of the model that occurs or is predicted counts alike. */
export function macroAverage({
  perClass,
  ...counts
}: Pick<Evaluation, 'perClass' | 'confusion' | 'unknown'>): AverageMetrics {
  const answers = answersOf(counts);
  const seen = perClass.filter(({ support }, c) => support > 0 || answers[c] > 0);
  return averaged({ perClass: seen }, () => 1);
}

/** Each class counts by its examples; the recall is the accuracy on examples of the model's classes. */
export function weightedAverage(evaluation: PerClass): AverageMetrics {
  return averaged(evaluation, ({ support }) => support);
}

/** Mean F1 over the classes that occur or are predicted. */
export function macroF1Of(predicted: Int32Array, labels: Int32Array, classes: number): number {
  const right = new Float64Array(classes);
  /** Examples of the class, and answers that name it: F1 = 2 · right / both together. */
  const named = new Float64Array(classes);
  labels.forEach((label, i) => {
    named[label]++;
    named[predicted[i]]++;
    if (label === predicted[i]) right[label]++;
  });
  let sum = 0;
  let seen = 0;
  for (let c = 0; c < classes; c++) {
    if (named[c] === 0) continue;
    seen++;
    sum += (2 * right[c]) / named[c];
  }
  return ratio(sum, seen);
}

/**
 * @param logits [examples, classes]
 * @param losses cross-entropy of each example; of those of unknown classes any number
 * @param labels class index of each example; `UNKNOWN_CLASS` (−1) for a label that is no class of the model
 * @param unknownLabels the labels of the examples of unknown classes, in their order
 */
export function evaluateLogits(
  logits: ArrayLike<number>,
  losses: ArrayLike<number>,
  labels: Int32Array,
  classes: number,
  unknownLabels: readonly string[] = [],
): Evaluation {
  const predicted = predictedClasses(logits, classes);
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const unknownRow = new Array<number>(classes).fill(0);
  let loss = 0;
  labels.forEach((label, i) => {
    (label === UNKNOWN_CLASS ? unknownRow : confusion[label])[predicted[i]]++;
    if (label !== UNKNOWN_CLASS) loss += losses[i];
  });
  const unknownCount = unknownRow.reduce((sum, count) => sum + count, 0);
  const unknown: Pick<Evaluation, 'unknown'> =
    unknownCount === 0
      ? {}
      : { unknown: { examples: unknownCount, labels: labelCounts(unknownLabels), predicted: unknownRow } };
  const answers = answersOf({ confusion, ...unknown });
  const perClass = confusion.map((row, c): ClassMetrics => {
    const support = row.reduce((sum, count) => sum + count, 0);
    const precision = ratio(row[c], answers[c]);
    const recall = ratio(row[c], support);
    return { precision, recall, f1: ratio(2 * precision * recall, precision + recall), support };
  });
  const correct = confusion.reduce((sum, row, c) => sum + row[c], 0);
  const examples = labels.length;
  return {
    accuracy: ratio(correct, examples),
    accuracyInterval: wilsonInterval(correct, examples),
    macroF1: macroAverage({ perClass, confusion, ...unknown }).f1,
    loss: ratio(loss, examples - unknownCount),
    examples,
    perClass,
    confusion,
    ...unknown,
  };
}

function labelCounts(labels: readonly string[]): UnknownClasses['labels'] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Array.from(counts, ([label, examples]) => ({ label, examples }));
}
