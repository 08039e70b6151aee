// Products with packed weights: a linear layer's output, and the gradient of its input. Micro-kernels keep a tile of the
// result in registers and use all 15 that V8 gives out on x86-64: 6 rows × 16 columns in 256-bit registers (12, and 2 for
// a row of the right-hand side, and 1 for a broadcast), or 6 × 8 in 128-bit ones.
//
// Right-hand sides are packed in panels of 8 columns (`pack…`), the last one padded with zeros, so that a panel is
// read front to back: panel[k][8].
import { madd } from './vector';

// @ts-expect-error: decorator
@inline
const PANEL: i32 = 8;

// @ts-expect-error: decorator
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

// @ts-expect-error: decorator
@inline
function loadLow(x: usize, columns: i32): v128 {
  return columns >= 8 ? v128.load(x) : loadPart(x, columns, 0);
}

// @ts-expect-error: decorator
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

/** Stands in for an absent bias or residual. */
const ZEROS = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);

/**
 * Rows `row` … of 16 columns, six at a time; returns the row it came to. For 256-bit registers: V8 pairs neighbouring
 * halves from the stores upwards, and finds the pairs only where nothing branches between.
 */
function sixRowsOf16(
  y: usize, yStride: usize, a: usize, aStride: usize, panel: usize, next: usize, depth: i32,
  bias: usize, residual: usize, residualStride: usize, rows: i32,
): i32 {
  const bytes = <usize>depth << 2, jump = <usize>6 * aStride - bytes, panelBytes = <usize>depth << 5;
  let row = 0;
  let a0 = a, a1 = a0 + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride, a5 = a4 + aStride;
  for (; takesSix(rows - row); row += 6) {
    const p0 = v128.load(bias), p1 = v128.load(bias, 16), p2 = v128.load(bias, 32), p3 = v128.load(bias, 48);
    let c00 = f32x4.add(p0, v128.load(residual)); let c01 = f32x4.add(p1, v128.load(residual, 16));
    let c02 = f32x4.add(p2, v128.load(residual, 32)); let c03 = f32x4.add(p3, v128.load(residual, 48));
    residual += residualStride;
    let c10 = f32x4.add(p0, v128.load(residual)); let c11 = f32x4.add(p1, v128.load(residual, 16));
    let c12 = f32x4.add(p2, v128.load(residual, 32)); let c13 = f32x4.add(p3, v128.load(residual, 48));
    residual += residualStride;
    let c20 = f32x4.add(p0, v128.load(residual)); let c21 = f32x4.add(p1, v128.load(residual, 16));
    let c22 = f32x4.add(p2, v128.load(residual, 32)); let c23 = f32x4.add(p3, v128.load(residual, 48));
    residual += residualStride;
    let c30 = f32x4.add(p0, v128.load(residual)); let c31 = f32x4.add(p1, v128.load(residual, 16));
    let c32 = f32x4.add(p2, v128.load(residual, 32)); let c33 = f32x4.add(p3, v128.load(residual, 48));
    residual += residualStride;
    let c40 = f32x4.add(p0, v128.load(residual)); let c41 = f32x4.add(p1, v128.load(residual, 16));
    let c42 = f32x4.add(p2, v128.load(residual, 32)); let c43 = f32x4.add(p3, v128.load(residual, 48));
    residual += residualStride;
    let c50 = f32x4.add(p0, v128.load(residual)); let c51 = f32x4.add(p1, v128.load(residual, 16));
    let c52 = f32x4.add(p2, v128.load(residual, 32)); let c53 = f32x4.add(p3, v128.load(residual, 48));
    residual += residualStride;
    const end = a0 + bytes;
    while (a0 < end) {
      const b0 = v128.load(panel), b1 = v128.load(panel, 16), b2 = v128.load(next), b3 = v128.load(next, 16);
      let s = v128.load32_splat(a0);
      c00 = madd(s, b0, c00); c01 = madd(s, b1, c01); c02 = madd(s, b2, c02); c03 = madd(s, b3, c03);
      s = v128.load32_splat(a1);
      c10 = madd(s, b0, c10); c11 = madd(s, b1, c11); c12 = madd(s, b2, c12); c13 = madd(s, b3, c13);
      s = v128.load32_splat(a2);
      c20 = madd(s, b0, c20); c21 = madd(s, b1, c21); c22 = madd(s, b2, c22); c23 = madd(s, b3, c23);
      s = v128.load32_splat(a3);
      c30 = madd(s, b0, c30); c31 = madd(s, b1, c31); c32 = madd(s, b2, c32); c33 = madd(s, b3, c33);
      s = v128.load32_splat(a4);
      c40 = madd(s, b0, c40); c41 = madd(s, b1, c41); c42 = madd(s, b2, c42); c43 = madd(s, b3, c43);
      s = v128.load32_splat(a5);
      c50 = madd(s, b0, c50); c51 = madd(s, b1, c51); c52 = madd(s, b2, c52); c53 = madd(s, b3, c53);
      a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4;
      panel += 32;
      next += 32;
    }
    v128.store(y, c00); v128.store(y, c01, 16); v128.store(y, c02, 32); v128.store(y, c03, 48); y += yStride;
    v128.store(y, c10); v128.store(y, c11, 16); v128.store(y, c12, 32); v128.store(y, c13, 48); y += yStride;
    v128.store(y, c20); v128.store(y, c21, 16); v128.store(y, c22, 32); v128.store(y, c23, 48); y += yStride;
    v128.store(y, c30); v128.store(y, c31, 16); v128.store(y, c32, 32); v128.store(y, c33, 48); y += yStride;
    v128.store(y, c40); v128.store(y, c41, 16); v128.store(y, c42, 32); v128.store(y, c43, 48); y += yStride;
    v128.store(y, c50); v128.store(y, c51, 16); v128.store(y, c52, 32); v128.store(y, c53, 48); y += yStride;
    a0 += jump; a1 += jump; a2 += jump; a3 += jump; a4 += jump; a5 += jump;
    panel -= panelBytes;
    next -= panelBytes;
  }
  return row;
}

