/** Vectors of words: those that stand in like company are alike. */
import { describe, expect, test } from 'vitest';
import type { EncodedDataset } from '#eft/data/encoded.js';
import { wordVectors } from '#eft/learning/solvers/wordVectors.js';
import { RandomStream } from '#eft/random.js';

const FIRST = 2;
const PER_TOPIC = 10;

/** Texts of one of `topics` topics; each has words of its own, ids from 2 on, and id 1 stands between. */
function texts(topics: number, count = 300): EncodedDataset {
  const random = new RandomStream(1, 'test');
  const length = 12;
  const tokens = Int32Array.from({ length: count * length }, (_, t) => {
    const topic = Math.floor(t / length) % topics;
    return random.next() < 0.2 ? 1 : FIRST + topic * PER_TOPIC + random.nextInteger(PER_TOPIC);
  });
  const offsets = Float64Array.from({ length: count + 1 }, (_, i) => i * length);
  return { tokens, offsets, labels: new Int32Array(count) };
}

const cosine = (a: Float32Array, b: Float32Array): number => {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, v, i) => sum + v * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

describe('three topics', () => {
  // As many as there are topics.
  const dimensions = 3;
  const options = { first: FIRST, last: FIRST + 3 * PER_TOPIC + 4, dimensions, seed: 5 };
  const vectors = wordVectors(texts(3), options);
  const vector = (word: number): Float32Array => vectors.subarray(word * dimensions, (word + 1) * dimensions);

  test('words of one topic point the same way, those of two do not', () => {
    for (let a = 0; a < 3 * PER_TOPIC; a++) {
      for (let b = 0; b < a; b++) {
        const same = Math.floor(a / PER_TOPIC) === Math.floor(b / PER_TOPIC);
        const likeness = cosine(vector(a), vector(b));
        if (same) expect(likeness).toBeGreaterThan(0.8);
        else expect(Math.abs(likeness)).toBeLessThan(0.3);
      }
    }
  });

  test('words that no text has are zero, and the others have mean square 1', () => {
    const known = 3 * PER_TOPIC * dimensions;
    expect([...vectors.subarray(known)].every((value) => value === 0)).toBe(true);
    const square = vectors.reduce((sum, value) => sum + value * value, 0);
    expect(square / known).toBeCloseTo(1, 4);
  });

  test('the same for the same seed', () => {
    expect(wordVectors(texts(3), options)).toEqual(vectors);
  });
});

test('with as many dimensions as words they give back the mutual information', () => {
  // Words 2 and 3 stand together, 4 and 5 too.
  const tokens = Int32Array.of(2, 3, 2, 3, 4, 5, 4, 5);
  const data = { tokens, offsets: Float64Array.of(0, 4, 8), labels: new Int32Array(2) };
  const vectors = wordVectors(data, { first: 2, last: 5, dimensions: 4, seed: 1 });
  const product = (a: number, b: number): number => {
    let sum = 0;
    for (let k = 0; k < 4; k++) sum += vectors[4 * a + k] * vectors[4 * b + k];
    return sum;
  };
  // |M| of a symmetric matrix of two equal blocks: within a block alike, between blocks nothing.
  expect(product(0, 2)).toBeCloseTo(0, 4);
  expect(product(0, 0)).toBeCloseTo(product(2, 2), 4);
  expect(product(0, 1)).toBeCloseTo(product(2, 3), 4);
});

test('no text, and one text of one word, have no vectors', () => {
  const nothing = { tokens: new Int32Array(0), offsets: Float64Array.of(0), labels: new Int32Array(0) };
  const one = { tokens: Int32Array.of(2), offsets: Float64Array.of(0, 1), labels: new Int32Array(1) };
  for (const data of [nothing, one]) {
    const vectors = wordVectors(data, { first: 2, last: 9, dimensions: 3, seed: 0 });
    expect([...vectors]).toEqual(new Array(24).fill(0));
  }
});
