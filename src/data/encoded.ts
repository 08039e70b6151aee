/** A dataset as token ids, packed; and the batches cut from it. */
import type { Batch } from '../engine/engine.js';
import type { Extent } from '../input/long.js';
import { type LabelSets, targetsOfSets } from './labelSets.js';

export interface EncodedDataset {
  /** Token ids of all sequences, one after the other; real tokens only. */
  readonly tokens: Int32Array;
  /** `offsets[i] … offsets[i + 1]`: the tokens of sequence i. */
  readonly offsets: Float64Array | Int32Array;
  /** Class index a sequence; of several labels the number of their set. */
  readonly labels: Int32Array;
  /** The sets of labels, where examples may have several or none. */
  readonly sets?: LabelSets | undefined;
  /** A weight a token; absent: all alike. */
  readonly weights?: Float32Array;
  /** `inputs[e] … inputs[e + 1]`: the sequences of example e, its windows; absent: one each. */
  readonly inputs?: Float64Array | undefined;
  /** Tokens of the examples, and how many of them the sequences have. */
  readonly extent?: Extent;
  /** Of signals: the numbers of every row, as many a row. */
  readonly frames?: Float32Array;
}

/** Token ids alone. */
export type Sequences = Pick<EncodedDataset, 'tokens' | 'offsets'>;

/** Those of `a`, then those of `b`. */
export function joinSequences(a: Sequences, b: Sequences): Sequences {
  const tokens = new Int32Array(a.tokens.length + b.tokens.length);
  tokens.set(a.tokens);
  tokens.set(b.tokens, a.tokens.length);
  const offsets = new Float64Array(a.offsets.length + b.offsets.length - 1);
  offsets.set(a.offsets);
  offsets.set(
    Float64Array.from(b.offsets).map((offset) => a.tokens.length + offset),
    a.offsets.length - 1,
  );
  return { tokens, offsets };
}

/** Class index an example. */
export function exampleLabels({ labels, inputs }: Pick<EncodedDataset, 'labels' | 'inputs'>): Int32Array {
  return inputs === undefined ? labels : Int32Array.from(inputs.subarray(0, -1), (first) => labels[first]);
}

/** The sequences at `indices`, as one batch. */
export function gatherBatch(dataset: EncodedDataset, indices: ArrayLike<number>): Batch {
  const offsets = new Int32Array(indices.length + 1);
  for (let b = 0; b < indices.length; b++) {
    const i = indices[b];
    offsets[b + 1] = offsets[b] + dataset.offsets[i + 1] - dataset.offsets[i];
  }
  const tokens = new Int32Array(offsets[indices.length]);
  const labels = new Int32Array(indices.length);
  const weights = dataset.weights && new Float32Array(tokens.length);
  const width = dataset.frames === undefined ? 0 : dataset.frames.length / dataset.tokens.length;
  const frames = dataset.frames && new Float32Array(width * tokens.length);
  for (let b = 0; b < indices.length; b++) {
    const i = indices[b];
    const [start, end] = [dataset.offsets[i], dataset.offsets[i + 1]];
    tokens.set(dataset.tokens.subarray(start, end), offsets[b]);
    weights?.set(dataset.weights!.subarray(start, end), offsets[b]);
    frames?.set(dataset.frames!.subarray(width * start, width * end), width * offsets[b]);
    labels[b] = dataset.labels[i];
  }
  const targets = dataset.sets && targetsOfSets(labels, dataset.sets);
  return {
    tokens,
    offsets,
    labels,
    ...(targets ? { targets } : {}),
    ...(weights ? { weights } : {}),
    ...(frames ? { frames } : {}),
  };
}
