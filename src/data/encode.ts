/** Turns examples into token ids. */
import type { Encoded, Encoder } from '../input/encoder.js';
import { type Extent, encodeInput, type LengthRule, sumOfExtents } from '../input/long.js';
import { unknownLabel } from './classes.js';
import type { Example } from './dataset.js';
import type { EncodedDataset } from './encoded.js';

/**
 * @param name of the dataset, for messages
 * @param rule how inputs are read: those in windows give several sequences
 * Throws InputError on a label that is not among the classes.
 */
export function encodeDataset(
  name: string,
  examples: readonly Example[],
  classes: readonly string[],
  encoder: Encoder,
  rule: LengthRule,
): EncodedDataset {
  const known = labelsOf(name, examples, classes);
  const labels: number[] = [];
  const parts: Encoded[] = [];
  const inputs = new Float64Array(examples.length + 1);
  const extents: Extent[] = [];
  examples.forEach(({ input }, i) => {
    const { sequences, ...extent } = encodeInput(encoder, input, rule);
    for (const sequence of sequences) {
      parts.push(sequence);
      labels.push(known[i]);
    }
    extents.push(extent);
    inputs[i + 1] = parts.length;
  });
  return {
    ...packSequences(parts),
    labels: Int32Array.from(labels),
    ...(parts.length > examples.length ? { inputs } : {}),
    extent: sumOfExtents(extents),
  };
}

/** The class index of each example. Throws InputError on a label that is not among the classes. */
export function labelsOf(
  name: string,
  examples: readonly Pick<Example, 'label'>[],
  classes: readonly string[],
): Int32Array {
  const index = new Map(classes.map((label, i) => [label, i]));
  return Int32Array.from(examples, ({ label }, i) => {
    const known = index.get(label);
    if (known === undefined) throw unknownLabel(name, i + 1, label, classes);
    return known;
  });
}

/** Sequences one after the other; with weights and frames if all have some. */
export function packSequences(
  parts: readonly Encoded[],
): Omit<EncodedDataset, 'labels' | 'extent'> & { readonly offsets: Float64Array } {
  const offsets = new Float64Array(parts.length + 1);
  parts.forEach(({ ids }, i) => {
    offsets[i + 1] = offsets[i] + ids.length;
  });
  const tokens = new Int32Array(offsets[parts.length]);
  const weights = parts.every((part) => part.weights) ? new Float32Array(tokens.length) : undefined;
  const width = (parts[0]?.frames?.length ?? 0) / (parts[0]?.ids.length ?? 1);
  const frames = width > 0 ? new Float32Array(width * tokens.length) : undefined;
  parts.forEach((part, i) => {
    tokens.set(part.ids, offsets[i]);
    weights?.set(part.weights!, offsets[i]);
    frames?.set(part.frames!, width * offsets[i]);
  });
  return { tokens, offsets, ...(weights ? { weights } : {}), ...(frames ? { frames } : {}) };
}
