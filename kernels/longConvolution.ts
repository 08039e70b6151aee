// Convolution along the tokens with a long kernel, by transforms of blocks: y[t] = Σ_l kernel[l] · x[t − l] a channel.
//
// Channels go in blocks of 16, two real channels in one complex column, as in mixer.ts. Tokens go in blocks of `block`
// rows of y; such a block needs the rows of x up to `reach` before and behind it (overlap-save), and the transform is so
// long that nothing wraps around: at least block + 2 · reach, or rows + reach where one block takes them all.
//
// A spectrum of M rows, as mixer.ts keeps it: bin 0 (16 real numbers), bins 1 … M/2 − 1 in the plan's order (twice their
// values: channels 0…7 real, imaginary, channels 8…15 real, imaginary), bin M/2 (16 real numbers). M is even. A prepared
// kernel is such a spectrum divided by M, its bins in between by 4 M: so the products need no other factor.
// Names ending in L and H: see fft.ts.
import { copyRows, ROW, storeRow } from './fft';
import { gather, scatter, scatterAdd } from './narrow';
import {
  firstBlock, forwardTransform, inverseTransform, lengthOf, nyquistOf, pairsOf, prepare,
} from './transform';
import { madd, nmadd } from './vector';

/** Channels of a block. */
// @ts-expect-error: decorator
@inline
const BLOCK: i32 = 16;

/** Byte offsets of rows k and M − k in a block, then k: 32-bit integers. */
// @ts-expect-error: decorator
@inline
const PAIR_BYTES: usize = 12;

/** Rows of 16 numbers from rows of `columns`, of which up to 16 are taken. */
function takeRows(y: usize, x: usize, stride: usize, columns: i32, rows: i32): void {
  if (columns >= BLOCK) copyRows(y, ROW, x, stride, rows);
  else gather(y, x, stride, columns, rows);
}

/** Undoes takeRows. */
function putRows(y: usize, stride: usize, x: usize, columns: i32, rows: i32): void {
  if (columns >= BLOCK) copyRows(y, stride, x, ROW, rows);
  else scatter(y, stride, x, columns, rows);
}

/** putRows, added to y. */
function addRows(y: usize, stride: usize, x: usize, columns: i32, rows: i32): void {
  if (columns < BLOCK) {
    scatterAdd(y, stride, x, columns, rows);
    return;
  }
  for (; rows > 0; rows--) {
    storeRow(
      y, f32x4.add(v128.load(y), v128.load(x)), f32x4.add(v128.load(y, 16), v128.load(x, 16)),
      f32x4.add(v128.load(y, 32), v128.load(x, 32)), f32x4.add(v128.load(y, 48), v128.load(x, 48)),
    );
    y += stride;
    x += ROW;
  }
}

/** y = a · x for one row. */
// @ts-expect-error: decorator
@inline
function scaleRow(y: usize, x: usize, a: v128): void {
  storeRow(
    y, f32x4.mul(a, v128.load(x)), f32x4.mul(a, v128.load(x, 16)),
    f32x4.mul(a, v128.load(x, 32)), f32x4.mul(a, v128.load(x, 48)),
  );
}

/** y = a · b for one row. */
// @ts-expect-error: decorator
@inline
function multiplyRow(y: usize, a: usize, b: usize): void {
  storeRow(
    y, f32x4.mul(v128.load(a), v128.load(b)), f32x4.mul(v128.load(a, 16), v128.load(b, 16)),
    f32x4.mul(v128.load(a, 32), v128.load(b, 32)), f32x4.mul(v128.load(a, 48), v128.load(b, 48)),
  );
}

/** y += a · b for one row. */
// @ts-expect-error: decorator
@inline
function addProductRow(y: usize, a: usize, b: usize): void {
  storeRow(
    y, madd(v128.load(a), v128.load(b), v128.load(y)), madd(v128.load(a, 16), v128.load(b, 16), v128.load(y, 16)),
    madd(v128.load(a, 32), v128.load(b, 32), v128.load(y, 32)),
    madd(v128.load(a, 48), v128.load(b, 48), v128.load(y, 48)),
  );
}

