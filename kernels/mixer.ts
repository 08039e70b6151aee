// The spectral mixer: a circular convolution along the tokens, one learned filter a channel,
// y[:, c] = irfft(rfft(x[:, c], n) · (real[:, c] + i imaginary[:, c]), n).
//
// Channels go in blocks of 16. Copying 16 neighbouring numbers of a row packs two real channels into one complex column:
// channel 16b + i is the real part and channel 16b + 8 + i the imaginary part of column i. The two transforms are told
// apart by symmetry: with P = Z[k], Q = Z[n − k], channel i has (P + conj Q)/2 and channel i + 8 has (P − conj Q)/2i.
//
// The kept spectrum of a block, n · 64 bytes: bin 0 (16 real numbers), bins 1 … ⌊(n−1)/2⌋ in the plan's order (twice
// their values: channels 0…7 real, imaginary, channels 8…15 real, imaginary), for even n bin n/2 (16 real numbers).
// Names ending in L and H: see fft.ts.
import { ROW, storeRow } from './fft';
import { gather, scatter, scatterAdd } from './narrow';
import {
  blockBytes, firstBlock, forwardTransform, inverseTransform, nyquistOf, pairsOf, prepare,
  scalesOf,
} from './transform';
import { madd, nmadd } from './vector';

/** Channels of a block. */
// @ts-expect-error: decorator
@inline
const BLOCK: i32 = 16;

/** Byte offsets of rows k and n − k in a block, then k: 32-bit integers. */
// @ts-expect-error: decorator
@inline
const PAIR_BYTES: usize = 12;

/** Bin 0 or n/2, whose transform is real: multiplied by real / n. */
// @ts-expect-error: decorator
@inline
function filterReal(row: usize, kept: usize, real: usize, scale: v128): void {
  let aL = v128.load(row), aH = v128.load(row, 16), bL = v128.load(row, 32), bH = v128.load(row, 48);
  if (kept !== 0) storeRow(kept, aL, aH, bL, bH);
  aL = f32x4.mul(f32x4.mul(aL, scale), v128.load(real)); aH = f32x4.mul(f32x4.mul(aH, scale), v128.load(real, 16));
  bL = f32x4.mul(f32x4.mul(bL, scale), v128.load(real, 32)); bH = f32x4.mul(f32x4.mul(bH, scale), v128.load(real, 48));
  storeRow(row, aL, aH, bL, bH);
}

/** All bins but 0 and n/2, of one block; `kept` is where the first of them goes. The scale comes as an address: V8
 * cannot join vectors that are parameters. */
// @ts-expect-error: decorator
@inline
function filterBins(
  pair: usize, end: usize, block: usize, kept: usize, real: usize, imaginary: usize, stride: usize, scaleAt: usize,
  keep: bool,
): void {
  for (; pair < end; pair += PAIR_BYTES) {
    const p = block + load<i32>(pair), q = block + load<i32>(pair, 4), at = stride * load<i32>(pair, 8);
    const prL = v128.load(p), prH = v128.load(p, 16), piL = v128.load(p, 32), piH = v128.load(p, 48);
    const qrL = v128.load(q), qrH = v128.load(q, 16), qiL = v128.load(q, 32), qiH = v128.load(q, 48);
    const arL = f32x4.add(prL, qrL), arH = f32x4.add(prH, qrH), aiL = f32x4.sub(piL, qiL), aiH = f32x4.sub(piH, qiH);
    const brL = f32x4.add(piL, qiL), brH = f32x4.add(piH, qiH), biL = f32x4.sub(qrL, prL), biH = f32x4.sub(qrH, prH);
    if (keep) {
      storeRow(kept, arL, arH, aiL, aiH);
      storeRow(kept + ROW, brL, brH, biL, biH);
      kept += 2 * ROW;
    }
    const r = real + at, i = imaginary + at, scale = v128.load32_splat(scaleAt);
    const frL = f32x4.mul(scale, v128.load(r)), frH = f32x4.mul(scale, v128.load(r, 16));
    const fiL = f32x4.mul(scale, v128.load(i)), fiH = f32x4.mul(scale, v128.load(i, 16));
    const crL = nmadd(aiL, fiL, f32x4.mul(arL, frL)), crH = nmadd(aiH, fiH, f32x4.mul(arH, frH));
    const ciL = madd(aiL, frL, f32x4.mul(arL, fiL)), ciH = madd(aiH, frH, f32x4.mul(arH, fiH));
    const grL = f32x4.mul(scale, v128.load(r, 32)), grH = f32x4.mul(scale, v128.load(r, 48));
    const giL = f32x4.mul(scale, v128.load(i, 32)), giH = f32x4.mul(scale, v128.load(i, 48));
    const drL = nmadd(biL, giL, f32x4.mul(brL, grL)), drH = nmadd(biH, giH, f32x4.mul(brH, grH));
    const diL = madd(biL, grL, f32x4.mul(brL, giL)), diH = madd(biH, grH, f32x4.mul(brH, giH));
    storeRow(p, f32x4.sub(crL, diL), f32x4.sub(crH, diH), f32x4.add(ciL, drL), f32x4.add(ciH, drH));
    storeRow(q, f32x4.add(crL, diL), f32x4.add(crH, diH), f32x4.sub(drL, ciL), f32x4.sub(drH, ciH));
  }
}

