// Layer norm over the channels of each row (Ba et al. 2016), ε = 1e-5, and its backward.
// Rows of `columns` numbers; statistics[row] = [mean, 1 / standard deviation].
// Where `columns` is a multiple of 8 (backward: 4), rows are taken four (two) at a time: one row alone waits for its own
// sums, and the four sums of a transposed block cost as much as one. Means, deviations and results then go through all
// rows one after the other, so that no row waits for what it just computed.
import { broadcast, horizontalSum, horizontalSums, madd } from './vector';

const EPSILON: f32 = 1e-5;

/** y = (x − mean) · rstd · weight + bias; writes statistics. */
export function layerNorm(
  y: usize, statistics: usize, x: usize, weight: usize, bias: usize, rows: i32, columns: i32,
): void {
  const bytes = <usize>columns << 2;
  let r = 0;
  if ((columns & 7) === 0) {
    r = rows & ~3;
    means(statistics, x, r, bytes);
    deviations(statistics, x, r, bytes);
    normalize(y, x, weight, bias, statistics, r, columns);
    x += <usize>r * bytes;
    y += <usize>r * bytes;
    statistics += <usize>r << 3;
  }
  for (; r < rows; r++) {
    layerNormOne(y, statistics, x, weight, bias, columns);
    x += bytes;
    y += bytes;
    statistics += 8;
  }
}

