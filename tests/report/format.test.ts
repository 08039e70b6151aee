/** How figures are written. */
import { describe, expect, it } from 'vitest';
import {
  count,
  growth,
  joined,
  level,
  memory,
  milliseconds,
  percent,
  plural,
  points,
  pointsRange,
  pValue,
  seconds,
  shortNumber,
  shortSeconds,
  signedPoints,
} from '#eft/report/format.js';

describe('format', () => {
  it('writes shares and points with true signs', () => {
    expect([percent(0.12345), percent(0.5, 0), percent(-0.1, 1)]).toEqual(['12.35%', '50%', '−10.0%']);
    expect([0.0123, -0.0123, 0, -0.0001].map((value) => points(value))).toEqual([
      '1.2',
      '−1.2',
      '0.0',
      '0.0',
    ]);
    expect([0.0123, -0.0123, 0].map((value) => signedPoints(value))).toEqual(['+1.2', '−1.2', '0.0']);
    expect(pointsRange([-0.01, 0.02])).toBe('−1.0 to +2.0');
    expect([undefined, 0.227, -0.05].map(growth)).toEqual(['–', '+22.7%', '−5.0%']);
  });
  it('writes times as long as they are', () => {
    expect([0.04, 9.9, 9.96, 59.6, 119.7, 125, 3599.9].map(seconds)).toEqual([
      ...['0.0 s', '9.9 s', '10 s', '60 s', '2 min 0 s', '2 min 5 s', '60 min 0 s'],
    ]);
    expect([0, 0.0456, 0.5, 9.96, 870.25].map(shortSeconds)).toEqual(['0', '0.046', '0.50', '10.0', '870.3']);
    expect([0.0456, 3.1449].map(milliseconds)).toEqual(['0.046', '3.14']);
  });
  it('writes counts, memory, levels and p-values', () => {
    expect([count(1024), plural(1, 'thread'), plural(2000, 'class', 'classes')]).toEqual([
      ...['1,024', '1 thread', '2,000 classes'],
    ]);
    expect([5e6, 1.5e9].map(memory)).toEqual(['5 MB', '1.50 GB']);
    expect([0.95, 1 - 0.05 / 3, 0.9995].map(level)).toEqual(['95%', '98.3%', '99.95%']);
    expect([0.00001, 0.03125, 1].map(pValue)).toEqual(['< 0.0001', '0.0313', '1.0000']);
    expect([1_500_000, 20_000, 1500, 0.25, 0.005].map(shortNumber)).toEqual([
      ...['1.5M', '20k', '1,500', '0.25', '0.005'],
    ]);
  });
  it('joins words, and names with a comma of their own by semicolons', () => {
    expect([['a'], ['a', 'b'], ['256', '1,024']].map(joined)).toEqual(['a', 'a and b', '256 and 1,024']);
    expect(joined(['a', 'b, c', 'd'])).toBe('a; b, c; and d');
  });
});
