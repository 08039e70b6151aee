/** Runs a session forward over a whole dataset. */
import { exampleLabels } from '../data/encoded.js';
import { targetsOfSets } from '../data/labelSets.js';
import { batchesAhead, type DataSource } from '../data/source.js';
import type { Session } from '../engine/engine.js';
import { averagedScores, crossEntropies, macroF1Of, predictedClasses } from '../evaluation/metrics.js';
import {
  averagedLabelLogits,
  binaryEntropies,
  type LabelledLogits,
  multiLabelScores,
} from '../evaluation/multiLabel.js';
import type { ValidationScore } from '../formats/history.js';
import { FORWARD_BATCH } from '../inference/forwardQueue.js';

/** Of sequences, or of examples. */
export interface DatasetForward {
  /** [sequences, classes] */
  readonly logits: Float64Array;
  readonly losses: Float64Array;
}

/** @param onProgress sequences done so far */
export async function forwardDataset(
  session: Pick<Session, 'forward'>,
  dataset: DataSource,
  classes: number,
  onProgress: (done: number) => void = () => {},
): Promise<DatasetForward> {
  const count = dataset.labels.length;
  const logits = new Float64Array(count * classes);
  const losses = new Float64Array(count);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let first = 0;
  for await (const batch of batchesAhead(dataset, order, FORWARD_BATCH)) {
    const result = await session.forward(batch);
    logits.set(result.logits, first * classes);
    losses.set(result.losses, first);
    first += batch.labels.length;
    onProgress(first);
  }
  return { logits, losses };
}

/** Logits and losses of the examples: those of its sequence, or of an example in windows the averaged ones. */
export function byExample(
  { logits, losses }: DatasetForward,
  dataset: DataSource,
  classes: number,
): DatasetForward & { readonly labels: Int32Array } {
  const labels = exampleLabels(dataset);
  const { inputs } = dataset;
  if (inputs === undefined) return { logits, losses, labels };
  const average = dataset.sets === undefined ? averagedScores : averagedLabelLogits;
  const averaged = new Float64Array(labels.length * classes);
  labels.forEach((_, e) => {
    const own = logits.subarray(inputs[e] * classes, inputs[e + 1] * classes);
    averaged.set(average(own, classes), e * classes);
  });
  return { logits: averaged, losses: lossesOf(averaged, labels, dataset, classes), labels };
}

/** Of examples, whatever they are labelled with. */
export function lossesOf(
  logits: Float64Array,
  labels: Int32Array,
  { sets }: Pick<DataSource, 'sets'>,
  classes: number,
): Float64Array {
  if (sets === undefined) return crossEntropies(logits, labels, classes);
  return binaryEntropies({ logits, targets: targetsOfSets(labels, sets), classes });
}

export function scoreOf(
  { logits, losses }: DatasetForward,
  labels: Int32Array,
  classes: number,
): ValidationScore & { readonly macroF1: number } {
  const predicted = predictedClasses(logits, classes);
  const correct = predicted.reduce((sum, label, i) => sum + (label === labels[i] ? 1 : 0), 0);
  const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
  return { accuracy: correct / labels.length, loss, macroF1: macroF1Of(predicted, labels, classes) };
}

/** The same of examples with several labels, at these thresholds. */
export function labelScoreOf(
  data: LabelledLogits,
  thresholds: readonly number[] | undefined,
): ValidationScore & { readonly macroF1: number; readonly microF1: number } {
  const { subsetAccuracy, macroF1, microF1 } = multiLabelScores(data, thresholds);
  const losses = binaryEntropies(data);
  const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
  return { accuracy: subsetAccuracy, loss, macroF1, microF1 };
}
