// From the rows of a sequence to one row: the largest a channel, and the lowest cosine modes of the position.
import { cosine } from './mathematics';
import { madd } from './vector';

/**
 * y[c] = largest of x[r, c], NaN if one is; place[c] = the first row that has it, as a float. Rows are those from `first`
 * on of a whole: with first > 0 y and place hold what the rows before have.
 */
export function maxPool(y: usize, place: usize, x: usize, first: i32, rows: i32, columns: i32): void {
  const stride = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  let at: usize = 0;
  for (; at < vectors; at += 16) {
    let p = x + at;
    let best = first === 0 ? v128.load(p) : v128.load(y + at);
    let where = first === 0 ? f32x4.splat(0) : v128.load(place + at);
    for (let r = 0; r < rows; r++) {
      const value = v128.load(p);
      where = v128.bitselect(f32x4.splat(<f32>(first + r)), where, f32x4.gt(value, best));
      best = f32x4.max(best, value);
      p += stride;
    }
    v128.store(y + at, best);
    v128.store(place + at, where);
  }
  for (; at < stride; at += 4) {
    let p = x + at;
    let best = first === 0 ? f32.load(p) : f32.load(y + at);
    let where = first === 0 ? <f32>0 : f32.load(place + at);
    for (let r = 0; r < rows; r++) {
      const value = f32.load(p);
      if (value > best) where = <f32>(first + r);
      best = max<f32>(best, value);
      p += stride;
    }
    f32.store(y + at, best);
    f32.store(place + at, where);
  }
}

/** dx[r, c] = dy[c] (+ what it was) where place[c] is row first + r, else 0 (or what it was), r < rows. */
export function maxPoolBackward(
  dx: usize, dy: usize, place: usize, first: i32, rows: i32, columns: i32, accumulate: i32,
): void {
  const stride = <usize>columns << 2;
  if (!accumulate) memory.fill(dx, 0, <usize>rows * stride);
  for (let at: usize = 0; at < stride; at += 4) {
    const row = <i32>f32.load(place + at) - first;
    if (row < 0 || row >= rows) continue;
    const p = dx + <usize>row * stride + at;
    f32.store(p, f32.load(p) + f32.load(dy + at));
  }
}

/** Rows whose products are summed in float32, before float64 takes the sums. */
// @ts-expect-error: decorator
@inline
const TILE: i32 = 64;

/** weights[r, k] = cos(π k (first + r + ½) / tokens), k < modes rounded up to 4. */
function cosines(weights: usize, first: i32, rows: i32, tokens: i32, modes: i32): void {
  for (let r = 0; r < rows; r++) {
    const angle = (NativeMath.PI * (<f64>(first + r) + 0.5)) / <f64>tokens;
    for (let k = 0; k < modes; k += 4) {
      const angles = f32x4(
        <f32>(angle * <f64>k), <f32>(angle * <f64>(k + 1)), <f32>(angle * <f64>(k + 2)), <f32>(angle * <f64>(k + 3)),
      );
      v128.store(weights, cosine(angles));
      weights += 16;
    }
  }
}

/**
 * y[k · columns + c] = 1/rows Σ_r cos(π k (r + ½) / rows) x[r, c], k < modes.
 * @param work modes · columns f64, then 64 · (modes rounded up to 4) f32
 */
export function cosinePool(y: usize, x: usize, work: usize, rows: i32, columns: i32, modes: i32): void {
  const sums = work;
  const count = modes * columns;
  const weights = work + (<usize>count << 3);
  const stride = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  const step = <usize>((modes + 3) & ~3) << 2;
  memory.fill(sums, 0, <usize>count << 3);
  for (let first = 0; first < rows; first += TILE) {
    const taken = min(TILE, rows - first);
    cosines(weights, first, taken, rows, modes);
    for (let k = 0; k < modes; k++) {
      const w0 = weights + (<usize>k << 2), sum0 = sums + (<usize>(k * columns) << 3);
      let at: usize = 0;
      for (; at < vectors; at += 16) {
        let sum = f32x4.splat(0);
        for (let r = 0, p = x + at, w = w0; r < taken; r++) {
          sum = madd(v128.load32_splat(w), v128.load(p), sum);
          p += stride;
          w += step;
        }
        const total = sum0 + 2 * at;
        v128.store(total, f64x2.add(v128.load(total), f64x2.promote_low_f32x4(sum)));
        const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(sum, sum, 2, 3, 2, 3));
        v128.store(total, f64x2.add(v128.load(total, 16), high), 16);
      }
      for (; at < stride; at += 4) {
        let sum: f32 = 0;
        for (let r = 0, p = x + at, w = w0; r < taken; r++) {
          sum += f32.load(w) * f32.load(p);
          p += stride;
          w += step;
        }
        f64.store(sum0 + 2 * at, f64.load(sum0 + 2 * at) + <f64>sum);
      }
    }
    x += <usize>taken * stride;
  }
  for (let i = 0; i < count; i++) {
    f32.store(y + (<usize>i << 2), <f32>(f64.load(sums + (<usize>i << 3)) / <f64>rows));
  }
}

/**
 * dx[r, c] (+)= 1/tokens Σ_k cos(π k (first + r + ½) / tokens) dy[k · columns + c], r < rows.
 * @param work modes rounded up to 4 f32
 */
export function cosinePoolBackward(
  dx: usize, dy: usize, work: usize, first: i32, rows: i32, tokens: i32, columns: i32, modes: i32, accumulate: i32,
): void {
  const stride = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  const share = <f32>1 / <f32>tokens;
  const shares = f32x4.splat(share);
  for (let r = 0; r < rows; r++) {
    cosines(work, first + r, 1, tokens, modes);
    let at: usize = 0;
    for (; at < vectors; at += 16) {
      let sum = f32x4.splat(0);
      for (let k = 0, p = dy + at, w = work; k < modes; k++) {
        sum = madd(v128.load32_splat(w), v128.load(p), sum);
        p += stride;
        w += 4;
      }
      sum = f32x4.mul(sum, shares);
      v128.store(dx + at, accumulate ? f32x4.add(v128.load(dx + at), sum) : sum);
    }
    for (; at < stride; at += 4) {
      let sum: f32 = 0;
      for (let k = 0, p = dy + at, w = work; k < modes; k++) {
        sum += f32.load(w) * f32.load(p);
        p += stride;
        w += 4;
      }
      sum *= share;
      f32.store(dx + at, accumulate ? f32.load(dx + at) + sum : sum);
    }
    dx += stride;
  }
}
