/** How well a score tells two kinds of items apart: the area under the curve of its rates, with an interval. */
import { normalQuantile } from './distributions.js';

export interface RankArea {
  /** Probability that an item of the first kind has a higher score than one of the second; 0.5: by chance. */
  readonly area: number;
  /** 95%, of DeLong et al. (1988). */
  readonly interval: readonly [number, number];
}

/** Share of the sorted values that is below, with half of those alike. */
function shareBelow(sorted: Float64Array, value: number): number {
  const first = (reached: (one: number) => boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (reached(sorted[middle])) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return (first((one) => one >= value) + first((one) => one > value)) / (2 * sorted.length);
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Variance of the mean; 0 of a single value. */
function varianceOfMean(values: Float64Array): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return values.length < 2 ? 0 : squares / (values.length - 1) / values.length;
}

/** Undefined where one of the kinds has no items. */
export function rankAreaOf(first: ArrayLike<number>, second: ArrayLike<number>): RankArea | undefined {
  if (first.length === 0 || second.length === 0) return undefined;
  const [a, b] = [Float64Array.from(first).sort(), Float64Array.from(second).sort()];
  const aboveB = a.map((value) => shareBelow(b, value));
  const belowA = b.map((value) => 1 - shareBelow(a, value));
  const area = mean(aboveB);
  const margin = normalQuantile(0.975) * Math.sqrt(varianceOfMean(aboveB) + varianceOfMean(belowA));
  return { area, interval: [Math.max(0, area - margin), Math.min(1, area + margin)] };
}
