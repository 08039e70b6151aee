/**
 * Writes a data cache from examples that come once, one after the other. First their notes go to a spool (see
 * Transcriber) and the encoder learns; then the notes become tokens. What is held in memory are 21 bytes an example,
 * and the words that are counted.
 */
import { platform } from '#platform';
import { FailureError } from '../../errors.js';
import type { Transcriber } from '../../input/encoder.js';
import { type Extent, sumOfExtents } from '../../input/long.js';
import type { LargeStore, PieceWriter, RangeReader } from '../../platform/files.js';
import { requireClassNames, unknownLabel } from '../classes.js';
import { Growing } from '../growing.js';
import { contentHash, partByShares, requireFullParts } from '../split.js';
import {
  bytesOf,
  type CacheHeader,
  type CachePart,
  type CacheSection,
  HASH_BYTES,
  MAGIC,
  VERSION,
} from './format.js';

export interface CacheExample {
  readonly text: string;
  readonly label: string;
  /** Where the data come divided. */
  readonly split?: 'train' | 'validation' | 'test';
}

export interface CacheRequest {
  /** Of the data, for messages. */
  readonly name: string;
  readonly examples: AsyncIterable<CacheExample>;
  /** Validation data that are given; else the data's own validation part, or a share of them by content. */
  readonly validation?: { readonly name: string; readonly examples: AsyncIterable<CacheExample> } | undefined;
  /** Of training and validation, where the data are split by content. */
  readonly shares: readonly [number, number];
  /** Of that split. Default: 0. */
  readonly seed?: number;
  readonly transcriber: Transcriber;
  /** Tokens an input is cut to. */
  readonly maxLength: number;
  readonly key: string;
  /** Asked when all is read. */
  readonly reading: () => unknown;
}

/** What an example is for, as far as that is known when it is read. */
const TRAIN = 0;
/** Training data, or validation data if there are no others. */
const SHARED = 1;
const VALIDATION = 2;

const NOTHING: Extent = { tokens: 0, read: 0 };

/** Notes of examples on a disk, and what is kept in memory of each. */
class Spool {
  readonly roles = new Growing((size) => new Uint8Array(size));
  /** Numbers of a note. */
  readonly lengths = new Growing((size) => new Int32Array(size));
  /** Labels by number, in order of first appearance. */
  readonly labels = new Growing((size) => new Int32Array(size));
  readonly names = new Map<string, number>();
  readonly hashes = new Growing((size) => new Uint8Array(size));
  /** By role. */
  readonly extents: Extent[] = [NOTHING, NOTHING, NOTHING];
  readonly #writer: PieceWriter;

  constructor(writer: PieceWriter) {
    this.#writer = writer;
  }

  async add(role: number, label: string, hash: string, note: Int32Array, extent: Extent): Promise<void> {
    this.extents[role] = sumOfExtents([this.extents[role], extent]);
    let number = this.names.get(label);
    if (number === undefined) {
      number = this.names.size;
      this.names.set(label, number);
    }
    this.roles.push(role);
    this.lengths.push(note.length);
    this.labels.push(number);
    for (let i = 0; i < HASH_BYTES; i++) this.hashes.push(Number.parseInt(hash.slice(2 * i, 2 * i + 2), 16));
    await this.#writer.write(bytesOf(note));
  }

  /** Notes one after the other, in the order in which they came. */
  async *notes(): AsyncGenerator<Int32Array> {
    const reader = await this.#writer.reader();
    try {
      yield* notesOf(reader, this.lengths.values);
    } finally {
      await reader.close();
    }
  }
}

/** Bytes that are read at once. */
const PORTION = 2 ** 22;

async function* notesOf(reader: RangeReader, lengths: Int32Array): AsyncGenerator<Int32Array> {
  let at = 0;
  for (let first = 0; first < lengths.length; ) {
    let bytes = 0;
    let end = first;
    do bytes += 4 * lengths[end++];
    while (end < lengths.length && bytes + 4 * lengths[end] <= PORTION);
    const portion = await reader.read(at, bytes);
    if (portion.length < bytes) {
      throw new FailureError(
        'the notes of the data cache became shorter while they were read: write it again',
      );
    }
    const numbers = new Int32Array(portion.buffer);
    at += bytes;
    for (let from = 0; first < end; from += lengths[first++]) {
      yield numbers.subarray(from, from + lengths[first]);
    }
  }
}

/**
 * Throws InputError on data that do not serve, FailureError where the cache cannot be written; nothing is then left of
 * it.
 */
export async function writeCache(store: LargeStore, name: string, request: CacheRequest): Promise<void> {
  const spoolFile = await store.create(`${name}.spool`);
  try {
    const spool = new Spool(spoolFile);
    await readInto(spool, request);
    const file = await store.create(name);
    try {
      await writeFrom(spool, file, request);
      await file.commit();
    } finally {
      await file.discard();
    }
  } finally {
    await spoolFile.discard();
  }
}

