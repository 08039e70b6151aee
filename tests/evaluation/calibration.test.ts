/** Calibration by hand-worked cases, and temperatures that are known. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  brierScore,
  calibrationOf,
  cautiousTemperature,
  expectedCalibrationError,
  fitTemperature,
  reliabilityBins,
  safeTemperature,
  scaledProbabilities,
} from '#eft/evaluation/calibration.js';
import { RandomStream } from '#eft/random.js';

describe('reliabilityBins', () => {
  const bins = reliabilityBins([0.1, 0.5, 0.55, 0.6, 1, 0], [false, true, false, true, true, false], 2);
  it('puts a confidence on the border into the lower bin', () => {
    expect(bins.map(({ low, high, count }) => [low, high, count])).toEqual([
      [0, 0.5, 3],
      [0.5, 1, 3],
    ]);
  });
  it('gives mean confidence and accuracy', () => {
    expect(bins[0].confidence).toBeCloseTo(0.2, 12);
    expect(bins[0].accuracy).toBeCloseTo(1 / 3, 12);
    expect(bins[1].confidence).toBeCloseTo(2.15 / 3, 12);
    expect(bins[1].accuracy).toBeCloseTo(2 / 3, 12);
  });
  it('weighs the distances by the answers', () => {
    // ½ · |1/3 − 0.2| + ½ · |2/3 − 2.15/3|.
    expect(expectedCalibrationError(bins)).toBeCloseTo((0.4 / 3 + 0.15 / 3) / 2, 12);
    expect(expectedCalibrationError(reliabilityBins([], []))).toBe(0);
  });
});

describe('brierScore', () => {
  it('is 0 for certainty that is right, 2 for certainty that is wrong, and between', () => {
    expect(brierScore([1, 0], [0], 2)).toBe(0);
    expect(brierScore([1, 0], [1], 2)).toBe(2);
    // (0.7 − 1)² + 0.2² + 0.1², and the same of 1/3 each.
    expect(brierScore([0.7, 0.2, 0.1, 1 / 3, 1 / 3, 1 / 3], [0, 2], 3)).toBeCloseTo((0.14 + 2 / 3) / 2, 12);
  });
});

describe('fitTemperature', () => {
  it('has a closed form for two classes and one size of logit', () => {
    // Three of four are right: σ(2 / T) = 3/4, so T = 2 / ln 3.
    expect(fitTemperature([2, 0, 2, 0, 2, 0, 0, 2], [0, 0, 1, 1], 2)).toBeCloseTo(2 / Math.log(3), 9);
  });
  it('finds the temperature by which logits were spoilt', () => {
    const random = new RandomStream(1, 'test');
    const count = 20_000;
    const logits = Float64Array.from({ length: 3 * count }, () => 2 * random.nextNormal());
    const probabilities = scaledProbabilities(logits, 3, 1);
    const labels = Array.from({ length: count }, (_, i) => {
      const draw = random.next();
      return draw < probabilities[3 * i] ? 0 : draw < probabilities[3 * i] + probabilities[3 * i + 1] ? 1 : 2;
    });
    const spoilt = logits.map((logit) => 2.5 * logit);
    const temperature = fitTemperature(spoilt, labels, 3);
    expect(temperature).toBeCloseTo(2.5 * fitTemperature(logits, labels, 3), 8);
    expect(Math.abs(temperature - 2.5)).toBeLessThan(0.1);
    const [before, after] = [1, temperature].map((own) =>
      calibrationOf(spoilt, labels, 3, { temperature: own }),
    );
    expect(before.error).toBeGreaterThan(0.1);
    expect(after.error).toBeLessThan(0.02);
    expect(after.brier).toBeLessThan(before.brier);
    expect(after.loss).toBeLessThan(before.loss);
  });
  it('stays within its ends where all answers are right, or all wrong', () => {
    expect(fitTemperature([5, 0], [0], 2)).toBe(0.05);
    expect(fitTemperature([5, 0], [1], 2)).toBe(20);
    expect(fitTemperature([], [], 2)).toBe(1);
    expect(fitTemperature([1, 1], [0], 2)).toBe(20);
  });
  it('gives a loss that no other temperature beats', () => {
    const cases = fc.array(
      fc.tuple(
        fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.nat(2),
      ),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(cases, (examples) => {
        const logits = examples.flatMap(([own]) => own);
        const labels = examples.map(([, label]) => label);
        const lossAt = (temperature: number): number =>
          calibrationOf(logits, labels, 3, { temperature }).loss;
        const best = fitTemperature(logits, labels, 3);
        expect(best).toBeGreaterThanOrEqual(0.05);
        expect(best).toBeLessThanOrEqual(20);
        for (const other of [0.05, best * 0.9, best * 1.1, 1, 20]) {
          if (other < 0.05 || other > 20) continue;
          // Below the smallest double a probability is clipped, and so is its loss.
          if (lossAt(other) < 700) expect(lossAt(best)).toBeLessThanOrEqual(lossAt(other) + 1e-9);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe('safeTemperature', () => {
  it('makes answers at most twice as sure, however few examples are all right', () => {
    expect(fitTemperature([5, 0], [0], 2)).toBeLessThan(0.1);
    expect(safeTemperature([5, 0], [0], 2)).toBe(0.5);
  });
  it('is the fitted one above that', () => {
    const [logits, labels] = [
      [2, 0, 2, 0, 2, 0, 0, 2],
      [0, 0, 1, 1],
    ];
    expect(safeTemperature(logits, labels, 2)).toBeCloseTo(2 / Math.log(3), 9);
  });
});

describe('calibrationOf', () => {
  it('takes the first of equal classes as the answer', () => {
    const { bins, loss } = calibrationOf([0, 0, 0, 0], [0, 1], 2, { bins: 4 });
    expect(bins[1]).toMatchObject({ count: 2, confidence: 0.5, accuracy: 0.5 });
    expect(loss).toBeCloseTo(Math.LN2, 12);
  });
});

describe('examples of classes that the model has not', () => {
  it('are answered wrong, and left out of the loss', () => {
    const logits = Float64Array.of(0, Math.log(3), 0, Math.log(3));
    const both = calibrationOf(logits, Int32Array.of(1, -1), 2);
    expect(both.loss).toBeCloseTo(-Math.log(0.75), 12);
    expect(both.error).toBeCloseTo(0.25, 12);
    expect(calibrationOf(logits.subarray(2), Int32Array.of(-1), 2).loss).toBe(0);
  });
});

describe('cautiousTemperature', () => {
  /** Logits of three classes, and labels drawn from their softmax divided by 2. */
  const drawn = (count: number, seed: number) => {
    const random = new RandomStream(seed, 'test');
    const logits = Float64Array.from({ length: 3 * count }, () => 4 * random.nextNormal());
    const chances = scaledProbabilities(logits, 3, 2);
    const labels = Int32Array.from({ length: count }, (_, i) => {
      const place = random.next();
      return place < chances[3 * i] ? 0 : place < chances[3 * i] + chances[3 * i + 1] ? 1 : 2;
    });
    return { logits, labels };
  };
  it('is on the safe side of the temperature that the labels were drawn with, nearly always', () => {
    const found = Array.from({ length: 100 }, (_, seed) => {
      const { logits, labels } = drawn(60, seed);
      return cautiousTemperature(logits, labels, 3);
    });
    expect(found.filter((temperature) => temperature < 2).length).toBeLessThan(10);
    expect(Math.max(...found)).toBeLessThan(8);
  });
  it('comes to that temperature with many examples', () => {
    const { logits, labels } = drawn(20_000, 1);
    expect(cautiousTemperature(logits, labels, 3)).toBeCloseTo(2, 0);
  });
  it('is not certain of few that are all right, and 1 without any', () => {
    const logits = Float64Array.of(5, 0, 0, 5, 5, 0);
    const [top] = scaledProbabilities(logits, 2, cautiousTemperature(logits, Int32Array.of(0, 1, 0), 2));
    expect(top).toBeLessThan(0.95);
    expect(cautiousTemperature(new Float64Array(), new Int32Array(), 2)).toBe(1);
  });
});
