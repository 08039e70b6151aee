/** The same as prepare.ts for data larger than memory: read once into a cache, from which trainings take them. */
import { platform } from '#platform';
import { openCache } from '../data/cache/read.js';
import { type CacheExample, writeCache } from '../data/cache/write.js';
import type { StoredDataset } from '../data/source.js';
import { EmptyPartError } from '../data/split.js';
import { InputError } from '../errors.js';
import { transcriberOf } from '../input/index.js';
import { segmentation } from '../input/segmentation.js';
import { configureModel } from '../model/configuration.js';
import { familyOf } from '../model/families/index.js';
import { encoderOptions } from '../model/lowering.js';
import type { LargeStore } from '../platform/files.js';
import type { TrainSettings } from './options.js';
import { type Prepared, resolveSettings, SHARES } from './prepare.js';

export interface CachedSource {
  /** Of the data, for messages and the record. */
  readonly name: string;
  /** What tells these data from others: files with their sizes and times, how they are read. Plain JSON. */
  readonly identity: unknown;
  /** Asked for where there is no cache of them yet: texts to which the reading was applied. */
  read(): Promise<{
    readonly examples: AsyncIterable<CacheExample>;
    readonly validation?:
      | { readonly name: string; readonly examples: AsyncIterable<CacheExample> }
      | undefined;
    /** How they were read, when that is done; kept in the cache. Plain JSON. */
    reading(): unknown;
  }>;
}

export interface PreparedCache {
  readonly prepared: Prepared<StoredDataset>;
  /** What `reading` gave when the cache was written. */
  readonly reading: unknown;
  readonly unknownShare: number;
  readonly path: string;
  readonly bytes: number;
  readonly reused: boolean;
  close(): Promise<void>;
}

/** Why such a training cannot take its data from a cache; undefined if it can. */
export function whyNotCached(options: TrainSettings): string | undefined {
  const { tokenizer, long, ...shape } = options;
  const model = configureModel({ ...shape, tokenizer, classes: 2 });
  const { encoder, capabilities } = familyOf(model);
  if (encoder?.kind !== undefined) return `${model.model} needs its data in memory`;
  if (capabilities.shallowPath !== undefined && capabilities.shallowPath.families(model).length > 0) {
    return `the linear path of ${model.model} needs its data in memory (--deep-only does without)`;
  }
  if (long !== 'head') return 'texts that are not read from their beginning need to be held in memory';
  if (transcriberOf(tokenizer, {}) === undefined) {
    return `the tokenizer ${tokenizer} needs its data in memory`;
  }
  return undefined;
}

/** File names that every system takes. */
const plainName = (name: string): string =>
  name
    .replace(/^.*[/\\]/, '')
    .replace(/[^\w.-]+/g, '-')
    .slice(0, 60);

/**
 * Uses the cache that the store has of these data, encoded so, or writes it.
 * @param onWrite told before it is written, which may take long
 */
export async function prepareCached(
  store: LargeStore,
  source: CachedSource,
  options: TrainSettings,
  onWrite: (path: string) => void = () => {},
): Promise<PreparedCache> {
  const refusal = whyNotCached(options);
  if (refusal !== undefined) throw new InputError(refusal);
  const { tokenizer, long: _, ...shape } = options;
  // Classes matter to what models of other methods ask of their encoders.
  const wanted = configureModel({ ...shape, tokenizer, classes: 2 });
  const learned = encoderOptions(wanted);
  const { sequenceLength } = wanted;
  const key = JSON.stringify([source.identity, tokenizer, learned, sequenceLength, segmentation()]);
  const name = `${plainName(source.name)}-${platform.sha256(key).slice(0, 16)}.eftcache`;
  await store.prepare();
  let cache = await existing(store, name, key);
  const reused = cache !== undefined;
  if (cache === undefined) {
    onWrite(store.pathOf(name));
    const write = async (seed: number): Promise<void> => {
      const { examples, validation, reading } = await source.read();
      const transcriber = transcriberOf(tokenizer, learned)!;
      await writeCache(store, name, {
        ...{ name: source.name, examples, validation, shares: SHARES, seed },
        ...{ transcriber, maxLength: sequenceLength, key, reading },
      });
    };
    try {
      await write(0);
    } catch (error) {
      // As in memory (partsOf of prepare.ts).
      if (!(error instanceof EmptyPartError)) throw error;
      await write(1);
    }
    cache = await openCache(store, name);
  }
  if (cache === undefined) throw new InputError(`${store.pathOf(name)}: the cache is gone`);
  const { header, encoder, train, validation, bytes, close } = cache;
  try {
    const { classes, reading, unknownShare } = header;
    const resolved = resolveSettings(options, encoder, classes.length, train.labels.length);
    return {
      prepared: { name: source.name, classes, encoder, ...resolved, train, validation },
      ...{ reading, unknownShare, path: store.pathOf(name), bytes, reused, close },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One that is damaged or of an older version is as good as none. */
async function existing(store: LargeStore, name: string, key: string): ReturnType<typeof openCache> {
  try {
    const cache = await openCache(store, name);
    if (cache === undefined || cache.header.key === key) return cache;
    await cache.close();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return undefined;
}
