/** A data cache as two datasets whose tokens are read by ranges. */
import * as z from 'zod';
import type { Batch } from '../../engine/engine.js';
import { InputError } from '../../errors.js';
import type { Encoder } from '../../input/encoder.js';
import { encoderFromJSON } from '../../input/index.js';
import type { LargeStore, RangeReader } from '../../platform/files.js';
import type { StoredDataset } from '../source.js';
import { type CacheHeader, type CachePart, type CacheSection, headerSchema, MAGIC, TAIL } from './format.js';

/** Longest header that is believed. */
const MOST_HEADER = 2 ** 28;

export interface DataCache {
  readonly header: CacheHeader;
  readonly encoder: Encoder;
  readonly train: StoredDataset;
  readonly validation: StoredDataset;
  /** Size of the file. */
  readonly bytes: number;
  close(): Promise<void>;
}

/** Undefined where there is no such file. Throws InputError on one that is damaged or of another version. */
export async function openCache(store: LargeStore, name: string): Promise<DataCache | undefined> {
  const file = await store.open(name);
  if (file === undefined) return undefined;
  const path = store.pathOf(name);
  try {
    const header = await readHeader(file, path);
    const encoder = encoderFromJSON(header.encoder, path);
    const part = (which: 'train' | 'validation'): Promise<StoredDataset> =>
      openPart(file, path, header, header[which], encoder);
    const train = { ...(await part('train')), extent: header.extent };
    const validation = await part('validation');
    return { header, encoder, train, validation, bytes: file.size, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function damaged(path: string, why: string): InputError {
  return new InputError(`${path}: the data cache is damaged (${why}): delete it, and it is written anew`);
}

const isMagic = (bytes: Uint8Array): boolean =>
  bytes.length === MAGIC.length && bytes.every((byte, i) => byte === MAGIC[i]);

async function readHeader(file: RangeReader, path: string): Promise<CacheHeader> {
  const tail = await file.read(Math.max(0, file.size - TAIL), TAIL);
  if (tail.length < TAIL || !isMagic(tail.subarray(8))) throw damaged(path, 'it has no end');
  if (!isMagic(await file.read(0, MAGIC.length))) throw damaged(path, 'it has no beginning');
  const length = new DataView(tail.buffer).getFloat64(0, true);
  const fits = Number.isInteger(length) && length > 0 && length <= Math.min(MOST_HEADER, file.size - TAIL);
  if (!fits) throw damaged(path, 'its header has no length');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(await file.read(file.size - TAIL - length, length)));
  } catch (error) {
    throw damaged(path, (error as Error).message);
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw damaged(path, z.prettifyError(parsed.error));
  return parsed.data;
}

async function openPart(
  file: RangeReader,
  path: string,
  { tokenBytes, classes }: CacheHeader,
  { examples, tokens, offsets, labels, fingerprint }: CachePart,
  { vocabulary, buckets }: Encoder,
): Promise<StoredDataset> {
  const load = async ({ at, bytes }: CacheSection, wanted: number): Promise<ArrayBuffer> => {
    const read = at + bytes <= file.size && bytes === wanted ? await file.read(at, bytes) : undefined;
    if (read?.length !== wanted) throw damaged(path, 'a section is not where it should be');
    return read.buffer;
  };
  const starts = new Float64Array(await load(offsets, 8 * (examples + 1)));
  const classOf = new Int32Array(await load(labels, 4 * examples));
  if (tokens.at + tokens.bytes > file.size || starts[0] !== 0)
    throw damaged(path, 'its tokens are not all there');
  for (let i = 0; i < examples; i++) {
    if (!(Number.isInteger(starts[i + 1]) && starts[i + 1] > starts[i]))
      throw damaged(path, `example ${i + 1} has no tokens`);
    if (!(classOf[i] >= 0 && classOf[i] < classes.length))
      throw damaged(path, `example ${i + 1} has no class`);
  }
  if (starts[examples] * tokenBytes !== tokens.bytes) throw damaged(path, 'its tokens are not all there');
  const read = async (from: number, to: number): Promise<ArrayLike<number>> => {
    const bytes = await file.read(tokens.at + from * tokenBytes, (to - from) * tokenBytes);
    if (bytes.length !== (to - from) * tokenBytes) throw damaged(path, 'its tokens are not all there');
    return tokenBytes === 2 ? new Uint16Array(bytes.buffer) : new Int32Array(bytes.buffer);
  };
  const most = vocabulary + buckets;
  return {
    offsets: starts,
    labels: classOf,
    fingerprint,
    async gather(indices) {
      const batch = roomFor(starts, classOf, indices);
      await Promise.all(
        runsOf(indices).map(async ([first, end]) => {
          const ids = await read(starts[indices[first]], starts[indices[end - 1] + 1]);
          batch.tokens.set(ids, batch.offsets[first]);
        }),
      );
      const foreign = batch.tokens.find((id) => id < 1 || id > most);
      if (foreign !== undefined) throw damaged(path, `a token ${foreign}, which the encoder does not have`);
      return batch;
    },
  };
}

function roomFor(starts: Float64Array, classOf: Int32Array, indices: ArrayLike<number>): Batch {
  const count = indices.length;
  const offsets = new Int32Array(count + 1);
  const labels = new Int32Array(count);
  for (let b = 0; b < count; b++) {
    const i = indices[b];
    offsets[b + 1] = offsets[b] + starts[i + 1] - starts[i];
    labels[b] = classOf[i];
  }
  return { tokens: new Int32Array(offsets[count]), offsets, labels };
}

/** Ranges of `indices` in which each is one more than that before it: they lie side by side. */
function runsOf(indices: ArrayLike<number>): [first: number, end: number][] {
  const runs: [number, number][] = [];
  for (let first = 0; first < indices.length; ) {
    let end = first + 1;
    while (end < indices.length && indices[end] === indices[end - 1] + 1) end++;
    runs.push([first, end]);
    first = end;
  }
  return runs;
}
