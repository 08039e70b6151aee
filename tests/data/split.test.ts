/** Splits by content, encoding and the order of epochs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeDataset } from '#eft/data/encode.js';
import { gatherBatch } from '#eft/data/encoded.js';
import { epochOrder } from '#eft/data/order.js';
import { contentHash, split, splitByClass, splitByCounts, splitByShares } from '#eft/data/split.js';
import { InputError } from '#eft/errors.js';
import { WordEncoder } from '#eft/input/words.js';
import { partsOf } from '#eft/learning/prepare.js';

const texts = fc
  .array(fc.stringMatching(/^[ab ]{1,4}$/), { minLength: 60, maxLength: 120 })
  .map((all) => all.map((text, i) => ({ input: i % 3 === 0 ? text : `${text} ${i}`, label: String(i % 2) })));

describe('splits', () => {
  test('are partitions, keep identical texts on one side, and depend on nothing else', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 5 }), (examples, seed) => {
        const parts = splitByShares(examples, [0.5, 0.5], seed);
        expect(parts.flat()).toHaveLength(examples.length);
        // By identity: none twice, none made up.
        expect(parts.flat().every((example) => examples.includes(example))).toBe(true);
        expect(new Set(parts.flat()).size).toBe(examples.length);
        expect(splitByShares(examples, [0.5, 0.5], seed)).toEqual(parts);
        const sides = parts.map((part) => new Set(part.map(({ input }) => contentHash(input))));
        for (const hash of sides[0]) expect(sides[1].has(hash)).toBe(false);
        // Without the first half of the examples, the others stay where they were.
        const rest = examples.slice(examples.length >> 1);
        const again = rest.map((example) => parts[0].includes(example));
        const split = splitByShares([...rest, ...examples], [0.5, 0.5], seed);
        expect(rest.map((example) => split[0].includes(example))).toEqual(again);
      }),
      { numRuns: 40 },
    );
  });

  test('by counts come as near as groups of identical texts allow', () => {
    const examples = Array.from({ length: 100 }, (_, i) => ({ input: `text ${i % 95}`, label: 'x' }));
    const parts = splitByCounts(examples, [60, 20, 20]);
    parts.forEach((part, i) => {
      expect(part.length).toBeLessThanOrEqual([60, 20, 20][i]);
      expect(part.length).toBeGreaterThanOrEqual([60, 20, 20][i] - 2);
    });
    const refused = () => splitByCounts(examples, [100, 1, 1]);
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(/^a split into 100 \/ 1 \/ 1 needs 102 examples, there are 100$/);
  });

  test('identical examples alone are refused', () => {
    const same = Array.from({ length: 9 }, () => ({ input: 'a', label: 'b' }));
    const refused = () => splitByShares(same, [0.8, 0.1, 0.1]);
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(/^all 9 examples are identical: there is nothing to split$/);
  });
});

test('encoding and batches keep texts, labels and order', () => {
  const encoder = WordEncoder.learn(['a b c d e f'], { vocabulary: 10 });
  const examples = [
    { input: 'a b c', label: 'x' },
    { input: 'd', label: 'y' },
    { input: 'e f', label: 'x' },
  ];
  const rule = { sequenceLength: 2, long: 'head', overlap: false } as const;
  const encoded = encodeDataset('data', examples, ['x', 'y'], encoder, rule);
  expect([...encoded.offsets]).toEqual([0, 2, 3, 5]);
  const batch = gatherBatch(encoded, [2, 0]);
  expect(batch.tokens).toEqual(
    Int32Array.from([...encoder.encode('e f', 2).ids, ...encoder.encode('a b', 2).ids]),
  );
  expect(batch.labels).toEqual(Int32Array.of(0, 0));
  expect(batch.offsets).toEqual(Int32Array.of(0, 2, 4));
  expect(() => encodeDataset('data', examples, ['x', 'z'], encoder, rule)).toThrow(
    /data: example 2 has the label 'y'/,
  );
});

test('every epoch is a permutation of its own, the same for the same seed', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.nat(10), fc.integer({ min: 1, max: 200 }), (seed, epoch, count) => {
      const order = epochOrder(seed, epoch, count);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      expect(epochOrder(seed, epoch, count)).toEqual(order);
    }),
  );
  expect(epochOrder(1, 0, 100)).not.toEqual(epochOrder(1, 1, 100));
});

describe('split of the library checks what it is given', () => {
  const examples = Array.from({ length: 20 }, (_, i) => ({ text: `text ${i}`, label: 'x' }));
  const refused = (call: () => unknown, message: RegExp): void => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(message);
  };

  test.each([
    [[0.3, 0.2], /^split: shares must sum to 1, but \[0\.3, 0\.2\] sum to 0\.5$/],
    [[0.8, 0.2001], /sum to 1\.0001$/],
    [[8, 2], /^split: shares\[0\] must be a number from 0 to 1, not 8$/],
    [[1.5, -0.5], /shares\[0\] must be a number from 0 to 1, not 1\.5/],
    [[0.5, -0.5, 1], /shares\[1\] must be a number from 0 to 1, not -0\.5/],
    [[0.5, Number.NaN], /shares\[1\] must be a number from 0 to 1, not NaN/],
    [[Number.POSITIVE_INFINITY], /shares\[0\] must be a number from 0 to 1, not Infinity/],
    [['0.5', 0.5], /shares\[0\] must be a number from 0 to 1, not '0\.5'/],
    [[0.5, undefined, 0.5], /shares\[1\] must be a number from 0 to 1, not undefined/],
    [[], /^split: shares is empty/],
    [0.8, /^split: shares must be an array of numbers such as \[0\.8, 0\.2\], not 0\.8$/],
    [undefined, /shares must be an array .*, not undefined$/],
    [null, /shares must be an array .*, not null$/],
    ['80/20', /shares must be an array .*, not '80\/20'$/],
    [{ length: 2 }, /shares must be an array .*, not an object$/],
  ])('shares %j', (shares, message) => {
    refused(() => split(examples, shares as number[]), message);
  });

  test.each([1.5, -1, Number.NaN, '1', null, 2 ** 31])('seed %s', (seed) => {
    refused(
      () => split(examples, [0.5, 0.5], seed as number),
      /^split: seed must be a whole number from 0 to/,
    );
  });

  test.each([undefined, null, 'text', { text: 'a', label: 'b' }])('examples %j', (given) => {
    refused(() => split(given as never, [1]), /^split: examples must be an array or a Dataset, not /);
  });

  test('thirds sum to 1 but for rounding; an empty share gives an empty part', () => {
    expect(split(examples, [1 / 3, 1 / 3, 1 / 3]).flat()).toHaveLength(20);
    expect(split(examples, [0.333333, 0.333333, 0.333334]).flat()).toHaveLength(20);
    expect(split(examples, [0, 1])[0]).toEqual([]);
    expect(split(examples, [1])).toEqual([examples]);
    expect(split([], [0.5, 0.5])).toEqual([[], []]);
  });
});

describe('content', () => {
  test('canonically equal texts are the same, whatever their Unicode form', () => {
    const pairs = [
      ['Crème brûlée', 'Crème brûlée'.normalize('NFD')],
      ['한국어', '한국어'.normalize('NFD')],
      ['Việt Nam', 'Việt Nam'.normalize('NFD')],
      ['10 K\u212a', '10 kk'],
      ['\u212bngström', 'ångström'],
      ['why\u037e', 'why;'],
      ['İ', 'I\u0307'],
    ];
    for (const [a, b] of pairs) expect(contentHash(a)).toBe(contentHash(b));
    expect(contentHash('e')).not.toBe(contentHash('é'));
  });

  test('the hash of what is in the usual form is what it was', () => {
    expect(contentHash('Two  words')).toBe(
      'a03f1d611645eb53ad16c1af546ca0792dc884505bab57ede80f4dad6b911d3a',
    );
  });

  test('NFC and NFD twins never stand on both sides of a split', () => {
    const twins = Array.from({ length: 60 }, (_, i) => `café ${i}`).flatMap((text) => [
      { input: text, label: 'x' },
      { input: text.normalize('NFD'), label: 'x' },
    ]);
    const [a, b] = splitByShares(twins, [0.5, 0.5]);
    const sides = [a, b].map((part) => new Set(part.map(({ input }) => input.normalize('NFC'))));
    for (const text of sides[0]) expect(sides[1].has(text)).toBe(false);
    expect(sides[0].size + sides[1].size).toBe(60);
  });
});

describe('splitByClass', () => {
  test('keeps one of a rare class, none of an only one, and about the share of others', () => {
    const examples = [
      ...Array.from({ length: 40 }, (_, i) => ({ input: `a ${i}`, label: 'often' })),
      { input: 'b 0', label: 'rare' },
      { input: 'b 1', label: 'rare' },
      { input: 'c', label: 'once' },
    ];
    const [rest, part] = splitByClass(examples, 0.1);
    const count = (label: string): number => part.filter((example) => example.label === label).length;
    expect(['often', 'rare', 'once'].map(count)).toEqual([4, 1, 0]);
    expect(rest).toHaveLength(examples.length - 5);
  });

  test('reads the examples of a class a few times, not once for each of the others', () => {
    const examples = Array.from({ length: 2000 }, (_, i) => ({ input: `text ${i}`, label: 'x' }));
    let read = 0;
    const iterate = Array.prototype[Symbol.iterator];
    const replace = (value: typeof iterate): void => {
      Object.defineProperty(Array.prototype, Symbol.iterator, { value, configurable: true, writable: true });
    };
    replace(function (this: unknown[]) {
      read += this.length;
      return iterate.call(this);
    });
    try {
      splitByClass(examples, 0.1);
    } finally {
      replace(iterate);
    }
    expect(read).toBeLessThan(20 * examples.length);
  });
});

test('the first part of a split has a validation part of its own', () => {
  const examples = Array.from({ length: 200 }, (_, i) => ({
    input: `text ${i}`,
    label: String(i % 2),
    place: '',
  }));
  const [first] = splitByShares(examples, [0.8, 0.2]);
  const { train, validation } = partsOf({ name: 'first', examples: first });
  expect(train.length + validation.length).toBe(first.length);
  expect(validation.length).toBeGreaterThan(8);
});
