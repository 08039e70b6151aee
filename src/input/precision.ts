/** Whether 32-bit numbers can hold what is different between the values of a signal. */

/** Share of their spread that values may move by when they are rounded to 32 bits. */
const MOST_LOST = 0.01;

/**
 * Large values that differ by little, such as times near 1.7e9 a second apart, become equal as 32-bit numbers.
 * @param values of one channel, or of several side by side: then `first` is its place and `stride` their number
 * @returns what is wrong and what to do; undefined where nothing is lost. Values that are not finite are passed over.
 */
export function precisionFault(values: ArrayLike<number>, first = 0, stride = 1): string | undefined {
  let [least, most, lost] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let at = first; at < values.length; at += stride) {
    const value = values[at];
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
    const error = Math.abs(value - Math.fround(value));
    if (error > lost) lost = error;
  }
  const spread = most - least;
  if (!(lost > MOST_LOST * spread) || spread <= 0) return undefined;
  return `values from ${least} to ${most} cannot be told apart as 32-bit numbers, which models read; subtract a constant from all of them or take their differences (if it is a time or an id, leave it out)`;
}
