/** Runs a session forward over a whole dataset. */
import { batchesAhead, type DataSource } from '../data/source.js';
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
