// The spectral mixer: a circular convolution along the tokens, one learned filter a channel,
// y[:, c] = irfft(rfft(x[:, c], n) · (real[:, c] + i imaginary[:, c]), n).
//
// Channels go in blocks of 8. Copying 8 neighbouring numbers of a row packs two real channels into one complex column:
// channel 8b + i is the real part and channel 8b + 4 + i the imaginary part of column i. The two transforms are told
// apart by symmetry: with P = Z[k], Q = Z[n − k], channel i has (P + conj Q)/2 and channel i + 4 has (P − conj Q)/2i.
//
// The kept spectrum of a block, n · 32 bytes: bin 0 (8 real numbers), bins 1 … ⌊(n−1)/2⌋ in the plan's order (twice
// their values: channels 0…3 real, imaginary, channels 4…7 real, imaginary), for even n bin n/2 (8 real numbers).
import {
  blockBytes, firstBlock, forwardTransform, groupOf, inverseTransform, nyquistOf, pairsOf, prepare,
} from './transform';
import { madd, nmadd } from './vector';

/** A group's blocks share cache lines of the filter, so they take turns after this many bins. */
// @ts-ignore: decorator
@inline
const STRIP: usize = 32;

/** Byte offsets of rows k and n − k in a block, then k: 32-bit integers. */
// @ts-ignore: decorator
@inline
const PAIR_BYTES: usize = 12;
// @ts-ignore: decorator
@inline
const STRIP_BYTES: usize = STRIP * PAIR_BYTES;

/** y[rows, 8] = the first `columns` (< 8) numbers of each row of x and zeros. */
function gather(y: usize, x: usize, stride: usize, columns: i32, rows: i32): void {
  const bytes = <usize>columns << 2;
  for (; rows > 0; rows--) {
    v128.store(y, f32x4.splat(0));
    v128.store(y, f32x4.splat(0), 16);
    for (let at: usize = 0; at < bytes; at += 4) f32.store(y + at, f32.load(x + at));
    y += 32;
    x += stride;
  }
}

/** Undoes gather. */
function scatter(y: usize, stride: usize, x: usize, columns: i32, rows: i32): void {
  const bytes = <usize>columns << 2;
  for (; rows > 0; rows--) {
    for (let at: usize = 0; at < bytes; at += 4) f32.store(y + at, f32.load(x + at));
    y += stride;
    x += 32;
  }
}

/** scatter, added to y. */
function scatterAdd(y: usize, stride: usize, x: usize, columns: i32, rows: i32): void {
  const bytes = <usize>columns << 2;
  for (; rows > 0; rows--) {
    for (let at: usize = 0; at < bytes; at += 4) f32.store(y + at, f32.load(y + at) + f32.load(x + at));
    y += stride;
    x += 32;
  }
}

/** Bin 0 or n/2, whose transform is real: multiplied by real / n. */
// @ts-ignore: decorator
@inline
function filterReal(row: usize, kept: usize, real: usize, scale: v128): void {
  const a = v128.load(row), b = v128.load(row, 16);
  if (kept != 0) {
    v128.store(kept, a);
    v128.store(kept, b, 16);
  }
  v128.store(row, f32x4.mul(f32x4.mul(a, scale), v128.load(real)));
  v128.store(row, f32x4.mul(f32x4.mul(b, scale), v128.load(real, 16)), 16);
}

