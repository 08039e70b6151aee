// Filters over windows of tokens, of which the largest answer counts.
import { product } from './gemm';
import { maxPool } from './pooling';
import { madd } from './vector';

/** y[r] = [x[r − h], …, x[r + h]], h = (taps − 1) / 2, rows beyond both ends zero. x: [rows, columns]. */
export function window(y: usize, x: usize, rows: i32, columns: i32, taps: i32): void {
  const bytes = <usize>columns << 2;
  const half = taps >> 1;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < taps; j++) {
      const u = r + j - half;
      if (u < 0 || u >= rows) memory.fill(y, 0, bytes);
      else memory.copy(y, x + <usize>u * bytes, bytes);
      y += bytes;
    }
  }
}

/** dx[u] (+)= Σ_j of the j-th part of dy[u − j + h]. dx: [rows, columns]. */
export function windowBackward(
  dx: usize, dy: usize, rows: i32, columns: i32, taps: i32, accumulate: i32,
): void {
  const bytes = <usize>columns << 2;
  const half = taps >> 1;
  const vectors = <usize>(columns & ~3) << 2;
  if (!accumulate) memory.fill(dx, 0, <usize>rows * bytes);
  for (let u = 0; u < rows; u++) {
    for (let j = 0; j < taps; j++) {
      const r = u - j + half;
      if (r < 0 || r >= rows) continue;
      const part = dy + <usize>(r * taps + j) * bytes;
      let at: usize = 0;
      for (; at < vectors; at += 16) v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.load(part + at)));
      for (; at < bytes; at += 4) f32.store(dx + at, f32.load(dx + at) + f32.load(part + at));
    }
    dx += bytes;
  }
}

/**
 * y[c] = max_r (bias[c] + weight[c] · x[r]); place[c] = the first row that has it, as a float.
 * @param weight packed as for `product`
 * @param work tile · columns f32
 * @param tile rows that are multiplied at once
 */
export function maxLinear(
  y: usize, place: usize, x: usize, weight: usize, bias: usize, work: usize,
  rows: i32, depth: i32, columns: i32, tile: i32,
): void {
  for (let first = 0; first < rows; first += tile) {
    const taken = min(tile, rows - first);
    product(work, x + (<usize>(first * depth) << 2), weight, bias, 0, taken, depth, columns);
    maxPool(y, place, work, first, taken, columns);
  }
}

/** At p = place[c]: dx[p] += dy[c] weight[c]; dweight[c] += dy[c] x[p]; dbias += dy. dx begins at zero, or as it was. */
export function maxLinearBackward(
  dx: usize, dweight: usize, dbias: usize, dy: usize, place: usize, x: usize, weight: usize,
  rows: i32, depth: i32, columns: i32, accumulate: i32,
): void {
  const bytes = <usize>depth << 2;
  const vectors = <usize>(depth & ~3) << 2;
  if (!accumulate) memory.fill(dx, 0, <usize>rows * bytes);
  for (let c = 0; c < columns; c++) {
    const slope = f32.load(dy + (<usize>c << 2));
    // What an activation or dropout has cut off moves nothing.
    if (slope !== 0) {
      const row = <usize>(<i32>f32.load(place + (<usize>c << 2))) * bytes;
      const to = dx + row, from = x + row;
      const sum = dbias + (<usize>c << 2);
      f32.store(sum, f32.load(sum) + slope);
      const slopes = f32x4.splat(slope);
      let at: usize = 0;
      for (; at < vectors; at += 16) {
        v128.store(to + at, madd(slopes, v128.load(weight + at), v128.load(to + at)));
        v128.store(dweight + at, madd(slopes, v128.load(from + at), v128.load(dweight + at)));
      }
      for (; at < bytes; at += 4) {
        f32.store(to + at, f32.load(to + at) + slope * f32.load(weight + at));
        f32.store(dweight + at, f32.load(dweight + at) + slope * f32.load(from + at));
      }
    }
    weight += bytes;
    dweight += bytes;
  }
}
