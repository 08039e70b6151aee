/** Batches for measuring: sequences of random tokens. */
import type { Batch } from '../engine/engine.js';
import { RandomStream } from '../random.js';

/** Sequences of one length. @param width numbers of a row of signals; 0: texts */
export function fullBatch(
  sequences: number,
  length: number,
  vocabulary: number,
  classes: number,
  width = 0,
): Batch {
  return raggedBatch(new Array<number>(sequences).fill(length), vocabulary, classes, width);
}

/**
 * @param lengths tokens of each sequence, or rows
 * @param vocabulary tokens are drawn from 1 … vocabulary
 * @param width numbers of a row of signals; 0: texts
 */
export function raggedBatch(
  lengths: readonly number[],
  vocabulary: number,
  classes: number,
  width = 0,
): Batch {
  const random = new RandomStream(1, 'test');
  const offsets = new Int32Array(lengths.length + 1);
  for (const [b, length] of lengths.entries()) offsets[b + 1] = offsets[b] + length;
  const batch = {
    tokens: Int32Array.from({ length: offsets[lengths.length] }, () => 1 + random.nextInteger(vocabulary)),
    offsets,
    labels: Int32Array.from(lengths, () => random.nextInteger(classes)),
  };
  if (width === 0) return batch;
  const numbers = new RandomStream(1, 'test', 1);
  const frames = Float32Array.from({ length: width * batch.tokens.length }, () => numbers.nextNormal());
  return { ...batch, tokens: batch.tokens.fill(1), frames };
}
