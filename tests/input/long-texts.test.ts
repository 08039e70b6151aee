/** Long texts give the tokens of the whole text, and stopping early is cutting it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WordEncoder } from '#eft/input/words.js';

/** What a token is, once more: words between white space, then the pieces of each. */
const wholeTokens = (text: string): string[] =>
  text
    .split(/\s+/)
    .flatMap((part) => part.match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|./gu) ?? [])
    .map((token) => token.toLowerCase());

/** Apostrophes, characters of two units, a sigma whose lower case depends on its place, a letter that becomes two. */
const word = fc.constantFrom(
  'cat',
  "don't",
  'ΟΔΟΣ',
  'İstanbul',
  '😀',
  '𝒳y',
  'e\u0301',
  '...',
  'x'.repeat(5000),
);
const space = fc.constantFrom(' ', '\n', '\u00a0', '\u2003', '\r\n');
/** Of 16,000 to 70,000 characters, so that any border inside falls at any place of the pattern. */
const text = fc
  .tuple(
    fc.array(fc.tuple(word, space), { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 16_000, max: 70_000 }),
  )
  .map(([parts, length]) => {
    const pattern = parts.flat().join('');
    return pattern.repeat(Math.ceil(length / pattern.length));
  });

test('encode, at any length', () => {
  fc.assert(
    fc.property(text, fc.nat(30_000), (text, cut) => {
      const tokenizer = WordEncoder.learn([text]);
      const { words } = tokenizer.toJSON() as { words: string[] };
      const ids = new Map(words.map((word, i) => [word, i + 2]));
      const expected = Int32Array.from(wholeTokens(text), (token) => ids.get(token) ?? 1);
      expect(tokenizer.encode(text, Number.MAX_SAFE_INTEGER).ids).toEqual(expected);
      expect(tokenizer.encode(text, cut + 1).ids).toEqual(expected.subarray(0, cut + 1));
      expect(tokenizer.knownShare(text, cut + 1)).toBe(1);
    }),
    { numRuns: 40 },
  );
});
