/** Slopes by central differences, with an error bound of their own. */

/** Powers of two, so that steps are exact. */
const FIRST_STEP = 2 ** -10;
const LAST_STEP = 2 ** -24;

/** Rounding errors of a loss computed in float64, in units of its last place. */
const LOSS_UNITS = 64;

/**
 * The slope of `loss` at 0. A central difference D(h) is wrong by h²/6 f‴ + O(h⁴), so (4 D(h) − D(2h)) / 3 has no
 * error of second order (Richardson 1911). What it may still be wrong by: its correction |D(h) − D(2h)| / 3, or what
 * the correction before it promises for this one, a quarter of |D(2h) − D(4h)| / 3; and the rounding of the losses
 * divided by the step. Of the steps 2⁻¹⁰, 2⁻¹¹, … the one with the smallest bound is taken.
 */
export async function centralDifference(
  loss: (h: number) => Promise<number>,
): Promise<{ slope: number; allowance: number }> {
  let best = { slope: Number.NaN, allowance: Number.POSITIVE_INFINITY };
  const differences: number[] = [];
  for (let h = FIRST_STEP; h >= LAST_STEP; h /= 2) {
    const [ahead, behind] = [await loss(h), await loss(-h)];
    const [near, far, farther] = [(ahead - behind) / (2 * h), ...differences];
    differences.unshift(near);
    if (farther === undefined) continue;
    const truncation = Math.max(Math.abs(near - far), Math.abs(far - farther) / 4) / 3;
    const rounding = (LOSS_UNITS * Number.EPSILON * Math.max(1, Math.abs(ahead), Math.abs(behind))) / h;
    const allowance = truncation + rounding;
    if (allowance < best.allowance) best = { slope: (4 * near - far) / 3, allowance };
    // Smaller steps only lose digits.
    if (truncation < rounding) break;
  }
  return best;
}
