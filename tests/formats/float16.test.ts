/** Halves: every one is read and written back; others go to the nearest. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromFloat16, toFloat16 } from '#eft/formats/float16.js';

const nearest = (value: number): number => fromFloat16(toFloat16(Float32Array.of(value)))[0];

test('every half that is a number comes back', () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  const values = fromFloat16(halves);
  const back = toFloat16(values);
  const wrong = [...halves].filter((half, i) => !Number.isNaN(values[i]) && back[i] !== half);
  expect(wrong).toEqual([]);
});

test('values of known bits', () => {
  const known = [
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_520, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1 / 3, 0x3555],
    [Number.NEGATIVE_INFINITY, 0xfc00],
  ];
  expect([...toFloat16(Float32Array.from(known, ([value]) => value))]).toEqual(known.map(([, bits]) => bits));
  expect(nearest(Number.NaN)).toBeNaN();
});

test('no other half is nearer, and of two equally near the even one is taken', () => {
  fc.assert(
    fc.property(fc.float({ min: -65_504, max: 65_504, noNaN: true }), (value) => {
      const [half] = toFloat16(Float32Array.of(value));
      const away = Math.abs(nearest(value) - value);
      for (const other of [half - 1, half + 1]) {
        if ((other & 0x7fff) >= 0x7c00 || other < 0) continue;
        const distance = Math.abs(fromFloat16(Uint16Array.of(other))[0] - value);
        expect(away).toBeLessThanOrEqual(distance);
        if (away === distance && away > 0) expect(half % 2).toBe(0);
      }
    }),
    { numRuns: 2000 },
  );
});