/** The bins of the pairs from `pair` to before `end`, of one block; `kept` … is theirs. */
// @ts-ignore: decorator
@inline
function filterBins(
  pair: usize, end: usize, block: usize, kept: usize, real: usize, imaginary: usize, stride: usize, scale: v128,
  keep: bool,
): void {
  for (; pair < end; pair += PAIR_BYTES) {
    const p = block + load<i32>(pair), q = block + load<i32>(pair, 4), at = stride * load<i32>(pair, 8);
    const pr = v128.load(p), pi = v128.load(p, 16), qr = v128.load(q), qi = v128.load(q, 16);
    let ar = f32x4.add(pr, qr), ai = f32x4.sub(pi, qi), br = f32x4.add(pi, qi), bi = f32x4.sub(qr, pr);
    if (keep) {
      v128.store(kept, ar);
      v128.store(kept, ai, 16);
      v128.store(kept, br, 32);
      v128.store(kept, bi, 48);
      kept += 64;
    }
    ar = f32x4.mul(ar, scale); ai = f32x4.mul(ai, scale); br = f32x4.mul(br, scale); bi = f32x4.mul(bi, scale);
    let fr = v128.load(real + at), fi = v128.load(imaginary + at);
    const cr = nmadd(ai, fi, f32x4.mul(ar, fr)), ci = madd(ai, fr, f32x4.mul(ar, fi));
    fr = v128.load(real + at, 16); fi = v128.load(imaginary + at, 16);
    const dr = nmadd(bi, fi, f32x4.mul(br, fr)), di = madd(bi, fr, f32x4.mul(br, fi));
    v128.store(p, f32x4.sub(cr, di));
    v128.store(p, f32x4.add(ci, dr), 16);
    v128.store(q, f32x4.add(cr, di));
    v128.store(q, f32x4.sub(dr, ci), 16);
  }
}

function filterBinsKeeping(
  pair: usize, end: usize, block: usize, kept: usize, real: usize, imaginary: usize, stride: usize, scale: v128,
): void {
  filterBins(pair, end, block, kept, real, imaginary, stride, scale, true);
}

function filterBinsOnly(
  pair: usize, end: usize, block: usize, real: usize, imaginary: usize, stride: usize, scale: v128,
): void {
  filterBins(pair, end, block, 0, real, imaginary, stride, scale, false);
}

/** Blocks of transforms → blocks of filtered transforms / n; keeps the former if `kept` is not 0. */
function filterBlocks(
  plan: usize, work: usize, group: i32, kept: usize, real: usize, imaginary: usize, stride: usize, n: i32,
): void {
  const size = blockBytes(plan), keptSize = kept != 0 ? <usize>n << 5 : 0;
  const nyquist = nyquistOf(plan), half = (n + 1) >> 1;
  const block = firstBlock(work);
  const scale = f32x4.splat(<f32>1 / <f32>n), halfScale = f32x4.splat(<f32>0.5 / <f32>n);
  for (let g: usize = 0; g < <usize>group; g++) {
    const row = block + g * size, r = real + (g << 5), keptRow = kept + g * keptSize;
    filterReal(row, keptRow, r, scale);
    const keptLast = kept != 0 ? keptRow + keptSize - 32 : 0;
    if (nyquist >= 0) filterReal(row + nyquist, keptLast, r + <usize>half * stride, scale);
  }
  const end = pairsOf(plan) + <usize>(half - 1) * PAIR_BYTES;
  let keptPair = kept + 32;
  for (let pair = pairsOf(plan); pair < end; pair += STRIP_BYTES) {
    const stop = min(end, pair + STRIP_BYTES);
    for (let g: usize = 0; g < <usize>group; g++) {
      const row = block + g * size, r = real + (g << 5), i = imaginary + (g << 5);
      if (kept == 0) filterBinsOnly(pair, stop, row, r, i, stride, halfScale);
      else filterBinsKeeping(pair, stop, row, keptPair + g * keptSize, r, i, stride, halfScale);
    }
    keptPair += STRIP << 6;
  }
}

// @ts-ignore: decorator
@inline
function addRow(p: usize, a: v128, b: v128): void {
  v128.store(p, f32x4.add(v128.load(p), a));
  v128.store(p, f32x4.add(v128.load(p, 16), b), 16);
}

