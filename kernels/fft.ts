// Complex discrete Fourier transforms of 4 columns at once, in place.
//
// A row is 32 bytes: the real parts of 4 columns, then their imaginary parts, so every vector instruction does the same
// for 4 columns and no lanes are ever moved. Forward: decimation in frequency, rows in natural order in, permuted out.
// Inverse: decimation in time, the same steps backwards, permuted in, natural out, not divided by the length. So no
// pass is spent on reordering. Stages and twiddles are tabulated by src/engine/wasm/transform.ts.
//
// Rows ≥ `rows` of the input are known to be zero, and rows ≥ `rows` of the output are not wanted: both are pruned.
import { madd, nmadd } from './vector';

/** Blocks of at most this many rows (32 KiB) are done stage after stage; longer ones part after part, for the cache. */
// @ts-ignore: decorator
@inline
const CACHED_ROWS: i32 = 1024;

/** A group's blocks share cache lines of x and y, so they take turns after this many rows of the first stage. */
// @ts-ignore: decorator
@inline
const STRIP: i32 = 32;

/** Where the parts lie in a row, in bytes: offsetof<Row>('im'). */
@unmanaged
export class Row {
  re: v128;
  im: v128;
}

/** A row with its parts exchanged: turns a forward step into the inverse one, a factor into its conjugate. */
@unmanaged
export class Exchanged {
  im: v128;
  re: v128;
}

/** Re(a·w). */
// @ts-ignore: decorator
@inline
function turnedReal(r: v128, i: v128, wr: v128, wi: v128): v128 {
  return nmadd(i, wi, f32x4.mul(r, wr));
}

/** Im(a·w). */
// @ts-ignore: decorator
@inline
function turnedImaginary(r: v128, i: v128, wr: v128, wi: v128): v128 {
  return madd(i, wr, f32x4.mul(r, wi));
}

/** Re(a·conj(w)). */
// @ts-ignore: decorator
@inline
function returnedReal(r: v128, i: v128, wr: v128, wi: v128): v128 {
  return madd(i, wi, f32x4.mul(r, wr));
}

/** Im(a·conj(w)). */
// @ts-ignore: decorator
@inline
function returnedImaginary(r: v128, i: v128, wr: v128, wi: v128): v128 {
  return nmadd(r, wi, f32x4.mul(i, wr));
}

/** Row p = a·w. */
// @ts-ignore: decorator
@inline
function storeTurned(p: usize, r: v128, i: v128, wr: v128, wi: v128): void {
  v128.store(p, turnedReal(r, i, wr, wi));
  v128.store(p, turnedImaginary(r, i, wr, wi), 16);
}

// @ts-ignore: decorator
@inline
function storeRow(p: usize, r: v128, i: v128): void {
  v128.store(p, r);
  v128.store(p, i, 16);
}

/** Radix 4 without twiddles: the first rows of a block, where all are 1. */
// @ts-ignore: decorator
@inline
function plain4<R>(p0: usize, p1: usize, p2: usize, p3: usize): void {
  const ar = v128.load(p0, offsetof<R>('re')), ai = v128.load(p0, offsetof<R>('im'));
  const cr = v128.load(p2, offsetof<R>('re')), ci = v128.load(p2, offsetof<R>('im'));
  const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
  const br = v128.load(p1, offsetof<R>('re')), bi = v128.load(p1, offsetof<R>('im'));
  const dr = v128.load(p3, offsetof<R>('re')), di = v128.load(p3, offsetof<R>('im'));
  const ur = f32x4.add(br, dr), ui = f32x4.add(bi, di), vr = f32x4.sub(br, dr), vi = f32x4.sub(bi, di);
  v128.store(p0, f32x4.add(sr, ur), offsetof<R>('re'));
  v128.store(p0, f32x4.add(si, ui), offsetof<R>('im'));
  v128.store(p1, f32x4.add(tr, vi), offsetof<R>('re'));
  v128.store(p1, f32x4.sub(ti, vr), offsetof<R>('im'));
  v128.store(p2, f32x4.sub(sr, ur), offsetof<R>('re'));
  v128.store(p2, f32x4.sub(si, ui), offsetof<R>('im'));
  v128.store(p3, f32x4.sub(tr, vi), offsetof<R>('re'));
  v128.store(p3, f32x4.add(ti, vr), offsetof<R>('im'));
}