/** statistics[row, 0] = mean of row; rows: a multiple of 4. */
function means(statistics: usize, x: usize, rows: i32, bytes: usize): void {
  const share = f32x4.splat(<f32>1 / <f32>(bytes >> 2));
  for (; rows > 0; rows -= 4) {
    const x1 = x + bytes, x2 = x1 + bytes, x3 = x2 + bytes;
    let sum0 = f32x4.splat(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (let at: usize = 0; at < bytes; at += 32) {
      sum0 = f32x4.add(sum0, f32x4.add(v128.load(x + at), v128.load(x + at, 16)));
      sum1 = f32x4.add(sum1, f32x4.add(v128.load(x1 + at), v128.load(x1 + at, 16)));
      sum2 = f32x4.add(sum2, f32x4.add(v128.load(x2 + at), v128.load(x2 + at, 16)));
      sum3 = f32x4.add(sum3, f32x4.add(v128.load(x3 + at), v128.load(x3 + at, 16)));
    }
    const mean = f32x4.mul(horizontalSums(sum0, sum1, sum2, sum3), share);
    v128.store(statistics, v128.shuffle<f32>(mean, mean, 0, 0, 1, 1));
    v128.store(statistics, v128.shuffle<f32>(mean, mean, 2, 2, 3, 3), 16);
    x += 4 * bytes;
    statistics += 32;
  }
}

/** statistics[row, 1] = 1 / √(variance + ε), the means known; rows: a multiple of 4. */
function deviations(statistics: usize, x: usize, rows: i32, bytes: usize): void {
  const share = f32x4.splat(<f32>1 / <f32>(bytes >> 2));
  for (; rows > 0; rows -= 4) {
    const x1 = x + bytes, x2 = x1 + bytes, x3 = x2 + bytes;
    const mean0 = v128.load32_splat(statistics), mean1 = v128.load32_splat(statistics, 8);
    const mean2 = v128.load32_splat(statistics, 16), mean3 = v128.load32_splat(statistics, 24);
    let sum0 = f32x4.splat(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    let more0 = sum0, more1 = sum0, more2 = sum0, more3 = sum0;
    for (let at: usize = 0; at < bytes; at += 32) {
      let first = f32x4.sub(v128.load(x + at), mean0), second = f32x4.sub(v128.load(x + at, 16), mean0);
      sum0 = madd(first, first, sum0);
      more0 = madd(second, second, more0);
      first = f32x4.sub(v128.load(x1 + at), mean1); second = f32x4.sub(v128.load(x1 + at, 16), mean1);
      sum1 = madd(first, first, sum1);
      more1 = madd(second, second, more1);
      first = f32x4.sub(v128.load(x2 + at), mean2); second = f32x4.sub(v128.load(x2 + at, 16), mean2);
      sum2 = madd(first, first, sum2);
      more2 = madd(second, second, more2);
      first = f32x4.sub(v128.load(x3 + at), mean3); second = f32x4.sub(v128.load(x3 + at, 16), mean3);
      sum3 = madd(first, first, sum3);
      more3 = madd(second, second, more3);
    }
    const squares = horizontalSums(
      f32x4.add(sum0, more0), f32x4.add(sum1, more1), f32x4.add(sum2, more2), f32x4.add(sum3, more3),
    );
    const scales = f32x4.div(f32x4.splat(1), f32x4.sqrt(madd(squares, share, f32x4.splat(EPSILON))));
    v128.store(statistics, v128.shuffle<f32>(v128.load(statistics), scales, 0, 4, 2, 5));
    v128.store(statistics, v128.shuffle<f32>(v128.load(statistics, 16), scales, 0, 6, 2, 7), 16);
    x += 4 * bytes;
    statistics += 32;
  }
}

/** `normalize` for two rows of a multiple of 8 columns: they share the loads of weight and bias. */
// @ts-expect-error: decorator
@inline
function normalizeTwo(y: usize, x: usize, weight: usize, bias: usize, statistics: usize, bytes: usize): void {
  const x1 = x + bytes, y1 = y + bytes;
  const mean0 = v128.load32_splat(statistics), scale0 = v128.load32_splat(statistics, 4);
  const mean1 = v128.load32_splat(statistics, 8), scale1 = v128.load32_splat(statistics, 12);
  for (let at: usize = 0; at < bytes; at += 32) {
    const wL = v128.load(weight + at), wH = v128.load(weight + at, 16);
    const bL = v128.load(bias + at), bH = v128.load(bias + at, 16);
    const y0L = madd(f32x4.mul(f32x4.sub(v128.load(x + at), mean0), scale0), wL, bL);
    const y0H = madd(f32x4.mul(f32x4.sub(v128.load(x + at, 16), mean0), scale0), wH, bH);
    const y1L = madd(f32x4.mul(f32x4.sub(v128.load(x1 + at), mean1), scale1), wL, bL);
    const y1H = madd(f32x4.mul(f32x4.sub(v128.load(x1 + at, 16), mean1), scale1), wH, bH);
    v128.store(y + at, y0L);
    v128.store(y + at, y0H, 16);
    v128.store(y1 + at, y1L);
    v128.store(y1 + at, y1H, 16);
  }
}

function layerNormOne(
  y: usize, statistics: usize, x: usize, weight: usize, bias: usize, columns: i32,
): void {
  const bytes = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  const count = <f32>columns;
  let sums = f32x4.splat(0);
  let at: usize = 0;
  for (; at < vectors; at += 16) sums = f32x4.add(sums, v128.load(x + at));
  let total = horizontalSum(sums);
  for (; at < bytes; at += 4) total += f32.load(x + at);
  const mean = total / count;
  const means = f32x4.splat(mean);
  sums = f32x4.splat(0);
  for (at = 0; at < vectors; at += 16) {
    const centred = f32x4.sub(v128.load(x + at), means);
    sums = madd(centred, centred, sums);
  }
  let variance = horizontalSum(sums);
  for (; at < bytes; at += 4) {
    const centred = f32.load(x + at) - mean;
    variance += centred * centred;
  }
  f32.store(statistics, mean);
  f32.store(statistics, <f32>1 / sqrt<f32>(variance / count + EPSILON), 4);
  normalize(y, x, weight, bias, statistics, 1, columns);
}

/** y = (x − mean) · rstd · weight + bias, statistics known. */
// @ts-expect-error: decorator
@inline
export function normalize(
  y: usize, x: usize, weight: usize, bias: usize, statistics: usize, rows: i32, columns: i32,
): void {
  const bytes = <usize>columns << 2;
  let r = 0;
  if ((columns & 7) === 0) {
    for (; r + 2 <= rows; r += 2) {
      normalizeTwo(y, x, weight, bias, statistics, bytes);
      x += 2 * bytes;
      y += 2 * bytes;
      statistics += 16;
    }
  }
  const vectors = <usize>(columns & ~3) << 2;
  for (; r < rows; r++) {
    const mean = v128.load32_splat(statistics), scale = v128.load32_splat(statistics, 4);
    let at: usize = 0;
    for (; at < vectors; at += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), mean), scale);
      v128.store(y + at, madd(normal, v128.load(weight + at), v128.load(bias + at)));
    }
    for (; at < bytes; at += 4) {
      const normal = f32x4.mul(f32x4.sub(v128.load32_splat(x + at), mean), scale);
      const result = madd(normal, v128.load32_splat(weight + at), v128.load32_splat(bias + at));
      f32.store(y + at, f32x4.extract_lane(result, 0));
    }
    x += bytes;
    y += bytes;
    statistics += 8;
  }
}

