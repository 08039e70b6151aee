// Short convolutions along the tokens, one filter a channel: y[t] = bias + Σ_j weight[j] · x[t + j − h], h = (taps − 1) / 2,
// rows beyond both ends taken as zero. weight: [taps, columns]. Eight columns at a time, all rows of them one after the
// other, so that a filter's gradient stays in registers.
import { madd } from './vector';

/** First tap that meets a row ≥ 0 from row t. */
// @ts-expect-error: decorator
@inline
function firstTap(t: i32, half: i32): i32 {
  return max(0, half - t);
}

/** Behind the last tap that meets a row < rows. */
// @ts-expect-error: decorator
@inline
function lastTap(t: i32, half: i32, taps: i32, rows: i32): i32 {
  return min(taps, rows - t + half);
}

export function depthwiseConvolution(
  y: usize, x: usize, weight: usize, bias: usize, rows: i32, columns: i32, taps: i32,
): void {
  const stride = <usize>columns << 2;
  const half = taps >> 1;
  const pairs = <usize>(columns & ~7) << 2;
  for (let t = 0; t < rows; t++) {
    const from = firstTap(t, half), to = lastTap(t, half, taps, rows);
    const x0 = x + <usize>(t + from - half) * stride, w0 = weight + <usize>from * stride;
    let at: usize = 0;
    for (; at < pairs; at += 32) {
      let sumL = v128.load(bias + at), sumH = v128.load(bias + at, 16);
      for (let j = from, p = x0 + at, w = w0 + at; j < to; j++) {
        sumL = madd(v128.load(w), v128.load(p), sumL);
        sumH = madd(v128.load(w, 16), v128.load(p, 16), sumH);
        p += stride;
        w += stride;
      }
      v128.store(y + at, sumL);
      v128.store(y + at, sumH, 16);
    }
    for (; at < stride; at += 4) {
      let sum = f32.load(bias + at);
      for (let j = from, p = x0 + at, w = w0 + at; j < to; j++) {
        sum += f32.load(w) * f32.load(p);
        p += stride;
        w += stride;
      }
      f32.store(y + at, sum);
    }
    y += stride;
  }
}

/** dx[u] = Σ_j weight[j] · dy[u − j + h]; dweight[j] += Σ_t dy[t] · x[t + j − h]; dbias += Σ dy. */
export function depthwiseConvolutionBackward(
  dx: usize, dweight: usize, dbias: usize, dy: usize, x: usize, weight: usize, rows: i32, columns: i32, taps: i32,
): void {
  inputGradient(dx, dy, weight, rows, columns, taps);
  const stride = <usize>columns << 2;
  const half = taps >> 1;
  const pairs = <usize>(columns & ~7) << 2;
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    addSum(dbias + at, dy + at, stride, rows);
    for (let j = 0; j < taps; j++) {
      const first = max(0, half - j), behind = min(rows, rows - j + half);
      if (behind <= first) continue;
      const p = dweight + <usize>j * stride + at;
      addProducts(
        p, dy + <usize>first * stride + at, x + <usize>(first + j - half) * stride + at, stride, behind - first,
      );
    }
  }
  for (; at < stride; at += 4) {
    let sum: f32 = 0;
    for (let t = 0; t < rows; t++) sum += f32.load(dy + <usize>t * stride + at);
    f32.store(dbias + at, f32.load(dbias + at) + sum);
    for (let j = 0; j < taps; j++) {
      sum = 0;
      for (let t = max(0, half - j), behind = min(rows, rows - j + half); t < behind; t++) {
        sum += f32.load(dy + <usize>t * stride + at) * f32.load(x + <usize>(t + j - half) * stride + at);
      }
      const p = dweight + <usize>j * stride + at;
      f32.store(p, f32.load(p) + sum);
    }
  }
}

function inputGradient(dx: usize, dy: usize, weight: usize, rows: i32, columns: i32, taps: i32): void {
  const stride = <usize>columns << 2;
  const half = taps >> 1;
  const pairs = <usize>(columns & ~7) << 2;
  for (let u = 0; u < rows; u++) {
    // Tap j meets row u − j + h of dy: the filter's mirror image.
    const from = max(0, u + half - rows + 1), to = min(taps, u + half + 1);
    const d0 = dy + <usize>(u + half - from) * stride, w0 = weight + <usize>from * stride;
    let at: usize = 0;
    for (; at < pairs; at += 32) {
      let sumL = f32x4.splat(0), sumH = sumL;
      for (let j = from, p = d0 + at, w = w0 + at; j < to; j++) {
        sumL = madd(v128.load(w), v128.load(p), sumL);
        sumH = madd(v128.load(w, 16), v128.load(p, 16), sumH);
        p -= stride;
        w += stride;
      }
      v128.store(dx + at, sumL);
      v128.store(dx + at, sumH, 16);
    }
    for (; at < stride; at += 4) {
      let sum: f32 = 0;
      for (let j = from, p = d0 + at, w = w0 + at; j < to; j++) {
        sum += f32.load(w) * f32.load(p);
        p -= stride;
        w += stride;
      }
      f32.store(dx + at, sum);
    }
    dx += stride;
  }
}

/** y[8] += Σ_r a[r]. */
function addSum(y: usize, a: usize, stride: usize, rows: i32): void {
  let sumL = f32x4.splat(0), sumH = sumL;
  for (; rows > 0; rows--) {
    sumL = f32x4.add(sumL, v128.load(a));
    sumH = f32x4.add(sumH, v128.load(a, 16));
    a += stride;
  }
  v128.store(y, f32x4.add(v128.load(y), sumL));
  v128.store(y, f32x4.add(v128.load(y, 16), sumH), 16);
}

/** y[8] += Σ_r a[r] · b[r]. */
function addProducts(y: usize, a: usize, b: usize, stride: usize, rows: i32): void {
  let sumL = f32x4.splat(0), sumH = sumL;
  for (; rows > 0; rows--) {
    sumL = madd(v128.load(a), v128.load(b), sumL);
    sumH = madd(v128.load(a, 16), v128.load(b, 16), sumH);
    a += stride;
    b += stride;
  }
  v128.store(y, f32x4.add(v128.load(y), sumL));
  v128.store(y, f32x4.add(v128.load(y, 16), sumH), 16);
}