/** One radix-4 stage of `blocks` adjacent blocks of 4 · span rows, in place, nothing pruned. */
function forward4(block: usize, blocks: i32, span: i32, twiddles: usize): void {
  const step = <usize>span << 5;
  for (; blocks > 0; blocks--) {
    let p0 = block, w = twiddles + 24;
    const end = p0 + step;
    block = p0 + 4 * step;
    plain4<Row>(p0, p0 + step, p0 + 2 * step, p0 + 3 * step);
    p0 += 32;
    while (p0 < end) {
      const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
      const ar = v128.load(p0), ai = v128.load(p0, 16), cr = v128.load(p2), ci = v128.load(p2, 16);
      const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
      const br = v128.load(p1), bi = v128.load(p1, 16), dr = v128.load(p3), di = v128.load(p3, 16);
      const ur = f32x4.add(br, dr), ui = f32x4.add(bi, di), vr = f32x4.sub(br, dr), vi = f32x4.sub(bi, di);
      storeRow(p0, f32x4.add(sr, ur), f32x4.add(si, ui));
      storeTurned(p2, f32x4.sub(sr, ur), f32x4.sub(si, ui), v128.load32_splat(w, 8), v128.load32_splat(w, 12));
      storeTurned(p1, f32x4.add(tr, vi), f32x4.sub(ti, vr), v128.load32_splat(w), v128.load32_splat(w, 4));
      storeTurned(p3, f32x4.sub(tr, vi), f32x4.add(ti, vr), v128.load32_splat(w, 16), v128.load32_splat(w, 20));
      p0 += 32;
      w += 24;
    }
  }
}

/** Butterflies from … to − 1 of one block, from x (rows `stride` bytes apart) to y; rows ≥ `rows` of x are not read. */
function forward4Pruned(
  y: usize, x: usize, stride: usize, span: i32, rows: i32, twiddles: usize, from: i32, to: i32,
): void {
  const step = <usize>span << 5, jump = <usize>span * stride;
  let p0 = y + (<usize>from << 5), w = twiddles + <usize>from * 24;
  let x0 = x + <usize>from * stride;
  let j = from;
  for (const end = min(to, rows - 3 * span); j < end; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
    const x1 = x0 + jump, x2 = x1 + jump, x3 = x2 + jump;
    const ar = v128.load(x0), ai = v128.load(x0, 16), cr = v128.load(x2), ci = v128.load(x2, 16);
    const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
    const br = v128.load(x1), bi = v128.load(x1, 16), dr = v128.load(x3), di = v128.load(x3, 16);
    const ur = f32x4.add(br, dr), ui = f32x4.add(bi, di), vr = f32x4.sub(br, dr), vi = f32x4.sub(bi, di);
    storeRow(p0, f32x4.add(sr, ur), f32x4.add(si, ui));
    storeTurned(p2, f32x4.sub(sr, ur), f32x4.sub(si, ui), v128.load32_splat(w, 8), v128.load32_splat(w, 12));
    storeTurned(p1, f32x4.add(tr, vi), f32x4.sub(ti, vr), v128.load32_splat(w), v128.load32_splat(w, 4));
    storeTurned(p3, f32x4.sub(tr, vi), f32x4.add(ti, vr), v128.load32_splat(w, 16), v128.load32_splat(w, 20));
    x0 += stride;
    p0 += 32; w += 24;
  }
  for (const end = min(to, rows - 2 * span); j < end; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
    const x1 = x0 + jump, x2 = x1 + jump;
    const ar = v128.load(x0), ai = v128.load(x0, 16), cr = v128.load(x2), ci = v128.load(x2, 16);
    const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
    const br = v128.load(x1), bi = v128.load(x1, 16);
    storeRow(p0, f32x4.add(sr, br), f32x4.add(si, bi));
    storeTurned(p2, f32x4.sub(sr, br), f32x4.sub(si, bi), v128.load32_splat(w, 8), v128.load32_splat(w, 12));
    storeTurned(p1, f32x4.add(tr, bi), f32x4.sub(ti, br), v128.load32_splat(w), v128.load32_splat(w, 4));
    storeTurned(p3, f32x4.sub(tr, bi), f32x4.add(ti, br), v128.load32_splat(w, 16), v128.load32_splat(w, 20));
    x0 += stride;
    p0 += 32; w += 24;
  }
  for (const end = min(to, rows - span); j < end; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
    const x1 = x0 + jump;
    const ar = v128.load(x0), ai = v128.load(x0, 16), br = v128.load(x1), bi = v128.load(x1, 16);
    storeRow(p0, f32x4.add(ar, br), f32x4.add(ai, bi));
    storeTurned(p2, f32x4.sub(ar, br), f32x4.sub(ai, bi), v128.load32_splat(w, 8), v128.load32_splat(w, 12));
    storeTurned(p1, f32x4.add(ar, bi), f32x4.sub(ai, br), v128.load32_splat(w), v128.load32_splat(w, 4));
    storeTurned(p3, f32x4.sub(ar, bi), f32x4.add(ai, br), v128.load32_splat(w, 16), v128.load32_splat(w, 20));
    x0 += stride;
    p0 += 32; w += 24;
  }
  for (; j < to; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
    const ar = v128.load(x0), ai = v128.load(x0, 16);
    storeRow(p0, ar, ai);
    storeTurned(p1, ar, ai, v128.load32_splat(w), v128.load32_splat(w, 4));
    storeTurned(p2, ar, ai, v128.load32_splat(w, 8), v128.load32_splat(w, 12));
    storeTurned(p3, ar, ai, v128.load32_splat(w, 16), v128.load32_splat(w, 20));
    x0 += stride;
    p0 += 32; w += 24;
  }
}

