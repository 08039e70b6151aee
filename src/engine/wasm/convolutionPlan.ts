/** How the long convolution is cut: the length of its transforms, and the rows that each of them gives. */

export interface ConvolutionPlan {
  /** M: length of the transforms, even. */
  readonly length: number;
  /** Rows of y that a block gives. */
  readonly blockRows: number;
  /** Blocks of a sequence of n rows. */
  readonly blocks: number;
}

/** Longest transform that caches hold well: 16 channels of it take 512 KiB. Longer ones count as a quarter dearer. */
const CACHED_LENGTH = 8192;

/** Lengths 2^a · c, a ≥ 3, c of 1, 3, 5, 9 and 15: few odd radices, which are the slower ones. */
function lengthsFrom(least: number, most: number): number[] {
  const lengths: number[] = [];
  for (const c of [1, 3, 5, 9, 15]) {
    for (let length = 8 * c; length <= most; length *= 2) if (length >= least) lengths.push(length);
  }
  return lengths.sort((a, b) => a - b);
}

/** In units of a row of a radix-2 step; 3 such steps for the product of the spectra and the rest. */
const cost = ({ length, blocks }: ConvolutionPlan): number =>
  blocks * length * (Math.log2(length) + 3) * (length > CACHED_LENGTH ? 1.25 : 1);

/**
 * The cheapest for n rows and lags −reach … reach − 1: one transform of at least n + reach, or blocks of at least
 * blockRows + 2 · reach.
 */
export function planConvolution(n: number, reach: number): ConvolutionPlan {
  const whole: ConvolutionPlan = {
    length: lengthsFrom(n + reach, 2 * (n + reach) + 16)[0],
    blockRows: n,
    blocks: 1,
  };
  const cut = lengthsFrom(2 * reach + 1, whole.length)
    .map((length) => ({ length, blockRows: length - 2 * reach }))
    .filter(({ blockRows }) => blockRows < n)
    .map((plan) => ({ ...plan, blocks: Math.ceil(n / plan.blockRows) }));
  return cut.reduce((best, plan) => (cost(plan) < cost(best) ? plan : best), whole);
}
