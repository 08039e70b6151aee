import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DataCache, openCache } from '#eft/data/cache/read.js';
import { type CacheExample, writeCache } from '#eft/data/cache/write.js';
import { requireClasses } from '#eft/data/classes.js';
import type { Example } from '#eft/data/dataset.js';
import { encodeDataset } from '#eft/data/encode.js';
import { type EncodedDataset, gatherBatch } from '#eft/data/encoded.js';
import { splitByShares } from '#eft/data/split.js';
import { InputError } from '#eft/errors.js';
import type { EncoderOptions } from '#eft/input/encoder.js';
import { type EncoderName, learnEncoder, transcriberOf } from '#eft/input/index.js';
import { FolderStore } from '#eft/platform/node/folder.js';
import { expectRefusal, temporaryFolder } from '../temporary-folder.js';

/** As a cache reads its texts. */
const headOf = (sequenceLength: number) => ({ sequenceLength, long: 'head', overlap: false }) as const;

const folder = temporaryFolder();
const SHARES = [0.8, 0.2] as const;
const WORDS = [
  'the',
  'Spam',
  'ham',
  "don't",
  '漢字かな',
  'naïve',
  '😀',
  '!',
  '\u00a0',
  '\n',
  'ΣΑΣ',
  '\ud800',
  '3.14',
];

/** Texts of words that come again, some of them empty. */
const texts = (count: number, seed: number): Example<string>[] =>
  fc
    .sample(fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }), { numRuns: count, seed })
    .map((words, i) => ({
      input: `${words.join(' ')}${i % 5 === 0 ? '' : ` n${i}`}`,
      label: `class ${i % 3}`,
    }));

async function* streamed(
  examples: readonly Example<string>[],
  split?: CacheExample['split'],
): AsyncGenerator<CacheExample> {
  for (const { input, label } of examples) yield { text: input, label, ...(split ? { split } : {}) };
}

interface Setting {
  readonly kind: EncoderName;
  readonly options: EncoderOptions;
  readonly maxLength: number;
}

async function cacheOf(
  name: string,
  examples: AsyncIterable<CacheExample>,
  { kind, options, maxLength }: Setting,
  validation?: readonly Example<string>[],
): Promise<DataCache> {
  const store = new FolderStore(folder.at('.'));
  await writeCache(store, name, {
    name: 'data',
    examples,
    validation: validation && { name: 'more', examples: streamed(validation) },
    shares: SHARES,
    transcriber: transcriberOf(kind, options)!,
    maxLength,
    key: 'a key',
    reading: () => ({ how: 'streamed' }),
  });
  return (await openCache(store, name))!;
}

async function expectSame(
  cache: DataCache,
  which: 'train' | 'validation',
  wanted: EncodedDataset,
): Promise<void> {
  const source = cache[which];
  expect(Array.from(source.labels)).toEqual(Array.from(wanted.labels));
  const count = wanted.labels.length;
  const orders = [
    Array.from({ length: count }, (_, i) => i),
    Array.from({ length: count }, (_, i) => (7 * i + 3) % count),
  ];
  for (const order of orders) expect(await source.gather(order)).toEqual(gatherBatch(wanted, order));
}

const settings: Record<string, Setting> = {
  words: { kind: 'words', options: { vocabulary: 12 }, maxLength: 6 },
  'words and pairs': { kind: 'words', options: { vocabulary: 40, ngrams: 3, buckets: 70_000 }, maxLength: 6 },
  bytes: { kind: 'bytes', options: {}, maxLength: 9 },
};