/** Undoes forward4 (times 4). */
function inverse4(block: usize, blocks: i32, span: i32, twiddles: usize): void {
  const step = <usize>span << 5;
  for (; blocks > 0; blocks--) {
    let p0 = block, w = twiddles + 24;
    const end = p0 + step;
    block = p0 + 4 * step;
    plain4<Exchanged>(p0, p0 + step, p0 + 2 * step, p0 + 3 * step);
    p0 += 32;
    while (p0 < end) {
      const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
      let r = v128.load(p2), i = v128.load(p2, 16), wr = v128.load32_splat(w, 8), wi = v128.load32_splat(w, 12);
      const cr = returnedReal(r, i, wr, wi), ci = returnedImaginary(r, i, wr, wi);
      const ar = v128.load(p0), ai = v128.load(p0, 16);
      const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
      r = v128.load(p1); i = v128.load(p1, 16); wr = v128.load32_splat(w); wi = v128.load32_splat(w, 4);
      const br = returnedReal(r, i, wr, wi), bi = returnedImaginary(r, i, wr, wi);
      r = v128.load(p3); i = v128.load(p3, 16); wr = v128.load32_splat(w, 16); wi = v128.load32_splat(w, 20);
      const dr = returnedReal(r, i, wr, wi), di = returnedImaginary(r, i, wr, wi);
      const ur = f32x4.add(br, dr), ui = f32x4.add(bi, di), vr = f32x4.sub(br, dr), vi = f32x4.sub(bi, di);
      storeRow(p0, f32x4.add(sr, ur), f32x4.add(si, ui));
      storeRow(p2, f32x4.sub(sr, ur), f32x4.sub(si, ui));
      storeRow(p1, f32x4.sub(tr, vi), f32x4.add(ti, vr));
      storeRow(p3, f32x4.add(tr, vi), f32x4.sub(ti, vr));
      p0 += 32;
      w += 24;
    }
  }
}

/** Undoes forward4Pruned (times 4), from x to y (rows `stride` bytes apart); rows ≥ `rows` of y are not written. */
function inverse4Pruned(
  y: usize, stride: usize, x: usize, span: i32, rows: i32, twiddles: usize, from: i32, to: i32,
): void {
  const step = <usize>span << 5, jump = <usize>span * stride;
  let p0 = x + (<usize>from << 5), w = twiddles + <usize>from * 24;
  let y0 = y + <usize>from * stride;
  let j = from;
  for (const end = min(to, rows - 3 * span); j < end; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step, y1 = y0 + jump, y2 = y1 + jump, y3 = y2 + jump;
    let r = v128.load(p2), i = v128.load(p2, 16), wr = v128.load32_splat(w, 8), wi = v128.load32_splat(w, 12);
    const cr = returnedReal(r, i, wr, wi), ci = returnedImaginary(r, i, wr, wi);
    const ar = v128.load(p0), ai = v128.load(p0, 16);
    const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
    r = v128.load(p1); i = v128.load(p1, 16); wr = v128.load32_splat(w); wi = v128.load32_splat(w, 4);
    const br = returnedReal(r, i, wr, wi), bi = returnedImaginary(r, i, wr, wi);
    r = v128.load(p3); i = v128.load(p3, 16); wr = v128.load32_splat(w, 16); wi = v128.load32_splat(w, 20);
    const dr = returnedReal(r, i, wr, wi), di = returnedImaginary(r, i, wr, wi);
    const ur = f32x4.add(br, dr), ui = f32x4.add(bi, di), vr = f32x4.sub(br, dr), vi = f32x4.sub(bi, di);
    storeRow(y0, f32x4.add(sr, ur), f32x4.add(si, ui));
    storeRow(y2, f32x4.sub(sr, ur), f32x4.sub(si, ui));
    storeRow(y1, f32x4.sub(tr, vi), f32x4.add(ti, vr));
    storeRow(y3, f32x4.add(tr, vi), f32x4.sub(ti, vr));
    p0 += 32; w += 24;
    y0 += stride;
  }
  for (; j < to; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step, y1 = y0 + jump, y2 = y1 + jump, y3 = y2 + jump;
    let r = v128.load(p2), i = v128.load(p2, 16), wr = v128.load32_splat(w, 8), wi = v128.load32_splat(w, 12);
    const cr = returnedReal(r, i, wr, wi), ci = returnedImaginary(r, i, wr, wi);
    const ar = v128.load(p0), ai = v128.load(p0, 16);
    r = v128.load(p1); i = v128.load(p1, 16); wr = v128.load32_splat(w); wi = v128.load32_splat(w, 4);
    const br = returnedReal(r, i, wr, wi), bi = returnedImaginary(r, i, wr, wi);
    r = v128.load(p3); i = v128.load(p3, 16); wr = v128.load32_splat(w, 16); wi = v128.load32_splat(w, 20);
    const dr = returnedReal(r, i, wr, wi), di = returnedImaginary(r, i, wr, wi);
    const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), ur = f32x4.add(br, dr), ui = f32x4.add(bi, di);
    storeRow(y0, f32x4.add(sr, ur), f32x4.add(si, ui));
    if (j < rows - span) {
      const tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci), vr = f32x4.sub(br, dr), vi = f32x4.sub(bi, di);
      storeRow(y1, f32x4.sub(tr, vi), f32x4.add(ti, vr));
      if (j < rows - 2 * span) storeRow(y2, f32x4.sub(sr, ur), f32x4.sub(si, ui));
    }
    p0 += 32; w += 24;
    y0 += stride;
  }
}

