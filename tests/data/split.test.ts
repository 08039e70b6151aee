/** Splits by content, encoding and the order of epochs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeDataset } from '#eft/data/encode.js';
import { gatherBatch } from '#eft/data/encoded.js';
import { epochOrder } from '#eft/data/order.js';
import { contentHash, splitByCounts, splitByShares } from '#eft/data/split.js';
import { InputError } from '#eft/errors.js';
import { WordEncoder } from '#eft/input/words.js';

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
