// Complex discrete Fourier transforms of 8 columns at once, in place.
//
// A row is 64 bytes: the real parts of 8 columns, then their imaginary parts, so every vector instruction does the same
// for neighbouring columns and no lanes are ever moved. Numbers come in two vectors of 4 columns, names ending in L and
// H (low, high), always treated alike and stored one after the other: V8 joins them into one of 256 bits where it can. Forward: decimation in frequency, rows in natural order in, permuted out.
// Inverse: decimation in time, the same steps backwards, permuted in, natural out, not divided by the length. So no
// pass is spent on reordering. Stages and twiddles are tabulated by src/engine/wasm/transform.ts.
//
// Rows ≥ `rows` of the input are known to be zero, and rows ≥ `rows` of the output are not wanted: both are pruned.
import { madd, nmadd } from './vector';

/** Bytes of a row. */
// @ts-expect-error: decorator
@inline
export const ROW: usize = 64;

/** Blocks of at most this many rows (32 KiB) are done stage after stage; longer ones part after part, for the cache. */
// @ts-expect-error: decorator
@inline
const CACHED_ROWS: i32 = 512;

/** Where the parts lie in a row, in bytes: offsetof<Row>('im'). */
@unmanaged
export class Row {
  re: v128;
  reHigh: v128;
  im: v128;
  imHigh: v128;
}

/** A row with its parts exchanged: turns a forward step into the inverse one, a factor into its conjugate. */
@unmanaged
export class Exchanged {
  im: v128;
  imHigh: v128;
  re: v128;
  reHigh: v128;
}

/** Re(a·w). */
// @ts-expect-error: decorator
@inline
function turnedReal(r: v128, i: v128, wr: v128, wi: v128): v128 {
  return nmadd(i, wi, f32x4.mul(r, wr));
}

/** Im(a·w). */
// @ts-expect-error: decorator
@inline
function turnedImaginary(r: v128, i: v128, wr: v128, wi: v128): v128 {
  return madd(i, wr, f32x4.mul(r, wi));
}

/** Re(a·conj(w)). */
// @ts-expect-error: decorator
@inline
function returnedReal(r: v128, i: v128, wr: v128, wi: v128): v128 {
  return madd(i, wi, f32x4.mul(r, wr));
}

/** Im(a·conj(w)). */
// @ts-expect-error: decorator
@inline
function returnedImaginary(r: v128, i: v128, wr: v128, wi: v128): v128 {
  return nmadd(r, wi, f32x4.mul(i, wr));
}

/** Row p = a·w. */
// @ts-expect-error: decorator
@inline
function storeTurned(p: usize, rL: v128, rH: v128, iL: v128, iH: v128, wr: v128, wi: v128): void {
  storeRow(
    p, turnedReal(rL, iL, wr, wi), turnedReal(rH, iH, wr, wi),
    turnedImaginary(rL, iL, wr, wi), turnedImaginary(rH, iH, wr, wi),
  );
}

// @ts-expect-error: decorator
@inline
export function storeRow(p: usize, rL: v128, rH: v128, iL: v128, iH: v128): void {
  v128.store(p, rL);
  v128.store(p, rH, 16);
  v128.store(p, iL, 32);
  v128.store(p, iH, 48);
}

/** Radix 4 without twiddles: the first rows of a block, where all are 1. */
// @ts-expect-error: decorator
@inline
function plain4<R>(p0: usize, p1: usize, p2: usize, p3: usize): void {
  const arL = v128.load(p0, offsetof<R>('re')), arH = v128.load(p0, 16 + offsetof<R>('re'));
  const aiL = v128.load(p0, offsetof<R>('im')), aiH = v128.load(p0, 16 + offsetof<R>('im'));
  const crL = v128.load(p2, offsetof<R>('re')), crH = v128.load(p2, 16 + offsetof<R>('re'));
  const ciL = v128.load(p2, offsetof<R>('im')), ciH = v128.load(p2, 16 + offsetof<R>('im'));
  const srL = f32x4.add(arL, crL), srH = f32x4.add(arH, crH), siL = f32x4.add(aiL, ciL), siH = f32x4.add(aiH, ciH);
  const trL = f32x4.sub(arL, crL), trH = f32x4.sub(arH, crH), tiL = f32x4.sub(aiL, ciL), tiH = f32x4.sub(aiH, ciH);
  const brL = v128.load(p1, offsetof<R>('re')), brH = v128.load(p1, 16 + offsetof<R>('re'));
  const biL = v128.load(p1, offsetof<R>('im')), biH = v128.load(p1, 16 + offsetof<R>('im'));
  const drL = v128.load(p3, offsetof<R>('re')), drH = v128.load(p3, 16 + offsetof<R>('re'));
  const diL = v128.load(p3, offsetof<R>('im')), diH = v128.load(p3, 16 + offsetof<R>('im'));
  const urL = f32x4.add(brL, drL), urH = f32x4.add(brH, drH), uiL = f32x4.add(biL, diL), uiH = f32x4.add(biH, diH);
  const vrL = f32x4.sub(brL, drL), vrH = f32x4.sub(brH, drH), viL = f32x4.sub(biL, diL), viH = f32x4.sub(biH, diH);
  v128.store(p0, f32x4.add(srL, urL), offsetof<R>('re'));
  v128.store(p0, f32x4.add(srH, urH), 16 + offsetof<R>('re'));
  v128.store(p0, f32x4.add(siL, uiL), offsetof<R>('im'));
  v128.store(p0, f32x4.add(siH, uiH), 16 + offsetof<R>('im'));
  v128.store(p1, f32x4.add(trL, viL), offsetof<R>('re'));
  v128.store(p1, f32x4.add(trH, viH), 16 + offsetof<R>('re'));
  v128.store(p1, f32x4.sub(tiL, vrL), offsetof<R>('im'));
  v128.store(p1, f32x4.sub(tiH, vrH), 16 + offsetof<R>('im'));
  v128.store(p2, f32x4.sub(srL, urL), offsetof<R>('re'));
  v128.store(p2, f32x4.sub(srH, urH), 16 + offsetof<R>('re'));
  v128.store(p2, f32x4.sub(siL, uiL), offsetof<R>('im'));
  v128.store(p2, f32x4.sub(siH, uiH), 16 + offsetof<R>('im'));
  v128.store(p3, f32x4.sub(trL, viL), offsetof<R>('re'));
  v128.store(p3, f32x4.sub(trH, viH), 16 + offsetof<R>('re'));
  v128.store(p3, f32x4.add(tiL, vrL), offsetof<R>('im'));
  v128.store(p3, f32x4.add(tiH, vrH), 16 + offsetof<R>('im'));
}