/** A transformed block of a kernel → its prepared spectrum. */
function spectrumOfKernel(plan: usize, block: usize, prepared: usize): void {
  const length = lengthOf(plan);
  const whole = f32x4.splat(<f32>1 / <f32>length), quarter = f32x4.splat(<f32>0.25 / <f32>length);
  scaleRow(prepared, block, whole);
  scaleRow(prepared + <usize>(length - 1) * ROW, block + nyquistOf(plan), whole);
  const first = pairsOf(plan), end = first + <usize>(length / 2 - 1) * PAIR_BYTES;
  prepared += ROW;
  for (let pair = first; pair < end; pair += PAIR_BYTES) {
    const p = block + load<i32>(pair), q = block + load<i32>(pair, 4);
    const prL = v128.load(p), prH = v128.load(p, 16), piL = v128.load(p, 32), piH = v128.load(p, 48);
    const qrL = v128.load(q), qrH = v128.load(q, 16), qiL = v128.load(q, 32), qiH = v128.load(q, 48);
    storeRow(
      prepared, f32x4.mul(quarter, f32x4.add(prL, qrL)), f32x4.mul(quarter, f32x4.add(prH, qrH)),
      f32x4.mul(quarter, f32x4.sub(piL, qiL)), f32x4.mul(quarter, f32x4.sub(piH, qiH)),
    );
    storeRow(
      prepared + ROW, f32x4.mul(quarter, f32x4.add(piL, qiL)), f32x4.mul(quarter, f32x4.add(piH, qiH)),
      f32x4.mul(quarter, f32x4.sub(qrL, prL)), f32x4.mul(quarter, f32x4.sub(qrH, prH)),
    );
    prepared += 2 * ROW;
  }
}

/** The gradient of a prepared spectrum → the transform of the kernel's gradient, divided by M. */
function transformOfGradient(plan: usize, block: usize, dprepared: usize): void {
  const length = lengthOf(plan);
  const whole = f32x4.splat(<f32>1 / <f32>length), quarter = f32x4.splat(<f32>0.25 / <f32>length);
  scaleRow(block, dprepared, whole);
  scaleRow(block + nyquistOf(plan), dprepared + <usize>(length - 1) * ROW, whole);
  const first = pairsOf(plan), end = first + <usize>(length / 2 - 1) * PAIR_BYTES;
  dprepared += ROW;
  for (let pair = first; pair < end; pair += PAIR_BYTES) {
    const p = block + load<i32>(pair), q = block + load<i32>(pair, 4);
    const d = dprepared + ROW;
    const crL = f32x4.mul(quarter, v128.load(dprepared)), crH = f32x4.mul(quarter, v128.load(dprepared, 16));
    const ciL = f32x4.mul(quarter, v128.load(dprepared, 32)), ciH = f32x4.mul(quarter, v128.load(dprepared, 48));
    const drL = f32x4.mul(quarter, v128.load(d)), drH = f32x4.mul(quarter, v128.load(d, 16));
    const diL = f32x4.mul(quarter, v128.load(d, 32)), diH = f32x4.mul(quarter, v128.load(d, 48));
    storeRow(p, f32x4.sub(crL, diL), f32x4.sub(crH, diH), f32x4.add(ciL, drL), f32x4.add(ciH, drH));
    storeRow(q, f32x4.add(crL, diL), f32x4.add(crH, diH), f32x4.sub(drL, ciL), f32x4.sub(drH, ciH));
    dprepared += 2 * ROW;
  }
}

/**
 * The spectrum of kernel[2 · reach, columns], row reach + l of which is lag l, for longConvolution.
 * @param prepared M · (columns rounded up to 16) numbers
 * @param plan, work sized and written by src/engine/wasm/transform.ts, for length M ≥ 2 · reach
 */
export function prepareKernel(
  prepared: usize, kernel: usize, plan: usize, work: usize, reach: i32, columns: i32,
): void {
  const stride = <usize>columns << 2, block = firstBlock(work), length = lengthOf(plan);
  prepare(work);
  for (; columns > 0; columns -= BLOCK) {
    // Lag l lies in row l, lag −l in row M − l.
    takeRows(block, kernel + <usize>reach * stride, stride, columns, reach);
    memory.fill(block + <usize>reach * ROW, 0, <usize>(length - 2 * reach) * ROW);
    takeRows(block + <usize>(length - reach) * ROW, kernel, stride, columns, reach);
    forwardTransform(plan, work, block, ROW, length);
    spectrumOfKernel(plan, block, prepared);
    kernel += ROW;
    prepared += <usize>length * ROW;
  }
}