/** Bin 0 or n/2: the filter's gradient, and the row multiplied by real / n. */
// @ts-ignore: decorator
@inline
function filterRealBackward(row: usize, kept: usize, real: usize, dreal: usize, scale: v128): void {
  const a = f32x4.mul(v128.load(row), scale), b = f32x4.mul(v128.load(row, 16), scale);
  addRow(dreal, f32x4.mul(a, v128.load(kept)), f32x4.mul(b, v128.load(kept, 16)));
  v128.store(row, f32x4.mul(a, v128.load(real)));
  v128.store(row, f32x4.mul(b, v128.load(real, 16)), 16);
}

/** The bins of the pairs from `pair` to before `end`, of one block; `kept` … is theirs. */
function filterBinsBackward(
  pair: usize, end: usize, block: usize, kept: usize, real: usize, imaginary: usize, dreal: usize, dimaginary: usize,
  stride: usize, scale: v128,
): void {
  for (; pair < end; pair += PAIR_BYTES) {
    const p = block + load<i32>(pair), q = block + load<i32>(pair, 4), at = stride * load<i32>(pair, 8);
    const pr = v128.load(p), pi = v128.load(p, 16), qr = v128.load(q), qi = v128.load(q, 16);
    const ar = f32x4.mul(f32x4.add(pr, qr), scale), ai = f32x4.mul(f32x4.sub(pi, qi), scale);
    const br = f32x4.mul(f32x4.add(pi, qi), scale), bi = f32x4.mul(f32x4.sub(qr, pr), scale);
    // Kept numbers are twice X, these are G / n: the product has the factor 2 / n.
    let xr = v128.load(kept), xi = v128.load(kept, 16);
    const dra = madd(xi, ai, f32x4.mul(xr, ar)), dia = nmadd(xi, ar, f32x4.mul(xr, ai));
    xr = v128.load(kept, 32); xi = v128.load(kept, 48);
    addRow(dreal + at, dra, madd(xi, bi, f32x4.mul(xr, br)));
    addRow(dimaginary + at, dia, nmadd(xi, br, f32x4.mul(xr, bi)));
    let fr = v128.load(real + at), fi = v128.load(imaginary + at);
    const cr = madd(ai, fi, f32x4.mul(ar, fr)), ci = nmadd(ar, fi, f32x4.mul(ai, fr));
    fr = v128.load(real + at, 16); fi = v128.load(imaginary + at, 16);
    const dr = madd(bi, fi, f32x4.mul(br, fr)), di = nmadd(br, fi, f32x4.mul(bi, fr));
    v128.store(p, f32x4.sub(cr, di));
    v128.store(p, f32x4.add(ci, dr), 16);
    v128.store(q, f32x4.add(cr, di));
    v128.store(q, f32x4.sub(dr, ci), 16);
    kept += 64;
  }
}

/**
 * Blocks G of transforms of dy → G · conj(filter) / n. Adds w/n · Re(conj(X) G) to dreal, w/n · Im(conj(X) G) to
 * dimaginary: w = 2, for bins 0 and n/2 w = 1 and only the real part.
 */
function filterBlocksBackward(
  plan: usize, work: usize, group: i32, kept: usize, real: usize, imaginary: usize, dreal: usize, dimaginary: usize,
  stride: usize, n: i32,
): void {
  const size = blockBytes(plan), keptSize = <usize>n << 5;
  const nyquist = nyquistOf(plan), half = (n + 1) >> 1;
  const block = firstBlock(work), last = <usize>half * stride;
  const scale = f32x4.splat(<f32>1 / <f32>n), halfScale = f32x4.splat(<f32>0.5 / <f32>n);
  for (let g: usize = 0; g < <usize>group; g++) {
    const row = block + g * size, r = real + (g << 5), dr = dreal + (g << 5), keptRow = kept + g * keptSize;
    filterRealBackward(row, keptRow, r, dr, scale);
    if (nyquist >= 0) filterRealBackward(row + nyquist, keptRow + keptSize - 32, r + last, dr + last, scale);
  }
  const end = pairsOf(plan) + <usize>(half - 1) * PAIR_BYTES;
  let keptPair = kept + 32;
  for (let pair = pairsOf(plan); pair < end; pair += STRIP_BYTES) {
    const stop = min(end, pair + STRIP_BYTES);
    for (let g: usize = 0; g < <usize>group; g++) {
      const at = g << 5;
      filterBinsBackward(
        pair, stop, block + g * size, keptPair + g * keptSize,
        real + at, imaginary + at, dreal + at, dimaginary + at, stride, halfScale,
      );
    }
    keptPair += STRIP << 6;
  }
}

