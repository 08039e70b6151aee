/** What is read of inputs longer than a model: sections of the tokens that encode gives, and how many that are. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteEncoder } from '#eft/input/bytes.js';
import {
  cutShareOf,
  encodeInput,
  extentOf,
  type LengthRule,
  LONG_MODES,
  sectionsOf,
  sumOfExtents,
  takeSection,
} from '#eft/input/long.js';
import { NgramEncoder } from '#eft/input/ngrams.js';
import { WordEncoder } from '#eft/input/words.js';

const ALL = Number.MAX_SAFE_INTEGER;
const PIECES = [
  'cat',
  "don't",
  'ΟΔΟΣ',
  '😀',
  '𝒳y',
  'e\u0301',
  '...',
  '猫が好き',
  'ไทยคำ',
  '東京tower',
  '〆',
  '\ud800',
  'é',
];
const text = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(' ', '', '\u2003', '\n')), { maxLength: 40 })
  .map((parts) => parts.flat().join(''));

describe('the number of tokens', () => {
  test('is that of the words', () => {
    fc.assert(
      fc.property(text, (content) => {
        const encoder = WordEncoder.learn([content]);
        const tokens = encoder.count(content);
        expect(encoder.encode(content, ALL).ids).toHaveLength(Math.max(1, tokens));
        expect(tokens === 0).toBe(content.trim() === '');
      }),
    );
  });

  test('is that of the bytes', () => {
    fc.assert(
      fc.property(text, (content) => {
        expect(new ByteEncoder().count(content)).toBe(Buffer.byteLength(content));
      }),
    );
  });
});

test.each([
  ['words', (content: string) => WordEncoder.learn([content])],
  ['words and pairs', (content: string) => WordEncoder.learn([content], { ngrams: 2, buckets: 50 })],
  ['bytes', () => new ByteEncoder()],
  ['n-grams', (content: string) => NgramEncoder.learn([content], { ngrams: 2, weighting: 'tf-idf' })],
])('%s: a section is encoded as its tokens alone would be', (_, learn) => {
  const words = Array.from({ length: 60 }, (__, i) => `w${(i * i) % 17}`);
  // With a space at the end, so that bytes too can be cut at words.
  const textOf = (part: readonly string[]): string => part.map((word) => `${word} `).join('');
  const content = textOf(words);
  const encoder = learn(content);
  const at = (word: number): number =>
    encoder instanceof ByteEncoder ? textOf(words.slice(0, word)).length : word;
  const sections = encoder.encodeSections(content, [
    [[at(0), at(20)]],
    [[at(7), at(60)]],
    encoder instanceof ByteEncoder
      ? [
          [0, at(5)],
          [at(5), at(60)],
        ]
      : [[0, 60]],
  ]);
  expect([...sections]).toEqual([
    encoder.encode(textOf(words.slice(0, 20)), ALL),
    encoder.encode(textOf(words.slice(7)), ALL),
    encoder.encode(content, ALL),
  ]);
});

describe('sections', () => {
  const rule = (long: LengthRule['long'], sequenceLength: number, overlap = true): LengthRule => ({
    long,
    sequenceLength,
    overlap,
  });

  test.each([
    ['head', [[[0, 5]]]],
    ['tail', [[[7, 12]]]],
    [
      'head-tail',
      [
        [
          [0, 3],
          [10, 12],
        ],
      ],
    ],
    ['windows', [[[0, 5]], [[3, 8]], [[6, 11]], [[7, 12]]]],
  ] as const)('%s of 12 tokens for a model of 5', (long, expected) => {
    expect(sectionsOf(12, rule(long, 5))).toEqual(expected);
  });

  test('are as long as the model, in order, and windows leave nothing out', () => {
    const cases = fc.tuple(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 300 }), fc.boolean());
    fc.assert(
      fc.property(cases, fc.constantFrom(...LONG_MODES), ([n, more, overlap], long) => {
        const tokens = n + more;
        const all = Int32Array.from({ length: tokens }, (_, i) => i);
        const sections = sectionsOf(tokens, rule(long, n, overlap)).map((one) => takeSection(all, one));
        for (const section of sections) {
          expect(section).toHaveLength(n);
          expect(section.every((token, i) => i === 0 || token > section[i - 1])).toBe(true);
        }
        const read = new Set(sections.flatMap((section) => [...section]));
        expect(read.size).toBe(extentOf(tokens, rule(long, n)).read);
        expect(read.has(0)).toBe(long !== 'tail');
        expect(read.has(tokens - 1)).toBe(long !== 'head');
      }),
    );
  });
});

test('an input that fits is read as it is, whatever is read of longer ones', () => {
  const encoder = WordEncoder.learn(['a b c']);
  for (const long of LONG_MODES) {
    expect(encodeInput(encoder, 'c a b', { long, sequenceLength: 3, overlap: true })).toEqual({
      tokens: 3,
      read: 3,
      sequences: [encoder.encode('c a b', 3)],
    });
  }
});

test('the share cut is of all tokens, not a mean over inputs', () => {
  const whole = sumOfExtents([
    { tokens: 10, read: 10 },
    { tokens: 90, read: 40 },
  ]);
  expect(cutShareOf(whole)).toBe(0.5);
  expect(cutShareOf(sumOfExtents([]))).toBe(0);
});
