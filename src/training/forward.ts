/** Runs a session forward over a whole dataset. */
import { type EncodedDataset, gatherBatch } from '../data/encoded.js';
import type { Session } from '../engine/engine.js';
import { predictedClasses } from '../evaluation/metrics.js';

/** Sequences that go to an engine at once where nothing is trained: enough for every thread, little memory. */
export const FORWARD_BATCH = 64;

export interface DatasetForward {
  /** [examples, classes] */
  readonly logits: Float64Array;
  readonly losses: Float64Array;
}

/** @param onProgress examples done so far */
export async function forwardDataset(
  session: Pick<Session, 'forward'>,
  dataset: EncodedDataset,
  classes: number,
  onProgress: (done: number) => void = () => {},
): Promise<DatasetForward> {
  const count = dataset.labels.length;
  const logits = new Float64Array(count * classes);
  const losses = new Float64Array(count);
  for (let first = 0; first < count; first += FORWARD_BATCH) {
    const indices = Array.from({ length: Math.min(FORWARD_BATCH, count - first) }, (_, i) => first + i);
    const result = await session.forward(gatherBatch(dataset, indices));
    logits.set(result.logits, first * classes);
    losses.set(result.losses, first);
    onProgress(first + indices.length);
  }
  return { logits, losses };
}

export interface ValidationScore {
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly loss: number;
}

export function scoreOf(
  { logits, losses }: DatasetForward,
  labels: Int32Array,
  classes: number,
): ValidationScore {
  const predicted = predictedClasses(logits, classes);
  const correct = predicted.reduce((sum, label, i) => sum + (label === labels[i] ? 1 : 0), 0);
  const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
  return { accuracy: correct / labels.length, loss };
}
