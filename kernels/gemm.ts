// The three products of a linear layer. Micro-kernels of 6 rows × 8 columns of the result: 12 vector registers, 2 for a
// row of the right-hand side, 1 for a broadcast: 15 of the 16 that x86-64 has.
//
// Right-hand sides are packed in panels of 8 columns (`pack…`), the last one padded with zeros, so that a panel is
// read front to back: panel[k][8].
import { madd } from './vector';

// @ts-ignore: decorator
@inline
const PANEL: i32 = 8;

// @ts-ignore: decorator
@inline
function store(y: usize, a: v128, b: v128, columns: i32): void {
  if (columns >= 8) {
    v128.store(y, a);
    v128.store(y, b, 16);
  } else storePart(y, a, b, columns);
}

/** The first `columns` (< 8) of the eight numbers. */
function storePart(y: usize, a: v128, b: v128, columns: i32): void {
  let rest = a;
  if (columns >= 4) {
    v128.store(y, a);
    y += 16;
    columns -= 4;
    rest = b;
  }
  if (columns > 0) f32.store(y, f32x4.extract_lane(rest, 0));
  if (columns > 1) f32.store(y, f32x4.extract_lane(rest, 1), 4);
  if (columns > 2) f32.store(y, f32x4.extract_lane(rest, 2), 8);
}

/** The first `columns` (< 8) numbers at x, the others zero: lanes 0…3 (`high` = 0) or 4…7 (`high` = 4). */
function loadPart(x: usize, columns: i32, high: i32): v128 {
  const count = columns - high;
  x += (<usize>high) << 2;
  if (count >= 4) return v128.load(x);
  let lanes = f32x4.splat(0);
  if (count > 0) lanes = f32x4.replace_lane(lanes, 0, f32.load(x));
  if (count > 1) lanes = f32x4.replace_lane(lanes, 1, f32.load(x, 4));
  if (count > 2) lanes = f32x4.replace_lane(lanes, 2, f32.load(x, 8));
  return lanes;
}

// @ts-ignore: decorator
@inline
function loadLow(x: usize, columns: i32): v128 {
  return columns >= 8 ? v128.load(x) : loadPart(x, columns, 0);
}

// @ts-ignore: decorator
@inline
function loadHigh(x: usize, columns: i32): v128 {
  return columns >= 8 ? v128.load(x, 16) : loadPart(x, columns, 4);
}

/** out: panels of 8 rows of W, transposed: out[o / 8][k][o % 8] = W[o, k]. For y = x Wᵀ. */
export function packTransposed(out: usize, weight: usize, outputs: i32, inputs: i32): void {
  for (let o = 0; o < outputs; o += PANEL) {
    const width = min(PANEL, outputs - o);
    for (let k = 0; k < inputs; k++) {
      for (let j = 0; j < PANEL; j++) {
        const value = j < width ? f32.load(weight + (<usize>((o + j) * inputs + k) << 2)) : 0;
        f32.store(out + (<usize>j << 2), value);
      }
      out += 32;
    }
  }
}

/** out: panels of 8 columns of W: out[i / 8][o][i % 8] = W[o, i]. For dx = dy W. */
export function packPlain(out: usize, weight: usize, outputs: i32, inputs: i32): void {
  for (let i = 0; i < inputs; i += PANEL) {
    const width = min(PANEL, inputs - i);
    for (let o = 0; o < outputs; o++) {
      const row = weight + (<usize>(o * inputs + i) << 2);
      for (let j = 0; j < PANEL; j++) {
        f32.store(out + (<usize>j << 2), j < width ? f32.load(row + (<usize>j << 2)) : 0);
      }
      out += 32;
    }
  }
}

/** y[6, 8] = bias + residual + a[6, depth] · panel[depth, 8]; bias and residual may be 0: absent. Not unrolled over
 * depth: V8 would reorder the steps and spill the accumulators. */
