/** Batches for measuring: full-length sequences of random tokens. */
import type { Batch } from '../engine/engine.js';
import { RandomStream } from '../random.js';

/** @param vocabulary tokens are drawn from 1 … vocabulary */
export function fullBatch(sequences: number, length: number, vocabulary: number, classes: number): Batch {
  const random = new RandomStream(1, 'test');
  return {
    tokens: Int32Array.from({ length: sequences * length }, () => 1 + random.nextInteger(vocabulary)),
    offsets: Int32Array.from({ length: sequences + 1 }, (_, b) => b * length),
    labels: Int32Array.from({ length: sequences }, () => random.nextInteger(classes)),
  };
}