/** One radix-4 stage of `blocks` adjacent blocks of 4 · span rows, in place, nothing pruned. */
function forward4(block: usize, blocks: i32, span: i32, twiddles: usize): void {
  const step = <usize>span << 6;
  for (; blocks > 0; blocks--) {
    let p0 = block, w = twiddles + 24;
    const end = p0 + step;
    block = p0 + 4 * step;
    plain4<Row>(p0, p0 + step, p0 + 2 * step, p0 + 3 * step);
    p0 += ROW;
    while (p0 < end) {
      const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
      const arL = v128.load(p0), arH = v128.load(p0, 16), aiL = v128.load(p0, 32), aiH = v128.load(p0, 48);
      const crL = v128.load(p2), crH = v128.load(p2, 16), ciL = v128.load(p2, 32), ciH = v128.load(p2, 48);
      const srL = f32x4.add(arL, crL), srH = f32x4.add(arH, crH), siL = f32x4.add(aiL, ciL), siH = f32x4.add(aiH, ciH);
      const trL = f32x4.sub(arL, crL), trH = f32x4.sub(arH, crH), tiL = f32x4.sub(aiL, ciL), tiH = f32x4.sub(aiH, ciH);
      const brL = v128.load(p1), brH = v128.load(p1, 16), biL = v128.load(p1, 32), biH = v128.load(p1, 48);
      const drL = v128.load(p3), drH = v128.load(p3, 16), diL = v128.load(p3, 32), diH = v128.load(p3, 48);
      const urL = f32x4.add(brL, drL), urH = f32x4.add(brH, drH), uiL = f32x4.add(biL, diL), uiH = f32x4.add(biH, diH);
      const vrL = f32x4.sub(brL, drL), vrH = f32x4.sub(brH, drH), viL = f32x4.sub(biL, diL), viH = f32x4.sub(biH, diH);
      storeRow(p0, f32x4.add(srL, urL), f32x4.add(srH, urH), f32x4.add(siL, uiL), f32x4.add(siH, uiH));
      storeTurned(
        p2, f32x4.sub(srL, urL), f32x4.sub(srH, urH),
        f32x4.sub(siL, uiL), f32x4.sub(siH, uiH), v128.load32_splat(w, 8), v128.load32_splat(w, 12),
      );
      storeTurned(
        p1, f32x4.add(trL, viL), f32x4.add(trH, viH),
        f32x4.sub(tiL, vrL), f32x4.sub(tiH, vrH), v128.load32_splat(w), v128.load32_splat(w, 4),
      );
      storeTurned(
        p3, f32x4.sub(trL, viL), f32x4.sub(trH, viH),
        f32x4.add(tiL, vrL), f32x4.add(tiH, vrH), v128.load32_splat(w, 16), v128.load32_splat(w, 20),
      );
      p0 += ROW;
      w += 24;
    }
  }
}

/** Butterflies from … to − 1 of one block, from x (rows `stride` bytes apart) to y; rows ≥ `rows` of x are not read. */
function forward4Pruned(
  y: usize, x: usize, stride: usize, span: i32, rows: i32, twiddles: usize, from: i32, to: i32,
): void {
  const step = <usize>span << 6, jump = <usize>span * stride;
  let p0 = y + (<usize>from << 6), w = twiddles + <usize>from * 24;
  let x0 = x + <usize>from * stride;
  let j = from;
  for (const end = min(to, rows - 3 * span); j < end; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
    const x1 = x0 + jump, x2 = x1 + jump, x3 = x2 + jump;
    const arL = v128.load(x0), arH = v128.load(x0, 16), aiL = v128.load(x0, 32), aiH = v128.load(x0, 48);
    const crL = v128.load(x2), crH = v128.load(x2, 16), ciL = v128.load(x2, 32), ciH = v128.load(x2, 48);
    const srL = f32x4.add(arL, crL), srH = f32x4.add(arH, crH), siL = f32x4.add(aiL, ciL), siH = f32x4.add(aiH, ciH);
    const trL = f32x4.sub(arL, crL), trH = f32x4.sub(arH, crH), tiL = f32x4.sub(aiL, ciL), tiH = f32x4.sub(aiH, ciH);
    const brL = v128.load(x1), brH = v128.load(x1, 16), biL = v128.load(x1, 32), biH = v128.load(x1, 48);
    const drL = v128.load(x3), drH = v128.load(x3, 16), diL = v128.load(x3, 32), diH = v128.load(x3, 48);
    const urL = f32x4.add(brL, drL), urH = f32x4.add(brH, drH), uiL = f32x4.add(biL, diL), uiH = f32x4.add(biH, diH);
    const vrL = f32x4.sub(brL, drL), vrH = f32x4.sub(brH, drH), viL = f32x4.sub(biL, diL), viH = f32x4.sub(biH, diH);
    storeRow(p0, f32x4.add(srL, urL), f32x4.add(srH, urH), f32x4.add(siL, uiL), f32x4.add(siH, uiH));
    storeTurned(
      p2, f32x4.sub(srL, urL), f32x4.sub(srH, urH),
      f32x4.sub(siL, uiL), f32x4.sub(siH, uiH), v128.load32_splat(w, 8), v128.load32_splat(w, 12),
    );
    storeTurned(
      p1, f32x4.add(trL, viL), f32x4.add(trH, viH),
      f32x4.sub(tiL, vrL), f32x4.sub(tiH, vrH), v128.load32_splat(w), v128.load32_splat(w, 4),
    );
    storeTurned(
      p3, f32x4.sub(trL, viL), f32x4.sub(trH, viH),
      f32x4.add(tiL, vrL), f32x4.add(tiH, vrH), v128.load32_splat(w, 16), v128.load32_splat(w, 20),
    );
    x0 += stride;
    p0 += ROW; w += 24;
  }
  for (const end = min(to, rows - 2 * span); j < end; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
    const x1 = x0 + jump, x2 = x1 + jump;
    const arL = v128.load(x0), arH = v128.load(x0, 16), aiL = v128.load(x0, 32), aiH = v128.load(x0, 48);
    const crL = v128.load(x2), crH = v128.load(x2, 16), ciL = v128.load(x2, 32), ciH = v128.load(x2, 48);
    const srL = f32x4.add(arL, crL), srH = f32x4.add(arH, crH), siL = f32x4.add(aiL, ciL), siH = f32x4.add(aiH, ciH);
    const trL = f32x4.sub(arL, crL), trH = f32x4.sub(arH, crH), tiL = f32x4.sub(aiL, ciL), tiH = f32x4.sub(aiH, ciH);
    const brL = v128.load(x1), brH = v128.load(x1, 16), biL = v128.load(x1, 32), biH = v128.load(x1, 48);
    storeRow(p0, f32x4.add(srL, brL), f32x4.add(srH, brH), f32x4.add(siL, biL), f32x4.add(siH, biH));
    storeTurned(
      p2, f32x4.sub(srL, brL), f32x4.sub(srH, brH),
      f32x4.sub(siL, biL), f32x4.sub(siH, biH), v128.load32_splat(w, 8), v128.load32_splat(w, 12),
    );
    storeTurned(
      p1, f32x4.add(trL, biL), f32x4.add(trH, biH),
      f32x4.sub(tiL, brL), f32x4.sub(tiH, brH), v128.load32_splat(w), v128.load32_splat(w, 4),
    );
    storeTurned(
      p3, f32x4.sub(trL, biL), f32x4.sub(trH, biH),
      f32x4.add(tiL, brL), f32x4.add(tiH, brH), v128.load32_splat(w, 16), v128.load32_splat(w, 20),
    );
    x0 += stride;
    p0 += ROW; w += 24;
  }
  for (const end = min(to, rows - span); j < end; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
    const x1 = x0 + jump;
    const arL = v128.load(x0), arH = v128.load(x0, 16), aiL = v128.load(x0, 32), aiH = v128.load(x0, 48);
    const brL = v128.load(x1), brH = v128.load(x1, 16), biL = v128.load(x1, 32), biH = v128.load(x1, 48);
    storeRow(p0, f32x4.add(arL, brL), f32x4.add(arH, brH), f32x4.add(aiL, biL), f32x4.add(aiH, biH));
    storeTurned(
      p2, f32x4.sub(arL, brL), f32x4.sub(arH, brH),
      f32x4.sub(aiL, biL), f32x4.sub(aiH, biH), v128.load32_splat(w, 8), v128.load32_splat(w, 12),
    );
    storeTurned(
      p1, f32x4.add(arL, biL), f32x4.add(arH, biH),
      f32x4.sub(aiL, brL), f32x4.sub(aiH, brH), v128.load32_splat(w), v128.load32_splat(w, 4),
    );
    storeTurned(
      p3, f32x4.sub(arL, biL), f32x4.sub(arH, biH),
      f32x4.add(aiL, brL), f32x4.add(aiH, brH), v128.load32_splat(w, 16), v128.load32_splat(w, 20),
    );
    x0 += stride;
    p0 += ROW; w += 24;
  }
  for (; j < to; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
    const arL = v128.load(x0), arH = v128.load(x0, 16), aiL = v128.load(x0, 32), aiH = v128.load(x0, 48);
    storeRow(p0, arL, arH, aiL, aiH);
    storeTurned(p1, arL, arH, aiL, aiH, v128.load32_splat(w), v128.load32_splat(w, 4));
    storeTurned(p2, arL, arH, aiL, aiH, v128.load32_splat(w, 8), v128.load32_splat(w, 12));
    storeTurned(p3, arL, arH, aiL, aiH, v128.load32_splat(w, 16), v128.load32_splat(w, 20));
    x0 += stride;
    p0 += ROW; w += 24;
  }
}

