/** Thresholds whose promises hold, sets that cover, curves and areas by hand. */
import { describe, expect, it } from 'vitest';
import { atMost, lowerBound, upperBound } from '#eft/evaluation/binomial.js';
import { setOf, setThreshold } from '#eft/evaluation/conformal.js';
import { brokenPromise, isUnsure } from '#eft/evaluation/doubt.js';
import { measureDoubt } from '#eft/evaluation/doubtMeasured.js';
import { type LeftOut, leftOutOf } from '#eft/evaluation/leftOut.js';
import { rankAreaOf } from '#eft/evaluation/rankArea.js';
import { riskCoverageOf } from '#eft/evaluation/riskCoverage.js';
import { thresholdAt, thresholdForCoverage, thresholdForError } from '#eft/evaluation/selective.js';
import { changedDoubt, settleDoubt } from '#eft/evaluation/settleDoubt.js';
import { evidenceOf, unlikeness } from '#eft/evaluation/unlikeness.js';
import { RandomStream } from '#eft/random.js';
import { runs } from '../exhaustive.js';

/** Scores that mean what they say, of two classes: the margin is drawn evenly up to this. */
const MOST_MARGIN = 6;
const scoreAt = (margin: number): number => 1 / (1 + Math.exp(-margin));
const marginOf = (score: number): number => Math.log(score / (1 - score));

function drawn(count: number, seed: number): LeftOut {
  const random = new RandomStream(seed, 'test');
  const confidence = Array.from({ length: count }, () => scoreAt(MOST_MARGIN * random.next()));
  const right = confidence.map((score) => random.next() < score);
  const own = confidence.map((score, i) => (right[i] ? score : 1 - score));
  return { confidence, right, own, evidence: own.map(() => 1) };
}

/** Share of all answers with a score of so much and more, and of these the share of wrong ones: integrals over the margin. */
function truth(below: number): { coverage: number; error: number } {
  const from = below <= 0.5 ? 0 : marginOf(below);
  const integral = (margin: number): number => -Math.log1p(Math.exp(-margin));
  const error = (integral(MOST_MARGIN) - integral(from)) / (MOST_MARGIN - from);
  return { coverage: 1 - from / MOST_MARGIN, error };
}

/** More of so many draws would happen once in a thousand times, where each has a probability of 5%. */
const mostBroken = (draws: number): number => 0.05 * draws + 3.3 * Math.sqrt(draws * 0.05 * 0.95);

const leftOut = (confidence: readonly number[], right: readonly boolean[]): LeftOut => ({
  confidence,
  right,
  own: confidence.map((score, i) => (right[i] ? score : 1 - score)),
  evidence: confidence.map(() => 1),
});

describe('bounds of a share', () => {
  it('are those of Clopper and Pearson', () => {
    expect(upperBound(0, 59, 0.95)).toBeCloseTo(1 - 0.05 ** (1 / 59), 10);
    expect(upperBound(3, 3, 0.95)).toBe(1);
    expect(lowerBound(59, 59, 0.95)).toBeCloseTo(0.05 ** (1 / 59), 10);
    expect(atMost(upperBound(7, 90, 0.95) > 0 ? 7 : 0, 90, upperBound(7, 90, 0.95))).toBeCloseTo(0.05, 9);
    expect(atMost(1, 2, 0.5)).toBeCloseTo(0.75, 12);
  });
});

