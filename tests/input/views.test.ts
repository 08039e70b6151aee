/** Kinds of n-grams, and several of them joined. */
import { describe, expect, test } from 'vitest';
import type { NgramUnit } from '#eft/input/encoder.js';
import { encoderFromJSON } from '#eft/input/index.js';
import { NgramEncoder } from '#eft/input/ngrams.js';
import { ViewsEncoder } from '#eft/input/views.js';

const ALL = Number.POSITIVE_INFINITY;

/** What scikit-learn's CountVectorizer(analyzer='char_wb', ngram_range=(2, 4)) counts (1.6.1). */
const CHAR_WB: readonly (readonly [text: string, counts: Readonly<Record<string, number>>])[] = [
  [
    "Don't  go, gogo!",
    {
      ...{ ' d': 1, ' do': 1, ' don': 1, ' g': 2, ' go': 2, ' go,': 1, ' gog': 1, '! ': 1, "'t": 1 },
      ...{ "'t ": 1, ', ': 1, do: 1, don: 1, "don'": 1, go: 3, 'go!': 1, 'go! ': 1, 'go,': 1, 'go, ': 1 },
      ...{ gog: 1, gogo: 1, "n'": 1, "n't": 1, "n't ": 1, 'o!': 1, 'o! ': 1, 'o,': 1, 'o, ': 1, og: 1 },
      ...{ ogo: 1, 'ogo!': 1, on: 1, "on'": 1, "on't": 1, 't ': 1 },
    },
  ],
  [
    'a \n ÉTÉ',
    {
      ...{ ' a': 1, ' a ': 1, ' é': 1, ' ét': 1, ' été': 1, 'a ': 1, té: 1, 'té ': 1, 'é ': 1, ét: 1 },
      ...{ été: 1, 'été ': 1 },
    },
  ],
  ['x', { ' x': 1, ' x ': 1, 'x ': 1 }],
];

const characters = (texts: readonly string[]): NgramEncoder =>
  NgramEncoder.learn(texts, { unit: 'chars', ngrams: 4, orders: [2, 3, 4], weighting: 'tf-idf', least: 1 });

describe('characters within words', () => {
  test.each(CHAR_WB)('%j has the n-grams of char_wb, sublinear', (text, counts) => {
    const pieces = characters([text]).pieces(text, ALL);
    const found = Object.fromEntries(pieces.map(({ text: piece, weight }) => [piece, weight]));
    expect(Object.keys(found).sort()).toEqual(Object.keys(counts).sort());
    // All stand in the only text, so rarity is the same.
    const raw = Object.entries(counts).map(([piece, count]) => [piece, 1 + Math.log(count)] as const);
    const length = Math.hypot(...raw.map(([, weight]) => weight));
    for (const [piece, weight] of raw) expect(found[piece]).toBeCloseTo((16 * weight) / length, 4);
  });

  test('do not reach from one word into the next, nor see signs outside of ASCII as two', () => {
    const pieces = characters(['ab 😀'])
      .pieces('ab 😀', ALL)
      .map(({ text }) => text);
    expect(pieces).toContain(' 😀 ');
    expect(pieces).not.toContain('b 😀');
  });
});

describe('places', () => {
  const learn = (texts: readonly string[]): NgramEncoder =>
    NgramEncoder.learn(texts, { unit: 'positions', ngrams: 2, least: 1 });

  test('tell the same n-gram at two places apart', () => {
    const encoder = learn(['ACCA', 'CAAC']);
    const pieces = encoder.pieces('ACCA', ALL).map(({ text }) => text);
    expect(pieces).toEqual(['a at 1', 'c at 2', 'c at 3', 'a at 4', 'ac at 1', 'cc at 2', 'ca at 3']);
    expect(encoder.encode('CACA', ALL).ids.length).toBe(1 + 1 + 1 + 1 + 1 + 0 + 1);
  });

  test('are nothing where lengths differ', () => {
    expect(learn(['ACCA', 'CA', 'C']).size).toBe(0);
  });
});

