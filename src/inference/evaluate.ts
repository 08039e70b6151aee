/** Scores labelled inputs that come one after the other: the inputs are not held, their logits and labels are. */
import { Growing } from '../data/growing.js';
import { labelIndices } from '../evaluation/labels.js';
import { type Evaluation, evaluateLogits, UNKNOWN_CLASS } from '../evaluation/metrics.js';
import type { MultiLabelScores } from '../evaluation/multiLabel.js';
import type { Input } from '../input/input.js';
import { cutShareOf, type Extent, sumOfExtents } from '../input/long.js';
import { FORWARD_BATCH } from './forwardQueue.js';

/** Examples that are worked on at once, and held: a batch that is computed, and one that is encoded meanwhile. */
export const PORTION = 2 * FORWARD_BATCH;

/** Logits and losses of labelled examples beside the scores made from them. */
export interface Evaluated extends Evaluation {
  /** [examples, classes], row-major; of an input in windows the logarithms of its mean scores. */
  readonly logits: Float64Array;
  /** Class index of each example; −1 where its label is no class of the model. */
  readonly labels: Int32Array;
  /** Tokens of the examples, and how many of them were read. */
  readonly extent: Extent;
  /** Share of the examples' tokens that was not read, 0 … 1. */
  readonly cutShare: number;
  /** Cross-entropy of each; infinite where its label is no class of the model. */
  readonly losses: Float64Array;
  /** How unlike the training inputs each is, 0 … 1; where the model was asked to say so. */
  readonly unlike?: Float64Array | undefined;
  /**
   * Of a model that answers any number of labels. `accuracy` is then the share of examples whose labels were answered
   * exactly, `labels` is empty, and `confusion` says how often a label that was missed stands beside a wrong one.
   */
  readonly multiLabel?: MultiLabelScores & {
    /** 1 where an example has a label, [examples, labels]. */
    readonly targets: Uint8Array;
  };
}

/** An input as the model reads it, with its label. */
export interface ReadExample {
  readonly input: Input;
  readonly label: string;
  /** All of its labels, where the model answers any number of them. */
  readonly labels?: readonly string[] | undefined;
  /** Where it came from, for messages. */
  readonly place?: string | undefined;
}

export interface EvaluateHooks<E extends ReadExample = ReadExample> {
  /** Examples done so far. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Some examples with their logits. @param first number of the first one, from 0 */
  readonly onPortion?: ((examples: readonly E[], logits: Float64Array, first: number) => void) | undefined;
}

/** What scores one input. */
export type InputForward = (
  input: Input,
  label: number,
) => Promise<{
  readonly logits: Float64Array;
  readonly loss: number;
  readonly extent: Extent;
  readonly unlike?: number;
}>;

/**
 * Labels that are no class of the model count as answered wrong (`unknown`). Throws InputError where none is a class of it.
 * @param name of the examples, for messages
 */
export async function evaluateInputs<E extends ReadExample>(
  forward: InputForward,
  classes: readonly string[],
  examples: AsyncIterable<E> | Iterable<E>,
  name: string,
  { onProgress, onPortion }: EvaluateHooks<E> = {},
): Promise<Evaluated> {
  const index = new Map(classes.map((label, i) => [label, i]));
  const count = classes.length;
  const logits = new Growing((size) => new Float64Array(size));
  const losses = new Growing((size) => new Float64Array(size));
  const labels = new Growing((size) => new Int32Array(size));
  const unlike = new Growing((size) => new Float64Array(size));
  let extent: Extent = { tokens: 0, read: 0 };
  const unknown: string[] = [];
  let portion: E[] = [];
  let done = 0;
  const work = async (): Promise<void> => {
    const first = losses.length;
    const results = await Promise.all(
      portion.map(async ({ input }, i) => {
        const label = labels.values[first + i];
        const result = await forward(input, Math.max(0, label));
        onProgress?.(++done);
        return label === UNKNOWN_CLASS ? { ...result, loss: Number.POSITIVE_INFINITY } : result;
      }),
    );
    const own = new Float64Array(results.length * count);
    results.forEach((result, i) => {
      own.set(result.logits, i * count);
      losses.push(result.loss);
      if (result.unlike !== undefined) unlike.push(result.unlike);
    });
    logits.append(own);
    extent = sumOfExtents([extent, ...results.map((result) => result.extent)]);
    onPortion?.(portion, own, first);
    portion = [];
  };
  for await (const example of examples) {
    const label = index.get(example.label);
    if (label === undefined) unknown.push(example.label);
    labels.push(label ?? UNKNOWN_CLASS);
    portion.push(example);
    if (portion.length === PORTION) await work();
  }
  if (portion.length > 0) await work();
  // Refuses other data, or another column.
  if (unknown.length === labels.length) labelIndices(name, unknown, classes);
  const result = evaluateLogits(logits.values, losses.values, labels.values, count, unknown);
  const read = { extent, cutShare: cutShareOf(extent) };
  const said = unlike.length === 0 ? {} : { unlike: unlike.values };
  return { ...result, ...said, logits: logits.values, losses: losses.values, labels: labels.values, ...read };
}