/** Four rows of 16 columns, as `sixRowsOf16`. */
function tile4x16(
  y: usize, yStride: usize, a: usize, aStride: usize, panel: usize, next: usize, depth: i32,
  bias: usize, residual: usize, residualStride: usize,
): void {
  const p0 = v128.load(bias), p1 = v128.load(bias, 16), p2 = v128.load(bias, 32), p3 = v128.load(bias, 48);
  let c00 = f32x4.add(p0, v128.load(residual)); let c01 = f32x4.add(p1, v128.load(residual, 16));
  let c02 = f32x4.add(p2, v128.load(residual, 32)); let c03 = f32x4.add(p3, v128.load(residual, 48));
  residual += residualStride;
  let c10 = f32x4.add(p0, v128.load(residual)); let c11 = f32x4.add(p1, v128.load(residual, 16));
  let c12 = f32x4.add(p2, v128.load(residual, 32)); let c13 = f32x4.add(p3, v128.load(residual, 48));
  residual += residualStride;
  let c20 = f32x4.add(p0, v128.load(residual)); let c21 = f32x4.add(p1, v128.load(residual, 16));
  let c22 = f32x4.add(p2, v128.load(residual, 32)); let c23 = f32x4.add(p3, v128.load(residual, 48));
  residual += residualStride;
  let c30 = f32x4.add(p0, v128.load(residual)); let c31 = f32x4.add(p1, v128.load(residual, 16));
  let c32 = f32x4.add(p2, v128.load(residual, 32)); let c33 = f32x4.add(p3, v128.load(residual, 48));
  let a0 = a, a1 = a0 + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
  for (const end = a0 + (<usize>depth << 2); a0 < end; ) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16), b2 = v128.load(next), b3 = v128.load(next, 16);
    let s = v128.load32_splat(a0);
    c00 = madd(s, b0, c00); c01 = madd(s, b1, c01); c02 = madd(s, b2, c02); c03 = madd(s, b3, c03);
    s = v128.load32_splat(a1);
    c10 = madd(s, b0, c10); c11 = madd(s, b1, c11); c12 = madd(s, b2, c12); c13 = madd(s, b3, c13);
    s = v128.load32_splat(a2);
    c20 = madd(s, b0, c20); c21 = madd(s, b1, c21); c22 = madd(s, b2, c22); c23 = madd(s, b3, c23);
    s = v128.load32_splat(a3);
    c30 = madd(s, b0, c30); c31 = madd(s, b1, c31); c32 = madd(s, b2, c32); c33 = madd(s, b3, c33);
    a0 += 4; a1 += 4; a2 += 4; a3 += 4;
    panel += 32;
    next += 32;
  }
  v128.store(y, c00); v128.store(y, c01, 16); v128.store(y, c02, 32); v128.store(y, c03, 48); y += yStride;
  v128.store(y, c10); v128.store(y, c11, 16); v128.store(y, c12, 32); v128.store(y, c13, 48); y += yStride;
  v128.store(y, c20); v128.store(y, c21, 16); v128.store(y, c22, 32); v128.store(y, c23, 48); y += yStride;
  v128.store(y, c30); v128.store(y, c31, 16); v128.store(y, c32, 32); v128.store(y, c33, 48);
}

