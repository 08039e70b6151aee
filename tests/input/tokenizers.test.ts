/** Tokenizers: vocabulary, ids, cutting, n-grams, and what is written of them (refusals: tokenizer-file.test.ts). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteEncoder } from '#eft/input/bytes.js';
import { encoderFromJSON } from '#eft/input/index.js';
import { WordEncoder } from '#eft/input/words.js';

const UNKNOWN = 1;

describe('words', () => {
  const tokenizer = WordEncoder.learn(['The cat, the dog; the end', "don't stop: DON’T", 'the cat'], {
    vocabulary: 6,
  });

  test('the most frequent have the smallest ids, ties in order of their characters', () => {
    // the 4, cat 2, then all with 1: "," ":" ";" …
    expect(tokenizer.encode('the cat , : ;', 10).ids).toEqual(Int32Array.of(2, 3, 4, 5, 6));
    expect(tokenizer.encode('dog', 10).ids).toEqual(Int32Array.of(UNKNOWN));
  });

  test('letters of any script, inner apostrophes, single marks', () => {
    const own = WordEncoder.learn(["l'été naïve 東京 don't! ..."], { vocabulary: 50 });
    expect(own.encode("don't", 9).ids).toHaveLength(1);
    expect(own.encode("L'ÉTÉ", 9).ids).toEqual(own.encode("l'été", 9).ids);
    expect(own.encode('!...', 9).ids).toHaveLength(4);
    expect(own.knownShare('東京 tokyo', 9)).toBe(0.5);
  });

  test('a text without words is one unknown word', () => {
    for (const text of ['', ' \n\t ']) {
      expect(tokenizer.encode(text, 5).ids).toEqual(Int32Array.of(UNKNOWN));
      expect(tokenizer.knownShare(text, 5)).toBe(0);
    }
  });

  test('the vocabulary keeps the size that was asked for, however few the words', () => {
    expect(WordEncoder.learn(['a b'], {}).vocabulary).toBe(10_000);
  });

  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const text = fc.array(fc.oneof(word, fc.constantFrom(',', '…', '\n', 'Ä', "it's")), { maxLength: 60 });

  test('cutting while scanning is the same as cutting afterwards, and ids stay in range', () => {
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 5 }),
        text,
        fc.integer({ min: 1, max: 40 }),
        (corpus, words, n) => {
          const learned = WordEncoder.learn(
            corpus.map((part) => part.join(' ')),
            { vocabulary: 12 },
          );
          const joined = words.join(' ');
          const whole = learned.encode(joined, 1_000_000).ids;
          expect(learned.encode(joined, n).ids).toEqual(whole.subarray(0, n));
          for (const id of whole) expect(id >= 1 && id <= 12).toBe(true);
        },
      ),
    );
  });

  test('hashed n-grams follow the words, in rows of their own', () => {
    const bag = WordEncoder.learn(['a b c d'], { vocabulary: 10, ngrams: 3, buckets: 7 });
    const ids = bag.encode('a b c d', 100).ids;
    expect(ids.subarray(0, 4)).toEqual(bag.encode('a b c d', 4).ids.subarray(0, 4));
    expect(ids).toHaveLength(4 + 3 + 2);
    for (const id of ids.subarray(4)) expect(id > 10 && id <= 17).toBe(true);
    // The same two words give the same row wherever they stand.
    expect(bag.encode('c d', 9).ids[2]).toBe(ids[6]);
    expect(bag.encode('a b c d', 2).ids).toHaveLength(3);
  });

  test('comes back from its JSON the same', () => {
    fc.assert(
      fc.property(fc.array(text), text, (corpus, words) => {
        const options = { vocabulary: 30, ngrams: 2, buckets: 11 };
        const learned = WordEncoder.learn(
          corpus.map((part) => part.join(' ')),
          options,
        );
        const again = encoderFromJSON(JSON.parse(JSON.stringify(learned)), 'tokenizer.json');
        expect(again.encode(words.join(' '), 50).ids).toEqual(learned.encode(words.join(' '), 50).ids);
        expect(again.toJSON()).toEqual(learned.toJSON());
      }),
    );
  });
});

describe('bytes', () => {
  const tokenizer = new ByteEncoder();

  test('UTF-8 bytes plus one, cut at any byte', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.integer({ min: 1, max: 20 }),
        (text, n) => {
          const expected = Int32Array.from(Buffer.from(text, 'utf8'), (byte) => byte + 1).subarray(0, n);
          expect(tokenizer.encode(text, n).ids).toEqual(expected);
        },
      ),
    );
  });

  test('an empty text is one space', () => {
    expect(tokenizer.encode('', 5).ids).toEqual(Int32Array.of(33));
  });
});