async function readInto(
  spool: Spool,
  { examples, validation, shares, seed, transcriber, maxLength }: CacheRequest,
): Promise<void> {
  const add = async ({ text, label }: CacheExample, hash: string, role: number): Promise<void> => {
    // It learns from training data alone.
    const group = role === VALIDATION ? undefined : role;
    const note = transcriber.note(text, maxLength, group);
    const { tokens } = transcriber;
    await spool.add(role, label, hash, note, { tokens, read: Math.min(tokens, maxLength) });
  };
  for await (const example of examples) {
    const { text, split } = example;
    // A test part is left alone.
    if (split === 'test' || (split === 'validation' && validation !== undefined)) continue;
    const hash = contentHash(text);
    if (split === 'validation') await add(example, hash, VALIDATION);
    else if (validation !== undefined) await add(example, hash, TRAIN);
    else await add(example, hash, partByShares(hash, shares, seed) === 0 ? TRAIN : SHARED);
  }
  for await (const example of validation?.examples ?? []) {
    await add(example, contentHash(example.text), VALIDATION);
  }
}

/** The parts of the data as roles, when all are known. */
function partsOf(
  { roles, hashes }: Spool,
  { validation, shares }: CacheRequest,
): { train: number[]; validation: number[] } {
  const sizes = [0, 0, 0];
  for (const role of roles.values) sizes[role]++;
  if (validation !== undefined || sizes[VALIDATION] > 0)
    return { train: [TRAIN, SHARED], validation: [VALIDATION] };
  requireFullParts([sizes[TRAIN], sizes[SHARED]], shares, () => {
    const all = hashes.values;
    return all.every((byte, i) => byte === all[i % HASH_BYTES]);
  });
  return { train: [TRAIN], validation: [SHARED] };
}

async function writeFrom(spool: Spool, file: PieceWriter, request: CacheRequest): Promise<void> {
  const parts = partsOf(spool, request);
  const { encoder, encode } = request.transcriber.finish(parts.train);
  const classes = classesIn(spool, request.name);
  const tokenBytes = encoder.vocabulary + encoder.buckets < 2 ** 16 ? 2 : 4;
  const context = { spool, file, classes, encode, tokenBytes, name: request.name } as const;
  await file.write(MAGIC);
  const train = await writePart({ ...context, roles: parts.train });
  const validation = await writePart({
    ...context,
    roles: parts.validation,
    name: request.validation?.name ?? request.name,
  });
  const header: CacheHeader = {
    format: 'elastic-fourier/cache',
    version: VERSION,
    key: request.key,
    tokenBytes,
    classes,
    encoder,
    unknownShare: 1 - validation.known,
    extent: sumOfExtents(parts.train.map((role) => spool.extents[role])),
    reading: request.reading(),
    train: train.part,
    validation: validation.part,
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  await file.write(json);
  await file.write(bytesOf(Float64Array.of(json.length)));
  await file.write(MAGIC);
}

/** Those of the training data, also of what is taken of them for validation. */
function classesIn({ names, roles, labels }: Spool, name: string): string[] {
  const found = new Set<number>();
  let examples = 0;
  const [role, label] = [roles.values, labels.values];
  for (let i = 0; i < role.length; i++) {
    if (role[i] === VALIDATION) continue;
    found.add(label[i]);
    examples++;
  }
  const present = [...names.keys()].filter((_, number) => found.has(number));
  return requireClassNames(name, new Set(present), examples);
}

interface PartContext {
  readonly spool: Spool;
  readonly file: PieceWriter;
  readonly classes: readonly string[];
  readonly encode: ReturnType<Transcriber['finish']>['encode'];
  readonly tokenBytes: 2 | 4;
  readonly name: string;
  /** Of the examples that belong to it. */
  readonly roles: readonly number[];
}

async function writePart(context: PartContext): Promise<{ part: CachePart; known: number }> {
  const { spool, file, classes, encode, tokenBytes, name, roles } = context;
  const index = [...spool.names.keys()].map((label) => classes.indexOf(label));
  const hash = platform.sha256Of();
  const offsets = new Growing((size) => new Float64Array(size));
  const labels = new Growing((size) => new Int32Array(size));
  const hashes = new Growing((size) => new Uint8Array(size));
  offsets.push(0);
  let known = 0;
  let end = 0;
  let i = 0;
  const write = sections(file);
  const tokens = await write(async () => {
    for await (const note of spool.notes()) {
      const at = i++;
      if (!roles.includes(spool.roles.values[at])) continue;
      const label = index[spool.labels.values[at]];
      if (label < 0) {
        const foreign = [...spool.names.keys()][spool.labels.values[at]];
        throw unknownLabel(name, labels.length + 1, foreign, classes);
      }
      const { ids, knownShare } = encode(note);
      hash.update(bytesOf(ids));
      await file.write(bytesOf(tokenBytes === 2 ? Uint16Array.from(ids) : ids));
      end += ids.length;
      known += knownShare;
      offsets.push(end);
      labels.push(label);
      hashes.append(spool.hashes.values.subarray(HASH_BYTES * at, HASH_BYTES * (at + 1)));
    }
  });
  hash.update(bytesOf(offsets.values));
  hash.update(bytesOf(labels.values));
  const part = {
    examples: labels.length,
    tokens,
    offsets: await write(() => file.write(bytesOf(offsets.values))),
    labels: await write(() => file.write(bytesOf(labels.values))),
    hashes: await write(() => file.write(hashes.values)),
    fingerprint: hash.digest().slice(0, 32),
  };
  return { part, known: known / Math.max(1, labels.length) };
}

/** Writes sections, each from a multiple of 8 bytes on. */
function sections(file: PieceWriter): (content: () => Promise<void>) => Promise<CacheSection> {
  return async (content) => {
    await file.write(new Uint8Array((8 - (file.size % 8)) % 8));
    const at = file.size;
    await content();
    return { at, bytes: file.size - at };
  };
}
