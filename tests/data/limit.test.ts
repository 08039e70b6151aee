/** A limit on data that come class by class. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takeTurns } from '#eft/data/limit.js';

test('no class is left out, none gets more than its turn, and the first of each come first', () => {
  const items = fc
    .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 })
    .map((labels) => labels.sort().map((label, place) => ({ label, place })));
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 40 }), (items, limit) => {
      const taken = takeTurns(items, limit);
      expect(taken).toHaveLength(Math.min(limit, items.length));
      for (const label of ['a', 'b', 'c']) {
        const all = items.filter((item) => item.label === label);
        const mine = taken.filter((item) => item.label === label);
        expect(mine).toEqual(all.slice(0, mine.length));
        const most = Math.max(...['a', 'b', 'c'].map((l) => taken.filter((item) => item.label === l).length));
        expect(mine.length).toBeGreaterThanOrEqual(Math.min(all.length, most - 1));
      }
    }),
  );
});

test('without effect the order stays', () => {
  const items = [{ label: 'a' }, { label: 'a' }, { label: 'b' }];
  expect(takeTurns(items, Number.POSITIVE_INFINITY)).toEqual(items);
});