describe('a largest error', () => {
  const draws = runs(100);
  for (const [count, most] of [
    [200, 0.1],
    [1000, 0.05],
  ]) {
    it(`of ${most} by ${count} examples is exceeded no more often than stated`, () => {
      let [broken, answered] = [0, 0];
      for (let seed = 0; seed < draws; seed++) {
        const { below } = thresholdForError(drawn(count, seed), most);
        if (below === null) continue;
        const { coverage, error } = truth(below);
        broken += Number(error > most);
        answered += coverage / draws;
      }
      expect(broken).toBeLessThanOrEqual(mostBroken(draws));
      expect(answered).toBeGreaterThan(0.3);
    });
  }

  it('that all examples keep makes no answer unsure', () => {
    const all = leftOut(
      Array.from({ length: 100 }, (_, i) => 1 - i / 1000),
      new Array(100).fill(true),
    );
    expect(thresholdForError(all, 0.05)).toEqual({ below: 0, examples: 100, answered: 100, wrong: 0 });
  });

  it('never parts answers with the same score', () => {
    const scores = [...new Array(120).fill(0.9), ...new Array(40).fill(0.8)];
    const rule = thresholdForError(
      leftOut(
        scores,
        scores.map((score, i) => score > 0.85 || i % 4 > 0),
      ),
      0.05,
    );
    expect(rule).toEqual({ below: 0.9, examples: 160, answered: 120, wrong: 0 });
  });

  it('says what could be promised where it cannot be', () => {
    const few = settleDoubt({ maxError: 0.01 }, leftOut(new Array(200).fill(0.9), new Array(200).fill(true)));
    expect(few.unsure?.below).toBeNull();
    expect(isUnsure(few.unsure!, 1)).toBe(true);
    expect(brokenPromise(few)).toContain(
      'with 200 examples left out no error rate below 1.5% can be promised at 95% confidence',
    );
    expect(brokenPromise(few)).toContain('1.0% needs 299 or more');
    const wrong = settleDoubt({ maxError: 0.05 }, drawn(150, 3));
    const { lowestError = 0 } = wrong.unsure!;
    expect(thresholdForError(drawn(150, 3), lowestError * 1.002).answered).toBeGreaterThan(0);
    expect(brokenPromise(wrong)).toContain('for any part of the answers');
    expect(() => changedDoubt(undefined, { maxError: 0.01 }, few && drawn(100, 1))).toThrow(
      /can be promised/,
    );
  });
});

describe('a least coverage', () => {
  it('is missed no more often than stated', () => {
    const draws = runs(100);
    const covered = Array.from({ length: draws }, (_, seed) => {
      const { below } = thresholdForCoverage(drawn(300, seed), 0.8);
      return truth(below!).coverage;
    });
    expect(covered.filter((coverage) => coverage < 0.8).length).toBeLessThanOrEqual(mostBroken(draws));
    expect(covered.reduce((sum, one) => sum + one, 0) / draws).toBeLessThan(0.9);
  });

  it('of few examples answers all', () => {
    expect(thresholdForCoverage(drawn(10, 1), 0.9)).toMatchObject({ below: 0, answered: 10 });
  });
});

describe('sets', () => {
  it('cover what is asked, in the mean', () => {
    const draws = runs(100);
    let covered = 0;
    for (let seed = 0; seed < draws; seed++) {
      const least = setThreshold(drawn(150, seed).own, 0.9);
      const { own } = drawn(200, 10_000 + seed);
      covered += own.filter((score) => score >= least).length / own.length / draws;
    }
    // Its expectation is between 0.9 and 0.9 + 1/151; a draw of 150 deviates by 0.025, and one of 200 by 0.02.
    expect(covered).toBeGreaterThan(0.9 - (3.3 * 0.033) / Math.sqrt(draws));
    expect(covered).toBeLessThan(0.907 + (3.3 * 0.033) / Math.sqrt(draws));
  });

  it('hold all classes where the examples are too few', () => {
    expect(setThreshold(new Array(18).fill(0.5), 0.95)).toBe(0);
    expect(setThreshold([0.1, ...new Array(18).fill(0.5)], 0.95)).toBe(0.1);
  });

  it('hold the classes whose score reaches the threshold, or none', () => {
    expect(setOf([0.2, 0.5, 0.3], 0.3)).toEqual([1, 2]);
    expect(setOf([0.2, 0.5, 0.3], 0.6)).toEqual([]);
  });
});

describe('risk and coverage', () => {
  it('by hand', () => {
    const { points, area } = riskCoverageOf([0.7, 0.9, 0.8], [true, true, false], 3);
    expect(points.map(({ coverage, score, error }) => [coverage, score, error])).toEqual([
      [1 / 3, 0.9, 0],
      [2 / 3, 0.8, 1 / 2],
      [1, 0.7, 1 / 3],
    ]);
    expect(area).toBeCloseTo((0 + 1 / 2 + 1 / 3) / 3, 12);
  });

  it('has an interval around its area, which more examples narrow', () => {
    const width = (count: number): number => {
      const { confidence, right } = drawn(count, 5);
      const { area, areaInterval } = riskCoverageOf(confidence, right);
      expect(areaInterval[0]).toBeLessThan(area);
      expect(areaInterval[1]).toBeGreaterThan(area);
      return areaInterval[1] - areaInterval[0];
    };
    expect(width(2000)).toBeLessThan(width(200) / 2);
  });
});

