/** The test that decides: known values, its interval, Holm's correction, and what it finds in simulations. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactMcNemar, holm, itemsNeeded, pairedTest } from '#eft/evaluation/pairedTest.js';
import { type Simulated, simulate } from './simulation.js';

describe('exactMcNemar', () => {
  // Twice the binomial tail with p = 1/2.
  it.each([
    [0, 0, 1],
    [5, 5, 1],
    [1, 9, 22 / 1024],
    [0, 6, 2 / 64],
    [9, 1, 22 / 1024],
  ])('of %d and %d', (a, b, p) => expect(exactMcNemar(a, b)).toBeCloseTo(p, 12));
});

/** Answers that differ on `onlyA` + `onlyB` items. */
function answers(both: number, onlyA: number, onlyB: number): [boolean[][], boolean[][]] {
  const of = (...parts: [number, boolean][]): boolean[][] => [
    parts.flatMap(([length, right]) => new Array<boolean>(length).fill(right)),
  ];
  return [of([both + onlyA, true], [onlyB, false]), of([both, true], [onlyA, false], [onlyB, true])];
}

describe('pairedTest', () => {
  it('is never surer than exact McNemar where each model has one seed', () => {
    const [a, b] = answers(61, 11, 3);
    const { difference, pValue, mcNemar } = pairedTest(a, b);
    expect(difference).toBeCloseTo(8 / 75, 12);
    // 2 · (1 + 14 + 91 + 364) / 2¹⁴.
    expect(mcNemar).toBeCloseTo(940 / 16384, 12);
    expect(pValue).toBe(mcNemar);
  });
  it('finds nothing between equals', () => {
    const [a] = answers(50, 10, 10);
    const { difference, pValue, interval } = pairedTest(a, a);
    expect(difference).toBe(0);
    expect(pValue).toBe(1);
    const [low, high] = interval(0.95);
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });
  it('has an interval near the normal one for many items', () => {
    // 100 of 1,000 items are right with a alone: standard error √(0.1 · 0.9 / 1000).
    const [low, high] = pairedTest(...answers(900, 100, 0)).interval(0.95);
    const error = Math.sqrt(0.09 / 1000);
    expect(Math.abs(low - (0.1 - 1.96 * error))).toBeLessThan(0.1 * error);
    expect(Math.abs(high - (0.1 + 1.96 * error))).toBeLessThan(0.1 * error);
  });
  it('lets seeds that vary widen the interval, and lends them to a model with one seed', () => {
    const share = (right: number): boolean[] => Array.from({ length: 100 }, (_, i) => i < right);
    const steady = pairedTest([share(75), share(75)], [share(60), share(60)]);
    const varied = pairedTest([share(60), share(90)], [share(60), share(60)]);
    expect(varied.difference).toBeCloseTo(steady.difference, 12);
    expect(varied.seedVariance).toBeGreaterThan(0);
    expect(varied.interval(0.95)[0]).toBeLessThan(steady.interval(0.95)[0]);
    expect(pairedTest([share(60), share(90)], [share(60)]).seedVariance).toBeGreaterThan(0);
  });
  it('holds zero in its interval exactly where it is not sure, at every level, and turns with its sides', () => {
    const runs = (items: number, seeds: number) =>
      fc.array(fc.array(fc.boolean(), { minLength: items, maxLength: items }), {
        minLength: seeds,
        maxLength: seeds,
      });
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
      .chain(([items, a, b]) => fc.tuple(runs(items, a), runs(items, b)));
    fc.assert(
      fc.property(cases, fc.constantFrom(0.9, 0.95, 0.99), ([a, b], level) => {
        const one = pairedTest(a, b);
        const [low, high] = one.interval(level);
        expect(Number.isFinite(one.pValue) && low < high).toBe(true);
        // On the edge itself rounding decides.
        if (Math.abs(one.pValue - (1 - level)) > 1e-9) {
          expect(low <= 0 && high >= 0).toBe(one.pValue > 1 - level);
        }
        const other = pairedTest(b, a);
        expect(other.pValue).toBeCloseTo(one.pValue, 10);
        expect(other.interval(level)[0]).toBeCloseTo(-high, 10);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('200 simulated comparisons', () => {
  const shown = (design: Simulated): number =>
    Array.from({ length: 200 }, (_, i) => pairedTest(...simulate(design, i)).pValue < 0.05).filter(Boolean)
      .length;
  const same = [0.85, 0.85] as const;
  it.each<[string, Simulated]>([
    ['75 items, one seed', { items: 75, seeds: 1, accuracies: same }],
    ['300 items, one seed', { items: 300, seeds: 1, accuracies: same }],
    ['300 items, three seeds that vary', { items: 300, seeds: 3, accuracies: same, spread: 0.02 }],
    ['2,000 items, two seeds that vary', { items: 2000, seeds: 2, accuracies: same, spread: 0.01 }],
  ])('without a true difference show one in at most 5 %%: %s', (_, design) => {
    expect(shown(design)).toBeLessThanOrEqual(10);
  });
  it.each<[string, Simulated]>([
    ['one seed', { items: 2000, seeds: 1, accuracies: [0.88, 0.85] }],
    ['three seeds that vary', { items: 2000, seeds: 3, accuracies: [0.88, 0.85], spread: 0.005 }],
  ])('with 3 points between the models and 2,000 items show it in at least 80 %%: %s', (_, design) => {
    expect(shown(design)).toBeGreaterThanOrEqual(160);
  });
  it('are why McNemar on one seed does not decide: where seeds vary it finds a difference that is none', () => {
    const design = { items: 2000, seeds: 3, accuracies: same, spread: 0.01 };
    const found = Array.from({ length: 200 }, (_, i) => pairedTest(...simulate(design, i)));
    expect(found.filter(({ mcNemar }) => mcNemar < 0.05).length).toBeGreaterThan(30);
  });
});

describe('holm', () => {
  it('multiplies by the tests that are left, and never falls', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005]).adjusted.map((p) => Number(p.toFixed(12)))).toEqual([
      0.03, 0.06, 0.06, 0.02,
    ]);
    expect(holm([]).adjusted).toEqual([]);
  });
  it('gives the level at which an interval decides as the corrected test does', () => {
    // Two are shown, two are left: 1 − 0.05 / 2.
    expect(holm([0.01, 0.04, 0.03, 0.005]).level).toBeCloseTo(0.975, 12);
    expect(holm([0.2, 0.3, 0.4]).level).toBeCloseTo(1 - 0.05 / 3, 12);
    expect(holm([0.001]).level).toBeCloseTo(0.95, 12);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (ps) => {
          const { adjusted, level } = holm(ps);
          ps.forEach((p, i) => {
            if (Math.abs(p - (1 - level)) > 1e-9) expect(adjusted[i] < 0.05).toBe(p < 1 - level);
          });
        },
      ),
      { seed: 1 },
    );
  });
});

describe('itemsNeeded', () => {
  it('is (z₀.₉₇₅ + z₀.₈)² σ² / δ²', () => {
    // (1.95996 + 0.84162)² = 7.8489.
    const needed = (difference: number, seedVariance = 0): number =>
      itemsNeeded({ difference, itemVariance: 0.2, seedVariance }, 0.95);
    expect(needed(0.03)).toBe(Math.ceil((7.8488797 * 0.2) / 0.0009));
    expect(needed(0)).toBe(Number.POSITIVE_INFINITY);
    // 0.03² / 7.8489 = 1.147e-4: seeds leave half of it, or less than nothing.
    expect(needed(0.03, 0.0009 / 7.8488797 / 2)).toBe(Math.ceil((2 * 7.8488797 * 0.2) / 0.0009));
    expect(needed(0.03, 0.0002)).toBe(Number.POSITIVE_INFINITY);
  });
  it('says rightly how many items show a difference in four of five comparisons', () => {
    const accuracies = [0.88, 0.85] as const;
    const { itemVariance } = pairedTest(...simulate({ items: 20_000, seeds: 1, accuracies }, 0));
    const items = itemsNeeded({ difference: 0.03, itemVariance, seedVariance: 0 }, 0.95);
    const found = Array.from({ length: 200 }, (_, i) =>
      pairedTest(...simulate({ items, seeds: 1, accuracies }, i)),
    ).filter(({ pValue }) => pValue < 0.05).length;
    // 160 are expected; four standard errors of a share of 0.8 are 23.
    expect(Math.abs(found - 160)).toBeLessThan(23);
  });
});