/** Undoes forward4 (times 4). */
function inverse4(block: usize, blocks: i32, span: i32, twiddles: usize): void {
  const step = <usize>span << 6;
  for (; blocks > 0; blocks--) {
    let p0 = block, w = twiddles + 24;
    const end = p0 + step;
    block = p0 + 4 * step;
    plain4<Exchanged>(p0, p0 + step, p0 + 2 * step, p0 + 3 * step);
    p0 += ROW;
    while (p0 < end) {
      const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
      let rL = v128.load(p2), rH = v128.load(p2, 16), iL = v128.load(p2, 32), iH = v128.load(p2, 48);
      let wr = v128.load32_splat(w, 8), wi = v128.load32_splat(w, 12);
      const crL = returnedReal(rL, iL, wr, wi), crH = returnedReal(rH, iH, wr, wi);
      const ciL = returnedImaginary(rL, iL, wr, wi), ciH = returnedImaginary(rH, iH, wr, wi);
      const arL = v128.load(p0), arH = v128.load(p0, 16), aiL = v128.load(p0, 32), aiH = v128.load(p0, 48);
      const srL = f32x4.add(arL, crL), srH = f32x4.add(arH, crH), siL = f32x4.add(aiL, ciL), siH = f32x4.add(aiH, ciH);
      const trL = f32x4.sub(arL, crL), trH = f32x4.sub(arH, crH), tiL = f32x4.sub(aiL, ciL), tiH = f32x4.sub(aiH, ciH);
      rL = v128.load(p1); rH = v128.load(p1, 16);
      iL = v128.load(p1, 32); iH = v128.load(p1, 48);
      wr = v128.load32_splat(w); wi = v128.load32_splat(w, 4);
      const brL = returnedReal(rL, iL, wr, wi), brH = returnedReal(rH, iH, wr, wi);
      const biL = returnedImaginary(rL, iL, wr, wi), biH = returnedImaginary(rH, iH, wr, wi);
      rL = v128.load(p3); rH = v128.load(p3, 16);
      iL = v128.load(p3, 32); iH = v128.load(p3, 48);
      wr = v128.load32_splat(w, 16); wi = v128.load32_splat(w, 20);
      const drL = returnedReal(rL, iL, wr, wi), drH = returnedReal(rH, iH, wr, wi);
      const diL = returnedImaginary(rL, iL, wr, wi), diH = returnedImaginary(rH, iH, wr, wi);
      const urL = f32x4.add(brL, drL), urH = f32x4.add(brH, drH), uiL = f32x4.add(biL, diL), uiH = f32x4.add(biH, diH);
      const vrL = f32x4.sub(brL, drL), vrH = f32x4.sub(brH, drH), viL = f32x4.sub(biL, diL), viH = f32x4.sub(biH, diH);
      storeRow(p0, f32x4.add(srL, urL), f32x4.add(srH, urH), f32x4.add(siL, uiL), f32x4.add(siH, uiH));
      storeRow(p2, f32x4.sub(srL, urL), f32x4.sub(srH, urH), f32x4.sub(siL, uiL), f32x4.sub(siH, uiH));
      storeRow(p1, f32x4.sub(trL, viL), f32x4.sub(trH, viH), f32x4.add(tiL, vrL), f32x4.add(tiH, vrH));
      storeRow(p3, f32x4.add(trL, viL), f32x4.add(trH, viH), f32x4.sub(tiL, vrL), f32x4.sub(tiH, vrH));
      p0 += ROW;
      w += 24;
    }
  }
}