describe.each(Object.entries(settings))('a cache of %s', (name, setting) => {
  const { kind, options, maxLength } = setting;
  const examples = texts(200, 1);

  it('gives what the same data give in memory', async () => {
    const [train, validation] = splitByShares(examples, SHARES);
    const encoder = learnEncoder(
      kind,
      train.map(({ input }) => input),
      options,
    );
    const classes = requireClasses({ name: 'data', examples });
    const cache = await cacheOf(`${name}.cache`, streamed(examples), setting);
    expect(cache.header.classes).toEqual(classes);
    expect(JSON.stringify(cache.encoder)).toBe(JSON.stringify(encoder));
    expect(cache.header.reading).toEqual({ how: 'streamed' });
    const known = validation.reduce((sum, { input }) => sum + encoder.knownShare(input, maxLength), 0);
    expect(cache.header.unknownShare).toBeCloseTo(1 - known / validation.length, 12);
    const inMemory = encodeDataset('data', train, classes, encoder, headOf(maxLength));
    await expectSame(cache, 'train', inMemory);
    expect(cache.train.extent).toEqual(inMemory.extent);
    await expectSame(
      cache,
      'validation',
      encodeDataset('data', validation, classes, encoder, headOf(maxLength)),
    );
    await cache.close();
  });

  it('learns from all of them where validation data are given', async () => {
    const more = texts(50, 2);
    const encoder = learnEncoder(
      kind,
      examples.map(({ input }) => input),
      options,
    );
    const cache = await cacheOf(`${name} with more.cache`, streamed(examples), setting, more);
    expect(JSON.stringify(cache.encoder)).toBe(JSON.stringify(encoder));
    await expectSame(
      cache,
      'validation',
      encodeDataset('more', more, requireClasses({ name: 'data', examples }), encoder, headOf(maxLength)),
    );
    await cache.close();
  });

  it('takes data as they come divided, and leaves the test part alone', async () => {
    const [train, validation, test] = splitByShares(examples, [0.5, 0.25, 0.25]);
    const encoder = learnEncoder(
      kind,
      train.map(({ input }) => input),
      options,
    );
    const divided = async function* (): AsyncGenerator<CacheExample> {
      yield* streamed(test, 'test');
      yield* streamed(train, 'train');
      yield* streamed(validation, 'validation');
    };
    const cache = await cacheOf(`${name} divided.cache`, divided(), setting);
    expect(JSON.stringify(cache.encoder)).toBe(JSON.stringify(encoder));
    const classes = requireClasses({ name: 'data', examples: train });
    await expectSame(cache, 'train', encodeDataset('data', train, classes, encoder, headOf(maxLength)));
    await expectSame(
      cache,
      'validation',
      encodeDataset('data', validation, classes, encoder, headOf(maxLength)),
    );
    await cache.close();
  });
});

describe('what a cache refuses', () => {
  const setting = settings.words;

  const refused = (examples: readonly Example<string>[], message: string): Promise<void> =>
    expectRefusal(cacheOf('refused.cache', streamed(examples), setting), message);

  it('data of one class', () =>
    refused(
      texts(60, 3).map(({ input }) => ({ input, label: 'x' })),
      "data: only the label 'x' in 60 examples; a classifier needs at least two classes",
    ));

  it('data that leave nothing to validate on', () =>
    refused(texts(1, 3), '1 examples are too few to split 80% / 20%: part 2 is empty'));

  it('identical texts', () =>
    refused(
      Array.from({ length: 100 }, () => ({ input: 'the same', label: 'x' })),
      'all 100 examples are identical: there is nothing to split',
    ));

  it('a validation label that the training data do not have', () =>
    expectRefusal(
      cacheOf('label.cache', streamed(texts(60, 4)), setting, [{ input: 'x', label: 'other' }]),
      "more: example 1 has the label 'other', which the model does not know (it knows 'class 0', 'class 1', 'class 2')",
    ));

  it('leaves nothing behind where the data fail', async () => {
    const failing = async function* (): AsyncGenerator<CacheExample> {
      yield* streamed(texts(60, 5));
      throw new InputError('bad row');
    };
    await expectRefusal(cacheOf('failing.cache', failing(), setting), 'bad row');
    expect(
      (await readdir(folder.at('.'))).filter((name) => name.startsWith('failing') || name.endsWith('.tmp')),
    ).toEqual([]);
  });
});

describe('a damaged cache', () => {
  const open = async (bytes: Uint8Array): Promise<void> => {
    await writeFile(folder.at('damaged.cache'), bytes);
    const cache = await openCache(new FolderStore(folder.at('.')), 'damaged.cache');
    const { vocabulary } = cache!.encoder;
    try {
      for (const source of [cache!.train, cache!.validation]) {
        const { tokens, labels } = await source.gather(source.labels.map((_, i) => i));
        expect(tokens.every((id) => id >= 1 && id <= vocabulary)).toBe(true);
        expect(labels.every((label) => label >= 0 && label < cache!.header.classes.length)).toBe(true);
      }
    } finally {
      await cache!.close();
    }
  };

  it('is refused, or its numbers are in range', async () => {
    await (await cacheOf('whole.cache', streamed(texts(60, 6)), settings.words)).close();
    const whole = new Uint8Array(await readFile(join(folder.at('.'), 'whole.cache')));
    await open(whole);
    for (const length of [0, 7, 20, 500, whole.length - 17, whole.length - 1]) {
      await expect(open(whole.subarray(0, length))).rejects.toThrow(
        /the data cache is damaged \(.+\): delete it/,
      );
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const mutant = whole.slice();
        mutant[at] = byte;
        await open(mutant).catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
