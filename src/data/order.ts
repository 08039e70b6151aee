/** The order in which an epoch takes the examples. */
import { RandomStream } from '../random.js';

/** 0 … count − 1 shuffled; the same for the same seed and epoch. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return new RandomStream(seed, 'shuffle', epoch).permutation(count);
}