/**
 * y[rows, columns] from x[rows, columns]; rows … n − 1 of x count as zero. y may be x.
 * @param spectrum n · (columns rounded up to 8) numbers for mixerBackward, or 0: not kept
 * @param real, imaginary filter [⌊n/2⌋ + 1, columns]; imaginary parts of bins 0 and n/2 (even n) have no effect
 * @param plan, work sized and written by src/engine/wasm/transform.ts
 */
export function mixerForward(
  y: usize, spectrum: usize, x: usize, real: usize, imaginary: usize, plan: usize, work: usize,
  rows: i32, n: i32, columns: i32,
): void {
  const stride = <usize>columns << 2, most = groupOf(plan);
  prepare(work);
  while (columns >= 8) {
    const group = min(columns >> 3, most);
    forwardTransform(plan, work, group, x, stride, rows);
    filterBlocks(plan, work, group, spectrum, real, imaginary, stride, n);
    inverseTransform(plan, work, group, y, stride, rows);
    const bytes = <usize>group << 5;
    x += bytes;
    y += bytes;
    real += bytes;
    imaginary += bytes;
    if (spectrum != 0) spectrum += bytes * n;
    columns -= group << 3;
  }
  if (columns == 0) return;
  const bins = (n >> 1) + 1;
  const block = firstBlock(work), r = block + blockBytes(plan), i = r + (<usize>bins << 5);
  gather(block, x, stride, columns, rows);
  gather(r, real, stride, columns, bins);
  gather(i, imaginary, stride, columns, bins);
  forwardTransform(plan, work, 1, block, 32, rows);
  filterBlocks(plan, work, 1, spectrum, r, i, 32, n);
  inverseTransform(plan, work, 1, block, 32, rows);
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
  const stride = <usize>columns << 2, most = groupOf(plan);
  prepare(work);
  while (columns >= 8) {
    const group = min(columns >> 3, most);
    forwardTransform(plan, work, group, dy, stride, rows);
    filterBlocksBackward(plan, work, group, spectrum, real, imaginary, dreal, dimaginary, stride, n);
    inverseTransform(plan, work, group, dx, stride, rows);
    const bytes = <usize>group << 5;
    dx += bytes;
    dy += bytes;
    real += bytes;
    imaginary += bytes;
    dreal += bytes;
    dimaginary += bytes;
    spectrum += bytes * n;
    columns -= group << 3;
  }
  if (columns == 0) return;
  const bins = (n >> 1) + 1;
  const bytes = <usize>bins << 5;
  const block = firstBlock(work), r = block + blockBytes(plan), i = r + bytes, dr = i + bytes, di = dr + bytes;
  gather(block, dy, stride, columns, rows);
  gather(r, real, stride, columns, bins);
  gather(i, imaginary, stride, columns, bins);
  memory.fill(dr, 0, 2 * bytes);
  forwardTransform(plan, work, 1, block, 32, rows);
  filterBlocksBackward(plan, work, 1, spectrum, r, i, dr, di, 32, n);
  inverseTransform(plan, work, 1, block, 32, rows);
  scatter(dx, stride, block, columns, rows);
  scatterAdd(dreal, stride, dr, columns, bins);
  scatterAdd(dimaginary, stride, di, columns, bins);
}