function tile6(
  y: usize, yStride: usize, a: usize, aStride: usize, panel: usize, depth: i32,
  bias: usize, residual: usize, columns: i32,
): void {
  let b0: v128, b1: v128, s: v128;
  let c00 = f32x4.splat(0), c01 = c00;
  if (bias != 0) {
    c00 = loadLow(bias, columns);
    c01 = loadHigh(bias, columns);
  }
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
  if (residual != 0) {
    let r = residual;
    c00 = f32x4.add(c00, loadLow(r, columns)); c01 = f32x4.add(c01, loadHigh(r, columns)); r += yStride;
    c10 = f32x4.add(c10, loadLow(r, columns)); c11 = f32x4.add(c11, loadHigh(r, columns)); r += yStride;
    c20 = f32x4.add(c20, loadLow(r, columns)); c21 = f32x4.add(c21, loadHigh(r, columns)); r += yStride;
    c30 = f32x4.add(c30, loadLow(r, columns)); c31 = f32x4.add(c31, loadHigh(r, columns)); r += yStride;
    c40 = f32x4.add(c40, loadLow(r, columns)); c41 = f32x4.add(c41, loadHigh(r, columns)); r += yStride;
    c50 = f32x4.add(c50, loadLow(r, columns)); c51 = f32x4.add(c51, loadHigh(r, columns));
  }
  let a0 = a, a1 = a0 + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride, a5 = a4 + aStride;
  const end = a0 + (<usize>depth << 2);
  while (a0 < end) {
    b0 = v128.load(panel); b1 = v128.load(panel, 16);
    s = v128.load32_splat(a0); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a1); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a2); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(a3); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    s = v128.load32_splat(a4); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
    s = v128.load32_splat(a5); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
    a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4;
    panel += 32;
  }
  store(y, c00, c01, columns); y += yStride;
  store(y, c10, c11, columns); y += yStride;
  store(y, c20, c21, columns); y += yStride;
  store(y, c30, c31, columns); y += yStride;
  store(y, c40, c41, columns); y += yStride;
  store(y, c50, c51, columns);
}

/** The same for 4 rows: without fused instructions 8 accumulators are enough, and V8 then spills none. */
function tile4(
  y: usize, yStride: usize, a: usize, aStride: usize, panel: usize, depth: i32,
  bias: usize, residual: usize, columns: i32,
): void {
  let c00 = f32x4.splat(0), c01 = c00;
  if (bias != 0) {
    c00 = loadLow(bias, columns);
    c01 = loadHigh(bias, columns);
  }
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  if (residual != 0) {
    let r = residual;
    c00 = f32x4.add(c00, loadLow(r, columns)); c01 = f32x4.add(c01, loadHigh(r, columns)); r += yStride;
    c10 = f32x4.add(c10, loadLow(r, columns)); c11 = f32x4.add(c11, loadHigh(r, columns)); r += yStride;
    c20 = f32x4.add(c20, loadLow(r, columns)); c21 = f32x4.add(c21, loadHigh(r, columns)); r += yStride;
    c30 = f32x4.add(c30, loadLow(r, columns)); c31 = f32x4.add(c31, loadHigh(r, columns));
  }
  const end = a + (<usize>depth << 2);
  let b = a + aStride, c = b + aStride, d = c + aStride;
  while (a < end) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    let s = v128.load32_splat(a); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(b); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(c); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(d); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    a += 4; b += 4; c += 4; d += 4;
    panel += 32;
  }
  store(y, c00, c01, columns); y += yStride;
  store(y, c10, c11, columns); y += yStride;
  store(y, c20, c21, columns); y += yStride;
  store(y, c30, c31, columns);
}

/** The same for the one row that is left over. Sums in the same order as the tiles, so rows do not depend on tiling. */
function tile1(
  y: usize, a: usize, panel: usize, depth: i32, bias: usize, residual: usize, columns: i32,
): void {
  let c0 = f32x4.splat(0), c1 = c0;
  if (bias != 0) {
    c0 = loadLow(bias, columns);
    c1 = loadHigh(bias, columns);
  }
  if (residual != 0) {
    c0 = f32x4.add(c0, loadLow(residual, columns));
    c1 = f32x4.add(c1, loadHigh(residual, columns));
  }
  for (let k = 0; k < depth; k++) {
    const s = v128.load32_splat(a);
    c0 = madd(s, v128.load(panel), c0);
    c1 = madd(s, v128.load(panel, 16), c1);
    a += 4;
    panel += 32;
  }
  store(y, c0, c1, columns);
}

/**
 * y[rows, outputs] = a[rows, depth] · B (+ bias[outputs]) (+ residual[rows, outputs]); B packed. bias and residual may
 * be 0 (absent); residual may be y itself. A row's bits do not depend on the other rows or their number.
 */