/** dkernel[2 · reach, columns] from the gradient of its prepared spectrum. */
export function prepareKernelBackward(
  dkernel: usize, dprepared: usize, plan: usize, work: usize, reach: i32, columns: i32,
): void {
  const stride = <usize>columns << 2, block = firstBlock(work), length = lengthOf(plan);
  prepare(work);
  for (; columns > 0; columns -= BLOCK) {
    transformOfGradient(plan, block, dprepared);
    inverseTransform(plan, work, block, ROW, length);
    putRows(dkernel + <usize>reach * stride, stride, block, columns, reach);
    putRows(dkernel, stride, block + <usize>(length - reach) * ROW, columns, reach);
    dkernel += ROW;
    dprepared += <usize>length * ROW;
  }
}

/** All bins but 0 and M/2 of one block; `kept` and `f` are where the first of them lies. */
// @ts-expect-error: decorator
@inline
function filterBins(pair: usize, end: usize, block: usize, kept: usize, f: usize, keep: bool): void {
  for (; pair < end; pair += PAIR_BYTES) {
    const p = block + load<i32>(pair), q = block + load<i32>(pair, 4);
    const prL = v128.load(p), prH = v128.load(p, 16), piL = v128.load(p, 32), piH = v128.load(p, 48);
    const qrL = v128.load(q), qrH = v128.load(q, 16), qiL = v128.load(q, 32), qiH = v128.load(q, 48);
    const arL = f32x4.add(prL, qrL), arH = f32x4.add(prH, qrH), aiL = f32x4.sub(piL, qiL), aiH = f32x4.sub(piH, qiH);
    const brL = f32x4.add(piL, qiL), brH = f32x4.add(piH, qiH), biL = f32x4.sub(qrL, prL), biH = f32x4.sub(qrH, prH);
    if (keep) {
      storeRow(kept, arL, arH, aiL, aiH);
      storeRow(kept + ROW, brL, brH, biL, biH);
      kept += 2 * ROW;
    }
    const frL = v128.load(f), frH = v128.load(f, 16), fiL = v128.load(f, 32), fiH = v128.load(f, 48);
    const crL = nmadd(aiL, fiL, f32x4.mul(arL, frL)), crH = nmadd(aiH, fiH, f32x4.mul(arH, frH));
    const ciL = madd(aiL, frL, f32x4.mul(arL, fiL)), ciH = madd(aiH, frH, f32x4.mul(arH, fiH));
    const grL = v128.load(f, 64), grH = v128.load(f, 80), giL = v128.load(f, 96), giH = v128.load(f, 112);
    const drL = nmadd(biL, giL, f32x4.mul(brL, grL)), drH = nmadd(biH, giH, f32x4.mul(brH, grH));
    const diL = madd(biL, grL, f32x4.mul(brL, giL)), diH = madd(biH, grH, f32x4.mul(brH, giH));
    storeRow(p, f32x4.sub(crL, diL), f32x4.sub(crH, diH), f32x4.add(ciL, drL), f32x4.add(ciH, drH));
    storeRow(q, f32x4.add(crL, diL), f32x4.add(crH, diH), f32x4.sub(drL, ciL), f32x4.sub(drH, ciH));
    f += 2 * ROW;
  }
}

function filterBinsKeeping(pair: usize, end: usize, block: usize, kept: usize, f: usize): void {
  filterBins(pair, end, block, kept, f, true);
}

function filterBinsOnly(pair: usize, end: usize, block: usize, f: usize): void {
  filterBins(pair, end, block, 0, f, false);
}

/** A block of a transform → that of the convolution, divided by M; keeps the former if `kept` is not 0. */
function filterBlock(plan: usize, block: usize, kept: usize, prepared: usize): void {
  const length = lengthOf(plan);
  const last = <usize>(length - 1) * ROW, nyquist = block + nyquistOf(plan);
  if (kept !== 0) {
    copyRows(kept, ROW, block, ROW, 1);
    copyRows(kept + last, ROW, nyquist, ROW, 1);
  }
  multiplyRow(block, block, prepared);
  multiplyRow(nyquist, nyquist, prepared + last);
  const first = pairsOf(plan), end = first + <usize>(length / 2 - 1) * PAIR_BYTES;
  if (kept === 0) filterBinsOnly(first, end, block, prepared + ROW);
  else filterBinsKeeping(first, end, block, kept + ROW, prepared + ROW);
}