/** Undoes forward4Pruned (times 4), from x to y (rows `stride` bytes apart); rows ≥ `rows` of y are not written. */
function inverse4Pruned(
  y: usize, stride: usize, x: usize, span: i32, rows: i32, twiddles: usize, from: i32, to: i32,
): void {
  const step = <usize>span << 6, jump = <usize>span * stride;
  let p0 = x + (<usize>from << 6), w = twiddles + <usize>from * 24;
  let y0 = y + <usize>from * stride;
  let j = from;
  for (const end = min(to, rows - 3 * span); j < end; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step, y1 = y0 + jump, y2 = y1 + jump, y3 = y2 + jump;
    let rL = v128.load(p2), rH = v128.load(p2, 16), iL = v128.load(p2, 32), iH = v128.load(p2, 48);
    let wr = v128.load32_splat(w, 8), wi = v128.load32_splat(w, 12);
    const crL = returnedReal(rL, iL, wr, wi), crH = returnedReal(rH, iH, wr, wi);
    const ciL = returnedImaginary(rL, iL, wr, wi), ciH = returnedImaginary(rH, iH, wr, wi);
    const arL = v128.load(p0), arH = v128.load(p0, 16), aiL = v128.load(p0, 32), aiH = v128.load(p0, 48);
    const srL = f32x4.add(arL, crL), srH = f32x4.add(arH, crH), siL = f32x4.add(aiL, ciL), siH = f32x4.add(aiH, ciH);
    const trL = f32x4.sub(arL, crL), trH = f32x4.sub(arH, crH), tiL = f32x4.sub(aiL, ciL), tiH = f32x4.sub(aiH, ciH);
    rL = v128.load(p1); rH = v128.load(p1, 16);
    iL = v128.load(p1, 32); iH = v128.load(p1, 48);
    wr = v128.load32_splat(w); wi = v128.load32_splat(w, 4);
    const brL = returnedReal(rL, iL, wr, wi), brH = returnedReal(rH, iH, wr, wi);
    const biL = returnedImaginary(rL, iL, wr, wi), biH = returnedImaginary(rH, iH, wr, wi);
    rL = v128.load(p3); rH = v128.load(p3, 16);
    iL = v128.load(p3, 32); iH = v128.load(p3, 48);
    wr = v128.load32_splat(w, 16); wi = v128.load32_splat(w, 20);
    const drL = returnedReal(rL, iL, wr, wi), drH = returnedReal(rH, iH, wr, wi);
    const diL = returnedImaginary(rL, iL, wr, wi), diH = returnedImaginary(rH, iH, wr, wi);
    const urL = f32x4.add(brL, drL), urH = f32x4.add(brH, drH), uiL = f32x4.add(biL, diL), uiH = f32x4.add(biH, diH);
    const vrL = f32x4.sub(brL, drL), vrH = f32x4.sub(brH, drH), viL = f32x4.sub(biL, diL), viH = f32x4.sub(biH, diH);
    storeRow(y0, f32x4.add(srL, urL), f32x4.add(srH, urH), f32x4.add(siL, uiL), f32x4.add(siH, uiH));
    storeRow(y2, f32x4.sub(srL, urL), f32x4.sub(srH, urH), f32x4.sub(siL, uiL), f32x4.sub(siH, uiH));
    storeRow(y1, f32x4.sub(trL, viL), f32x4.sub(trH, viH), f32x4.add(tiL, vrL), f32x4.add(tiH, vrH));
    storeRow(y3, f32x4.add(trL, viL), f32x4.add(trH, viH), f32x4.sub(tiL, vrL), f32x4.sub(tiH, vrH));
    p0 += ROW; w += 24;
    y0 += stride;
  }
  for (; j < to; j++) {
    const p1 = p0 + step, p2 = p1 + step, p3 = p2 + step, y1 = y0 + jump, y2 = y1 + jump;
    let rL = v128.load(p2), rH = v128.load(p2, 16), iL = v128.load(p2, 32), iH = v128.load(p2, 48);
    let wr = v128.load32_splat(w, 8), wi = v128.load32_splat(w, 12);
    const crL = returnedReal(rL, iL, wr, wi), crH = returnedReal(rH, iH, wr, wi);
    const ciL = returnedImaginary(rL, iL, wr, wi), ciH = returnedImaginary(rH, iH, wr, wi);
    const arL = v128.load(p0), arH = v128.load(p0, 16), aiL = v128.load(p0, 32), aiH = v128.load(p0, 48);
    rL = v128.load(p1); rH = v128.load(p1, 16);
    iL = v128.load(p1, 32); iH = v128.load(p1, 48);
    wr = v128.load32_splat(w); wi = v128.load32_splat(w, 4);
    const brL = returnedReal(rL, iL, wr, wi), brH = returnedReal(rH, iH, wr, wi);
    const biL = returnedImaginary(rL, iL, wr, wi), biH = returnedImaginary(rH, iH, wr, wi);
    rL = v128.load(p3); rH = v128.load(p3, 16);
    iL = v128.load(p3, 32); iH = v128.load(p3, 48);
    wr = v128.load32_splat(w, 16); wi = v128.load32_splat(w, 20);
    const drL = returnedReal(rL, iL, wr, wi), drH = returnedReal(rH, iH, wr, wi);
    const diL = returnedImaginary(rL, iL, wr, wi), diH = returnedImaginary(rH, iH, wr, wi);
    const srL = f32x4.add(arL, crL), srH = f32x4.add(arH, crH), siL = f32x4.add(aiL, ciL), siH = f32x4.add(aiH, ciH);
    const urL = f32x4.add(brL, drL), urH = f32x4.add(brH, drH), uiL = f32x4.add(biL, diL), uiH = f32x4.add(biH, diH);
    storeRow(y0, f32x4.add(srL, urL), f32x4.add(srH, urH), f32x4.add(siL, uiL), f32x4.add(siH, uiH));
    if (j < rows - span) {
      const trL = f32x4.sub(arL, crL), trH = f32x4.sub(arH, crH), tiL = f32x4.sub(aiL, ciL), tiH = f32x4.sub(aiH, ciH);
      const vrL = f32x4.sub(brL, drL), vrH = f32x4.sub(brH, drH), viL = f32x4.sub(biL, diL), viH = f32x4.sub(biH, diH);
      storeRow(y1, f32x4.sub(trL, viL), f32x4.sub(trH, viH), f32x4.add(tiL, vrL), f32x4.add(tiH, vrH));
      if (j < rows - 2 * span) storeRow(y2, f32x4.sub(srL, urL), f32x4.sub(srH, urH), f32x4.sub(siL, uiL), f32x4.sub(siH, uiH));
    }
    p0 += ROW; w += 24;
    y0 += stride;
  }
}

/** Radix 3, one block, from x to y, pruned; `zero` is a row of zeros. */
function forward3(
  y: usize, x: usize, stride: usize, span: i32, rows: i32, w: usize, zero: usize, from: i32, to: i32,
): void {
  const half = f32x4.splat(0.5), sine = f32x4.splat(0.86602540378443864676);
  const step = <usize>span << 6, jump = <usize>span * stride;
  let p0 = y + (<usize>from << 6), p1 = p0 + step, p2 = p1 + step, x0 = x + <usize>from * stride;
  w += <usize>from * 16;
  for (let j = from; j < to; j++) {
    const x1 = j < rows - span ? x0 + jump : zero;
    const x2 = j < rows - 2 * span ? x0 + 2 * jump : zero;
    const arL = v128.load(x0), arH = v128.load(x0, 16), aiL = v128.load(x0, 32), aiH = v128.load(x0, 48);
    const brL = v128.load(x1), brH = v128.load(x1, 16), biL = v128.load(x1, 32), biH = v128.load(x1, 48);
    const crL = v128.load(x2), crH = v128.load(x2, 16), ciL = v128.load(x2, 32), ciH = v128.load(x2, 48);
    const srL = f32x4.add(brL, crL), srH = f32x4.add(brH, crH), siL = f32x4.add(biL, ciL), siH = f32x4.add(biH, ciH);
    const trL = f32x4.mul(sine, f32x4.sub(biL, ciL)), trH = f32x4.mul(sine, f32x4.sub(biH, ciH));
    const tiL = f32x4.mul(sine, f32x4.sub(crL, brL)), tiH = f32x4.mul(sine, f32x4.sub(crH, brH));
    const mrL = nmadd(half, srL, arL), mrH = nmadd(half, srH, arH);
    const miL = nmadd(half, siL, aiL), miH = nmadd(half, siH, aiH);
    storeRow(p0, f32x4.add(arL, srL), f32x4.add(arH, srH), f32x4.add(aiL, siL), f32x4.add(aiH, siH));
    storeTurned(
      p1, f32x4.add(mrL, trL), f32x4.add(mrH, trH),
      f32x4.add(miL, tiL), f32x4.add(miH, tiH), v128.load32_splat(w), v128.load32_splat(w, 4),
    );
    storeTurned(
      p2, f32x4.sub(mrL, trL), f32x4.sub(mrH, trH),
      f32x4.sub(miL, tiL), f32x4.sub(miH, tiH), v128.load32_splat(w, 8), v128.load32_splat(w, 12),
    );
    x0 += stride;
    p0 += ROW; p1 += ROW; p2 += ROW; w += 16;
  }
}

