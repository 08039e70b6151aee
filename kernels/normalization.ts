// Layer norm over the channels of each row (Ba et al. 2016), ε = 1e-5, and its backward.
// Rows of `columns` numbers; statistics[row] = [mean, 1 / standard deviation].
import { horizontalSum, madd } from './vector';

const EPSILON: f32 = 1e-5;

/** y = (x − mean) · rstd · weight + bias; writes statistics. */
export function layerNorm(
  y: usize, statistics: usize, x: usize, weight: usize, bias: usize, rows: i32, columns: i32,
): void {
  const bytes = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  const count = <f32>columns;
  for (let r = 0; r < rows; r++) {
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
    x += bytes;
    y += bytes;
    statistics += 8;
  }
}

/** y = (x − mean) · rstd · weight + bias, statistics known. */
// @ts-ignore: decorator
@inline
export function normalize(
  y: usize, x: usize, weight: usize, bias: usize, statistics: usize, rows: i32, columns: i32,
): void {
  const bytes = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  for (let r = 0; r < rows; r++) {
    const mean = f32.load(statistics);
    const scale = f32.load(statistics, 4);
    const means = f32x4.splat(mean);
    const scales = f32x4.splat(scale);
    let at: usize = 0;
    for (; at < vectors; at += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), means), scales);
      v128.store(y + at, madd(normal, v128.load(weight + at), v128.load(bias + at)));
    }
    for (; at < bytes; at += 4) {
      f32.store(y + at, (f32.load(x + at) - mean) * scale * f32.load(weight + at) + f32.load(bias + at));
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
  const vectors = <usize>(columns & ~3) << 2;
  const share = <f32>1 / <f32>columns;
  for (let r = 0; r < rows; r++) {
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
    x += bytes;
    dx += bytes;
    dy += bytes;
    statistics += 8;
  }
}