/** Row p += (aL, aH, bL, bH). */
// @ts-expect-error: decorator
@inline
function addRow(p: usize, aL: v128, aH: v128, bL: v128, bH: v128): void {
  aL = f32x4.add(v128.load(p), aL); aH = f32x4.add(v128.load(p, 16), aH);
  bL = f32x4.add(v128.load(p, 32), bL); bH = f32x4.add(v128.load(p, 48), bH);
  storeRow(p, aL, aH, bL, bH);
}

/** All bins but 0 and M/2 of one block: g · conj(f), and df += g · conj(x), x as it was kept. */
function filterBinsBackward(pair: usize, end: usize, block: usize, kept: usize, f: usize, df: usize): void {
  for (; pair < end; pair += PAIR_BYTES) {
    const p = block + load<i32>(pair), q = block + load<i32>(pair, 4);
    const prL = v128.load(p), prH = v128.load(p, 16), piL = v128.load(p, 32), piH = v128.load(p, 48);
    const qrL = v128.load(q), qrH = v128.load(q, 16), qiL = v128.load(q, 32), qiH = v128.load(q, 48);
    const arL = f32x4.add(prL, qrL), arH = f32x4.add(prH, qrH), aiL = f32x4.sub(piL, qiL), aiH = f32x4.sub(piH, qiH);
    const brL = f32x4.add(piL, qiL), brH = f32x4.add(piH, qiH), biL = f32x4.sub(qrL, prL), biH = f32x4.sub(qrH, prH);
    let xrL = v128.load(kept), xrH = v128.load(kept, 16), xiL = v128.load(kept, 32), xiH = v128.load(kept, 48);
    addRow(
      df, madd(xiL, aiL, f32x4.mul(xrL, arL)), madd(xiH, aiH, f32x4.mul(xrH, arH)),
      nmadd(xiL, arL, f32x4.mul(xrL, aiL)), nmadd(xiH, arH, f32x4.mul(xrH, aiH)),
    );
    xrL = v128.load(kept, 64); xrH = v128.load(kept, 80);
    xiL = v128.load(kept, 96); xiH = v128.load(kept, 112);
    addRow(
      df + ROW, madd(xiL, biL, f32x4.mul(xrL, brL)), madd(xiH, biH, f32x4.mul(xrH, brH)),
      nmadd(xiL, brL, f32x4.mul(xrL, biL)), nmadd(xiH, brH, f32x4.mul(xrH, biH)),
    );
    let frL = v128.load(f), frH = v128.load(f, 16), fiL = v128.load(f, 32), fiH = v128.load(f, 48);
    const crL = madd(aiL, fiL, f32x4.mul(arL, frL)), crH = madd(aiH, fiH, f32x4.mul(arH, frH));
    const ciL = nmadd(arL, fiL, f32x4.mul(aiL, frL)), ciH = nmadd(arH, fiH, f32x4.mul(aiH, frH));
    frL = v128.load(f, 64); frH = v128.load(f, 80);
    fiL = v128.load(f, 96); fiH = v128.load(f, 112);
    const drL = madd(biL, fiL, f32x4.mul(brL, frL)), drH = madd(biH, fiH, f32x4.mul(brH, frH));
    const diL = nmadd(brL, fiL, f32x4.mul(biL, frL)), diH = nmadd(brH, fiH, f32x4.mul(biH, frH));
    storeRow(p, f32x4.sub(crL, diL), f32x4.sub(crH, diH), f32x4.add(ciL, drL), f32x4.add(ciH, drH));
    storeRow(q, f32x4.add(crL, diL), f32x4.add(crH, diH), f32x4.sub(drL, ciL), f32x4.sub(drH, ciH));
    kept += 2 * ROW;
    f += 2 * ROW;
    df += 2 * ROW;
  }
}