/** Undoes forward3 (times 3); rows ≥ `rows` of y are not written: they go to the row `waste`. */
function inverse3(
  y: usize, stride: usize, x: usize, span: i32, rows: i32, w: usize, waste: usize, from: i32, to: i32,
): void {
  const half = f32x4.splat(0.5), sine = f32x4.splat(0.86602540378443864676);
  const step = <usize>span << 6, jump = <usize>span * stride;
  let p0 = x + (<usize>from << 6), p1 = p0 + step, p2 = p1 + step, y0 = y + <usize>from * stride;
  w += <usize>from * 16;
  for (let j = from; j < to; j++) {
    let rL = v128.load(p1), rH = v128.load(p1, 16), iL = v128.load(p1, 32), iH = v128.load(p1, 48);
    let wr = v128.load32_splat(w), wi = v128.load32_splat(w, 4);
    const brL = returnedReal(rL, iL, wr, wi), brH = returnedReal(rH, iH, wr, wi);
    const biL = returnedImaginary(rL, iL, wr, wi), biH = returnedImaginary(rH, iH, wr, wi);
    rL = v128.load(p2); rH = v128.load(p2, 16);
    iL = v128.load(p2, 32); iH = v128.load(p2, 48);
    wr = v128.load32_splat(w, 8); wi = v128.load32_splat(w, 12);
    const crL = returnedReal(rL, iL, wr, wi), crH = returnedReal(rH, iH, wr, wi);
    const ciL = returnedImaginary(rL, iL, wr, wi), ciH = returnedImaginary(rH, iH, wr, wi);
    const arL = v128.load(p0), arH = v128.load(p0, 16), aiL = v128.load(p0, 32), aiH = v128.load(p0, 48);
    const srL = f32x4.add(brL, crL), srH = f32x4.add(brH, crH), siL = f32x4.add(biL, ciL), siH = f32x4.add(biH, ciH);
    const trL = f32x4.mul(sine, f32x4.sub(ciL, biL)), trH = f32x4.mul(sine, f32x4.sub(ciH, biH));
    const tiL = f32x4.mul(sine, f32x4.sub(brL, crL)), tiH = f32x4.mul(sine, f32x4.sub(brH, crH));
    const mrL = nmadd(half, srL, arL), mrH = nmadd(half, srH, arH);
    const miL = nmadd(half, siL, aiL), miH = nmadd(half, siH, aiH);
    storeRow(y0, f32x4.add(arL, srL), f32x4.add(arH, srH), f32x4.add(aiL, siL), f32x4.add(aiH, siH));
    storeRow(
      j < rows - span ? y0 + jump : waste, f32x4.add(mrL, trL), f32x4.add(mrH, trH),
      f32x4.add(miL, tiL), f32x4.add(miH, tiH)
    );
    storeRow(
      j < rows - 2 * span ? y0 + 2 * jump : waste, f32x4.sub(mrL, trL), f32x4.sub(mrH, trH),
      f32x4.sub(miL, tiL), f32x4.sub(miH, tiH)
    );
    y0 += stride;
    p0 += ROW; p1 += ROW; p2 += ROW; w += 16;
  }
}

// cos and sin of 2π/5 and 4π/5.
// @ts-expect-error: decorator
@inline
const C1: f32 = 0.30901699437494742410;
// @ts-expect-error: decorator
@inline
const C2: f32 = -0.80901699437494742410;
// @ts-expect-error: decorator
@inline
const S1: f32 = 0.95105651629515357212;
// @ts-expect-error: decorator
@inline
const S2: f32 = 0.58778525229247312917;

/** Radix 5, as forward3. */
function forward5(
  y: usize, x: usize, stride: usize, span: i32, rows: i32, w: usize, zero: usize, from: i32, to: i32,
): void {
  const c1 = f32x4.splat(C1), c2 = f32x4.splat(C2), s1 = f32x4.splat(S1), s2 = f32x4.splat(S2);
  const step = <usize>span << 6, jump = <usize>span * stride;
  let p0 = y + (<usize>from << 6), p1 = p0 + step, p2 = p1 + step, p3 = p2 + step, p4 = p3 + step;
  let x0 = x + <usize>from * stride;
  w += <usize>from * 32;
  for (let j = from; j < to; j++) {
    const x1 = j < rows - span ? x0 + jump : zero;
    const x2 = j < rows - 2 * span ? x0 + 2 * jump : zero;
    const x3 = j < rows - 3 * span ? x0 + 3 * jump : zero;
    const x4 = j < rows - 4 * span ? x0 + 4 * jump : zero;
    const arL = v128.load(x0), arH = v128.load(x0, 16), aiL = v128.load(x0, 32), aiH = v128.load(x0, 48);
    let pL = v128.load(x1), pH = v128.load(x1, 16), qL = v128.load(x4), qH = v128.load(x4, 16);
    const brL = f32x4.add(pL, qL), brH = f32x4.add(pH, qH), erL = f32x4.sub(pL, qL), erH = f32x4.sub(pH, qH);
    pL = v128.load(x1, 32); pH = v128.load(x1, 48);
    qL = v128.load(x4, 32); qH = v128.load(x4, 48);
    const biL = f32x4.add(pL, qL), biH = f32x4.add(pH, qH), eiL = f32x4.sub(pL, qL), eiH = f32x4.sub(pH, qH);
    pL = v128.load(x2); pH = v128.load(x2, 16);
    qL = v128.load(x3); qH = v128.load(x3, 16);
    const crL = f32x4.add(pL, qL), crH = f32x4.add(pH, qH), drL = f32x4.sub(pL, qL), drH = f32x4.sub(pH, qH);
    pL = v128.load(x2, 32); pH = v128.load(x2, 48);
    qL = v128.load(x3, 32); qH = v128.load(x3, 48);
    const ciL = f32x4.add(pL, qL), ciH = f32x4.add(pH, qH), diL = f32x4.sub(pL, qL), diH = f32x4.sub(pH, qH);
    storeRow(
      p0, f32x4.add(arL, f32x4.add(brL, crL)), f32x4.add(arH, f32x4.add(brH, crH)),
      f32x4.add(aiL, f32x4.add(biL, ciL)), f32x4.add(aiH, f32x4.add(biH, ciH))
    );
    let mrL = madd(c2, crL, madd(c1, brL, arL)), mrH = madd(c2, crH, madd(c1, brH, arH));
    let miL = madd(c2, ciL, madd(c1, biL, aiL)), miH = madd(c2, ciH, madd(c1, biH, aiH));
    let trL = madd(s2, diL, f32x4.mul(s1, eiL)), trH = madd(s2, diH, f32x4.mul(s1, eiH));
    let tiL = madd(s2, drL, f32x4.mul(s1, erL)), tiH = madd(s2, drH, f32x4.mul(s1, erH));
    storeTurned(
      p1, f32x4.add(mrL, trL), f32x4.add(mrH, trH),
      f32x4.sub(miL, tiL), f32x4.sub(miH, tiH), v128.load32_splat(w), v128.load32_splat(w, 4),
    );
    storeTurned(
      p4, f32x4.sub(mrL, trL), f32x4.sub(mrH, trH),
      f32x4.add(miL, tiL), f32x4.add(miH, tiH), v128.load32_splat(w, 24), v128.load32_splat(w, 28),
    );
    mrL = madd(c1, crL, madd(c2, brL, arL)); mrH = madd(c1, crH, madd(c2, brH, arH));
    miL = madd(c1, ciL, madd(c2, biL, aiL)); miH = madd(c1, ciH, madd(c2, biH, aiH));
    trL = nmadd(s1, diL, f32x4.mul(s2, eiL)); trH = nmadd(s1, diH, f32x4.mul(s2, eiH));
    tiL = nmadd(s1, drL, f32x4.mul(s2, erL)); tiH = nmadd(s1, drH, f32x4.mul(s2, erH));
    storeTurned(
      p2, f32x4.add(mrL, trL), f32x4.add(mrH, trH),
      f32x4.sub(miL, tiL), f32x4.sub(miH, tiH), v128.load32_splat(w, 8), v128.load32_splat(w, 12),
    );
    storeTurned(
      p3, f32x4.sub(mrL, trL), f32x4.sub(mrH, trH),
      f32x4.add(miL, tiL), f32x4.add(miH, tiH), v128.load32_splat(w, 16), v128.load32_splat(w, 20),
    );
    x0 += stride;
    p0 += ROW; p1 += ROW; p2 += ROW; p3 += ROW; p4 += ROW; w += 32;
  }
}

