/** Batches for measuring: sequences of random tokens. */
import type { Batch } from '../../engine/engine.js';
import { RandomStream } from '../../random.js';

/** Sequences of one length. */
export function fullBatch(sequences: number, length: number, vocabulary: number, classes: number): Batch {
  return raggedBatch(new Array<number>(sequences).fill(length), vocabulary, classes);
}

/**
 * @param lengths tokens of each sequence
 * @param vocabulary tokens are drawn from 1 … vocabulary
 */
export function raggedBatch(lengths: readonly number[], vocabulary: number, classes: number): Batch {
  const random = new RandomStream(1, 'test');
  const offsets = new Int32Array(lengths.length + 1);
  for (const [b, length] of lengths.entries()) offsets[b + 1] = offsets[b] + length;
  return {
    tokens: Int32Array.from({ length: offsets[lengths.length] }, () => 1 + random.nextInteger(vocabulary)),
    offsets,
    labels: Int32Array.from(lengths, () => random.nextInteger(classes)),
  };
}
