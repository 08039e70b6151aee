import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokensOf } from '#eft/input/tokens.js';
import { WordCounts } from '#eft/input/wordCounts.js';
import { WordKeys } from '#eft/input/wordKeys.js';

const keyed = (text: string, maxLength = Number.POSITIVE_INFINITY): { word: string; key: string }[] => {
  const keys = new WordKeys();
  keys.read(text, maxLength);
  return Array.from({ length: keys.count }, (_, i) => ({
    word: keys.word(i),
    key: `${keys.low[i]} ${keys.high[i]}`,
  }));
};

const PIECES = [
  ...[
    "don't",
    'DON’T',
    "'",
    ' ',
    '\n',
    '\t',
    '\u00a0',
    '\ufeff',
    '<br>',
    'İ',
    'ΣΑΣ',
    'é',
    'e\u0301',
    '漢字かな',
    'ไทย',
  ],
  ...['😀', '\ud83d', '\ude00', '𝒳', '0', '3.14', '\u0000', '_', 'a', 'Z'],
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((pieces) => pieces.join('')),
);

describe('keys of words', () => {
  it('are of the tokens, whatever the characters', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 30 }), (whole, most) => {
        const words = [...tokensOf(whole)];
        expect(keyed(whole).map(({ word }) => word)).toEqual(words);
        expect(keyed(whole, most).map(({ word }) => word)).toEqual(words.slice(0, most));
      }),
      { numRuns: 2000 },
    );
  });

  it('are the same for the same word only, wherever it stands', () => {
    const wordOf = new Map<string, string>();
    fc.assert(
      fc.property(text, (whole) => {
        const alone = new WordKeys();
        for (const { word, key } of keyed(whole)) {
          expect(wordOf.get(key) ?? word).toBe(word);
          wordOf.set(key, word);
          const { low, high } = alone.keyOf(word);
          expect(`${low} ${high}`).toBe(key);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

it('words of a long run without spaces are all found, in time that grows with its length', () => {
  const run = '漢字𠮷'.repeat(100_000);
  const keys = new WordKeys();
  keys.read(run, Number.POSITIVE_INFINITY);
  const words = Array.from({ length: keys.count }, (_, i) => keys.word(i));
  expect(words.join('')).toBe(run);
  expect(words.length).toBeGreaterThan(100_000);
});

describe('counts of words', () => {
  const counted = (texts: readonly string[], most?: number): Map<string, number> => {
    const counts = new WordCounts(most);
    const keys = new WordKeys();
    for (const [i, one] of texts.entries()) {
      keys.read(one, Number.POSITIVE_INFINITY);
      counts.add(keys, i % 2);
    }
    expect([...counts.of([0]), ...counts.of([1])].reduce((sum, [, count]) => sum + count, 0)).toBe(
      [...counts.of([0, 1])].reduce((sum, [, count]) => sum + count, 0),
    );
    return new Map(counts.of([0, 1]));
  };

  it('are exact while there is room', () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `w${i % 700} w${i % 11} x`);
    const wanted = new Map<string, number>();
    for (const one of texts) for (const word of tokensOf(one)) wanted.set(word, (wanted.get(word) ?? 0) + 1);
    expect(new Map([...counted(texts)].sort())).toEqual(new Map([...wanted].sort()));
  });

  it('keep what is frequent and forget what is rare where there is not', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `rare${i} often${i % 20}`);
    const counts = counted(texts, 500);
    expect(counts.size).toBeLessThanOrEqual(500);
    for (let i = 0; i < 20; i++) expect(counts.get(`often${i}`)).toBe(1000);
  });
});