/** Undoes forward5 (times 5), as inverse3. */
function inverse5(
  y: usize, stride: usize, x: usize, span: i32, rows: i32, w: usize, waste: usize, from: i32, to: i32,
): void {
  const c1 = f32x4.splat(C1), c2 = f32x4.splat(C2), s1 = f32x4.splat(S1), s2 = f32x4.splat(S2);
  const step = <usize>span << 6, jump = <usize>span * stride;
  let p0 = x + (<usize>from << 6), p1 = p0 + step, p2 = p1 + step, p3 = p2 + step, p4 = p3 + step;
  let y0 = y + <usize>from * stride;
  w += <usize>from * 32;
  for (let j = from; j < to; j++) {
    let rL = v128.load(p1), rH = v128.load(p1, 16), iL = v128.load(p1, 32), iH = v128.load(p1, 48);
    let wr = v128.load32_splat(w), wi = v128.load32_splat(w, 4);
    let prL = returnedReal(rL, iL, wr, wi), prH = returnedReal(rH, iH, wr, wi);
    let piL = returnedImaginary(rL, iL, wr, wi), piH = returnedImaginary(rH, iH, wr, wi);
    rL = v128.load(p4); rH = v128.load(p4, 16);
    iL = v128.load(p4, 32); iH = v128.load(p4, 48);
    wr = v128.load32_splat(w, 24); wi = v128.load32_splat(w, 28);
    let qrL = returnedReal(rL, iL, wr, wi), qrH = returnedReal(rH, iH, wr, wi);
    let qiL = returnedImaginary(rL, iL, wr, wi), qiH = returnedImaginary(rH, iH, wr, wi);
    const brL = f32x4.add(prL, qrL), brH = f32x4.add(prH, qrH), biL = f32x4.add(piL, qiL), biH = f32x4.add(piH, qiH);
    const erL = f32x4.sub(prL, qrL), erH = f32x4.sub(prH, qrH), eiL = f32x4.sub(piL, qiL), eiH = f32x4.sub(piH, qiH);
    rL = v128.load(p2); rH = v128.load(p2, 16);
    iL = v128.load(p2, 32); iH = v128.load(p2, 48);
    wr = v128.load32_splat(w, 8); wi = v128.load32_splat(w, 12);
    prL = returnedReal(rL, iL, wr, wi); prH = returnedReal(rH, iH, wr, wi);
    piL = returnedImaginary(rL, iL, wr, wi); piH = returnedImaginary(rH, iH, wr, wi);
    rL = v128.load(p3); rH = v128.load(p3, 16);
    iL = v128.load(p3, 32); iH = v128.load(p3, 48);
    wr = v128.load32_splat(w, 16); wi = v128.load32_splat(w, 20);
    qrL = returnedReal(rL, iL, wr, wi); qrH = returnedReal(rH, iH, wr, wi);
    qiL = returnedImaginary(rL, iL, wr, wi); qiH = returnedImaginary(rH, iH, wr, wi);
    const crL = f32x4.add(prL, qrL), crH = f32x4.add(prH, qrH), ciL = f32x4.add(piL, qiL), ciH = f32x4.add(piH, qiH);
    const drL = f32x4.sub(prL, qrL), drH = f32x4.sub(prH, qrH), diL = f32x4.sub(piL, qiL), diH = f32x4.sub(piH, qiH);
    const arL = v128.load(p0), arH = v128.load(p0, 16), aiL = v128.load(p0, 32), aiH = v128.load(p0, 48);
    storeRow(
      y0, f32x4.add(arL, f32x4.add(brL, crL)), f32x4.add(arH, f32x4.add(brH, crH)),
      f32x4.add(aiL, f32x4.add(biL, ciL)), f32x4.add(aiH, f32x4.add(biH, ciH))
    );
    let mrL = madd(c2, crL, madd(c1, brL, arL)), mrH = madd(c2, crH, madd(c1, brH, arH));
    let miL = madd(c2, ciL, madd(c1, biL, aiL)), miH = madd(c2, ciH, madd(c1, biH, aiH));
    let trL = madd(s2, diL, f32x4.mul(s1, eiL)), trH = madd(s2, diH, f32x4.mul(s1, eiH));
    let tiL = madd(s2, drL, f32x4.mul(s1, erL)), tiH = madd(s2, drH, f32x4.mul(s1, erH));
    storeRow(
      j < rows - span ? y0 + jump : waste, f32x4.sub(mrL, trL), f32x4.sub(mrH, trH),
      f32x4.add(miL, tiL), f32x4.add(miH, tiH)
    );
    storeRow(
      j < rows - 4 * span ? y0 + 4 * jump : waste, f32x4.add(mrL, trL), f32x4.add(mrH, trH),
      f32x4.sub(miL, tiL), f32x4.sub(miH, tiH)
    );
    mrL = madd(c1, crL, madd(c2, brL, arL)); mrH = madd(c1, crH, madd(c2, brH, arH));
    miL = madd(c1, ciL, madd(c2, biL, aiL)); miH = madd(c1, ciH, madd(c2, biH, aiH));
    trL = nmadd(s1, diL, f32x4.mul(s2, eiL)); trH = nmadd(s1, diH, f32x4.mul(s2, eiH));
    tiL = nmadd(s1, drL, f32x4.mul(s2, erL)); tiH = nmadd(s1, drH, f32x4.mul(s2, erH));
    storeRow(
      j < rows - 2 * span ? y0 + 2 * jump : waste, f32x4.sub(mrL, trL), f32x4.sub(mrH, trH),
      f32x4.add(miL, tiL), f32x4.add(miH, tiH)
    );
    storeRow(
      j < rows - 3 * span ? y0 + 3 * jump : waste, f32x4.add(mrL, trL), f32x4.add(mrH, trH),
      f32x4.sub(miL, tiL), f32x4.sub(miH, tiH)
    );
    y0 += stride;
    p0 += ROW; p1 += ROW; p2 += ROW; p3 += ROW; p4 += ROW; w += 32;
  }
}

// Last stages (span 1). The inverse is the forward transform with real and imaginary parts exchanged.

// @ts-expect-error: decorator
@inline
function leaf2(p: usize, end: usize): void {
  for (; p < end; p += 2 * ROW) {
    const arL = v128.load(p), arH = v128.load(p, 16), aiL = v128.load(p, 32), aiH = v128.load(p, 48);
    const brL = v128.load(p, 64), brH = v128.load(p, 80), biL = v128.load(p, 96), biH = v128.load(p, 112);
    v128.store(p, f32x4.add(arL, brL));
    v128.store(p, f32x4.add(arH, brH), 16);
    v128.store(p, f32x4.add(aiL, biL), 32);
    v128.store(p, f32x4.add(aiH, biH), 48);
    v128.store(p, f32x4.sub(arL, brL), 64);
    v128.store(p, f32x4.sub(arH, brH), 80);
    v128.store(p, f32x4.sub(aiL, biL), 96);
    v128.store(p, f32x4.sub(aiH, biH), 112);
  }
}