/** y[6, 8] = bias + residual + a[6, depth] · panel[depth, 8]; bias and residual may be 0: absent. Not unrolled over
 * depth: V8 would reorder the steps and spill the accumulators. */
function tile6(
  y: usize, yStride: usize, a: usize, aStride: usize, panel: usize, depth: i32,
  bias: usize, residual: usize, columns: i32,
): void {
  let b0: v128, b1: v128, s: v128;
  let c00 = f32x4.splat(0), c01 = c00;
  if (bias !== 0) {
    c00 = loadLow(bias, columns);
    c01 = loadHigh(bias, columns);
  }
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
  if (residual !== 0) {
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
    s = v128.load32_splat(a5); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
    s = v128.load32_splat(a4); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
    s = v128.load32_splat(a3); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    s = v128.load32_splat(a2); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(a1); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a0); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
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
  if (bias !== 0) {
    c00 = loadLow(bias, columns);
    c01 = loadHigh(bias, columns);
  }
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  if (residual !== 0) {
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
  if (bias !== 0) {
    c0 = loadLow(bias, columns);
    c1 = loadHigh(bias, columns);
  }
  if (residual !== 0) {
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
    const biasAt = bias !== 0 ? bias + at : 0;
    const residualAt = residual !== 0 ? residual + at : 0;
    if (REGISTER_BITS === 256 && columns >= 2 * PANEL) {
      const initial = bias !== 0 ? biasAt : ZEROS, rest = residual !== 0 ? residualAt : ZEROS;
      const restStride = residual !== 0 ? yStride : 0;
      let row = sixRowsOf16(
        y + at, yStride, a, aStride, packed, packed + panelBytes, depth, initial, rest, restStride, rows,
      );
      for (; row + 4 <= rows; row += 4) {
        tile4x16(
          y + at + <usize>row * yStride, yStride, a + <usize>row * aStride, aStride, packed, packed + panelBytes, depth,
          initial, rest + <usize>row * restStride, restStride,
        );
      }
      panelProduct(y + at, yStride, a, aStride, packed, depth, biasAt, residualAt, row, rows, columns);
      packed += panelBytes;
      panelProduct(
        y + at + 32, yStride, a, aStride, packed, depth,
        biasAt !== 0 ? biasAt + 32 : 0, residualAt !== 0 ? residualAt + 32 : 0, row, rows, columns - PANEL,
      );
      o += PANEL;
    } else panelProduct(y + at, yStride, a, aStride, packed, depth, biasAt, residualAt, 0, rows, columns);
    packed += panelBytes;
  }
}

/** Six rows at a time, but 4 + 4 for the last 8. */
// @ts-expect-error: decorator
@inline
export function takesSix(left: i32): bool {
  return left >= 6 && left !== 8;
}

/** Rows `row` … `rows` − 1 of the eight columns of one panel. */
function panelProduct(
  y: usize, yStride: usize, a: usize, aStride: usize, panel: usize, depth: i32,
  bias: usize, residual: usize, row: i32, rows: i32, columns: i32,
): void {
  y += <usize>row * yStride;
  a += <usize>row * aStride;
  if (residual !== 0) residual += <usize>row * yStride;
  while (row < rows) {
    const left = rows - row;
    let height = 1;
    if (ASC_FEATURE_RELAXED_SIMD && takesSix(left)) {
      height = 6;
      tile6(y, yStride, a, aStride, panel, depth, bias, residual, columns);
    } else if (left >= 4) {
      height = 4;
      tile4(y, yStride, a, aStride, panel, depth, bias, residual, columns);
    } else tile1(y, a, panel, depth, bias, residual, columns);
    row += height;
    y += <usize>height * yStride;
    a += <usize>height * aStride;
    if (residual !== 0) residual += <usize>height * yStride;
  }
}
