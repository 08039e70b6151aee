/** Duplicates and near duplicates of texts and signals. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { duplicatesOf } from '#eft/check/duplicates.js';
import { BINS, comparedUnits, likeness, runsOf, wholeHash, writeSignature } from '#eft/check/shingles.js';
import { RandomStream } from '#eft/random.js';

const random = new RandomStream(3, 'test');
const sentence = (words: number): string =>
  Array.from({ length: words }, () => `w${random.nextInteger(5000)}`).join(' ');

describe('texts', () => {
  test('are the same but for case, spaces and punctuation', () => {
    const groups = duplicatesOf([
      'Hello, world of mine!',
      'other words altogether',
      'hello world  of mine',
      'HELLO (world) of mine.',
    ]);
    expect(groups).toEqual([{ members: [0, 2, 3], kind: 'identical', likeness: 1 }]);
  });

  test('with a word changed are near, others are not', () => {
    const texts = Array.from({ length: 300 }, () => sentence(40));
    const changed = texts.slice(0, 30).map((text) => text.replace(/^\S+ /, 'another '));
    const found = duplicatesOf([...texts, ...changed]);
    expect(found.map(({ members }) => members)).toEqual(changed.map((_, i) => [i, 300 + i]));
    expect(found.every(({ kind, likeness: how }) => kind === 'near' && how >= 0.8 && how < 1)).toBe(true);
  });

  test('without a letter are left to others', () => {
    expect(duplicatesOf(['', ' ', '!?', '...'])).toEqual([]);
  });

  test('of other scripts are compared by their letters', () => {
    expect(
      duplicatesOf(['это довольно длинный текст', 'что-то другое совсем', 'Это довольно длинный текст.']),
    ).toHaveLength(1);
  });

  test('signatures estimate what is in common', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), (own) => {
        const common = sentence(120);
        const [a, b] = [`${common} ${sentence(own)}`, `${common} ${sentence(own)}`];
        const into = new Uint32Array(2 * BINS);
        writeSignature(comparedUnits(a), into, 0);
        writeSignature(comparedUnits(b), into, BINS);
        let same = 0;
        for (let k = 0; k < BINS; k++) if (into[k] === into[BINS + k]) same++;
        const exact = likeness(runsOf(a), runsOf(b));
        // Five standard errors of a share of 64.
        expect(Math.abs(same / BINS - exact)).toBeLessThan(5 * Math.sqrt(0.25 / BINS));
      }),
      { numRuns: 30 },
    );
  });

  test('hashes of wholes differ where texts do', () => {
    const hashes = new Set(
      Array.from({ length: 5000 }, (_, i) => wholeHash(comparedUnits(`text number ${i}`))),
    );
    expect(hashes.size).toBe(5000);
  });

  test('shorter than a run are compared whole', () => {
    expect(duplicatesOf(['ab', 'AB', 'abc', 'x'])).toEqual([
      { members: [0, 1], kind: 'identical', likeness: 1 },
    ]);
  });
});

describe('signals', () => {
  const noise = (count: number) =>
    Array.from({ length: count }, () => Float32Array.from({ length: 400 }, () => random.nextNormal()));

  test('that were made louder are near copies', () => {
    const signals = noise(40).map((values) => ({ values, channels: 1 }));
    const copies = [
      { values: signals[3].values.slice(), channels: 1 },
      { values: signals[5].values.map((value) => 2 * value + 1), channels: 1 },
    ];
    const found = duplicatesOf([...signals, ...copies]);
    expect(found.map(({ members, kind }) => [members, kind])).toEqual([
      [[3, 40], 'identical'],
      [[5, 41], 'near'],
    ]);
  });
});
