/** The random numbers: known answers of Philox, and the streams made of it. */
import { describe, expect, it } from 'vitest';
import { PURPOSE, philox, RandomStream } from '#eft/random.js';

/** Known-answer vectors of Random123 (kat_vectors, philox4x32 10): counter, key, result. */
const KNOWN_ANSWERS = [
  ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
] as const;

const words = (text: string): number[] => text.split(' ').map((word) => Number.parseInt(word, 16));

describe('philox', () => {
  it.each(KNOWN_ANSWERS)('counter %s, key %s', (counter, key, answer) => {
    const [c0, c1, c2, c3] = words(counter);
    const [k0, k1] = words(key);
    const out = new Uint32Array(4);
    philox(c0, c1, c2, c3, k0, k1, out);
    expect([...out]).toEqual(words(answer));
  });
});

describe('RandomStream', () => {
  const take = (stream: RandomStream, count: number): number[] =>
    Array.from({ length: count }, () => stream.nextUint32());

  it('gives the words of the Philox blocks 0, 1, … of its key', () => {
    const expected: number[] = [];
    const block = new Uint32Array(4);
    for (const counter of [0, 1]) {
      philox(counter, 0, 5, 9, 77, PURPOSE.shuffle, block);
      expected.push(...block);
    }
    expect(take(new RandomStream(77, 'shuffle', 5, 9), 8)).toEqual(expected);
  });

  it('is another stream for another seed, purpose, step or item', () => {
    const streams = [
      new RandomStream(1, 'test', 2, 3),
      new RandomStream(2, 'test', 2, 3),
      new RandomStream(1, 'order', 2, 3),
      new RandomStream(1, 'test', 3, 3),
      new RandomStream(1, 'test', 2, 4),
    ];
    expect(new Set(streams.map((stream) => take(stream, 4).join())).size).toBe(streams.length);
  });

  it('is uniform in [0, 1) and normal where asked', () => {
    const count = 20_000;
    const random = new RandomStream(3, 'test');
    const uniform = Array.from({ length: count }, () => random.next());
    const normal = Array.from({ length: count }, () => random.nextNormal());
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const square = (values: readonly number[]): number => mean(values.map((value) => value * value));
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    // Five standard errors of each statistic.
    const bound = (variance: number): number => 5 * Math.sqrt(variance / count);
    expect(Math.abs(mean(uniform) - 1 / 2)).toBeLessThan(bound(1 / 12));
    expect(Math.abs(square(uniform) - 1 / 3)).toBeLessThan(bound(4 / 45));
    expect(Math.abs(mean(normal))).toBeLessThan(bound(1));
    expect(Math.abs(square(normal) - 1)).toBeLessThan(bound(2));
  });

  it('permutes', () => {
    const order = new RandomStream(4, 'test').permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...order.slice(0, 10)]).not.toEqual([...order.slice(0, 10)].sort((a, b) => a - b));
    expect([...new RandomStream(4, 'test').permutation(0)]).toEqual([]);
  });

  it('draws integers below a bound', () => {
    const random = new RandomStream(5, 'test');
    const drawn = new Set(Array.from({ length: 200 }, () => random.nextInteger(3)));
    expect([...drawn].sort()).toEqual([0, 1, 2]);
  });
});
