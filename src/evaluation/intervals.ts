/** Intervals and paired tests: how sure a measured difference is. */
import { linearRegression, mean, probit, sampleStandardDeviation } from 'simple-statistics';
import { RandomStream } from '../random.js';

/** Wilson's score interval of a share (Wilson 1927). Of no trials at all it is [0, 1]. */
export function wilsonInterval(successes: number, total: number, confidence = 0.95): [number, number] {
  if (total === 0) return [0, 1];
  const z = probit(0.5 + confidence / 2);
  const share = successes / total;
  const centre = share + (z * z) / (2 * total);
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

/** 97.5 % quantiles of Student's t for 1 … 30 degrees of freedom. */
const T_QUANTILES = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604,
  2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555,
  2.0518, 2.0484, 2.0452, 2.0423,
];

export interface MeanInterval {
  readonly mean: number;
  /** Half the width of the 95 % interval (Student's t); NaN for a single value. */
  readonly margin: number;
}

export function meanInterval(values: readonly number[]): MeanInterval {
  if (values.length < 2) return { mean: values[0] ?? Number.NaN, margin: Number.NaN };
  const t = T_QUANTILES[values.length - 2] ?? 1.96;
  return {
    mean: mean([...values]),
    margin: (t * sampleStandardDeviation([...values])) / Math.sqrt(values.length),
  };
}

export interface Difference {
  readonly difference: number;
  readonly interval: readonly [number, number];
}

/**
 * Difference of two models' accuracies on the same items, with a bootstrap that draws items, and seeds within each
 * draw (Efron & Tibshirani 1993). a[s][i], b[s][i]: whether seed s of the model got item i right.
 */
export function pairedBootstrap(
  a: readonly (readonly boolean[])[],
  b: readonly (readonly boolean[])[],
  { draws = 2000, confidence = 0.95, seed = 0 } = {},
): Difference {
  const items = a[0].length;
  const share = (runs: readonly (readonly boolean[])[], i: number): number =>
    runs.reduce((sum, run) => sum + (run[i] ? 1 : 0), 0) / runs.length;
  const whole = (runs: readonly (readonly boolean[])[]): number =>
    Array.from({ length: items }, (_, i) => share(runs, i)).reduce((sum, value) => sum + value, 0) / items;
  const random = new RandomStream(seed, 'bootstrap');
  const differences = Array.from({ length: draws }, () => {
    const drawnA = a.map(() => a[random.nextInteger(a.length)]);
    const drawnB = b.map(() => b[random.nextInteger(b.length)]);
    let sum = 0;
    for (let k = 0; k < items; k++) {
      const i = random.nextInteger(items);
      sum += share(drawnA, i) - share(drawnB, i);
    }
    return sum / items;
  }).sort((x, y) => x - y);
  const cut = (1 - confidence) / 2;
  const at = (q: number): number =>
    differences[Math.min(draws - 1, Math.max(0, Math.round(q * (draws - 1))))];
  return { difference: whole(a) - whole(b), interval: [at(cut), at(1 - cut)] };
}

/** Two-sided exact McNemar test (McNemar 1947): only items that exactly one of the two got right count. */
export function exactMcNemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  if (n === 0) return 1;
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(onlyA, onlyB); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(n - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * tail);
}

export interface PowerLaw {
  /** y ≈ factor · x^exponent */
  readonly exponent: number;
  readonly factor: number;
  /** Of the exponent; NaN for two points. */
  readonly standardError: number;
}

/** Least squares in logarithms. */
export function fitPowerLaw(xs: readonly number[], ys: readonly number[]): PowerLaw {
  const points = xs.map((x, i): [number, number] => [Math.log(x), Math.log(ys[i])]);
  const { m, b } = linearRegression(points);
  const centre = mean(points.map(([x]) => x));
  const spread = points.reduce((sum, [x]) => sum + (x - centre) ** 2, 0);
  const error = points.reduce((sum, [x, y]) => sum + (y - m * x - b) ** 2, 0);
  return { exponent: m, factor: Math.exp(b), standardError: Math.sqrt(error / (points.length - 2) / spread) };
}