export function product(
  y: usize, a: usize, packed: usize, bias: usize, residual: usize, rows: i32, depth: i32, outputs: i32,
): void {
  const yStride = <usize>outputs << 2;
  const aStride = <usize>depth << 2;
  const panelBytes = <usize>depth << 5;
  for (let o = 0; o < outputs; o += PANEL) {
    const columns = outputs - o;
    const at = <usize>o << 2;
    const biasAt = bias != 0 ? bias + at : 0;
    let residualAt = residual != 0 ? residual + at : 0;
    let yAt = y + at;
    let aAt = a;
    let left = rows;
    if (ASC_FEATURE_RELAXED_SIMD) {
      for (; left >= 6; left -= 6) {
        tile6(yAt, yStride, aAt, aStride, packed, depth, biasAt, residualAt, columns);
        yAt += 6 * yStride;
        aAt += 6 * aStride;
        if (residualAt != 0) residualAt += 6 * yStride;
      }
    }
    for (; left >= 4; left -= 4) {
      tile4(yAt, yStride, aAt, aStride, packed, depth, biasAt, residualAt, columns);
      yAt += 4 * yStride;
      aAt += 4 * aStride;
      if (residualAt != 0) residualAt += 4 * yStride;
    }
    for (; left > 0; left--) {
      tile1(yAt, aAt, packed, depth, biasAt, residualAt, columns);
      yAt += yStride;
      aAt += aStride;
      if (residualAt != 0) residualAt += yStride;
    }
    packed += panelBytes;
  }
}

/** dW[6, 8] += Σ_r dy[r, 0…5] · x[r, 0…7]. */
function gradient6(
  dweight: usize, stride: usize, dy: usize, dyStride: usize, x: usize, xStride: usize, rows: i32,
): void {
  let b0: v128, b1: v128, s: v128;
  let w = dweight;
  let c00 = v128.load(w), c01 = v128.load(w, 16); w += stride;
  let c10 = v128.load(w), c11 = v128.load(w, 16); w += stride;
  let c20 = v128.load(w), c21 = v128.load(w, 16); w += stride;
  let c30 = v128.load(w), c31 = v128.load(w, 16); w += stride;
  let c40 = v128.load(w), c41 = v128.load(w, 16); w += stride;
  let c50 = v128.load(w), c51 = v128.load(w, 16);
  for (let r = 0; r < rows; r++) {
    b0 = v128.load(x); b1 = v128.load(x, 16);
    s = v128.load32_splat(dy); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(dy, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(dy, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(dy, 12); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    s = v128.load32_splat(dy, 16); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
    s = v128.load32_splat(dy, 20); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
    x += xStride;
    dy += dyStride;
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
export function addWeightGradient(
  dweight: usize, dy: usize, x: usize, rows: i32, inputs: i32, outputs: i32,
): void {
  const stride = <usize>inputs << 2;
  const dyStride = <usize>outputs << 2;
  const whole = inputs & ~7;
  let o = 0;
  while (o < outputs) {
    const left = outputs - o;
    // 6 rows at a time, but 4 + 4 for the last 8 and 4 for the last 4.
    const height = left >= 6 && left != 8 ? 6 : left >= 4 ? 4 : 1;
    const dyAt = dy + (<usize>o << 2);
    const dweightAt = dweight + <usize>o * stride;
    for (let i = 0; i < whole; i += 8) {
      const at = <usize>i << 2;
      if (height == 6) gradient6(dweightAt + at, stride, dyAt, dyStride, x + at, stride, rows);
      else if (height == 4) gradient4(dweightAt + at, stride, dyAt, dyStride, x + at, stride, rows);
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

/** dweight[outputs, inputs] += dyᵀ x; dbias[outputs] += Σ_r dy[r]. dy: [rows, outputs], x: [rows, inputs]. */
export function linearWeightGradient(
  dweight: usize, dbias: usize, dy: usize, x: usize, rows: i32, inputs: i32, outputs: i32,
): void {
  addWeightGradient(dweight, dy, x, rows, inputs, outputs);
  const dyStride = <usize>outputs << 2;
  let o = 0;
  for (; o + 4 <= outputs; o += 4) {
    let sum = v128.load(dbias + (<usize>o << 2));
    let at = dy + (<usize>o << 2);
    for (let r = 0; r < rows; r++) {
      sum = f32x4.add(sum, v128.load(at));
      at += dyStride;
    }
    v128.store(dbias + (<usize>o << 2), sum);
  }
  for (; o < outputs; o++) {
    let sum = f32.load(dbias + (<usize>o << 2));
    let at = dy + (<usize>o << 2);
    for (let r = 0; r < rows; r++) {
      sum += f32.load(at);
      at += dyStride;
    }
    f32.store(dbias + (<usize>o << 2), sum);
  }
}
