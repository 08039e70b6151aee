/** Intervals: how sure a measured share, mean, difference or ratio is. */
import { linearRegression, mean, median, sampleStandardDeviation } from 'simple-statistics';
import { RandomStream } from '../random.js';
import { studentQuantile } from './distributions.js';

export interface MeanInterval {
  readonly mean: number;
  /** Half the width of the 95% interval (Student's t); NaN for a single value. */
  readonly margin: number;
}

export function meanInterval(values: readonly number[]): MeanInterval {
  if (values.length < 2) return { mean: values[0] ?? Number.NaN, margin: Number.NaN };
  const t = studentQuantile(0.975, values.length - 1);
  return {
    mean: mean([...values]),
    margin: (t * sampleStandardDeviation([...values])) / Math.sqrt(values.length),
  };
}

export interface Difference {
  readonly difference: number;
  readonly interval: readonly [number, number];
}

export interface BootstrapOptions {
  /** Default 2000; fewer, but at least 500, from 10,000 items on. */
  readonly draws?: number;
  /** Default 0.95. */
  readonly confidence?: number;
  /** Of the draws themselves. Default 0. */
  readonly seed?: number;
}

/** Ends of the middle `confidence` of the values. */
function middle(values: readonly number[], confidence: number): [number, number] {
  const sorted = Float64Array.from(values).sort();
  const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))];
  return [at((1 - confidence) / 2), at((1 + confidence) / 2)];
}

/** Which items a run got right, as 0 and 1, so that sums are cheap. */
const bits = (runs: readonly (readonly boolean[])[]): Uint8Array[] =>
  runs.map((run) => Uint8Array.from(run, Number));

function meanOfRuns(runs: readonly Uint8Array[]): Float64Array {
  const shares = new Float64Array(runs[0].length);
  for (const run of runs) for (let i = 0; i < shares.length; i++) shares[i] += run[i] / runs.length;
  return shares;
}

const total = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0);

/**
 * Difference of two models' accuracies on the same items, with a bootstrap that draws items, and seeds within each
 * draw (Efron & Tibshirani 1993). a[s][i], b[s][i]: whether seed s of the model got item i right.
 */
export function pairedBootstrap(
  a: readonly (readonly boolean[])[],
  b: readonly (readonly boolean[])[],
  {
    draws = Math.round(Math.min(2000, Math.max(500, 2e7 / a[0].length))),
    confidence = 0.95,
    seed = 0,
  }: BootstrapOptions = {},
): Difference {
  const [runsA, runsB] = [bits(a), bits(b)];
  const items = runsA[0].length;
  const [wholeA, wholeB] = [meanOfRuns(runsA), meanOfRuns(runsB)];
  const random = new RandomStream(seed, 'bootstrap');
  const draw = (runs: readonly Uint8Array[]): Uint8Array[] =>
    runs.map(() => runs[random.nextInteger(runs.length)]);
  const differences = Array.from({ length: draws }, () => {
    const shareA = a.length === 1 ? wholeA : meanOfRuns(draw(runsA));
    const shareB = b.length === 1 ? wholeB : meanOfRuns(draw(runsB));
    let sum = 0;
    for (let k = 0; k < items; k++) {
      const i = random.nextInteger(items);
      sum += shareA[i] - shareB[i];
    }
    return sum / items;
  });
  return { difference: (total(wholeA) - total(wholeB)) / items, interval: middle(differences, confidence) };
}

/** Interval of one model's mean accuracy, by the same bootstrap. runs[s][i]: whether seed s got item i right. */
export function accuracyBootstrap(
  runs: readonly (readonly boolean[])[],
  options: BootstrapOptions = {},
): [number, number] {
  const [low, high] = pairedBootstrap(runs, [runs[0].map(() => false)], options).interval;
  return [low, high];
}

/** Interval of median(b) / median(a), of values measured in groups: groups are drawn, then values within each. */
export function ratioBootstrap(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
  { draws = 2000, confidence = 0.95, seed = 0 }: BootstrapOptions = {},
): [number, number] {
  const random = new RandomStream(seed, 'bootstrap');
  const drawMedian = (groups: readonly (readonly number[])[]): number =>
    median(
      groups.flatMap(() => {
        const group = groups[random.nextInteger(groups.length)];
        return group.map(() => group[random.nextInteger(group.length)]);
      }),
    );
  return middle(
    Array.from({ length: draws }, () => drawMedian(b) / drawMedian(a)),
    confidence,
  );
}

export interface PowerLaw {
  /** y ≈ factor · x^exponent */
  readonly exponent: number;
  readonly factor: number;
  /** Of the exponent; NaN for two points. */
  readonly standardError: number;
}

/** Least squares in logarithms, of values above zero. */
export function fitPowerLaw(xs: readonly number[], ys: readonly number[]): PowerLaw {
  const points = xs.map((x, i): [number, number] => [Math.log(x), Math.log(ys[i])]);
  const { m, b } = linearRegression(points);
  const centre = mean(points.map(([x]) => x));
  const spread = points.reduce((sum, [x]) => sum + (x - centre) ** 2, 0);
  const error = points.reduce((sum, [x, y]) => sum + (y - m * x - b) ** 2, 0);
  return { exponent: m, factor: Math.exp(b), standardError: Math.sqrt(error / (points.length - 2) / spread) };
}