/**
 * With x̂ = (x − mean) rstd and g = dy · weight: dx (+)= rstd (g − mean(g) − x̂ mean(g x̂)); dweight += Σ dy x̂;
 * dbias += Σ dy. dx is added to if `accumulate`, else overwritten.
 */
export function layerNormBackward(
  dx: usize, dweight: usize, dbias: usize, dy: usize, x: usize, statistics: usize, weight: usize,
  rows: i32, columns: i32, accumulate: i32,
): void {
  const bytes = <usize>columns << 2;
  let r = 0;
  if ((columns & 3) === 0) {
    for (; r + 2 <= rows; r += 2) {
      layerNormBackwardTwo(dx, dweight, dbias, dy, x, statistics, weight, bytes, accumulate);
      x += 2 * bytes;
      dx += 2 * bytes;
      dy += 2 * bytes;
      statistics += 16;
    }
  }
  for (; r < rows; r++) {
    layerNormBackwardOne(dx, dweight, dbias, dy, x, statistics, weight, columns, accumulate);
    x += bytes;
    dx += bytes;
    dy += bytes;
    statistics += 8;
  }
}

function layerNormBackwardTwo(
  dx: usize, dweight: usize, dbias: usize, dy: usize, x: usize, statistics: usize, weight: usize,
  bytes: usize, accumulate: i32,
): void {
  const x1 = x + bytes;
  const dy1 = dy + bytes;
  const dx1 = dx + bytes;
  const mean0 = v128.load32_splat(statistics);
  const scale0 = v128.load32_splat(statistics, 4);
  const mean1 = v128.load32_splat(statistics, 8);
  const scale1 = v128.load32_splat(statistics, 12);
  let plain0 = f32x4.splat(0);
  let plain1 = plain0;
  let weighted0 = plain0;
  let weighted1 = plain0;
  for (let at: usize = 0; at < bytes; at += 16) {
    const w = v128.load(weight + at);
    const normal0 = f32x4.mul(f32x4.sub(v128.load(x + at), mean0), scale0);
    const normal1 = f32x4.mul(f32x4.sub(v128.load(x1 + at), mean1), scale1);
    const d0 = v128.load(dy + at);
    const d1 = v128.load(dy1 + at);
    v128.store(dweight + at, madd(d1, normal1, madd(d0, normal0, v128.load(dweight + at))));
    v128.store(dbias + at, f32x4.add(d1, f32x4.add(d0, v128.load(dbias + at))));
    const g0 = f32x4.mul(d0, w);
    const g1 = f32x4.mul(d1, w);
    plain0 = f32x4.add(plain0, g0);
    plain1 = f32x4.add(plain1, g1);
    weighted0 = madd(g0, normal0, weighted0);
    weighted1 = madd(g1, normal1, weighted1);
  }
  const sums = horizontalSums(plain0, plain1, weighted0, weighted1);
  const shares = f32x4.mul(sums, f32x4.splat(<f32>1 / <f32>(bytes >> 2)));
  const a0 = broadcast(shares, 0);
  const a1 = broadcast(shares, 1);
  const b0 = f32x4.neg(broadcast(shares, 2));
  const b1 = f32x4.neg(broadcast(shares, 3));
  for (let at: usize = 0; at < bytes; at += 16) {
    const w = v128.load(weight + at);
    const normal0 = f32x4.mul(f32x4.sub(v128.load(x + at), mean0), scale0);
    const normal1 = f32x4.mul(f32x4.sub(v128.load(x1 + at), mean1), scale1);
    const inner0 = madd(normal0, b0, f32x4.sub(f32x4.mul(v128.load(dy + at), w), a0));
    const inner1 = madd(normal1, b1, f32x4.sub(f32x4.mul(v128.load(dy1 + at), w), a1));
    if (accumulate) {
      v128.store(dx + at, madd(inner0, scale0, v128.load(dx + at)));
      v128.store(dx1 + at, madd(inner1, scale1, v128.load(dx1 + at)));
    } else {
      v128.store(dx + at, f32x4.mul(inner0, scale0));
      v128.store(dx1 + at, f32x4.mul(inner1, scale1));
    }
  }
}

