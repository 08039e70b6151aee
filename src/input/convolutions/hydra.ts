/**
 * Hydra (Dempster, Schmidt & Webb 2023, arXiv 2203.13652): groups of eight random kernels of nine taps compete for each
 * step of a signal. Of each kernel the largest answers that it gives are added up, and the times are counted that it gives
 * the smallest. Half of the groups look at the signal, half at its first differences; dilations go by octaves.
 */
import type { RandomStream } from '../../random.js';
import { TAPS } from './miniRocket.js';

export const HYDRA_GROUPS = 64;
export const GROUP = 8;
/** Groups that look at the signal; as many look at its differences. */
export const HALF = HYDRA_GROUPS / 2;
/** Numbers of a group's kernels. */
export const GROUP_WEIGHTS = GROUP * TAPS;

export interface Hydra {
  readonly dilations: readonly number[];
  /** [dilations, groups, taps, kernels] */
  readonly weights: Float32Array;
  /** Which channels each combination of dilation and group takes. */
  readonly channels: Uint32Array | undefined;
}

/** 1, 2, 4 … as far as a kernel spans `length` steps. */
export function octavesFor(length: number): number[] {
  const found = [1];
  while (2 * found[found.length - 1] * (TAPS - 1) < length) found.push(2 * found[found.length - 1]);
  return found;
}

/** Features of a signal: of each kernel two. */
export const hydraFeatures = (dilations: number): number => dilations * HYDRA_GROUPS * GROUP * 2;

/** Kernels of normal numbers less their mean, whose absolute values sum to 1. */
export function drawWeights(dilations: number, random: RandomStream): Float32Array {
  const weights = new Float32Array(dilations * HYDRA_GROUPS * GROUP_WEIGHTS);
  for (let first = 0; first < weights.length; first += GROUP_WEIGHTS) {
    for (let k = 0; k < GROUP; k++) {
      const drawn = Array.from({ length: TAPS }, () => random.nextNormal());
      const mean = drawn.reduce((sum, value) => sum + value) / TAPS;
      const size = drawn.reduce((sum, value) => sum + Math.abs(value - mean), 0);
      drawn.forEach((value, j) => {
        weights[first + j * GROUP + k] = (value - mean) / size;
      });
    }
  }
  return weights;
}