/** Radix 3, one block, from x to y, pruned; `zero` is a row of zeros. */
function forward3(
  y: usize, x: usize, stride: usize, span: i32, rows: i32, w: usize, zero: usize, from: i32, to: i32,
): void {
  const half = f32x4.splat(0.5), sine = f32x4.splat(0.86602540378443864676);
  const step = <usize>span << 5, jump = <usize>span * stride;
  let p0 = y + (<usize>from << 5), p1 = p0 + step, p2 = p1 + step, x0 = x + <usize>from * stride;
  w += <usize>from * 16;
  for (let j = from; j < to; j++) {
    const x1 = j < rows - span ? x0 + jump : zero;
    const x2 = j < rows - 2 * span ? x0 + 2 * jump : zero;
    const ar = v128.load(x0), ai = v128.load(x0, 16);
    const br = v128.load(x1), bi = v128.load(x1, 16), cr = v128.load(x2), ci = v128.load(x2, 16);
    const sr = f32x4.add(br, cr), si = f32x4.add(bi, ci);
    const tr = f32x4.mul(sine, f32x4.sub(bi, ci)), ti = f32x4.mul(sine, f32x4.sub(cr, br));
    const mr = nmadd(half, sr, ar), mi = nmadd(half, si, ai);
    storeRow(p0, f32x4.add(ar, sr), f32x4.add(ai, si));
    storeTurned(p1, f32x4.add(mr, tr), f32x4.add(mi, ti), v128.load32_splat(w), v128.load32_splat(w, 4));
    storeTurned(p2, f32x4.sub(mr, tr), f32x4.sub(mi, ti), v128.load32_splat(w, 8), v128.load32_splat(w, 12));
    x0 += stride;
    p0 += 32; p1 += 32; p2 += 32; w += 16;
  }
}

/** Undoes forward3 (times 3); rows ≥ `rows` of y are not written: they go to the row `waste`. */
function inverse3(
  y: usize, stride: usize, x: usize, span: i32, rows: i32, w: usize, waste: usize, from: i32, to: i32,
): void {
  const half = f32x4.splat(0.5), sine = f32x4.splat(0.86602540378443864676);
  const step = <usize>span << 5, jump = <usize>span * stride;
  let p0 = x + (<usize>from << 5), p1 = p0 + step, p2 = p1 + step, y0 = y + <usize>from * stride;
  w += <usize>from * 16;
  for (let j = from; j < to; j++) {
    let r = v128.load(p1), i = v128.load(p1, 16), wr = v128.load32_splat(w), wi = v128.load32_splat(w, 4);
    const br = returnedReal(r, i, wr, wi), bi = returnedImaginary(r, i, wr, wi);
    r = v128.load(p2); i = v128.load(p2, 16); wr = v128.load32_splat(w, 8); wi = v128.load32_splat(w, 12);
    const cr = returnedReal(r, i, wr, wi), ci = returnedImaginary(r, i, wr, wi);
    const ar = v128.load(p0), ai = v128.load(p0, 16);
    const sr = f32x4.add(br, cr), si = f32x4.add(bi, ci);
    const tr = f32x4.mul(sine, f32x4.sub(ci, bi)), ti = f32x4.mul(sine, f32x4.sub(br, cr));
    const mr = nmadd(half, sr, ar), mi = nmadd(half, si, ai);
    storeRow(y0, f32x4.add(ar, sr), f32x4.add(ai, si));
    storeRow(j < rows - span ? y0 + jump : waste, f32x4.add(mr, tr), f32x4.add(mi, ti));
    storeRow(j < rows - 2 * span ? y0 + 2 * jump : waste, f32x4.sub(mr, tr), f32x4.sub(mi, ti));
    y0 += stride;
    p0 += 32; p1 += 32; p2 += 32; w += 16;
  }
}

// cos and sin of 2π/5 and 4π/5.
// @ts-ignore: decorator
@inline
const C1: f32 = 0.30901699437494742410;
// @ts-ignore: decorator
@inline
const C2: f32 = -0.80901699437494742410;
// @ts-ignore: decorator
@inline
const S1: f32 = 0.95105651629515357212;
// @ts-ignore: decorator
@inline
const S2: f32 = 0.58778525229247312917;