function layerNormBackwardOne(
  dx: usize, dweight: usize, dbias: usize, dy: usize, x: usize, statistics: usize, weight: usize,
  columns: i32, accumulate: i32,
): void {
  const bytes = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  const share = <f32>1 / <f32>columns;
  const mean = f32.load(statistics);
  const scale = f32.load(statistics, 4);
  const means = f32x4.splat(mean);
  const scales = f32x4.splat(scale);
  let plain = f32x4.splat(0);
  let weighted = f32x4.splat(0);
  let at: usize = 0;
  for (; at < vectors; at += 16) {
    const normal = f32x4.mul(f32x4.sub(v128.load(x + at), means), scales);
    const d = v128.load(dy + at);
    const g = f32x4.mul(d, v128.load(weight + at));
    plain = f32x4.add(plain, g);
    weighted = madd(g, normal, weighted);
    v128.store(dweight + at, madd(d, normal, v128.load(dweight + at)));
    v128.store(dbias + at, f32x4.add(d, v128.load(dbias + at)));
  }
  let plainSum = horizontalSum(plain);
  let weightedSum = horizontalSum(weighted);
  for (; at < bytes; at += 4) {
    const normal = (f32.load(x + at) - mean) * scale;
    const d = f32.load(dy + at);
    const g = d * f32.load(weight + at);
    plainSum += g;
    weightedSum += g * normal;
    f32.store(dweight + at, f32.load(dweight + at) + d * normal);
    f32.store(dbias + at, f32.load(dbias + at) + d);
  }
  const a = plainSum * share;
  const b = weightedSum * share;
  const as = f32x4.splat(a);
  const bs = f32x4.splat(-b);
  for (at = 0; at < vectors; at += 16) {
    const normal = f32x4.mul(f32x4.sub(v128.load(x + at), means), scales);
    const g = f32x4.mul(v128.load(dy + at), v128.load(weight + at));
    const inner = madd(normal, bs, f32x4.sub(g, as));
    if (accumulate) v128.store(dx + at, madd(inner, scales, v128.load(dx + at)));
    else v128.store(dx + at, f32x4.mul(inner, scales));
  }
  for (; at < bytes; at += 4) {
    const normal = (f32.load(x + at) - mean) * scale;
    const value = (f32.load(dy + at) * f32.load(weight + at) - a - normal * b) * scale;
    f32.store(dx + at, accumulate ? f32.load(dx + at) + value : value);
  }
}
