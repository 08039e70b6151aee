/** Where a training takes its examples from: memory, or a store of what would not fit. */
import type { Batch } from '../engine/engine.js';
import type { Extent } from '../input/long.js';
import { type EncodedDataset, gatherBatch, type Sequences } from './encoded.js';

/** A dataset whose tokens lie elsewhere. */
export interface StoredDataset {
  /** `offsets[i + 1] − offsets[i]`: number of tokens of example i. */
  readonly offsets: Float64Array;
  /** Class index an example. */
  readonly labels: Int32Array;
  /** Every example has one label. */
  readonly sets?: undefined;
  /** Every example is one sequence. */
  readonly inputs?: undefined;
  readonly extent?: Extent;
  /** As `fingerprintOf` gives it for the same data in memory. */
  readonly fingerprint: string;
  /** The examples at `indices`, as one batch. Calls may overlap. */
  gather(indices: ArrayLike<number>): Promise<Batch>;
}

export type DataSource = EncodedDataset | StoredDataset;

export const isStored = (source: DataSource): source is StoredDataset => 'gather' in source;

/** The batches of an epoch, from number `first` on; each is being gathered while the one before it is at work. */
export async function* batchesAhead(
  source: DataSource,
  order: Uint32Array,
  size: number,
  first = 0,
): AsyncGenerator<Batch> {
  const batches = Math.ceil(order.length / size);
  const gather = (batch: number): Batch | Promise<Batch> => {
    const indices = order.subarray(batch * size, (batch + 1) * size);
    if (!isStored(source)) return gatherBatch(source, indices);
    const gathered = source.gather(indices);
    // A fault is thrown when its turn comes.
    gathered.catch(() => {});
    return gathered;
  };
  let next = first < batches ? gather(first) : undefined;
  for (let batch = first; next !== undefined; batch++) {
    const current = await next;
    next = batch + 1 < batches ? gather(batch + 1) : undefined;
    yield current;
  }
}

/** At most so many sequences, from everywhere in the dataset; all of one in memory are not copied. */
export async function sampleOf(source: DataSource, most: number): Promise<Sequences> {
  const { length } = source.labels;
  if (!isStored(source) && length <= most) return source;
  const count = Math.min(length, most);
  const indices = Float64Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
  return isStored(source) ? source.gather(indices) : gatherBatch(source, indices);
}

/** The dataset, where it is in memory. */
export function requireMemory(source: DataSource): EncodedDataset {
  if (isStored(source)) throw new TypeError('internal: this method needs its data in memory');
  return source;
}