/** A block of the transform of dy → that of dx, divided by M; adds to the prepared kernel's gradient. */
function filterBlockBackward(plan: usize, block: usize, kept: usize, prepared: usize, dprepared: usize): void {
  const length = lengthOf(plan);
  const last = <usize>(length - 1) * ROW, nyquist = block + nyquistOf(plan);
  addProductRow(dprepared, block, kept);
  addProductRow(dprepared + last, nyquist, kept + last);
  multiplyRow(block, block, prepared);
  multiplyRow(nyquist, nyquist, prepared + last);
  const first = pairsOf(plan), end = first + <usize>(length / 2 - 1) * PAIR_BYTES;
  filterBinsBackward(first, end, block, kept + ROW, prepared + ROW, dprepared + ROW);
}

/**
 * y[rows, columns] from x[rows, columns]; y may not be x.
 * @param signal spectra of the blocks for longConvolutionBackward, M · (columns rounded up to 16) numbers for each block
 *   of rows, or 0: not kept
 * @param prepared by prepareKernel
 * @param plan, work as for prepareKernel
 * @param blockRows rows of y of a block
 */
export function longConvolution(
  y: usize, signal: usize, x: usize, prepared: usize, plan: usize, work: usize,
  rows: i32, reach: i32, blockRows: i32, columns: i32,
): void {
  const stride = <usize>columns << 2, block = firstBlock(work), bytes = <usize>lengthOf(plan) * ROW;
  prepare(work);
  for (; columns > 0; columns -= BLOCK) {
    const wide = columns >= BLOCK;
    for (let first = 0; first < rows; first += blockRows) {
      const count = min(blockRows, rows - first);
      const start = max(0, first - reach), skipped = first - start;
      const taken = min(rows, first + blockRows + reach) - start;
      const from = x + <usize>start * stride, to = y + <usize>first * stride;
      if (wide) forwardTransform(plan, work, from, stride, taken);
      else {
        gather(block, from, stride, columns, taken);
        forwardTransform(plan, work, block, ROW, taken);
      }
      filterBlock(plan, block, signal, prepared);
      if (signal !== 0) signal += bytes;
      if (wide && skipped === 0) inverseTransform(plan, work, to, stride, count);
      else {
        inverseTransform(plan, work, block, ROW, skipped + count);
        putRows(to, stride, block + <usize>skipped * ROW, columns, count);
      }
    }
    x += ROW;
    y += ROW;
    prepared += bytes;
  }
}

/** Gradients of longConvolution: dx[rows, columns] is overwritten (it may not be dy), dprepared is added to. */
export function longConvolutionBackward(
  dx: usize, dprepared: usize, dy: usize, signal: usize, prepared: usize, plan: usize, work: usize,
  rows: i32, reach: i32, blockRows: i32, columns: i32,
): void {
  const stride = <usize>columns << 2, block = firstBlock(work), bytes = <usize>lengthOf(plan) * ROW;
  prepare(work);
  for (; columns > 0; columns -= BLOCK) {
    const wide = columns >= BLOCK;
    // Rows of dx that some block has written: another one adds to them.
    let done = 0;
    for (let first = 0; first < rows; first += blockRows) {
      const count = min(blockRows, rows - first);
      const start = max(0, first - reach), skipped = first - start;
      const end = min(rows, first + blockRows + reach);
      const from = dy + <usize>first * stride, to = dx + <usize>start * stride;
      if (wide && skipped === 0) forwardTransform(plan, work, from, stride, count);
      else {
        memory.fill(block, 0, <usize>skipped * ROW);
        takeRows(block + <usize>skipped * ROW, from, stride, columns, count);
        forwardTransform(plan, work, block, ROW, skipped + count);
      }
      filterBlockBackward(plan, block, signal, prepared, dprepared);
      signal += bytes;
      if (wide && done === 0) inverseTransform(plan, work, to, stride, end);
      else {
        inverseTransform(plan, work, block, ROW, end - start);
        const again = done - start;
        addRows(to, stride, block, columns, again);
        putRows(
          to + <usize>again * stride, stride, block + <usize>again * ROW, columns, end - done,
        );
      }
      done = end;
    }
    dx += ROW;
    dy += ROW;
    prepared += bytes;
    dprepared += bytes;
  }
}
