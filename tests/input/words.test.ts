/** What is a word, which are learned, and the exact hash of n-grams (the rest: tokenizers.test.ts). */
import { describe, expect, test } from 'vitest';
import { encoderFromJSON } from '#eft/input/index.js';
import { WordEncoder } from '#eft/input/words.js';

const ALL = Number.MAX_SAFE_INTEGER;
const UNSPACED = /[\p{Script=Han}\p{Script=Thai}]/u;

/** The tokens of a text: its own words learned, ids turned back. */
function tokensOf(text: string): string[] {
  const tokenizer = WordEncoder.learn([text], { vocabulary: 100_000 });
  const { words } = tokenizer.toJSON() as { words: string[] };
  return [...tokenizer.encode(text, ALL).ids].map((id) => words[id - 2]);
}

describe('tokens', () => {
  const cases: [string, string, string[]][] = [
    ['words are lower-cased', 'Free CRUISE', ['free', 'cruise']],
    ['punctuation is single characters', 'Win!!! (now)', ['win', '!', '!', '!', '(', 'now', ')']],
    [
      'inner apostrophes stay, outer ones do not',
      "don't 'quote' l’eau",
      ["don't", "'", 'quote', "'", 'l’eau'],
    ],
    [
      'letters of any script, digits, combining marks',
      'Straße Ελλάδα 日本語 e\u0301te\u0301 4711',
      ['straße', 'ελλάδα', '日本語', 'e\u0301te\u0301', '4711'],
    ],
    ['a character outside the basic plane is one token', '😀😀', ['😀', '😀']],
    ['Chinese words', '人人生而自由,在尊严和权利上', ['自由', ',', '尊严', '和', '权利']],
    ['Japanese words', 'すべての人間は、自由であり', ['すべて', 'の', '人間', 'は', '、', '自由']],
    ['Thai words', 'มนุษย์ทั้งหลาย', ['มนุษย์']],
    ['Hindi words with their vowel signs', 'सभी मनुष्यों को', ['सभी', 'मनुष्यों', 'को']],
    ['Arabic words with their marks', 'كِتَابٌ جديد', ['كِتَابٌ', 'جديد']],
    ['any white space parts', 'a\tb\r\nc\u00a0d', ['a', 'b', 'c', 'd']],
    ['addresses fall apart', 'a.b@c.de', ['a', '.', 'b', '@', 'c', '.', 'de']],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    // Of scripts without spaces the words that all dictionaries find.
    if (UNSPACED.test(text)) expect(tokensOf(text)).toEqual(expect.arrayContaining(expected));
    else expect(tokensOf(text)).toEqual(expected);
  });
});

describe('the vocabulary', () => {
  test('most frequent words first from id 2; unknown words are 1', () => {
    const tokenizer = WordEncoder.learn(['b b b a a c'], { vocabulary: 3 });
    expect([...tokenizer.encode('a b c d', ALL).ids]).toEqual([3, 2, 1, 1]);
  });

  test('ties go by code point, whatever the order of the texts', () => {
    // U+FF5E is before U+1F600 by code point, behind it by UTF-16 units.
    const texts = ['z', '😀', '～', 'a', 'ab'];
    const words = ['a', 'ab', 'z', '～', '😀'];
    for (const order of [texts, texts.toReversed()]) {
      expect(WordEncoder.learn(order).toJSON()).toMatchObject({ words });
    }
  });

  test('has 10,000 ids by default, and the size asked for even if fewer words occur', () => {
    expect(WordEncoder.learn(['a b']).vocabulary).toBe(10_000);
    expect(WordEncoder.learn(['a b'], { vocabulary: 50 }).vocabulary).toBe(50);
    const many = Array.from({ length: 12_000 }, (_, i) => `w${i}`).join(' ');
    const ids = WordEncoder.learn([many]).encode(many, ALL).ids;
    expect(ids.reduce((most, id) => Math.max(most, id))).toBe(10_000);
    expect(ids.filter((id) => id === 1)).toHaveLength(12_000 - 9_999);
  });

  test('a vocabulary of 1 knows nothing', () => {
    expect([...WordEncoder.learn(['a b'], { vocabulary: 1 }).encode('a b', ALL).ids]).toEqual([1, 1]);
  });

  test('names of object properties are words like others', () => {
    const text = 'constructor __proto__ toString';
    expect(WordEncoder.learn([text]).knownShare(text, ALL)).toBe(1);
    expect(WordEncoder.learn(['a']).knownShare('constructor tostring', ALL)).toBe(0);
  });
});

describe('encode', () => {
  const tokenizer = WordEncoder.learn(["the list don't 日本 a b c , . !"]);

  test('a word of megabytes is one token', () => {
    const text = `a b ${'c'.repeat(2_000_000)}`;
    expect([...tokenizer.encode(text, 2).ids]).toEqual([...tokenizer.encode('a b', 2).ids]);
    expect(tokenizer.encode(text, 3).ids).toHaveLength(3);
  });

  test('knownShare counts the tokens that encode keeps', () => {
    expect(tokenizer.knownShare('a b xyz xyz', ALL)).toBe(0.5);
    expect(tokenizer.knownShare('a b xyz xyz', 2)).toBe(1);
    expect(tokenizer.knownShare('', 2)).toBe(0);
  });
});

describe('hashed n-grams', () => {
  const learn = (ngrams: number, buckets = 1000) =>
    WordEncoder.learn(['a b c d'], { vocabulary: 10, ngrams, buckets });

  test('are FNV-1a over the 32-bit ids, low byte first', () => {
    let hash = 0x811c9dc5n;
    for (const byte of [2, 0, 0, 0, 3, 0, 0, 0]) hash = ((hash ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn;
    expect([...learn(2).encode('a b', ALL).ids]).toEqual([2, 3, 11 + Number(hash % 1000n)]);
  });

  test('depend on the order of the words, and on the tokens kept alone', () => {
    const tokenizer = learn(2, 1_000_003);
    expect(tokenizer.encode('a b', ALL).ids[2]).not.toBe(tokenizer.encode('b a', ALL).ids[2]);
    expect(tokenizer.encode('a b c d', 2).ids).toEqual(tokenizer.encode('a b', 2).ids);
  });

  test('a short text has those that fit', () => {
    expect(learn(3).encode('a', ALL).ids).toHaveLength(1);
    expect(learn(5).encode('a b', ALL).ids).toHaveLength(3);
  });
});

describe('dictionaries', () => {
  const words = (text: string) => WordEncoder.learn([text]);
  const saved = (text: string) => words(text).toJSON();

  test('are named where they were needed, and only there', () => {
    expect(saved('自由')).toHaveProperty('segmentation');
    expect(saved('freedom')).not.toHaveProperty('segmentation');
    expect(words('自由').warning).toBeUndefined();
  });

  test('others than those of the training are warned of', () => {
    const json = { ...saved('自由'), segmentation: 'Unicode 1' };
    expect(encoderFromJSON(json, 'x').warning).toMatch(/by the dictionaries of Unicode 1 in training/);
  });
});