function filterBinsKeeping(
  pair: usize, end: usize, block: usize, kept: usize, real: usize, imaginary: usize, stride: usize, scaleAt: usize,
): void {
  filterBins(pair, end, block, kept, real, imaginary, stride, scaleAt, true);
}

function filterBinsOnly(
  pair: usize, end: usize, block: usize, real: usize, imaginary: usize, stride: usize, scaleAt: usize,
): void {
  filterBins(pair, end, block, 0, real, imaginary, stride, scaleAt, false);
}

/** A block of a transform → that of the filtered transform / n; keeps the former if `kept` is not 0. */
function filterBlock(
  plan: usize, block: usize, kept: usize, real: usize, imaginary: usize, stride: usize, n: i32,
): void {
  const nyquist = nyquistOf(plan), half = (n + 1) >> 1;
  const scales = scalesOf(plan), scale = v128.load32_splat(scales);
  const keptLast = kept !== 0 ? kept + <usize>(n - 1) * ROW : 0;
  filterReal(block, kept, real, scale);
  if (nyquist >= 0) filterReal(block + nyquist, keptLast, real + <usize>half * stride, scale);
  const first = pairsOf(plan), end = first + <usize>(half - 1) * PAIR_BYTES;
  if (kept === 0) filterBinsOnly(first, end, block, real, imaginary, stride, scales + 4);
  else filterBinsKeeping(first, end, block, kept + ROW, real, imaginary, stride, scales + 4);
}

/** Row p += (aL, aH, bL, bH). */
// @ts-expect-error: decorator
@inline
function addRow(p: usize, aL: v128, aH: v128, bL: v128, bH: v128): void {
  aL = f32x4.add(v128.load(p), aL); aH = f32x4.add(v128.load(p, 16), aH);
  bL = f32x4.add(v128.load(p, 32), bL); bH = f32x4.add(v128.load(p, 48), bH);
  storeRow(p, aL, aH, bL, bH);
}

/** Bin 0 or n/2: the filter's gradient, and the row multiplied by real / n. */
// @ts-expect-error: decorator
@inline
function filterRealBackward(row: usize, kept: usize, real: usize, dreal: usize, scale: v128): void {
  const aL = f32x4.mul(v128.load(row), scale), aH = f32x4.mul(v128.load(row, 16), scale);
  const bL = f32x4.mul(v128.load(row, 32), scale), bH = f32x4.mul(v128.load(row, 48), scale);
  addRow(
    dreal, f32x4.mul(aL, v128.load(kept)), f32x4.mul(aH, v128.load(kept, 16)),
    f32x4.mul(bL, v128.load(kept, 32)), f32x4.mul(bH, v128.load(kept, 48)),
  );
  storeRow(
    row, f32x4.mul(aL, v128.load(real)), f32x4.mul(aH, v128.load(real, 16)),
    f32x4.mul(bL, v128.load(real, 32)), f32x4.mul(bH, v128.load(real, 48)),
  );
}