/** Radix 5, as forward3. */
function forward5(
  y: usize, x: usize, stride: usize, span: i32, rows: i32, w: usize, zero: usize, from: i32, to: i32,
): void {
  const c1 = f32x4.splat(C1), c2 = f32x4.splat(C2), s1 = f32x4.splat(S1), s2 = f32x4.splat(S2);
  const step = <usize>span << 5, jump = <usize>span * stride;
  let p0 = y + (<usize>from << 5), p1 = p0 + step, p2 = p1 + step, p3 = p2 + step, p4 = p3 + step;
  let x0 = x + <usize>from * stride;
  w += <usize>from * 32;
  for (let j = from; j < to; j++) {
    const x1 = j < rows - span ? x0 + jump : zero;
    const x2 = j < rows - 2 * span ? x0 + 2 * jump : zero;
    const x3 = j < rows - 3 * span ? x0 + 3 * jump : zero;
    const x4 = j < rows - 4 * span ? x0 + 4 * jump : zero;
    const ar = v128.load(x0), ai = v128.load(x0, 16);
    let p = v128.load(x1), q = v128.load(x4);
    const br = f32x4.add(p, q), er = f32x4.sub(p, q);
    p = v128.load(x1, 16); q = v128.load(x4, 16);
    const bi = f32x4.add(p, q), ei = f32x4.sub(p, q);
    p = v128.load(x2); q = v128.load(x3);
    const cr = f32x4.add(p, q), dr = f32x4.sub(p, q);
    p = v128.load(x2, 16); q = v128.load(x3, 16);
    const ci = f32x4.add(p, q), di = f32x4.sub(p, q);
    storeRow(p0, f32x4.add(ar, f32x4.add(br, cr)), f32x4.add(ai, f32x4.add(bi, ci)));
    let mr = madd(c2, cr, madd(c1, br, ar)), mi = madd(c2, ci, madd(c1, bi, ai));
    let tr = madd(s2, di, f32x4.mul(s1, ei)), ti = madd(s2, dr, f32x4.mul(s1, er));
    storeTurned(p1, f32x4.add(mr, tr), f32x4.sub(mi, ti), v128.load32_splat(w), v128.load32_splat(w, 4));
    storeTurned(p4, f32x4.sub(mr, tr), f32x4.add(mi, ti), v128.load32_splat(w, 24), v128.load32_splat(w, 28));
    mr = madd(c1, cr, madd(c2, br, ar)); mi = madd(c1, ci, madd(c2, bi, ai));
    tr = nmadd(s1, di, f32x4.mul(s2, ei)); ti = nmadd(s1, dr, f32x4.mul(s2, er));
    storeTurned(p2, f32x4.add(mr, tr), f32x4.sub(mi, ti), v128.load32_splat(w, 8), v128.load32_splat(w, 12));
    storeTurned(p3, f32x4.sub(mr, tr), f32x4.add(mi, ti), v128.load32_splat(w, 16), v128.load32_splat(w, 20));
    x0 += stride;
    p0 += 32; p1 += 32; p2 += 32; p3 += 32; p4 += 32; w += 32;
  }
}

/** Undoes forward5 (times 5), as inverse3. */
function inverse5(
  y: usize, stride: usize, x: usize, span: i32, rows: i32, w: usize, waste: usize, from: i32, to: i32,
): void {
  const c1 = f32x4.splat(C1), c2 = f32x4.splat(C2), s1 = f32x4.splat(S1), s2 = f32x4.splat(S2);
  const step = <usize>span << 5, jump = <usize>span * stride;
  let p0 = x + (<usize>from << 5), p1 = p0 + step, p2 = p1 + step, p3 = p2 + step, p4 = p3 + step;
  let y0 = y + <usize>from * stride;
  w += <usize>from * 32;
  for (let j = from; j < to; j++) {
    let r = v128.load(p1), i = v128.load(p1, 16), wr = v128.load32_splat(w), wi = v128.load32_splat(w, 4);
    let pr = returnedReal(r, i, wr, wi), pi = returnedImaginary(r, i, wr, wi);
    r = v128.load(p4); i = v128.load(p4, 16); wr = v128.load32_splat(w, 24); wi = v128.load32_splat(w, 28);
    let qr = returnedReal(r, i, wr, wi), qi = returnedImaginary(r, i, wr, wi);
    const br = f32x4.add(pr, qr), bi = f32x4.add(pi, qi), er = f32x4.sub(pr, qr), ei = f32x4.sub(pi, qi);
    r = v128.load(p2); i = v128.load(p2, 16); wr = v128.load32_splat(w, 8); wi = v128.load32_splat(w, 12);
    pr = returnedReal(r, i, wr, wi); pi = returnedImaginary(r, i, wr, wi);
    r = v128.load(p3); i = v128.load(p3, 16); wr = v128.load32_splat(w, 16); wi = v128.load32_splat(w, 20);
    qr = returnedReal(r, i, wr, wi); qi = returnedImaginary(r, i, wr, wi);
    const cr = f32x4.add(pr, qr), ci = f32x4.add(pi, qi), dr = f32x4.sub(pr, qr), di = f32x4.sub(pi, qi);
    const ar = v128.load(p0), ai = v128.load(p0, 16);
    storeRow(y0, f32x4.add(ar, f32x4.add(br, cr)), f32x4.add(ai, f32x4.add(bi, ci)));
    let mr = madd(c2, cr, madd(c1, br, ar)), mi = madd(c2, ci, madd(c1, bi, ai));
    let tr = madd(s2, di, f32x4.mul(s1, ei)), ti = madd(s2, dr, f32x4.mul(s1, er));
    storeRow(j < rows - span ? y0 + jump : waste, f32x4.sub(mr, tr), f32x4.add(mi, ti));
    storeRow(j < rows - 4 * span ? y0 + 4 * jump : waste, f32x4.add(mr, tr), f32x4.sub(mi, ti));
    mr = madd(c1, cr, madd(c2, br, ar)); mi = madd(c1, ci, madd(c2, bi, ai));
    tr = nmadd(s1, di, f32x4.mul(s2, ei)); ti = nmadd(s1, dr, f32x4.mul(s2, er));
    storeRow(j < rows - 2 * span ? y0 + 2 * jump : waste, f32x4.sub(mr, tr), f32x4.add(mi, ti));
    storeRow(j < rows - 3 * span ? y0 + 3 * jump : waste, f32x4.add(mr, tr), f32x4.sub(mi, ti));
    y0 += stride;
    p0 += 32; p1 += 32; p2 += 32; p3 += 32; p4 += 32; w += 32;
  }
}

