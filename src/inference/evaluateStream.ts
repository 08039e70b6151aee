/** Evaluates examples that come one after the other: their texts are not held, their logits and labels are. */

import { unknownLabel } from '../data/classes.js';
import type { Example } from '../data/example.js';
import { Growing } from '../data/growing.js';
import { evaluateLogits } from '../evaluation/metrics.js';
import { cutShareOf, type Extent, sumOfExtents } from '../input/long.js';
import type { Classifier, Evaluated } from './classifier.js';

/** Examples that are worked on at once. */
const PORTION = 1024;

export interface StreamEvaluated extends Evaluated {
  /** Class index of each example. */
  readonly labels: Int32Array;
}

export interface EvaluateStreamOptions {
  /** Of the examples, for messages. */
  readonly name: string;
  /** Examples done so far. */
  readonly onProgress?: (done: number) => void;
  /** Some examples with their logits. @param first number of the first one, from 0 */
  readonly onPortion?: (examples: readonly Example[], logits: Float64Array, first: number) => void;
}

/** Throws InputError on a label that the model does not know. */
export async function evaluateStream(
  classifier: Classifier,
  examples: AsyncIterable<Example>,
  { name, onProgress, onPortion }: EvaluateStreamOptions,
): Promise<StreamEvaluated> {
  const { classes } = classifier;
  const index = new Map(classes.map((label, i) => [label, i]));
  const logits = new Growing((size) => new Float64Array(size));
  const losses = new Growing((size) => new Float64Array(size));
  const labels = new Growing((size) => new Int32Array(size));
  const extents: Extent[] = [];
  let portion: Example[] = [];
  const work = async (): Promise<void> => {
    const first = losses.length;
    const result = await classifier.evaluate(portion, { name });
    logits.append(result.logits);
    losses.append(result.losses);
    extents.push(result.extent);
    onPortion?.(portion, result.logits, first);
    onProgress?.(losses.length);
    portion = [];
  };
  for await (const example of examples) {
    const label = index.get(example.label);
    if (label === undefined) throw unknownLabel(name, labels.length + 1, example.label, classes);
    labels.push(label);
    portion.push(example);
    if (portion.length === PORTION) await work();
  }
  if (portion.length > 0) await work();
  const result = evaluateLogits(logits.values, losses.values, labels.values, classes.length);
  const extent = sumOfExtents(extents);
  const more = { extent, cutShare: cutShareOf(extent) };
  return { ...result, ...more, logits: logits.values, losses: losses.values, labels: labels.values };
}