/** All bins but 0 and n/2, of one block; `kept` is where the first of them lies. */
function filterBinsBackward(
  pair: usize, end: usize, block: usize, kept: usize, real: usize, imaginary: usize, dreal: usize, dimaginary: usize,
  stride: usize, scaleAt: usize,
): void {
  for (; pair < end; pair += PAIR_BYTES) {
    const scale = v128.load32_splat(scaleAt);
    const p = block + load<i32>(pair), q = block + load<i32>(pair, 4), at = stride * load<i32>(pair, 8);
    const prL = v128.load(p), prH = v128.load(p, 16), piL = v128.load(p, 32), piH = v128.load(p, 48);
    const qrL = v128.load(q), qrH = v128.load(q, 16), qiL = v128.load(q, 32), qiH = v128.load(q, 48);
    const arL = f32x4.mul(f32x4.add(prL, qrL), scale), arH = f32x4.mul(f32x4.add(prH, qrH), scale);
    const aiL = f32x4.mul(f32x4.sub(piL, qiL), scale), aiH = f32x4.mul(f32x4.sub(piH, qiH), scale);
    const brL = f32x4.mul(f32x4.add(piL, qiL), scale), brH = f32x4.mul(f32x4.add(piH, qiH), scale);
    const biL = f32x4.mul(f32x4.sub(qrL, prL), scale), biH = f32x4.mul(f32x4.sub(qrH, prH), scale);
    // Kept numbers are twice X, these are G / n: the product has the factor 2 / n.
    let xrL = v128.load(kept), xrH = v128.load(kept, 16), xiL = v128.load(kept, 32), xiH = v128.load(kept, 48);
    const draL = madd(xiL, aiL, f32x4.mul(xrL, arL)), draH = madd(xiH, aiH, f32x4.mul(xrH, arH));
    const diaL = nmadd(xiL, arL, f32x4.mul(xrL, aiL)), diaH = nmadd(xiH, arH, f32x4.mul(xrH, aiH));
    xrL = v128.load(kept, 64); xrH = v128.load(kept, 80);
    xiL = v128.load(kept, 96); xiH = v128.load(kept, 112);
    addRow(dreal + at, draL, draH, madd(xiL, biL, f32x4.mul(xrL, brL)), madd(xiH, biH, f32x4.mul(xrH, brH)));
    addRow(dimaginary + at, diaL, diaH, nmadd(xiL, brL, f32x4.mul(xrL, biL)), nmadd(xiH, brH, f32x4.mul(xrH, biH)));
    let frL = v128.load(real + at), frH = v128.load(real + at, 16);
    let fiL = v128.load(imaginary + at), fiH = v128.load(imaginary + at, 16);
    const crL = madd(aiL, fiL, f32x4.mul(arL, frL)), crH = madd(aiH, fiH, f32x4.mul(arH, frH));
    const ciL = nmadd(arL, fiL, f32x4.mul(aiL, frL)), ciH = nmadd(arH, fiH, f32x4.mul(aiH, frH));
    frL = v128.load(real + at, 32); frH = v128.load(real + at, 48);
    fiL = v128.load(imaginary + at, 32); fiH = v128.load(imaginary + at, 48);
    const drL = madd(biL, fiL, f32x4.mul(brL, frL)), drH = madd(biH, fiH, f32x4.mul(brH, frH));
    const diL = nmadd(brL, fiL, f32x4.mul(biL, frL)), diH = nmadd(brH, fiH, f32x4.mul(biH, frH));
    storeRow(p, f32x4.sub(crL, diL), f32x4.sub(crH, diH), f32x4.add(ciL, drL), f32x4.add(ciH, drH));
    storeRow(q, f32x4.add(crL, diL), f32x4.add(crH, diH), f32x4.sub(drL, ciL), f32x4.sub(drH, ciH));
    kept += 2 * ROW;
  }
}

/**
 * A block G of the transform of dy → G · conj(filter) / n. Adds w/n · Re(conj(X) G) to dreal, w/n · Im(conj(X) G) to
 * dimaginary: w = 2, for bins 0 and n/2 w = 1 and only the real part.
 */