// Last stages (span 1). The inverse is the forward transform with real and imaginary parts exchanged.

// @ts-ignore: decorator
@inline
function leaf2(p: usize, end: usize): void {
  for (; p < end; p += 64) {
    const ar = v128.load(p), ai = v128.load(p, 16), br = v128.load(p, 32), bi = v128.load(p, 48);
    v128.store(p, f32x4.add(ar, br));
    v128.store(p, f32x4.add(ai, bi), 16);
    v128.store(p, f32x4.sub(ar, br), 32);
    v128.store(p, f32x4.sub(ai, bi), 48);
  }
}

// @ts-ignore: decorator
@inline
function leaf4<R>(p: usize, end: usize): void {
  for (; p < end; p += 128) plain4<R>(p, p + 32, p + 64, p + 96);
}

// @ts-ignore: decorator
@inline
function leaf8<R>(p: usize, end: usize): void {
  const root = f32x4.splat(0.70710678118654752440);
  for (; p < end; p += 256) {
    // Sums s and differences d of rows m and m + 4: the real parts first, so that registers suffice.
    let a = v128.load(p, offsetof<R>('re')), b = v128.load(p, 128 + offsetof<R>('re'));
    const s0r = f32x4.add(a, b), d0r = f32x4.sub(a, b);
    a = v128.load(p, 64 + offsetof<R>('re')); b = v128.load(p, 192 + offsetof<R>('re'));
    const s2r = f32x4.add(a, b), d2r = f32x4.sub(a, b);
    a = v128.load(p, 32 + offsetof<R>('re')); b = v128.load(p, 160 + offsetof<R>('re'));
    const s1r = f32x4.add(a, b), d1r = f32x4.sub(a, b);
    a = v128.load(p, 96 + offsetof<R>('re')); b = v128.load(p, 224 + offsetof<R>('re'));
    const s3r = f32x4.add(a, b), d3r = f32x4.sub(a, b);
    a = f32x4.add(s0r, s2r); b = f32x4.add(s1r, s3r);
    v128.store(p, f32x4.add(a, b), offsetof<R>('re'));
    v128.store(p, f32x4.sub(a, b), 128 + offsetof<R>('re'));
    a = v128.load(p, offsetof<R>('im')); b = v128.load(p, 128 + offsetof<R>('im'));
    const s0i = f32x4.add(a, b), d0i = f32x4.sub(a, b);
    a = v128.load(p, 64 + offsetof<R>('im')); b = v128.load(p, 192 + offsetof<R>('im'));
    const s2i = f32x4.add(a, b), d2i = f32x4.sub(a, b);
    a = v128.load(p, 32 + offsetof<R>('im')); b = v128.load(p, 160 + offsetof<R>('im'));
    const s1i = f32x4.add(a, b), d1i = f32x4.sub(a, b);
    a = v128.load(p, 96 + offsetof<R>('im')); b = v128.load(p, 224 + offsetof<R>('im'));
    const s3i = f32x4.add(a, b), d3i = f32x4.sub(a, b);
    a = f32x4.add(s0i, s2i); b = f32x4.add(s1i, s3i);
    v128.store(p, f32x4.add(a, b), offsetof<R>('im'));
    v128.store(p, f32x4.sub(a, b), 128 + offsetof<R>('im'));
    a = f32x4.sub(s0r, s2r); b = f32x4.sub(s1i, s3i);
    v128.store(p, f32x4.add(a, b), 64 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(a, b), 192 + offsetof<R>('re'));
    a = f32x4.sub(s0i, s2i); b = f32x4.sub(s1r, s3r);
    v128.store(p, f32x4.sub(a, b), 64 + offsetof<R>('im'));
    v128.store(p, f32x4.add(a, b), 192 + offsetof<R>('im'));
    // e1 = d1·(1 − i)/√2, e3 = −d3·(1 + i)/√2; only their sum f and difference g are needed.
    const e1r = f32x4.add(d1i, d1r), e1i = f32x4.sub(d1i, d1r), e3r = f32x4.sub(d3i, d3r), e3i = f32x4.add(d3i, d3r);
    const fr = f32x4.mul(root, f32x4.add(e1r, e3r)), fi = f32x4.mul(root, f32x4.sub(e1i, e3i));
    const gr = f32x4.mul(root, f32x4.sub(e1r, e3r)), gi = f32x4.mul(root, f32x4.add(e1i, e3i));
    a = f32x4.add(d0r, d2i);
    v128.store(p, f32x4.add(a, fr), 32 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(a, fr), 160 + offsetof<R>('re'));
    a = f32x4.sub(d0i, d2r);
    v128.store(p, f32x4.add(a, fi), 32 + offsetof<R>('im'));
    v128.store(p, f32x4.sub(a, fi), 160 + offsetof<R>('im'));
    a = f32x4.sub(d0r, d2i);
    v128.store(p, f32x4.add(a, gi), 96 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(a, gi), 224 + offsetof<R>('re'));
    a = f32x4.add(d0i, d2r);
    v128.store(p, f32x4.sub(a, gr), 96 + offsetof<R>('im'));
    v128.store(p, f32x4.add(a, gr), 224 + offsetof<R>('im'));
  }
}