describe('tf-idf with signs', () => {
  test('has them as words, and older files mean what they meant', () => {
    const texts = ['so good !', 'so bad ?', 'good ! bad ?'];
    const of = (signs?: boolean): string[] =>
      NgramEncoder.learn(texts, { weighting: 'tf-idf', signs })
        .pieces('good !', ALL)
        .map(({ text }) => text);
    expect(of(true)).toEqual(['good', '!']);
    expect(of()).toEqual(['good']);
  });

  test('an encoder of before encodes to the same bits', () => {
    const json = { format: 'elastic-fourier/ngrams', version: 1, ngrams: 2, weighting: 'tf-idf' };
    const arrays = new Map<string, Uint32Array | Uint8Array>([
      ['hashes', Uint32Array.of(444641715, 794418395, 2193908274)],
      ['scales', Uint8Array.of(20, 24, 20)],
    ]);
    expect(encoderFromJSON(json, 'x', arrays).encode('A b, b a c', ALL)).toEqual({
      ids: Int32Array.of(1, 3, 2),
      weights: Float32Array.of(10.11461353302002, 10.11461353302002, 7.168624401092529),
    });
  });
});

describe('views', () => {
  const texts = ['the cat sat', 'the dog sat', 'a cat and a dog', 'birds sing'];
  const units = (...names: readonly NgramUnit[]) =>
    names.map((unit) => ({ unit, ngrams: 2, least: 1, weighting: 'tf-idf' as const }));
  const joined = ViewsEncoder.learn(texts, { views: units('words', 'chars') });

  test('stand one behind the other, each of its own length', () => {
    const lengths = Float32Array.of(2, 0.5);
    const all = Int32Array.from({ length: joined.vocabulary }, (_, i) => i + 1);
    const { ids, weights } = joined.select(all, lengths).encode('the cat', ALL);
    const second = ids.findIndex((id) => id > joined.firsts[1]);
    expect(second).toBeGreaterThan(0);
    expect(Math.hypot(...weights!.subarray(0, second))).toBeCloseTo(2, 5);
    expect(Math.hypot(...weights!.subarray(second))).toBeCloseTo(0.5, 5);
    expect(joined.views[0].encode('the cat', ALL).ids).toEqual(ids.subarray(0, second));
  });

  test('one without features is not asked', () => {
    const characterIds = Int32Array.from({ length: joined.sizes[1] }, (_, i) => joined.firsts[1] + i + 1);
    const alone = joined.select(characterIds);
    expect(alone.encode('the cat', ALL)).toEqual(joined.views[1].encode('the cat', ALL));
    expect(alone.knownShare('the cat', ALL)).toBe(1);
  });

  test('explain by pieces of every view, in the order of the ids', () => {
    const { ids, weights } = joined.encode('the cat', ALL);
    const pieces = joined.pieces('the cat', ALL);
    expect(pieces.map(({ id }) => id)).toEqual([...ids]);
    expect(pieces.map(({ weight }) => weight)).toEqual([...weights!]);
    expect(pieces.map(({ text }) => text)).toEqual(expect.arrayContaining(['the', 'the cat', ' c', 'at']));
  });

  test('come back as they were saved', () => {
    const json: unknown = JSON.parse(JSON.stringify(joined));
    const again = encoderFromJSON(json, 'x', joined.arrays);
    expect(again.encode('a dog sings', ALL)).toEqual(joined.encode('a dog sings', ALL));
    const without = new Map(joined.arrays);
    without.delete('1.hashes');
    expect(() => encoderFromJSON(json, 'x', without)).toThrow("x: its 'hashes' are missing");
    const long = new Map(joined.arrays).set('lengths', Float32Array.of(1));
    expect(() => encoderFromJSON(json, 'x', long)).toThrow("x: its 'lengths' do not fit its views");
  });

  test('read the same share of a text, by first tokens and by sections', () => {
    const text = 'the cat sat birds sing';
    const first = joined.encode(text, 2);
    expect(first.ids.length).toBeLessThan(joined.encode(text, ALL).ids.length);
    const [whole] = joined.encodeSections(text, [[[0, 5]]]);
    expect(whole).toEqual(joined.encode(text, ALL));
  });

  test('a text of nothing known is the first id with weight 0', () => {
    expect(joined.encode('', ALL)).toEqual({ ids: Int32Array.of(1), weights: Float32Array.of(0) });
  });
});