function filterBlockBackward(
  plan: usize, block: usize, kept: usize, real: usize, imaginary: usize, dreal: usize, dimaginary: usize,
  stride: usize, n: i32,
): void {
  const nyquist = nyquistOf(plan), half = (n + 1) >> 1;
  const scales = scalesOf(plan), scale = v128.load32_splat(scales);
  const last = <usize>half * stride;
  filterRealBackward(block, kept, real, dreal, scale);
  if (nyquist >= 0) {
    filterRealBackward(block + nyquist, kept + <usize>(n - 1) * ROW, real + last, dreal + last, scale);
  }
  const first = pairsOf(plan), end = first + <usize>(half - 1) * PAIR_BYTES;
  filterBinsBackward(first, end, block, kept + ROW, real, imaginary, dreal, dimaginary, stride, scales + 4);
}

/**
 * y[rows, columns] from x[rows, columns]; rows … n − 1 of x count as zero. y may be x.
 * @param spectrum n · (columns rounded up to 16) numbers for mixerBackward, or 0: not kept
 * @param real, imaginary filter [⌊n/2⌋ + 1, columns]; imaginary parts of bins 0 and n/2 (even n) have no effect
 * @param plan, work sized and written by src/engine/wasm/transform.ts
 */
export function mixerForward(
  y: usize, spectrum: usize, x: usize, real: usize, imaginary: usize, plan: usize, work: usize,
  rows: i32, n: i32, columns: i32,
): void {
  const stride = <usize>columns << 2, block = firstBlock(work);
  prepare(work);
  for (; columns >= BLOCK; columns -= BLOCK) {
    forwardTransform(plan, work, x, stride, rows);
    filterBlock(plan, block, spectrum, real, imaginary, stride, n);
    inverseTransform(plan, work, y, stride, rows);
    x += ROW;
    y += ROW;
    real += ROW;
    imaginary += ROW;
    if (spectrum !== 0) spectrum += ROW * n;
  }
  if (columns === 0) return;
  const bins = (n >> 1) + 1;
  const r = block + blockBytes(plan), i = r + <usize>bins * ROW;
  gather(block, x, stride, columns, rows);
  gather(r, real, stride, columns, bins);
  gather(i, imaginary, stride, columns, bins);
  forwardTransform(plan, work, block, ROW, rows);
  filterBlock(plan, block, spectrum, r, i, ROW, n);
  inverseTransform(plan, work, block, ROW, rows);
  scatter(y, stride, block, columns, rows);
}

/**
 * Gradients of mixerForward: dx[rows, columns] is overwritten (it may be dy), dreal and dimaginary
 * [⌊n/2⌋ + 1, columns] are added to.
 */
export function mixerBackward(
  dx: usize, dreal: usize, dimaginary: usize, dy: usize, spectrum: usize, real: usize, imaginary: usize,
  plan: usize, work: usize, rows: i32, n: i32, columns: i32,
): void {
  const stride = <usize>columns << 2, block = firstBlock(work);
  prepare(work);
  for (; columns >= BLOCK; columns -= BLOCK) {
    forwardTransform(plan, work, dy, stride, rows);
    filterBlockBackward(plan, block, spectrum, real, imaginary, dreal, dimaginary, stride, n);
    inverseTransform(plan, work, dx, stride, rows);
    dx += ROW;
    dy += ROW;
    real += ROW;
    imaginary += ROW;
    dreal += ROW;
    dimaginary += ROW;
    spectrum += ROW * n;
  }
  if (columns === 0) return;
  const bins = (n >> 1) + 1;
  const bytes = <usize>bins * ROW;
  const r = block + blockBytes(plan), i = r + bytes, dr = i + bytes, di = dr + bytes;
  gather(block, dy, stride, columns, rows);
  gather(r, real, stride, columns, bins);
  gather(i, imaginary, stride, columns, bins);
  memory.fill(dr, 0, 2 * bytes);
  forwardTransform(plan, work, block, ROW, rows);
  filterBlockBackward(plan, block, spectrum, r, i, dr, di, ROW, n);
  inverseTransform(plan, work, block, ROW, rows);
  scatter(dx, stride, block, columns, rows);
  scatterAdd(dreal, stride, dr, columns, bins);
  scatterAdd(dimaginary, stride, di, columns, bins);
}
