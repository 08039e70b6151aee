/** Turns examples into token ids. */
import { platform } from '#platform';
import type { Encoded, Encoder } from '../input/encoder.js';
import {
  type Extent,
  encodeInput,
  extentOf,
  type LengthRule,
  sequencesTogether,
  sumOfExtents,
} from '../input/long.js';
import { unknownLabel } from './classes.js';
import type { Example } from './dataset.js';
import type { EncodedDataset } from './encoded.js';
import { areMultiLabel, type LabelSets, labelsIn, numberSets } from './labelSets.js';

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
  const known = numbered(name, examples, classes);
  return packExamples(
    known,
    examples.map(({ input }) => encodeInput(encoder, input, rule)),
  );
}

/** The same, on up to as many threads where the encoder can use them. Default: as many as there are cores. */
export async function encodeTogether(
  name: string,
  examples: readonly Example[],
  classes: readonly string[],
  encoder: Encoder,
  rule: LengthRule,
  threads = platform.availableThreads(),
): Promise<EncodedDataset> {
  if (encoder.encodeTogether === undefined) return encodeDataset(name, examples, classes, encoder, rule);
  const known = numbered(name, examples, classes);
  const encoded = examples.map(async ({ input }) => {
    const tokens = encoder.count(input);
    const sequences = await sequencesTogether(encoder, input, rule, threads, tokens);
    return { ...extentOf(tokens, rule), sequences };
  });
  return packExamples(known, await Promise.all(encoded));
}

interface Numbered {
  readonly numbers: Int32Array;
  readonly sets?: LabelSets;
}

/** The class index of each example, or the number of its set of labels. Throws InputError on a label that is no class. */
function numbered(name: string, examples: readonly Example[], classes: readonly string[]): Numbered {
  if (!areMultiLabel(examples)) return { numbers: labelsOf(name, examples, classes) };
  return numberSets(examples.map(labelsIn), classes, (label, i) => {
    throw unknownLabel(name, i + 1, label, classes);
  });
}

function packExamples(
  { numbers: known, sets }: Numbered,
  encoded: readonly (Extent & { readonly sequences: readonly Encoded[] })[],
): EncodedDataset {
  const labels: number[] = [];
  const parts: Encoded[] = [];
  const inputs = new Float64Array(encoded.length + 1);
  encoded.forEach(({ sequences }, i) => {
    for (const sequence of sequences) {
      parts.push(sequence);
      labels.push(known[i]);
    }
    inputs[i + 1] = parts.length;
  });
  return {
    ...packSequences(parts),
    labels: Int32Array.from(labels),
    ...(sets === undefined ? {} : { sets }),
    ...(parts.length > encoded.length ? { inputs } : {}),
    extent: sumOfExtents(encoded),
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
): Omit<EncodedDataset, 'labels' | 'sets' | 'extent'> & { readonly offsets: Float64Array } {
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
