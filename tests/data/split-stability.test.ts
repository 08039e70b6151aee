/** What a split may depend on, how far its sizes may be off, and that its hash stays (the rest: split.test.ts). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Example } from '#eft/data/dataset.js';
import { contentHash, splitByCounts, splitByShares } from '#eft/data/split.js';

/** Texts of which many are equal but for case and white space. */
const examples = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom(' ', '  ', '\n'), fc.boolean()), {
    minLength: 1,
    maxLength: 120,
  })
  .map((items) =>
    items.map(([word, space, upper], i): Example => {
      const text = `mail${space}number ${word}`;
      return { input: upper ? text.toUpperCase() : text, label: String(i) };
    }),
  );
const seeds = fc.integer({ min: 0, max: 1000 });
const many = Array.from({ length: 5000 }, (_, i): Example => ({ input: `mail ${i}`, label: 'a' }));
const labels = (parts: readonly Example[][]) => parts.map((part) => part.map(({ label }) => Number(label)));

function expectApart(parts: readonly Example[][]): void {
  const side = new Map<string, number>();
  parts.forEach((part, i) => {
    for (const { input } of part) {
      const hash = contentHash(input);
      expect(side.get(hash) ?? i).toBe(i);
      side.set(hash, i);
    }
  });
}

test('the hash passes over case and white space, nothing else', () => {
  expect(contentHash(' A  mail\n')).toBe(contentHash('a Mail'));
  expect(contentHash('a mail')).not.toBe(contentHash('a mail!'));
  // SHA-256 of "abc": FIPS 180-4, example B.1. A change of hash would move every split.
  expect(contentHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('by shares', () => {
  const shares = [0.8, 0.1, 0.1];
  test('a text’s side does not depend on the other texts', () => {
    const [train, validation, test] = splitByShares(many, shares, 3);
    const some = many.filter((_, i) => i % 3 !== 0);
    const kept = new Set(some);
    const parts = [train, validation, test].map((part) => part.filter((example) => kept.has(example)));
    expect(splitByShares(some.toReversed(), shares, 3).map((part) => part.toReversed())).toEqual(parts);
  });

  test('sizes are about the shares, and the seed decides', () => {
    const parts = splitByShares(many, shares, 0);
    // Binomial: five standard deviations.
    parts.forEach((part, i) => {
      const deviation = Math.sqrt(many.length * shares[i] * (1 - shares[i]));
      expect(Math.abs(part.length - many.length * shares[i])).toBeLessThan(5 * deviation);
    });
    expect(splitByShares(many, shares, 0)).toEqual(parts);
    expect(splitByShares(many, shares, 1)[1]).not.toEqual(parts[1]);
  });
});

describe('by counts', () => {
  test('never more than asked, identical texts together, short by less than a group', () => {
    fc.assert(
      fc.property(examples, seeds, (examples, seed) => {
        const third = Math.floor(examples.length / 3);
        const counts = [examples.length - 2 * third, third, third];
        const parts = splitByCounts(examples, counts, seed);
        expectApart(parts);
        const sizes = new Map<string, number>();
        for (const { input } of examples)
          sizes.set(contentHash(input), (sizes.get(contentHash(input)) ?? 0) + 1);
        const largest = Math.max(...sizes.values());
        parts.forEach((part, i) => {
          expect(part.length).toBeLessThanOrEqual(counts[i]);
          // The last part gets what is left, which may not fit.
          if (i < 2) expect(part.length).toBeGreaterThan(counts[i] - largest);
        });
        const found = labels(parts).flat();
        expect(new Set(found).size).toBe(found.length);
      }),
    );
  });

  test('exact where all texts differ; whatever the order they come in', () => {
    const parts = splitByCounts(many, [4000, 500, 500], 7);
    expect(parts.map((part) => part.length)).toEqual([4000, 500, 500]);
    const turned = splitByCounts(many.toReversed(), [4000, 500, 500], 7);
    expect(turned.map((part) => part.toReversed())).toEqual(parts);
    expect(splitByCounts(many, [4000, 500, 500], 8)).not.toEqual(parts);
  });
});
