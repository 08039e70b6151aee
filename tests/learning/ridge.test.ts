import { describe, expect, it } from 'vitest';
import { fitRidge, leftOutTogether, type RidgeData } from '#eft/learning/solvers/ridge.js';
import { RandomStream } from '#eft/random.js';

/** More features than examples; the first ones tell the class, the last never changes. */
function randomData(count: number, width: number, classes: number, seed: number): RidgeData {
  const random = new RandomStream(seed, 'test');
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  const features = Float32Array.from({ length: count * width }, (_, at) => {
    const [i, f] = [Math.floor(at / width), at % width];
    if (f === width - 1) return 0.25;
    return random.nextNormal() + (f % classes === labels[i] ? 1 : 0);
  });
  return { features, labels, classes };
}

function scoresOf(
  { weight, bias }: { weight: Float32Array; bias: Float32Array },
  row: Float32Array,
): number[] {
  return Array.from(bias, (shift, c) =>
    row.reduce((sum, value, f) => sum + value * weight[c * row.length + f], shift),
  );
}

describe('ridge regression', () => {
  it('is the minimum of square error and penalty', () => {
    const data = randomData(24, 40, 3, 1);
    const { weight, bias, penalty } = fitRidge(data);
    const [count, width] = [24, 40];
    const column = (f: number): number[] =>
      Array.from({ length: count }, (_, i) => data.features[i * width + f]);
    const deviations = Array.from({ length: width }, (_, f) => {
      const values = column(f);
      const mean = values.reduce((a, b) => a + b) / count;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
    });
    // At the minimum every derivative is zero: Σ error · (x − mean) / deviation + penalty · weight · deviation.
    for (let c = 0; c < 3; c++) {
      const errors = Array.from({ length: count }, (_, i) => {
        const row = data.features.subarray(i * width, (i + 1) * width);
        return scoresOf({ weight, bias }, row)[c] - (data.labels[i] === c ? 1 : -1);
      });
      const mean = errors.reduce((a, b) => a + b) / count;
      expect(Math.abs(mean)).toBeLessThan(0.02);
      for (let f = 0; f < width - 1; f++) {
        const slope =
          column(f).reduce((sum, value, i) => sum + (errors[i] - mean) * value, 0) / deviations[f];
        expect(slope + penalty * weight[c * width + f] * deviations[f]).toBeCloseTo(0, 2);
      }
      expect(weight[c * width + width - 1]).toBe(0);
    }
  });

  it('says what each example would get from a model without it', () => {
    const data = randomData(30, 60, 2, 2);
    const whole = fitRidge(data);
    // Left out by hand, with scales of the rest: nearly the same, and the same order of the classes.
    let agreeing = 0;
    for (const fold of leftOutTogether(data.labels, 2)) {
      const others = [...Array(30).keys()].filter((j) => !fold.includes(j));
      const rest = fitRidge({
        classes: 2,
        labels: Int32Array.from(others, (j) => data.labels[j]),
        features: Float32Array.from(others.flatMap((j) => [...data.features.subarray(j * 60, (j + 1) * 60)])),
      });
      if (rest.penalty !== whole.penalty) continue;
      for (const i of fold) {
        const scores = scoresOf(rest, data.features.subarray(i * 60, (i + 1) * 60));
        agreeing++;
        expect(whole.leftOut[2 * i] - whole.leftOut[2 * i + 1]).toBeCloseTo(scores[0] - scores[1], 0);
      }
    }
    expect(agreeing).toBeGreaterThan(3);
  });

  it('leaves out one of each class together, so that noise is right as often as chance', () => {
    expect(leftOutTogether(Int32Array.of(0, 0, 0, 1, 2, 1, 2, 2), 3).map((fold) => fold.length)).toEqual([
      3, 3, 2,
    ]);
    const random = new RandomStream(5, 'test');
    const [classes, count] = [5, 40];
    const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
    let right = 0;
    for (let run = 0; run < 5; run++) {
      const features = Float32Array.from({ length: count * 60 }, () => random.nextNormal());
      const { leftOut } = fitRidge({ features, labels, classes });
      labels.forEach((label, i) => {
        const own = [...leftOut.subarray(i * classes, (i + 1) * classes)];
        if (own.indexOf(Math.max(...own)) === label) right++;
      });
    }
    // 200 answers, a fifth of them by chance: four standard errors.
    expect(Math.abs(right / 200 - 1 / classes)).toBeLessThan(4 * Math.sqrt(0.16 / 200));
  });

  it('punishes hard where features say nothing', () => {
    const random = new RandomStream(4, 'test');
    const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
    const features = Float32Array.from({ length: 40 * 30 }, () => random.nextNormal());
    expect(fitRidge({ features, labels, classes: 2 }).penalty).toBeGreaterThan(
      fitRidge(randomData(40, 30, 2, 4)).penalty,
    );
  });
});
