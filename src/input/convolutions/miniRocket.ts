/**
 * MiniRocket (Dempster, Schmidt & Webb 2021, arXiv 2012.08791): a signal as 9,996 shares. 84 kernels of nine taps, six of
 * −1 and three of 2, are spread by up to 32 dilations; a feature is the share of a kernel's answers above a bias, and
 * biases are quantiles of the answers to training signals.
 */
export const TAPS = 9;
/** Taps on each side of the middle one. */
export const SIDE = 4;
const MOST_DILATIONS = 32;
/** Of all dilations of one kernel. */
const FEATURES_PER_KERNEL = 119;
const GOLDEN = (Math.sqrt(5) + 1) / 2;

/** The places of the three larger taps of each kernel. */
export const KERNELS: readonly (readonly [number, number, number])[] = (() => {
  const found: [number, number, number][] = [];
  for (let i = 0; i < TAPS; i++)
    for (let j = i + 1; j < TAPS; j++) for (let k = j + 1; k < TAPS; k++) found.push([i, j, k]);
  return found;
})();

/** Features of a signal. */
export const MINIROCKET_FEATURES = KERNELS.length * FEATURES_PER_KERNEL;

export interface MiniRocket {
  readonly dilations: readonly Dilation[];
  readonly biases: Float32Array;
  /** Which channels each combination of dilation and kernel takes. */
  readonly channels: Uint32Array | undefined;
}

interface Dilation {
  readonly dilation: number;
  /** Features of each kernel. */
  readonly features: number;
}

/** Dilations from 1 to what spans `length` steps, evenly by octaves. */
export function dilationsFor(length: number): Dilation[] {
  const largest = Math.max(0, Math.log2((length - 1) / (TAPS - 1)));
  const counts = new Map<number, number>();
  for (let i = 0; i < MOST_DILATIONS; i++) {
    const dilation = Math.floor(2 ** ((largest * i) / (MOST_DILATIONS - 1)));
    counts.set(dilation, (counts.get(dilation) ?? 0) + 1);
  }
  const found = Array.from(counts, ([dilation, count]) => ({
    dilation,
    features: Math.floor((count * FEATURES_PER_KERNEL) / MOST_DILATIONS),
  }));
  let left = FEATURES_PER_KERNEL - found.reduce((sum, { features }) => sum + features, 0);
  for (let i = 0; left > 0; i = (i + 1) % found.length, left--) found[i].features++;
  return found;
}

/** The part of the answers that counts: of every other kernel without what lies at the ends, where it meets zeros. */
export function countedSteps(
  steps: number,
  d: number,
  kernel: number,
  dilation: number,
): readonly [from: number, to: number] {
  const padding = SIDE * dilation;
  const inner = (d + kernel) % 2 === 1 && steps > 2 * padding;
  return inner ? [padding, steps - padding] : [0, steps];
}

/** The biases of features `first`, `first` + 1 …, as quantiles of a training signal's answers, sorted. */
export function biasesFrom(sorted: Float32Array, first: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => quantile(sorted, ((first + i + 1) * GOLDEN) % 1));
}

/** Between neighbours in proportion, as numpy.quantile. */
function quantile(sorted: Float32Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