describe('doubt on examples', () => {
  it('counts unsure answers, sets, and examples of unknown classes', () => {
    const logits = Float64Array.of(3, 0, 0, 3, 0.1, 0, 3, 0);
    const labels = Int32Array.of(0, 0, 0, -1);
    const doubt = {
      asked: { unsure: 0.8, sets: 0.9 },
      unsure: { below: 0.8 },
      sets: { least: 0.3, examples: 50, right: 40 },
    };
    const unlike = Float64Array.of(0.1, 0.2, 0.3, 0.99);
    const measured = measureDoubt({ logits, labels, unlike }, 2, doubt);
    expect(measured.unsure).toMatchObject({ answered: { share: 3 / 4 }, wrong: { share: 2 / 3 } });
    expect(measured.sets).toMatchObject({
      asked: 0.9,
      coverage: { share: 1 / 2 },
      meanSize: 5 / 4,
      sizes: [0, 3, 1],
    });
    expect(measured.unknownScore).toMatchObject({ over95: { share: 0 }, apart: { area: 1 } });
  });

  it('takes scores and evidence from logits', () => {
    const { confidence, right, own, evidence } = leftOutOf([2, 0, 1, 0, 3, 0], [0, 2], 3);
    const e = Math.exp;
    expect(confidence[0]).toBeCloseTo(e(2) / (e(2) + 1 + e(1)), 8);
    expect(own[1]).toBeCloseTo(1 / (2 + e(3)), 8);
    expect(right).toEqual([true, false]);
    expect(evidence).toEqual([1, 2]);
  });

  it('keeps what is not asked anew', () => {
    const kept = drawn(400, 2);
    const saved = settleDoubt({ maxError: 0.2, sets: 0.9 }, kept);
    const changed = changedDoubt(saved, { unsure: 0.7 }, undefined);
    expect(changed.sets).toEqual(saved.sets);
    expect(changed.unsure).toEqual({ below: 0.7 });
    expect(changed.asked).toEqual({ unsure: 0.7, sets: 0.9 });
    expect(changedDoubt(saved, { sets: 0.8 }, kept).unsure).toEqual(saved.unsure);
    expect(thresholdAt(kept, 0).answered).toBe(400);
  });

  it('refuses two rules for one thing, and goals without examples', () => {
    expect(() => settleDoubt({ unsure: 0.5, maxError: 0.1 }, drawn(10, 1))).toThrow(/give one of them/);
    expect(() => settleDoubt({ sets: 0.9 }, undefined)).toThrow(/left-out\.json/);
  });
});

describe('unlikeness', () => {
  const sorted = [1, 2, 3, 4];
  const of = (evidence: number, known = 1): number => unlikeness(sorted, [evidence, -evidence], known);
  it('falls with the evidence, from none at all to more than any', () => {
    expect(evidenceOf([3, 0, 0])).toBe(2);
    expect([0, 0.5, 1, 2.5, 4].map((one) => of(one))).toEqual([1, 0.9, 0.8, 0.5, expect.closeTo(0.2, 12)]);
    expect(of(9)).toBe(0);
  });

  it('is 1 where no word is known, and the same where most are', () => {
    expect(of(9, 0)).toBe(1);
    expect(of(2.5, 0.9)).toBe(of(2.5));
    expect(of(2.5, 0.35)).toBeGreaterThan(of(2.5));
  });
});

describe('area of ranks', () => {
  it('by hand, with half of those alike', () => {
    expect(rankAreaOf([2, 3], [1, 2])?.area).toBe(7 / 8);
    expect(rankAreaOf([], [1])).toBeUndefined();
  });

  it('has an interval that holds the truth as often as it says', () => {
    // Of exponential scores with rates 1 and 2 the first is larger with probability 2/3.
    const draws = runs(60);
    let missed = 0;
    for (let seed = 0; seed < draws; seed++) {
      const random = new RandomStream(seed, 'test');
      const exponential = (rate: number) => (): number => -Math.log(1 - random.next()) / rate;
      const { interval } = rankAreaOf(
        Array.from({ length: 80 }, exponential(1)),
        Array.from({ length: 120 }, exponential(2)),
      )!;
      missed += Number(interval[0] > 2 / 3 || interval[1] < 2 / 3);
    }
    expect(missed).toBeLessThanOrEqual(mostBroken(draws));
  });
});
