// The transform of any length that a plan describes: mixed radix (fft.ts), or Bluestein's for lengths with a prime
// factor above 5 (Bluestein 1970, "A linear filtering approach to the computation of discrete Fourier transform").
import { Exchanged, Row, forwardFft, inverseFft } from './fft';

// Byte offsets in a plan; src/engine/wasm/transform.ts writes it. Addresses and integers are 32 bits.
// @ts-ignore: decorator
@inline
const STAGES: usize = 0; // address of the stage descriptors
// @ts-ignore: decorator
@inline
const STAGES_END: usize = 4;
// @ts-ignore: decorator
@inline
const FFT_LENGTH: usize = 8;
// @ts-ignore: decorator
@inline
const LENGTH: usize = 12;
// @ts-ignore: decorator
@inline
const CHIRP: usize = 16; // exp(iπ t²/n), n complex numbers; 0: no chirps needed, FFT_LENGTH = LENGTH
// @ts-ignore: decorator
@inline
const CHIRP_SPECTRUM: usize = 20; // its transform / FFT_LENGTH, permuted
// @ts-ignore: decorator
@inline
const PAIRS: usize = 24; // byte offsets of rows k and n − k, and k, for k = 1 … ⌊(n−1)/2⌋ in some order
// @ts-ignore: decorator
@inline
const NYQUIST: usize = 28; // byte offset of row n/2, or −1 for odd n
// @ts-ignore: decorator
@inline
const GROUP: usize = 32; // blocks of 8 columns that are worked on together

/** Rows at the start of the work memory: one of zeros, one for results nobody wants. */
// @ts-ignore: decorator
@inline
const SPARE_BYTES: usize = 64;

/** The first of the blocks that are transformed; the others follow, blockBytes apart. */
// @ts-ignore: decorator
@inline
export function firstBlock(work: usize): usize {
  return work + SPARE_BYTES;
}

// @ts-ignore: decorator
@inline
export function blockBytes(plan: usize): usize {
  return <usize>load<i32>(plan, FFT_LENGTH) << 5;
}

/** How many blocks of 8 columns are worked on together. */
// @ts-ignore: decorator
@inline
export function groupOf(plan: usize): i32 {
  return load<i32>(plan, GROUP);
}

// @ts-ignore: decorator
@inline
export function pairsOf(plan: usize): usize {
  return <usize>load<u32>(plan, PAIRS);
}

// @ts-ignore: decorator
@inline
export function nyquistOf(plan: usize): i32 {
  return load<i32>(plan, NYQUIST);
}

// @ts-ignore: decorator
@inline
function multiply<R>(y: usize, yStride: usize, x: usize, xStride: usize, w: usize, rows: i32): void {
  for (; rows > 0; rows--) {
    const r = v128.load(x, offsetof<R>('re')), i = v128.load(x, offsetof<R>('im'));
    const wr = v128.load32_splat(w), wi = v128.load32_splat(w, 4);
    v128.store(y, f32x4.sub(f32x4.mul(r, wr), f32x4.mul(i, wi)), offsetof<R>('re'));
    v128.store(y, f32x4.add(f32x4.mul(r, wi), f32x4.mul(i, wr)), offsetof<R>('im'));
    y += yStride;
    x += xStride;
    w += 8;
  }
}

/** y[t] = x[t] · w[t]. */
function multiplyPlain(y: usize, yStride: usize, x: usize, xStride: usize, w: usize, rows: i32): void {
  multiply<Row>(y, yStride, x, xStride, w, rows);
}

/** y[t] = x[t] · conj(w[t]): the same with real and imaginary parts exchanged. */
function multiplyConjugate(y: usize, yStride: usize, x: usize, xStride: usize, w: usize, rows: i32): void {
  multiply<Exchanged>(y, yStride, x, xStride, w, rows);
}

/** The row of zeros, for a kernel to prepare its work memory with. */
export function prepare(work: usize): void {
  v128.store(work, f32x4.splat(0));
  v128.store(work, f32x4.splat(0), 16);
}

/**
 * Block g = transform of x[rows, 8g … 8g + 7], rows `stride` bytes apart, followed by zeros, in the plan's order.
 * x may be the first block itself (group 1, stride 32).
 * @param group number of blocks, at most groupOf(plan)
 */
export function forwardTransform(plan: usize, work: usize, group: i32, x: usize, stride: usize, rows: i32): void {
  const stages = <usize>load<u32>(plan, STAGES), end = <usize>load<u32>(plan, STAGES_END);
  const chirp = <usize>load<u32>(plan, CHIRP);
  const size = blockBytes(plan);
  let block = firstBlock(work);
  if (chirp == 0) {
    forwardFft(stages, end, block, size, group, x, stride, rows, work);
    return;
  }
  const n = load<i32>(plan, LENGTH), spectrum = <usize>load<u32>(plan, CHIRP_SPECTRUM);
  for (; group > 0; group--, block += size, x += 32) {
    multiplyConjugate(block, 32, x, stride, chirp, rows);
    forwardFft(stages, end, block, 0, 1, block, 32, rows, work);
    multiplyPlain(block, 32, block, 32, spectrum, load<i32>(plan, FFT_LENGTH));
    inverseFft(stages, end, block, 32, block, 0, 1, n, work + 32);
    multiplyConjugate(block, 32, block, 32, chirp, n);
  }
}

/** Undoes forwardTransform, times n, into y[rows, 8g … 8g + 7]; the blocks are overwritten. */
export function inverseTransform(plan: usize, work: usize, group: i32, y: usize, stride: usize, rows: i32): void {
  const stages = <usize>load<u32>(plan, STAGES), end = <usize>load<u32>(plan, STAGES_END);
  const chirp = <usize>load<u32>(plan, CHIRP);
  const size = blockBytes(plan);
  let block = firstBlock(work);
  if (chirp == 0) {
    inverseFft(stages, end, y, stride, block, size, group, rows, work + 32);
    return;
  }
  const n = load<i32>(plan, LENGTH), spectrum = <usize>load<u32>(plan, CHIRP_SPECTRUM);
  for (; group > 0; group--, block += size, y += 32) {
    multiplyPlain(block, 32, block, 32, chirp, n);
    forwardFft(stages, end, block, 0, 1, block, 32, n, work);
    // The chirp is even, so the conjugate chirp's transform is the conjugate of the chirp's.
    multiplyConjugate(block, 32, block, 32, spectrum, load<i32>(plan, FFT_LENGTH));
    inverseFft(stages, end, block, 32, block, 0, 1, rows, work + 32);
    multiplyPlain(y, stride, block, 32, chirp, rows);
  }
}
