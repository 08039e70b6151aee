// Hydra: groups of eight kernels of nine taps compete for each step of a signal. A row has zeros before and behind as far
// as the widest kernel reaches. Products and sums are rounded one by one: the same bits everywhere.

const TAPS: i32 = 9;
const KERNELS: i32 = 8;

/** Of four steps, times one tap of kernel `k`; `weights` of the tap, a kernel after the other. */
// @ts-expect-error: decorator
@inline
function tap(sum: v128, x: v128, weights: usize, k: usize): v128 {
  return f32x4.add(sum, f32x4.mul(v128.load32_splat(weights + (k << 2)), x));
}

/** Lanes of the counts of kernel `k`, four for each. */
// @ts-expect-error: decorator
@inline
function addWins(soft: usize, k: usize, value: v128): void {
  v128.store(soft + (k << 4), f32x4.add(v128.load(soft + (k << 4)), value));
}

// @ts-expect-error: decorator
@inline
function addLosses(hard: usize, k: usize, lost: v128): void {
  v128.store(hard + (k << 4), i32x4.sub(v128.load(hard + (k << 4)), lost));
}

/**
 * soft[k] = sum of the largest of the eight answers over the steps where kernel k gives it; hard[k] = number of the steps
 * where k gives the smallest. Of equal answers the first kernel's counts.
 * @param x from the first step on
 * @param weights [taps, kernels]
 * @param scratch 256 bytes
 */
export function hydraCounts(
  soft: usize,
  hard: usize,
  x: usize,
  steps: i32,
  dilation: i32,
  weights: usize,
  scratch: usize,
): void {
  const wins = scratch;
  const losses = scratch + 128;
  memory.fill(scratch, 0, 256);
  const stride = <usize>dilation << 2;
  const first = x - stride * 4;
  for (let t = 0; t < steps; t += 4) {
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let a4 = f32x4.splat(0);
    let a5 = f32x4.splat(0);
    let a6 = f32x4.splat(0);
    let a7 = f32x4.splat(0);
    let from = first + (<usize>t << 2);
    let w = weights;
    for (let j = 0; j < TAPS; j++, from += stride, w += KERNELS << 2) {
      const value = v128.load(from);
      a0 = tap(a0, value, w, 0);
      a1 = tap(a1, value, w, 1);
      a2 = tap(a2, value, w, 2);
      a3 = tap(a3, value, w, 3);
      a4 = tap(a4, value, w, 4);
      a5 = tap(a5, value, w, 5);
      a6 = tap(a6, value, w, 6);
      a7 = tap(a7, value, w, 7);
    }
    // Steps behind the end have been taken by nobody.
    const behind = i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat(steps - t));
    const largest = f32x4.pmax(
      f32x4.pmax(f32x4.pmax(a0, a1), f32x4.pmax(a2, a3)),
      f32x4.pmax(f32x4.pmax(a4, a5), f32x4.pmax(a6, a7)),
    );
    const smallest = f32x4.pmin(
      f32x4.pmin(f32x4.pmin(a0, a1), f32x4.pmin(a2, a3)),
      f32x4.pmin(f32x4.pmin(a4, a5), f32x4.pmin(a6, a7)),
    );
    let taken = behind;
    let lost = behind;
    let own: v128;
    own = v128.andnot(f32x4.eq(a0, largest), taken);
    addWins(wins, 0, v128.and(own, largest));
    taken = v128.or(taken, own);
    own = v128.andnot(f32x4.eq(a0, smallest), lost);
    addLosses(losses, 0, own);
    lost = v128.or(lost, own);
    own = v128.andnot(f32x4.eq(a1, largest), taken);
    addWins(wins, 1, v128.and(own, largest));
    taken = v128.or(taken, own);
    own = v128.andnot(f32x4.eq(a1, smallest), lost);
    addLosses(losses, 1, own);
    lost = v128.or(lost, own);
    own = v128.andnot(f32x4.eq(a2, largest), taken);
    addWins(wins, 2, v128.and(own, largest));
    taken = v128.or(taken, own);
    own = v128.andnot(f32x4.eq(a2, smallest), lost);
    addLosses(losses, 2, own);
    lost = v128.or(lost, own);
    own = v128.andnot(f32x4.eq(a3, largest), taken);
    addWins(wins, 3, v128.and(own, largest));
    taken = v128.or(taken, own);
    own = v128.andnot(f32x4.eq(a3, smallest), lost);
    addLosses(losses, 3, own);
    lost = v128.or(lost, own);
    own = v128.andnot(f32x4.eq(a4, largest), taken);
    addWins(wins, 4, v128.and(own, largest));
    taken = v128.or(taken, own);
    own = v128.andnot(f32x4.eq(a4, smallest), lost);
    addLosses(losses, 4, own);
    lost = v128.or(lost, own);
    own = v128.andnot(f32x4.eq(a5, largest), taken);
    addWins(wins, 5, v128.and(own, largest));
    taken = v128.or(taken, own);
    own = v128.andnot(f32x4.eq(a5, smallest), lost);
    addLosses(losses, 5, own);
    lost = v128.or(lost, own);
    own = v128.andnot(f32x4.eq(a6, largest), taken);
    addWins(wins, 6, v128.and(own, largest));
    taken = v128.or(taken, own);
    own = v128.andnot(f32x4.eq(a6, smallest), lost);
    addLosses(losses, 6, own);
    lost = v128.or(lost, own);
    own = v128.andnot(f32x4.eq(a7, largest), taken);
    addWins(wins, 7, v128.and(own, largest));
    own = v128.andnot(f32x4.eq(a7, smallest), lost);
    addLosses(losses, 7, own);
  }
  for (let k = 0; k < KERNELS; k++) {
    const at = <usize>k << 2;
    const won = v128.load(wins + (<usize>k << 4));
    const lost = v128.load(losses + (<usize>k << 4));
    const sum =
      <f64>f32x4.extract_lane(won, 0) +
      <f64>f32x4.extract_lane(won, 1) +
      <f64>f32x4.extract_lane(won, 2) +
      <f64>f32x4.extract_lane(won, 3);
    f32.store(soft + at, <f32>sum);
    const count =
      i32x4.extract_lane(lost, 0) +
      i32x4.extract_lane(lost, 1) +
      i32x4.extract_lane(lost, 2) +
      i32x4.extract_lane(lost, 3);
    f32.store(hard + at, <f32>count);
  }
}
