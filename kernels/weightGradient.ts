// The gradient of a linear layer's weights and bias: micro-kernels as in gemm.ts, the sum running over rows.
import { takesSix } from './gemm';
import { madd } from './vector';

/** dW[6, 16] += Σ_r dy[r, 0…5] · x[r, 0…15]. */
function gradient6x16(
  dweight: usize, stride: usize, dy: usize, dyStride: usize, x: usize, xStride: usize, rows: i32,
): void {
  let w = dweight;
  let c00 = v128.load(w), c01 = v128.load(w, 16), c02 = v128.load(w, 32), c03 = v128.load(w, 48); w += stride;
  let c10 = v128.load(w), c11 = v128.load(w, 16), c12 = v128.load(w, 32), c13 = v128.load(w, 48); w += stride;
  let c20 = v128.load(w), c21 = v128.load(w, 16), c22 = v128.load(w, 32), c23 = v128.load(w, 48); w += stride;
  let c30 = v128.load(w), c31 = v128.load(w, 16), c32 = v128.load(w, 32), c33 = v128.load(w, 48); w += stride;
  let c40 = v128.load(w), c41 = v128.load(w, 16), c42 = v128.load(w, 32), c43 = v128.load(w, 48); w += stride;
  let c50 = v128.load(w), c51 = v128.load(w, 16), c52 = v128.load(w, 32), c53 = v128.load(w, 48);
  for (let r = 0; r < rows; r++) {
    const b0 = v128.load(x), b1 = v128.load(x, 16), b2 = v128.load(x, 32), b3 = v128.load(x, 48);
    let s = v128.load32_splat(dy);
    c00 = madd(s, b0, c00); c01 = madd(s, b1, c01); c02 = madd(s, b2, c02); c03 = madd(s, b3, c03);
    s = v128.load32_splat(dy, 4);
    c10 = madd(s, b0, c10); c11 = madd(s, b1, c11); c12 = madd(s, b2, c12); c13 = madd(s, b3, c13);
    s = v128.load32_splat(dy, 8);
    c20 = madd(s, b0, c20); c21 = madd(s, b1, c21); c22 = madd(s, b2, c22); c23 = madd(s, b3, c23);
    s = v128.load32_splat(dy, 12);
    c30 = madd(s, b0, c30); c31 = madd(s, b1, c31); c32 = madd(s, b2, c32); c33 = madd(s, b3, c33);
    s = v128.load32_splat(dy, 16);
    c40 = madd(s, b0, c40); c41 = madd(s, b1, c41); c42 = madd(s, b2, c42); c43 = madd(s, b3, c43);
    s = v128.load32_splat(dy, 20);
    c50 = madd(s, b0, c50); c51 = madd(s, b1, c51); c52 = madd(s, b2, c52); c53 = madd(s, b3, c53);
    x += xStride;
    dy += dyStride;
  }
  w = dweight;
  v128.store(w, c00); v128.store(w, c01, 16); v128.store(w, c02, 32); v128.store(w, c03, 48); w += stride;
  v128.store(w, c10); v128.store(w, c11, 16); v128.store(w, c12, 32); v128.store(w, c13, 48); w += stride;
  v128.store(w, c20); v128.store(w, c21, 16); v128.store(w, c22, 32); v128.store(w, c23, 48); w += stride;
  v128.store(w, c30); v128.store(w, c31, 16); v128.store(w, c32, 32); v128.store(w, c33, 48); w += stride;
  v128.store(w, c40); v128.store(w, c41, 16); v128.store(w, c42, 32); v128.store(w, c43, 48); w += stride;
  v128.store(w, c50); v128.store(w, c51, 16); v128.store(w, c52, 32); v128.store(w, c53, 48);
}

