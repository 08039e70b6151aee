/** N-grams as hashes: the tokens of tokens.ts, ids and weights as the encoder's formulas say. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DocumentCounts } from '#eft/input/documentCounts.js';
import { encoderFromJSON } from '#eft/input/index.js';
import { NgramEncoder } from '#eft/input/ngrams.js';
import { hashOnto, hashToken, isWord, TokenHashes } from '#eft/input/tokenHashes.js';
import { tokensOf } from '#eft/input/tokens.js';

const ALL = Number.POSITIVE_INFINITY;

/** Pieces that meet at every border that the tokenizer knows. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['it', "'", '’', ' ', '\n', '\u00a0', '<br />', '<BR>', '<br/', '<b', '<', '>', '_', '.', '9'],
        ...[
          'É',
          'Σ',
          'İ',
          'ß',
          'e\u0301',
          '東京',
          'タワー',
          'ไทย',
          '𝔸',
          '😀',
          '\ud800',
          '\udc00',
          'ﬁ',
          'Don',
        ],
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''));

const slowTokens = (content: string): string[] => [...tokensOf(content.replace(/<br\s*\/?>/gi, ' '))];

describe('token hashes', () => {
  test('are those of the tokens, whatever the characters', () => {
    const fast = new TokenHashes(true);
    fc.assert(
      fc.property(text, (content) => {
        fast.read(content, ALL);
        const expected = slowTokens(content).map(hashToken);
        expect([...fast.values.subarray(0, fast.count)]).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });

  test('leave signs out where they are told to, and stop at a length', () => {
    const words = new TokenHashes(false);
    fc.assert(
      fc.property(text, fc.nat(9), (content, most) => {
        words.read(content, most);
        const expected = slowTokens(content).filter(isWord).slice(0, most).map(hashToken);
        expect([...words.values.subarray(0, words.count)]).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('differ for different tokens and orders', () => {
    const words = ['a', 'b', 'ab', 'ba', '.', "it's", 'its'].map(hashToken);
    const pairs = words.flatMap((first) => words.map((second) => hashOnto(first, second)));
    expect(new Set([...words, ...pairs]).size).toBe(words.length * (words.length + 1));
  });
});

describe('counts of texts', () => {
  const texts = fc.array(fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 12 }), { maxLength: 12 });

  test('are those of a map, however the texts come', () => {
    fc.assert(
      fc.property(texts, fc.nat(12), fc.integer({ min: 1, max: 4 }), fc.nat(9), (all, cut, least, most) => {
        const counts = new DocumentCounts();
        const expected = new Map<number, number>();
        all.forEach((hashes, i) => {
          if (i === cut) counts.frequent(1, 1);
          counts.begin(hashes.length);
          for (const hash of hashes) counts.add(hash);
          for (const hash of new Set(hashes)) expected.set(hash >>> 0, (expected.get(hash >>> 0) ?? 0) + 1);
        });
        const kept = [...expected]
          .filter(([, count]) => count >= least)
          .sort((a, b) => b[1] - a[1] || a[0] - b[0])
          .slice(0, most)
          .sort((a, b) => a[0] - b[0]);
        const found = counts.frequent(least, most);
        expect([...found.hashes]).toEqual(kept.map(([hash]) => hash));
        expect([...found.texts]).toEqual(kept.map(([, count]) => count));
      }),
    );
  });
});

describe('NgramEncoder', () => {
  const texts = ['a b c', 'a b d !', 'b a', 'e'];
  const learn = (ngrams: number, weighting: 'presence' | 'tf-idf', vocabulary = 100) =>
    NgramEncoder.learn(texts, { ngrams, weighting, vocabulary });
  const read = (encoder: NgramEncoder, content: string): Record<string, number> =>
    Object.fromEntries(
      encoder.pieces(content, ALL).map(({ text: piece, weight }) => [piece, Number(weight.toFixed(4))]),
    );

  test('knows the n-grams of two texts, each of a text once and with the same weight', () => {
    expect(read(learn(2, 'presence'), 'A b a b c e')).toEqual({ a: 9.2376, b: 9.2376, 'a b': 9.2376 });
  });

  test('tf-idf: counts and rarity, words of one text too, no signs', () => {
    const encoder = learn(1, 'tf-idf');
    const idf = (count: number): number => Math.round(16 * (1 + Math.log(5 / (1 + count)))) / 16;
    const raw = [(1 + Math.log(2)) * idf(3), idf(1), idf(1)];
    const scale = 16 / Math.hypot(...raw);
    const expected = ['b', 'c', 'e'].map((word, i) => [word, Number((scale * raw[i]).toFixed(4))]);
    expect(read(encoder, 'b b c e !')).toEqual(Object.fromEntries(expected));
  });

  test('weights have the length 16, ids stand once and are known', () => {
    const some = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'x', '!'), { maxLength: 20 });
    fc.assert(
      fc.property(some, fc.constantFrom('presence', 'tf-idf'), fc.nat(12), (words, weighting, most) => {
        const encoder = learn(3, weighting as 'presence');
        const { ids, weights } = encoder.encode(words.join(' '), most);
        expect(ids.length).toBe(weights!.length);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(id >= 1 && id <= encoder.vocabulary).toBe(true);
        const length = Math.hypot(...weights!);
        if (length !== 0) expect(length).toBeCloseTo(16, 4);
        else expect(encoder.knownShare(words.join(' '), most)).toBe(0);
        expect(encoder.encode(words.join(' '), most)).toEqual({ ids, weights });
        expect(encoder.pieces(words.join(' '), most).map(({ id }) => id)).toEqual(
          length === 0 ? [] : [...ids],
        );
      }),
    );
  });

  test('a text of nothing known is the first id with weight 0', () => {
    for (const content of ['', '<br>', 'unheard of']) {
      expect(learn(2, 'presence').encode(content, ALL)).toEqual({
        ids: Int32Array.of(1),
        weights: Float32Array.of(0),
      });
    }
  });

  test('knows a share of the tokens: those in some n-gram', () => {
    expect(learn(2, 'presence').knownShare('a b x x', ALL)).toBe(0.5);
    expect(learn(2, 'presence').knownShare('a b x x', 2)).toBe(1);
    expect(learn(2, 'presence').knownShare('', ALL)).toBe(0);
  });

  test('keeps those of most texts where there are too many', () => {
    expect(read(learn(1, 'tf-idf', 2), 'a b c d e')).toHaveProperty('a');
    expect(Object.keys(read(learn(1, 'tf-idf', 2), 'a b c d e')).sort()).toEqual(['a', 'b']);
  });

  test('a selection encodes as the whole does, without the others', () => {
    const whole = learn(1, 'tf-idf');
    const ids = whole.pieces('a b c d e', ALL).filter(({ text: piece }) => piece !== 'c' && piece !== 'e');
    const some = whole.select(Int32Array.from(ids.map(({ id }) => id)).sort());
    const found = some.pieces('a b c d e', ALL);
    expect(found.map(({ text: piece }) => piece)).toEqual(['a', 'b', 'd']);
    const ratio = found[0].weight / ids[0].weight;
    found.forEach(({ weight }, i) => {
      expect(weight / ids[i].weight).toBeCloseTo(ratio, 5);
    });
  });

  test.each(['presence', 'tf-idf'] as const)('%s: comes back as it was saved', (weighting) => {
    const encoder = learn(3, weighting);
    const json: unknown = JSON.parse(JSON.stringify(encoder));
    const again = encoderFromJSON(json, 'x', encoder.arrays);
    expect(again.encode('a b c d ! e', ALL)).toEqual(encoder.encode('a b c d ! e', ALL));
    expect(again.vocabulary).toBe(encoder.vocabulary);
    expect(() => encoderFromJSON(json, 'x', new Map())).toThrow("x: its 'hashes' are missing");
    const turned = new Map(encoder.arrays).set('hashes', Uint32Array.of(3, 2, 1));
    expect(() => encoderFromJSON(json, 'x', turned)).toThrow('x: its hashes are in no order');
    const scales = new Map(encoder.arrays).set('scales', Uint8Array.of(1));
    expect(() => encoderFromJSON(json, 'x', scales)).toThrow(/x: its 'scales' do not fit/);
  });

  test('texts that share nothing give an encoder that knows nothing', () => {
    const encoder = NgramEncoder.learn(['a', 'b'], { ngrams: 2, weighting: 'presence' });
    expect(encoder.vocabulary).toBe(2);
    expect(encoder.encode('a b', ALL).weights).toEqual(Float32Array.of(0));
  });
});
