/** What the filters of a signal's windows listen to: the power of each pair's answer to a wave of each frequency. */

const POINTS = 128;

/** Pairs of filters of one model. */
export interface FilterResponses {
  readonly model: string;
  readonly sequenceLength: number;
  /** Steps a second, where it is known. */
  readonly rate?: number | undefined;
  /** Cycles a step of each point, 0 … 0.5. */
  readonly frequencies: readonly number[];
  /** Of each pair, in order of their peaks: its power at each point, 1 at its largest. */
  readonly pairs: readonly Float64Array[];
  /** The mean of those powers over the pairs, and what it was before training. */
  readonly mean: Float64Array;
  readonly meanBefore: Float64Array;
}

/**
 * @param weight [2 · pairs, window, channels]: the cosine-like filters of the pairs, then their sine-like ones. A wave of
 * any phase is answered by a² + b²; of several channels the powers are added
 */
function powersOf(weight: ArrayLike<number>, pairs: number, channels: number): Float64Array[] {
  const numbers = weight.length / (2 * pairs);
  const window = numbers / channels;
  return Array.from({ length: pairs }, (_, pair) => {
    const powers = Float64Array.from({ length: POINTS }, (_p, point) => {
      const angle = (Math.PI * (point + 0.5)) / POINTS;
      let power = 0;
      for (const row of [pair, pairs + pair]) {
        for (let c = 0; c < channels; c++) {
          let [real, imaginary] = [0, 0];
          for (let t = 0; t < window; t++) {
            const value = weight[row * numbers + t * channels + c];
            real += value * Math.cos(angle * t);
            imaginary += value * Math.sin(angle * t);
          }
          power += real * real + imaginary * imaginary;
        }
      }
      return power;
    });
    const largest = Math.max(...powers, Number.MIN_VALUE);
    return powers.map((power) => power / largest);
  });
}

function meanOf(pairs: readonly Float64Array[]): Float64Array {
  return Float64Array.from({ length: POINTS }, (_, point) =>
    pairs.reduce((sum, powers) => sum + powers[point] / pairs.length, 0),
  );
}

const peakOf = (powers: Float64Array): number => powers.indexOf(Math.max(...powers));

/**
 * @param weight of the trained filters, [2 · pairs, window · channels]
 * @param before the same before training
 */
export function filterResponses(
  model: Pick<FilterResponses, 'model' | 'sequenceLength' | 'rate'>,
  { filters, channels }: { readonly filters: number; readonly channels: number },
  weight: ArrayLike<number>,
  before: ArrayLike<number>,
): FilterResponses {
  const pairs = powersOf(weight, filters, channels);
  return {
    ...model,
    frequencies: Array.from({ length: POINTS }, (_, point) => (point + 0.5) / POINTS / 2),
    pairs: pairs.toSorted((a, b) => peakOf(a) - peakOf(b)),
    mean: meanOf(pairs),
    meanBefore: meanOf(powersOf(before, filters, channels)),
  };
}
