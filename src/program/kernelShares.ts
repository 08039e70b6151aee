/** How a long kernel is made of few numbers, for everything that needs the definition: the reference, exports. */

/** The number `number` of a part stands in the kernel's row `row` with this weight. */
export type KernelShare = (
  row: number,
  part: 'forward' | 'backward' | 'short',
  number: number,
  weight: number,
) => void;

export interface KernelNumbers {
  /** Numbers of a direction, all scales together. */
  readonly numbers: number;
  /** Taps of the short kernel; 0: there is none. */
  readonly taps: number;
  /** R of a kernel of 2R rows. */
  readonly reach: number;
}

/**
 * Calls `share` with every number's part in every row of a kernel of 2R rows: row R + l is lag l. Scale s has `width`
 * numbers for width · 2^s lags; lag j of those lies at (j + ½) / 2^s − ½ on the line through its numbers, and beyond
 * the first or last number takes that.
 */
export function eachKernelShare(
  { numbers, taps, reach }: KernelNumbers,
  { width, decay, scale }: Readonly<Record<string, number>>,
  share: KernelShare,
): void {
  let first = 0;
  for (let s = 0; s < numbers / width; s++) {
    const covered = width * 2 ** s;
    const size = scale * decay ** s;
    for (let j = 0; j < covered && first + j < reach; j++) {
      const at = Math.min(width - 1, Math.max(0, (j + 0.5) / 2 ** s - 0.5));
      const below = Math.floor(at);
      const above = Math.min(width - 1, below + 1);
      const ahead = reach + first + j;
      const behind = reach - 1 - first - j;
      for (const [number, weight] of [
        [below, size * (1 - (at - below))],
        [above, size * (at - below)],
      ]) {
        share(ahead, 'forward', s * width + number, weight);
        share(behind, 'backward', s * width + number, weight);
      }
    }
    first += covered;
  }
  for (let j = 0; j < taps; j++) {
    const row = reach + (taps - 1) / 2 - j;
    if (row >= 0 && row < 2 * reach) share(row, 'short', j, 1);
  }
}