/** dW[6, 8] += Σ_r dy[r, 0…5] · x[r, 0…7]. */
function gradient6(
  dweight: usize, stride: usize, dy: usize, dyStride: usize, x: usize, xStride: usize, rows: i32,
): void {
  let w = dweight;
  let c00 = v128.load(w), c01 = v128.load(w, 16); w += stride;
  let c10 = v128.load(w), c11 = v128.load(w, 16); w += stride;
  let c20 = v128.load(w), c21 = v128.load(w, 16); w += stride;
  let c30 = v128.load(w), c31 = v128.load(w, 16); w += stride;
  let c40 = v128.load(w), c41 = v128.load(w, 16); w += stride;
  let c50 = v128.load(w), c51 = v128.load(w, 16);
  const end = dy + <usize>rows * dyStride;
  while (dy < end) {
    const b0 = v128.load(x), b1 = v128.load(x, 16);
    let s = v128.load32_splat(dy, 20); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
    s = v128.load32_splat(dy, 16); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
    s = v128.load32_splat(dy, 12); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    s = v128.load32_splat(dy, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(dy, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(dy); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    dy += dyStride;
    x += xStride;
  }
  w = dweight;
  v128.store(w, c00); v128.store(w, c01, 16); w += stride;
  v128.store(w, c10); v128.store(w, c11, 16); w += stride;
  v128.store(w, c20); v128.store(w, c21, 16); w += stride;
  v128.store(w, c30); v128.store(w, c31, 16); w += stride;
  v128.store(w, c40); v128.store(w, c41, 16); w += stride;
  v128.store(w, c50); v128.store(w, c51, 16);
}

/** dW[4, 8] += …: two of these take the 8 rows that 6 · k rows leave of 32 or 128. */
function gradient4(
  dweight: usize, stride: usize, dy: usize, dyStride: usize, x: usize, xStride: usize, rows: i32,
): void {
  let b0: v128, b1: v128, s: v128;
  let w = dweight;
  let c00 = v128.load(w), c01 = v128.load(w, 16); w += stride;
  let c10 = v128.load(w), c11 = v128.load(w, 16); w += stride;
  let c20 = v128.load(w), c21 = v128.load(w, 16); w += stride;
  let c30 = v128.load(w), c31 = v128.load(w, 16);
  for (let r = 0; r < rows; r++) {
    b0 = v128.load(x); b1 = v128.load(x, 16);
    s = v128.load32_splat(dy); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(dy, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(dy, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(dy, 12); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    x += xStride;
    dy += dyStride;
  }
  w = dweight;
  v128.store(w, c00); v128.store(w, c01, 16); w += stride;
  v128.store(w, c10); v128.store(w, c11, 16); w += stride;
  v128.store(w, c20); v128.store(w, c21, 16); w += stride;
  v128.store(w, c30); v128.store(w, c31, 16);
}

/** dW[4, 16] += …: as `gradient4`. */
function gradient4x16(
  dweight: usize, stride: usize, dy: usize, dyStride: usize, x: usize, xStride: usize, rows: i32,
): void {
  let w = dweight;
  let c00 = v128.load(w), c01 = v128.load(w, 16), c02 = v128.load(w, 32), c03 = v128.load(w, 48); w += stride;
  let c10 = v128.load(w), c11 = v128.load(w, 16), c12 = v128.load(w, 32), c13 = v128.load(w, 48); w += stride;
  let c20 = v128.load(w), c21 = v128.load(w, 16), c22 = v128.load(w, 32), c23 = v128.load(w, 48); w += stride;
  let c30 = v128.load(w), c31 = v128.load(w, 16), c32 = v128.load(w, 32), c33 = v128.load(w, 48);
  for (let r = 0; r < rows; r++) {
    const b0 = v128.load(x), b1 = v128.load(x, 16), b2 = v128.load(x, 32), b3 = v128.load(x, 48);
    let s = v128.load32_splat(dy);
    c00 = madd(s, b0, c00); c01 = madd(s, b1, c01); c02 = madd(s, b2, c02); c03 = madd(s, b3, c03);
    s = v128.load32_splat(dy, 4);
    c10 = madd(s, b0, c10); c11 = madd(s, b1, c11); c12 = madd(s, b2, c12); c13 = madd(s, b3, c13);
    s = v128.load32_splat(dy, 8);
    c20 = madd(s, b0, c20); c21 = madd(s, b1, c21); c22 = madd(s, b2, c22); c23 = madd(s, b3, c23);
    s = v128.load32_splat(dy, 12);
    c30 = madd(s, b0, c30); c31 = madd(s, b1, c31); c32 = madd(s, b2, c32); c33 = madd(s, b3, c33);
    x += xStride;
    dy += dyStride;
  }
  w = dweight;
  v128.store(w, c00); v128.store(w, c01, 16); v128.store(w, c02, 32); v128.store(w, c03, 48); w += stride;
  v128.store(w, c10); v128.store(w, c11, 16); v128.store(w, c12, 32); v128.store(w, c13, 48); w += stride;
  v128.store(w, c20); v128.store(w, c21, 16); v128.store(w, c22, 32); v128.store(w, c23, 48); w += stride;
  v128.store(w, c30); v128.store(w, c31, 16); v128.store(w, c32, 32); v128.store(w, c33, 48);
}

/** dW[1, width] += Σ_r dy[r, 0] · x[r, 0…width−1], any width. */
function gradient1(
  dweight: usize, dy: usize, dyStride: usize, x: usize, xStride: usize, rows: i32, width: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const s = f32.load(dy);
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const at = dweight + (<usize>i << 2);
      v128.store(at, madd(f32x4.splat(s), v128.load(x + (<usize>i << 2)), v128.load(at)));
    }
    for (; i < width; i++) {
      const at = dweight + (<usize>i << 2);
      f32.store(at, f32.load(at) + s * f32.load(x + (<usize>i << 2)));
    }
    x += xStride;
    dy += dyStride;
  }
}

/** dweight[outputs, inputs] += dyᵀ x. dy: [rows, outputs], x: [rows, inputs]. */
function addWeightGradient(
  dweight: usize, dy: usize, x: usize, rows: i32, inputs: i32, outputs: i32,
): void {
  const stride = <usize>inputs << 2;
  const dyStride = <usize>outputs << 2;
  const whole = inputs & ~7;
  let o = 0;
  while (o < outputs) {
    const left = outputs - o;
    const height = takesSix(left) ? 6 : left >= 4 ? 4 : 1;
    const dyAt = dy + (<usize>o << 2);
    const dweightAt = dweight + <usize>o * stride;
    let i = 0;
    if (REGISTER_BITS === 256 && height > 1) {
      for (; i + 16 <= whole; i += 16) {
        const at = <usize>i << 2;
        if (height === 6) gradient6x16(dweightAt + at, stride, dyAt, dyStride, x + at, stride, rows);
        else gradient4x16(dweightAt + at, stride, dyAt, dyStride, x + at, stride, rows);
      }
    }
    for (; i < whole; i += 8) {
      const at = <usize>i << 2;
      if (height === 6) gradient6(dweightAt + at, stride, dyAt, dyStride, x + at, stride, rows);
      else if (height === 4) gradient4(dweightAt + at, stride, dyAt, dyStride, x + at, stride, rows);
      else gradient1(dweightAt + at, dyAt, dyStride, x + at, stride, rows, 8);
    }
    if (whole < inputs) {
      const at = <usize>whole << 2;
      for (let h = 0; h < height; h++) {
        gradient1(
          dweightAt + <usize>h * stride + at, dyAt + (<usize>h << 2), dyStride, x + at, stride, rows, inputs - whole,
        );
      }
    }
    o += height;
  }
}

/** dbias[outputs] += Σ_r dy[r]. Many columns at a time: one column's sum alone would wait for each addition. */
function addBiasGradient(dbias: usize, dy: usize, rows: i32, outputs: i32): void {
  const stride = <usize>outputs << 2;
  for (; outputs >= 32; outputs -= 32) {
    let at = dy;
    let s0 = v128.load(dbias), s1 = v128.load(dbias, 16), s2 = v128.load(dbias, 32), s3 = v128.load(dbias, 48);
    let s4 = v128.load(dbias, 64), s5 = v128.load(dbias, 80), s6 = v128.load(dbias, 96), s7 = v128.load(dbias, 112);
    for (let r = 0; r < rows; r++) {
      s0 = f32x4.add(s0, v128.load(at)); s1 = f32x4.add(s1, v128.load(at, 16));
      s2 = f32x4.add(s2, v128.load(at, 32)); s3 = f32x4.add(s3, v128.load(at, 48));
      s4 = f32x4.add(s4, v128.load(at, 64)); s5 = f32x4.add(s5, v128.load(at, 80));
      s6 = f32x4.add(s6, v128.load(at, 96)); s7 = f32x4.add(s7, v128.load(at, 112));
      at += stride;
    }
    v128.store(dbias, s0); v128.store(dbias, s1, 16); v128.store(dbias, s2, 32); v128.store(dbias, s3, 48);
    v128.store(dbias, s4, 64); v128.store(dbias, s5, 80); v128.store(dbias, s6, 96); v128.store(dbias, s7, 112);
    dbias += 128;
    dy += 128;
  }
  for (; outputs >= 4; outputs -= 4) {
    let sum = v128.load(dbias);
    for (let r = 0, at = dy; r < rows; r++, at += stride) sum = f32x4.add(sum, v128.load(at));
    v128.store(dbias, sum);
    dbias += 16;
    dy += 16;
  }
  for (; outputs > 0; outputs--) {
    let sum = f32.load(dbias);
    for (let r = 0, at = dy; r < rows; r++, at += stride) sum += f32.load(at);
    f32.store(dbias, sum);
    dbias += 4;
    dy += 4;
  }
}

/** dweight[outputs, inputs] += dyᵀ x; dbias[outputs] += Σ_r dy[r]. dy: [rows, outputs], x: [rows, inputs]. */
export function linearWeightGradient(
  dweight: usize, dbias: usize, dy: usize, x: usize, rows: i32, inputs: i32, outputs: i32,
): void {
  addWeightGradient(dweight, dy, x, rows, inputs, outputs);
  addBiasGradient(dbias, dy, rows, outputs);
}
