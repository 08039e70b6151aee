// The transform of any length that a plan describes: mixed radix (fft.ts), or Bluestein's for lengths with a prime
// factor above 5 (Bluestein 1970, "A linear filtering approach to the computation of discrete Fourier transform").
import { Exchanged, forwardFft, inverseFft, ROW, Row } from './fft';

// Byte offsets in a plan; src/engine/wasm/transform.ts writes it. Addresses and integers are 32 bits.
// @ts-expect-error: decorator
@inline
const STAGES: usize = 0; // address of the stage descriptors
// @ts-expect-error: decorator
@inline
const STAGES_END: usize = 4;
// @ts-expect-error: decorator
@inline
const FFT_LENGTH: usize = 8;
// @ts-expect-error: decorator
@inline
const LENGTH: usize = 12;
// @ts-expect-error: decorator
@inline
const CHIRP: usize = 16; // exp(iπ t²/n), n complex numbers; 0: no chirps needed, FFT_LENGTH = LENGTH
// @ts-expect-error: decorator
@inline
const CHIRP_SPECTRUM: usize = 20; // its transform / FFT_LENGTH, permuted
// @ts-expect-error: decorator
@inline
const PAIRS: usize = 24; // byte offsets of rows k and n − k, and k, for k = 1 … ⌊(n−1)/2⌋ in some order
// @ts-expect-error: decorator
@inline
const NYQUIST: usize = 28; // byte offset of row n/2, or −1 for odd n
// @ts-expect-error: decorator
@inline
const SCALES: usize = 32; // 1/n and 1/(2n)

/** Rows at the start of the work memory: one of zeros, one for results nobody wants. */
// @ts-expect-error: decorator
@inline
const SPARE_BYTES: usize = 2 * ROW;

/** The block that is transformed. */
// @ts-expect-error: decorator
@inline
export function firstBlock(work: usize): usize {
  return work + SPARE_BYTES;
}

// @ts-expect-error: decorator
@inline
export function blockBytes(plan: usize): usize {
  return <usize>load<i32>(plan, FFT_LENGTH) * ROW;
}

/** The transform's length. */
// @ts-expect-error: decorator
@inline
export function lengthOf(plan: usize): i32 {
  return load<i32>(plan, LENGTH);
}

// @ts-expect-error: decorator
@inline
export function pairsOf(plan: usize): usize {
  return <usize>load<u32>(plan, PAIRS);
}

// @ts-expect-error: decorator
@inline
export function nyquistOf(plan: usize): i32 {
  return load<i32>(plan, NYQUIST);
}

/** Where 1/n stands, and behind it 1/(2n). */
// @ts-expect-error: decorator
@inline
export function scalesOf(plan: usize): usize {
  return plan + SCALES;
}

// @ts-expect-error: decorator
@inline
function multiply<R>(y: usize, yStride: usize, x: usize, xStride: usize, w: usize, rows: i32): void {
  for (; rows > 0; rows--) {
    const rL = v128.load(x, offsetof<R>('re')), rH = v128.load(x, 16 + offsetof<R>('re'));
    const iL = v128.load(x, offsetof<R>('im')), iH = v128.load(x, 16 + offsetof<R>('im'));
    const wr = v128.load32_splat(w), wi = v128.load32_splat(w, 4);
    const turnedRL = f32x4.sub(f32x4.mul(rL, wr), f32x4.mul(iL, wi));
    const turnedRH = f32x4.sub(f32x4.mul(rH, wr), f32x4.mul(iH, wi));
    const turnedIL = f32x4.add(f32x4.mul(rL, wi), f32x4.mul(iL, wr));
    const turnedIH = f32x4.add(f32x4.mul(rH, wi), f32x4.mul(iH, wr));
    v128.store(y, turnedRL, offsetof<R>('re'));
    v128.store(y, turnedRH, 16 + offsetof<R>('re'));
    v128.store(y, turnedIL, offsetof<R>('im'));
    v128.store(y, turnedIH, 16 + offsetof<R>('im'));
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
  memory.fill(work, 0, ROW);
}

/**
 * Block = transform of x[rows, 16], rows `stride` bytes apart, followed by zeros, in the plan's order. x may be the
 * block itself (stride ROW).
 */
export function forwardTransform(plan: usize, work: usize, x: usize, stride: usize, rows: i32): void {
  const stages = <usize>load<u32>(plan, STAGES), end = <usize>load<u32>(plan, STAGES_END);
  const chirp = <usize>load<u32>(plan, CHIRP);
  const block = firstBlock(work);
  if (chirp === 0) {
    forwardFft(stages, end, block, x, stride, rows, work);
    return;
  }
  const n = load<i32>(plan, LENGTH), spectrum = <usize>load<u32>(plan, CHIRP_SPECTRUM);
  multiplyConjugate(block, ROW, x, stride, chirp, rows);
  forwardFft(stages, end, block, block, ROW, rows, work);
  multiplyPlain(block, ROW, block, ROW, spectrum, load<i32>(plan, FFT_LENGTH));
  inverseFft(stages, end, block, ROW, block, n, work + ROW);
  multiplyConjugate(block, ROW, block, ROW, chirp, n);
}

/** Undoes forwardTransform, times n, into y[rows, 16]; the block is overwritten. */
export function inverseTransform(plan: usize, work: usize, y: usize, stride: usize, rows: i32): void {
  const stages = <usize>load<u32>(plan, STAGES), end = <usize>load<u32>(plan, STAGES_END);
  const chirp = <usize>load<u32>(plan, CHIRP);
  const block = firstBlock(work);
  if (chirp === 0) {
    inverseFft(stages, end, y, stride, block, rows, work + ROW);
    return;
  }
  const n = load<i32>(plan, LENGTH), spectrum = <usize>load<u32>(plan, CHIRP_SPECTRUM);
  multiplyPlain(block, ROW, block, ROW, chirp, n);
  forwardFft(stages, end, block, block, ROW, n, work);
  // The chirp is even, so the conjugate chirp's transform is the conjugate of the chirp's.
  multiplyConjugate(block, ROW, block, ROW, spectrum, load<i32>(plan, FFT_LENGTH));
  inverseFft(stages, end, block, ROW, block, rows, work + ROW);
  multiplyPlain(y, stride, block, ROW, chirp, rows);
}