function forwardLeaf4(p: usize, end: usize): void {
  leaf4<Row>(p, end);
}

function inverseLeaf4(p: usize, end: usize): void {
  leaf4<Exchanged>(p, end);
}

function forwardLeaf8(p: usize, end: usize): void {
  leaf8<Row>(p, end);
}

function inverseLeaf8(p: usize, end: usize): void {
  leaf8<Exchanged>(p, end);
}

/** Last stage with rows ≥ `rows` of each of the blocks taken as zero. */
function forwardLeaf(block: usize, blocks: i32, radix: i32, rows: i32): void {
  const size = <usize>radix << 5, end = block + <usize>blocks * size;
  if (rows < radix) {
    const known = <usize>rows << 5;
    for (let p = block; p < end; p += size) memory.fill(p + known, 0, size - known);
  }
  if (radix == 8) forwardLeaf8(block, end);
  else if (radix == 4) forwardLeaf4(block, end);
  else leaf2(block, end);
}

function inverseLeaf(block: usize, blocks: i32, radix: i32): void {
  const end = block + (<usize>(blocks * radix) << 5);
  if (radix == 8) inverseLeaf8(block, end);
  else if (radix == 4) inverseLeaf4(block, end);
  else leaf2(block, end);
}

// @ts-ignore: decorator
@inline
function isLeaf(radix: i32, span: i32): bool {
  return span == 1 && (radix & 1) == 0;
}

/**
 * One stage of one block, from x (rows `stride` bytes apart; rows ≥ `rows` zero) to y: butterflies `from` … `to` − 1 of
 * the min(span, rows) that are not zero.
 */
function forwardStage(
  stage: usize, y: usize, x: usize, stride: usize, rows: i32, zero: usize, from: i32, to: i32,
): void {
  const radix = load<i32>(stage), span = load<i32>(stage, 4);
  const twiddles = <usize>load<u32>(stage, 8);
  if (radix == 4) forward4Pruned(y, x, stride, span, rows, twiddles, from, to);
  else if (radix == 3) forward3(y, x, stride, span, rows, twiddles, zero, from, to);
  else forward5(y, x, stride, span, rows, twiddles, zero, from, to);
}

/** Undoes forwardStage; only rows < `rows` of y are written. */
function inverseStage(
  stage: usize, y: usize, stride: usize, x: usize, rows: i32, waste: usize, from: i32, to: i32,
): void {
  const radix = load<i32>(stage), span = load<i32>(stage, 4);
  const twiddles = <usize>load<u32>(stage, 8);
  if (radix == 4) inverse4Pruned(y, stride, x, span, rows, twiddles, from, to);
  else if (radix == 3) inverse3(y, stride, x, span, rows, twiddles, waste, from, to);
  else inverse5(y, stride, x, span, rows, twiddles, waste, from, to);
}