// @ts-expect-error: decorator
@inline
function leaf4<R>(p: usize, end: usize): void {
  for (; p < end; p += 4 * ROW) plain4<R>(p, p + ROW, p + 2 * ROW, p + 3 * ROW);
}

// @ts-expect-error: decorator
@inline
function leaf8<R>(p: usize, end: usize): void {
  const root = f32x4.splat(0.70710678118654752440);
  for (; p < end; p += 8 * ROW) {
    // Sums s and differences d of rows m and m + 4: the real parts first, so that registers suffice.
    let aL = v128.load(p, offsetof<R>('re')), aH = v128.load(p, 16 + offsetof<R>('re'));
    let bL = v128.load(p, 256 + offsetof<R>('re')), bH = v128.load(p, 272 + offsetof<R>('re'));
    const s0rL = f32x4.add(aL, bL), s0rH = f32x4.add(aH, bH), d0rL = f32x4.sub(aL, bL), d0rH = f32x4.sub(aH, bH);
    aL = v128.load(p, 128 + offsetof<R>('re')); aH = v128.load(p, 144 + offsetof<R>('re'));
    bL = v128.load(p, 384 + offsetof<R>('re')); bH = v128.load(p, 400 + offsetof<R>('re'));
    const s2rL = f32x4.add(aL, bL), s2rH = f32x4.add(aH, bH), d2rL = f32x4.sub(aL, bL), d2rH = f32x4.sub(aH, bH);
    aL = v128.load(p, 64 + offsetof<R>('re')); aH = v128.load(p, 80 + offsetof<R>('re'));
    bL = v128.load(p, 320 + offsetof<R>('re')); bH = v128.load(p, 336 + offsetof<R>('re'));
    const s1rL = f32x4.add(aL, bL), s1rH = f32x4.add(aH, bH), d1rL = f32x4.sub(aL, bL), d1rH = f32x4.sub(aH, bH);
    aL = v128.load(p, 192 + offsetof<R>('re')); aH = v128.load(p, 208 + offsetof<R>('re'));
    bL = v128.load(p, 448 + offsetof<R>('re')); bH = v128.load(p, 464 + offsetof<R>('re'));
    const s3rL = f32x4.add(aL, bL), s3rH = f32x4.add(aH, bH), d3rL = f32x4.sub(aL, bL), d3rH = f32x4.sub(aH, bH);
    aL = f32x4.add(s0rL, s2rL); aH = f32x4.add(s0rH, s2rH);
    bL = f32x4.add(s1rL, s3rL); bH = f32x4.add(s1rH, s3rH);
    v128.store(p, f32x4.add(aL, bL), offsetof<R>('re'));
    v128.store(p, f32x4.add(aH, bH), 16 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(aL, bL), 256 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(aH, bH), 272 + offsetof<R>('re'));
    aL = v128.load(p, offsetof<R>('im')); aH = v128.load(p, 16 + offsetof<R>('im'));
    bL = v128.load(p, 256 + offsetof<R>('im')); bH = v128.load(p, 272 + offsetof<R>('im'));
    const s0iL = f32x4.add(aL, bL), s0iH = f32x4.add(aH, bH), d0iL = f32x4.sub(aL, bL), d0iH = f32x4.sub(aH, bH);
    aL = v128.load(p, 128 + offsetof<R>('im')); aH = v128.load(p, 144 + offsetof<R>('im'));
    bL = v128.load(p, 384 + offsetof<R>('im')); bH = v128.load(p, 400 + offsetof<R>('im'));
    const s2iL = f32x4.add(aL, bL), s2iH = f32x4.add(aH, bH), d2iL = f32x4.sub(aL, bL), d2iH = f32x4.sub(aH, bH);
    aL = v128.load(p, 64 + offsetof<R>('im')); aH = v128.load(p, 80 + offsetof<R>('im'));
    bL = v128.load(p, 320 + offsetof<R>('im')); bH = v128.load(p, 336 + offsetof<R>('im'));
    const s1iL = f32x4.add(aL, bL), s1iH = f32x4.add(aH, bH), d1iL = f32x4.sub(aL, bL), d1iH = f32x4.sub(aH, bH);
    aL = v128.load(p, 192 + offsetof<R>('im')); aH = v128.load(p, 208 + offsetof<R>('im'));
    bL = v128.load(p, 448 + offsetof<R>('im')); bH = v128.load(p, 464 + offsetof<R>('im'));
    const s3iL = f32x4.add(aL, bL), s3iH = f32x4.add(aH, bH), d3iL = f32x4.sub(aL, bL), d3iH = f32x4.sub(aH, bH);
    aL = f32x4.add(s0iL, s2iL); aH = f32x4.add(s0iH, s2iH);
    bL = f32x4.add(s1iL, s3iL); bH = f32x4.add(s1iH, s3iH);
    v128.store(p, f32x4.add(aL, bL), offsetof<R>('im'));
    v128.store(p, f32x4.add(aH, bH), 16 + offsetof<R>('im'));
    v128.store(p, f32x4.sub(aL, bL), 256 + offsetof<R>('im'));
    v128.store(p, f32x4.sub(aH, bH), 272 + offsetof<R>('im'));
    aL = f32x4.sub(s0rL, s2rL); aH = f32x4.sub(s0rH, s2rH);
    bL = f32x4.sub(s1iL, s3iL); bH = f32x4.sub(s1iH, s3iH);
    v128.store(p, f32x4.add(aL, bL), 128 + offsetof<R>('re'));
    v128.store(p, f32x4.add(aH, bH), 144 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(aL, bL), 384 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(aH, bH), 400 + offsetof<R>('re'));
    aL = f32x4.sub(s0iL, s2iL); aH = f32x4.sub(s0iH, s2iH);
    bL = f32x4.sub(s1rL, s3rL); bH = f32x4.sub(s1rH, s3rH);
    v128.store(p, f32x4.sub(aL, bL), 128 + offsetof<R>('im'));
    v128.store(p, f32x4.sub(aH, bH), 144 + offsetof<R>('im'));
    v128.store(p, f32x4.add(aL, bL), 384 + offsetof<R>('im'));
    v128.store(p, f32x4.add(aH, bH), 400 + offsetof<R>('im'));
    // e1 = d1·(1 − i)/√2, e3 = −d3·(1 + i)/√2; only their sum f and difference g are needed.
    const e1rL = f32x4.add(d1iL, d1rL), e1rH = f32x4.add(d1iH, d1rH);
    const e1iL = f32x4.sub(d1iL, d1rL), e1iH = f32x4.sub(d1iH, d1rH);
    const e3rL = f32x4.sub(d3iL, d3rL), e3rH = f32x4.sub(d3iH, d3rH);
    const e3iL = f32x4.add(d3iL, d3rL), e3iH = f32x4.add(d3iH, d3rH);
    const frL = f32x4.mul(root, f32x4.add(e1rL, e3rL)), frH = f32x4.mul(root, f32x4.add(e1rH, e3rH));
    const fiL = f32x4.mul(root, f32x4.sub(e1iL, e3iL)), fiH = f32x4.mul(root, f32x4.sub(e1iH, e3iH));
    const grL = f32x4.mul(root, f32x4.sub(e1rL, e3rL)), grH = f32x4.mul(root, f32x4.sub(e1rH, e3rH));
    const giL = f32x4.mul(root, f32x4.add(e1iL, e3iL)), giH = f32x4.mul(root, f32x4.add(e1iH, e3iH));
    aL = f32x4.add(d0rL, d2iL); aH = f32x4.add(d0rH, d2iH);
    v128.store(p, f32x4.add(aL, frL), 64 + offsetof<R>('re'));
    v128.store(p, f32x4.add(aH, frH), 80 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(aL, frL), 320 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(aH, frH), 336 + offsetof<R>('re'));
    aL = f32x4.sub(d0iL, d2rL); aH = f32x4.sub(d0iH, d2rH);
    v128.store(p, f32x4.add(aL, fiL), 64 + offsetof<R>('im'));
    v128.store(p, f32x4.add(aH, fiH), 80 + offsetof<R>('im'));
    v128.store(p, f32x4.sub(aL, fiL), 320 + offsetof<R>('im'));
    v128.store(p, f32x4.sub(aH, fiH), 336 + offsetof<R>('im'));
    aL = f32x4.sub(d0rL, d2iL); aH = f32x4.sub(d0rH, d2iH);
    v128.store(p, f32x4.add(aL, giL), 192 + offsetof<R>('re'));
    v128.store(p, f32x4.add(aH, giH), 208 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(aL, giL), 448 + offsetof<R>('re'));
    v128.store(p, f32x4.sub(aH, giH), 464 + offsetof<R>('re'));
    aL = f32x4.add(d0iL, d2rL); aH = f32x4.add(d0iH, d2rH);
    v128.store(p, f32x4.sub(aL, grL), 192 + offsetof<R>('im'));
    v128.store(p, f32x4.sub(aH, grH), 208 + offsetof<R>('im'));
    v128.store(p, f32x4.add(aL, grL), 448 + offsetof<R>('im'));
    v128.store(p, f32x4.add(aH, grH), 464 + offsetof<R>('im'));
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
  const size = <usize>radix << 6, end = block + <usize>blocks * size;
  if (rows < radix) {
    const known = <usize>rows << 6;
    for (let p = block; p < end; p += size) memory.fill(p + known, 0, size - known);
  }
  if (radix === 8) forwardLeaf8(block, end);
  else if (radix === 4) forwardLeaf4(block, end);
  else leaf2(block, end);
}

function inverseLeaf(block: usize, blocks: i32, radix: i32): void {
  const end = block + (<usize>(blocks * radix) << 6);
  if (radix === 8) inverseLeaf8(block, end);
  else if (radix === 4) inverseLeaf4(block, end);
  else leaf2(block, end);
}

// @ts-expect-error: decorator
@inline
function isLeaf(radix: i32, span: i32): bool {
  return span === 1 && (radix & 1) === 0;
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
  if (radix === 4) forward4Pruned(y, x, stride, span, rows, twiddles, from, to);
  else if (radix === 3) forward3(y, x, stride, span, rows, twiddles, zero, from, to);
  else forward5(y, x, stride, span, rows, twiddles, zero, from, to);
}

/** Undoes forwardStage; only rows < `rows` of y are written. */
function inverseStage(
  stage: usize, y: usize, stride: usize, x: usize, rows: i32, waste: usize, from: i32, to: i32,
): void {
  const radix = load<i32>(stage), span = load<i32>(stage, 4);
  const twiddles = <usize>load<u32>(stage, 8);
  if (radix === 4) inverse4Pruned(y, stride, x, span, rows, twiddles, from, to);
  else if (radix === 3) inverse3(y, stride, x, span, rows, twiddles, waste, from, to);
  else inverse5(y, stride, x, span, rows, twiddles, waste, from, to);
}

/** The stages from `stage` to before `end` of `blocks` adjacent blocks, in place. */
function forwardStages(stage: usize, end: usize, block: usize, blocks: i32, rows: i32, zero: usize): void {
  if (stage === end) return;
  const length = load<i32>(stage) * load<i32>(stage, 4);
  if (blocks > 1 && blocks * length > CACHED_ROWS) {
    for (const size = <usize>length << 6; blocks > 0; blocks--, block += size) {
      forwardStages(stage, end, block, 1, rows, zero);
    }
    return;
  }
  for (; stage < end; stage += 16) {
    const radix = load<i32>(stage), span = load<i32>(stage, 4);
    const size = radix * span;
    if (isLeaf(radix, span)) forwardLeaf(block, blocks, radix, rows);
    else if (radix === 4 && rows >= size) forward4(block, blocks, span, <usize>load<u32>(stage, 8));
    else {
      for (let i = 0; i < blocks; i++) {
        const part = block + (<usize>(i * size) << 6);
        forwardStage(stage, part, part, ROW, rows, zero, 0, min(span, rows));
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
  if (stage === end) return;
  const radix = load<i32>(stage), span = load<i32>(stage, 4);
  const length = radix * span;
  if (blocks > 1 && blocks * length > CACHED_ROWS) {
    for (const size = <usize>length << 6; blocks > 0; blocks--, block += size) {
      inverseStages(stage, end, block, 1, rows, waste);
    }
    return;
  }
  if (isLeaf(radix, span)) {
    inverseLeaf(block, blocks, radix);
    return;
  }
  inverseStages(stage + 16, end, block, blocks * radix, min(rows, span), waste);
  if (radix === 4 && rows >= length) inverse4(block, blocks, span, <usize>load<u32>(stage, 8));
  else {
    for (let i = 0; i < blocks; i++) {
      const part = block + (<usize>(i * length) << 6);
      inverseStage(stage, part, ROW, part, rows, waste, 0, min(span, rows));
    }
  }
}

/** Copies rows that lie `yStride` and `xStride` bytes apart. */
export function copyRows(y: usize, yStride: usize, x: usize, xStride: usize, rows: i32): void {
  for (; rows > 0; rows--) {
    storeRow(y, v128.load(x), v128.load(x, 16), v128.load(x, 32), v128.load(x, 48));
    y += yStride;
    x += xStride;
  }
}

/**
 * block = transform of x[rows, 16], rows `stride` bytes apart, followed by zeros; permuted. x may be the block itself.
 * @param stages descriptors of 16 bytes: radix, span, address of the twiddles, 0
 * @param end behind the last of them
 * @param zero a row of zeros
 */
export function forwardFft(
  stages: usize, end: usize, block: usize, x: usize, stride: usize, rows: i32, zero: usize,
): void {
  const radix = load<i32>(stages), span = load<i32>(stages, 4);
  if (isLeaf(radix, span)) {
    if (x !== block) copyRows(block, ROW, x, stride, rows);
    forwardLeaf(block, 1, radix, rows);
    return;
  }
  const count = min(span, rows);
  forwardStage(stages, block, x, stride, rows, zero, 0, count);
  forwardStages(stages + 16, end, block, radix, count, zero);
}

/**
 * Undoes forwardFft, times the length: y[rows, 16] = the first rows. The block is overwritten. y may be the block.
 * @param waste a row that may be overwritten
 */
export function inverseFft(
  stages: usize, end: usize, y: usize, stride: usize, block: usize, rows: i32, waste: usize,
): void {
  const radix = load<i32>(stages), span = load<i32>(stages, 4);
  if (isLeaf(radix, span)) {
    inverseLeaf(block, 1, radix);
    if (y !== block) copyRows(y, stride, block, ROW, rows);
    return;
  }
  const count = min(span, rows);
  inverseStages(stages + 16, end, block, radix, count, waste);
  inverseStage(stages, y, stride, block, rows, waste, 0, count);
}