/** The stages from `stage` to before `end` of `blocks` adjacent blocks, in place. */
function forwardStages(stage: usize, end: usize, block: usize, blocks: i32, rows: i32, zero: usize): void {
  if (stage == end) return;
  const length = load<i32>(stage) * load<i32>(stage, 4);
  if (blocks > 1 && blocks * length > CACHED_ROWS) {
    for (const size = <usize>length << 5; blocks > 0; blocks--, block += size) {
      forwardStages(stage, end, block, 1, rows, zero);
    }
    return;
  }
  for (; stage < end; stage += 16) {
    const radix = load<i32>(stage), span = load<i32>(stage, 4);
    const size = radix * span;
    if (isLeaf(radix, span)) forwardLeaf(block, blocks, radix, rows);
    else if (radix == 4 && rows >= size) forward4(block, blocks, span, <usize>load<u32>(stage, 8));
    else {
      for (let i = 0; i < blocks; i++) {
        const part = block + (<usize>(i * size) << 5);
        forwardStage(stage, part, part, 32, rows, zero, 0, min(span, rows));
      }
    }
    blocks *= radix;
    rows = min(rows, span);
    if (blocks * span > CACHED_ROWS) {
      forwardStages(stage + 16, end, block, blocks, rows, zero);
      return;
    }
  }
}

/** Undoes forwardStages; only rows < `rows` of each block are right afterwards. */
function inverseStages(stage: usize, end: usize, block: usize, blocks: i32, rows: i32, waste: usize): void {
  if (stage == end) return;
  const radix = load<i32>(stage), span = load<i32>(stage, 4);
  const length = radix * span;
  if (blocks > 1 && blocks * length > CACHED_ROWS) {
    for (const size = <usize>length << 5; blocks > 0; blocks--, block += size) {
      inverseStages(stage, end, block, 1, rows, waste);
    }
    return;
  }
  if (isLeaf(radix, span)) {
    inverseLeaf(block, blocks, radix);
    return;
  }
  inverseStages(stage + 16, end, block, blocks * radix, min(rows, span), waste);
  if (radix == 4 && rows >= length) inverse4(block, blocks, span, <usize>load<u32>(stage, 8));
  else {
    for (let i = 0; i < blocks; i++) {
      const part = block + (<usize>(i * length) << 5);
      inverseStage(stage, part, 32, part, rows, waste, 0, min(span, rows));
    }
  }
}

/** Copies rows of 32 bytes that lie `yStride` and `xStride` bytes apart. */
export function copyRows(y: usize, yStride: usize, x: usize, xStride: usize, rows: i32): void {
  for (; rows > 0; rows--) {
    storeRow(y, v128.load(x), v128.load(x, 16));
    y += yStride;
    x += xStride;
  }
}

/**
 * Transforms of `group` blocks, `size` bytes apart: block g = transform of x[rows, 8g … 8g + 7], rows `stride` bytes
 * apart, followed by zeros; permuted. x may be the block itself (group 1, stride 32).
 * @param stages descriptors of 16 bytes: radix, span, address of the twiddles, 0
 * @param end behind the last of them
 * @param zero a row of zeros
 */
export function forwardFft(
  stages: usize, end: usize, block: usize, size: usize, group: i32, x: usize, stride: usize, rows: i32, zero: usize,
): void {
  const radix = load<i32>(stages), span = load<i32>(stages, 4);
  if (isLeaf(radix, span)) {
    for (; group > 0; group--, block += size, x += 32) {
      if (x != block) copyRows(block, 32, x, stride, rows);
      forwardLeaf(block, 1, radix, rows);
    }
    return;
  }
  const count = min(span, rows);
  for (let from = 0; from < count; from += STRIP) {
    const to = min(count, from + STRIP);
    for (let g = 0; g < group; g++) {
      forwardStage(stages, block + <usize>g * size, x + (<usize>g << 5), stride, rows, zero, from, to);
    }
  }
  for (; group > 0; group--, block += size) forwardStages(stages + 16, end, block, radix, count, zero);
}

/**
 * Undoes forwardFft, times the length: y[rows, 8g … 8g + 7] = the first rows. The blocks are overwritten. y may be the
 * block itself (group 1, stride 32).
 * @param waste a row that may be overwritten
 */
export function inverseFft(
  stages: usize, end: usize, y: usize, stride: usize, block: usize, size: usize, group: i32, rows: i32, waste: usize,
): void {
  const radix = load<i32>(stages), span = load<i32>(stages, 4);
  if (isLeaf(radix, span)) {
    for (; group > 0; group--, block += size, y += 32) {
      inverseLeaf(block, 1, radix);
      if (y != block) copyRows(y, stride, block, 32, rows);
    }
    return;
  }
  const count = min(span, rows);
  for (let g = 0; g < group; g++) inverseStages(stages + 16, end, block + <usize>g * size, radix, count, waste);
  for (let from = 0; from < count; from += STRIP) {
    const to = min(count, from + STRIP);
    for (let g = 0; g < group; g++) {
      inverseStage(stages, y + (<usize>g << 5), stride, block + <usize>g * size, rows, waste, from, to);
    }
  }
}
