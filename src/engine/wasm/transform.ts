/**
 * Plans of the discrete Fourier transform that the mixer kernel runs: stages, twiddle factors, permutation, chirps.
 * Written once a session; kernels/transform.ts and kernels/fft.ts read them.
 */
import type { Table } from './bindings.js';

const HEADER_BYTES = 48;
const STAGE_BYTES = 16;
/** A row of a block of 16 channels: 8 real parts, 8 imaginary ones. */
const ROW_BYTES = 64;

/** One step: blocks of radix · span rows become radix transforms of length span each. */
interface Stage {
  readonly radix: number;
  readonly span: number;
}

/** Where everything lies, in bytes from the plan's start. */
interface Layout {
  /** Length of the transform that the stages make: n, or Bluestein's convolution length. */
  readonly length: number;
  readonly stages: readonly Stage[];
  /** Per stage. */
  readonly twiddles: readonly number[];
  readonly pairs: number;
  /** 0: none, n has no prime factor above 5. */
  readonly chirp: number;
  readonly chirpSpectrum: number;
  readonly bytes: number;
}

const align = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** The stages for length n, or undefined if it has a prime factor above 5. Even radices come last, 8 only at the end. */
function stagesOf(n: number): Stage[] | undefined {
  const radices: number[] = [];
  let rest = n;
  for (const radix of [5, 3]) {
    for (; rest % radix === 0; rest /= radix) radices.push(radix);
  }
  for (; rest % 4 === 0 && rest !== 8; rest /= 4) radices.push(4);
  if (rest > 1) radices.push(rest);
  if (rest !== 1 && rest !== 2 && rest !== 8) return undefined;
  let span = n;
  return radices.map((radix) => {
    span /= radix;
    return { radix, span };
  });
}

/** The last stages of radix 2, 4 and 8 have constants instead of tables. */
const hasTwiddles = ({ radix, span }: Stage): boolean => span > 1 || radix % 2 === 1;

/** Smallest convenient length ≥ least: 2^a · c, c of 1, 3, 5, 9 or 15. */
function convolutionLength(least: number): number {
  const lengths = [1, 3, 5, 9, 15].map((c) => c * 2 ** Math.max(3, Math.ceil(Math.log2(least / c))));
  return Math.min(...lengths);
}

function layoutOf(n: number): Layout {
  const direct = stagesOf(n);
  const length = direct === undefined ? convolutionLength(2 * n - 1) : n;
  const stages = direct ?? stagesOf(length)!;
  let next = HEADER_BYTES + STAGE_BYTES * stages.length;
  const take = (bytes: number): number => {
    const at = next;
    next += align(bytes);
    return at;
  };
  const twiddles = stages.map((stage) => (hasTwiddles(stage) ? take(8 * stage.span * (stage.radix - 1)) : 0));
  const pairs = take(12 * Math.floor((n - 1) / 2));
  const chirp = direct === undefined ? take(8 * n) : 0;
  const chirpSpectrum = direct === undefined ? take(8 * length) : 0;
  return { length, stages, twiddles, pairs, chirp, chirpSpectrum, bytes: next };
}

/** Row in which the stages leave the transform's bin k. */
function positionOf(k: number, stages: readonly Stage[]): number {
  let position = 0;
  for (const { radix, span } of stages) {
    position += (k % radix) * span;
    k = Math.floor(k / radix);
  }
  return position;
}

/** Bins 1 … ⌊(n−1)/2⌋, those together whose rows the last stage leaves together. */
function binsInOrder(n: number, lastRadix: number): number[] {
  const bins = new Set<number>();
  const step = n / lastRadix;
  for (let first = 0; first < step; first++) {
    for (let k = first; k < n; k += step) bins.add(Math.min(k, n - k));
  }
  return [...bins].filter((k) => k !== 0 && 2 * k !== n);
}

/** cos and sin of 2π · numerator / denominator. */
function rootOfUnity(numerator: number, denominator: number): [number, number] {
  const angle = (2 * Math.PI * (numerator % denominator)) / denominator;
  return [Math.cos(angle), Math.sin(angle)];
}

/** Transform of any 5-smooth length in float64: for tables, not for speed. Pairs (real, imaginary) in and out. */
function transform64(x: Float64Array): Float64Array {
  const n = x.length / 2;
  if (n === 1) return x;
  const radix = [2, 3, 5].find((r) => n % r === 0)!;
  const span = n / radix;
  const parts = Array.from({ length: radix }, (_, p) => {
    const part = new Float64Array(2 * span);
    for (let t = 0; t < span; t++) {
      part[2 * t] = x[2 * (radix * t + p)];
      part[2 * t + 1] = x[2 * (radix * t + p) + 1];
    }
    return transform64(part);
  });
  const y = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    for (let p = 0; p < radix; p++) {
      const [c, s] = rootOfUnity(k * p, n);
      const at = 2 * (k % span);
      y[2 * k] += parts[p][at] * c + parts[p][at + 1] * s;
      y[2 * k + 1] += parts[p][at + 1] * c - parts[p][at] * s;
    }
  }
  return y;
}

/**
 * Bytes of the plan for transforms of length n.
 * @param n ≥ 2
 */
export function transformPlanBytes(n: number): number {
  return layoutOf(n).bytes;
}

/**
 * Bytes of work memory that mixerForward and mixerBackward need, one for each worker, 16-byte aligned: one block of 16
 * channels, and for a last block that is not full its filters and their gradients.
 */
export function transformWorkBytes(n: number, columns: number): number {
  const { length } = layoutOf(n);
  const partial = columns % 16 === 0 ? 0 : 4 * (Math.floor(n / 2) + 1);
  return ROW_BYTES * (2 + length + partial);
}

/** Bytes of work memory for one block of 16 channels. */
export function blockWorkBytes(n: number): number {
  return ROW_BYTES * (2 + layoutOf(n).length);
}

/** The plan for length n as a table that operations share. */
export function transformTable(n: number): Table {
  return {
    name: `transform of ${n}`,
    bytes: transformPlanBytes(n),
    write: (memory, at) => writeTransformPlan(n, memory, at),
  };
}

/**
 * Writes the plan for length n into the kernels' memory.
 * @param n ≥ 2
 * @param at byte address, 16-byte aligned, with transformPlanBytes(n) bytes free
 */
export function writeTransformPlan(n: number, memory: ArrayBufferLike, at: number): void {
  const { length, stages, twiddles, pairs, chirp, chirpSpectrum } = layoutOf(n);
  const view = new DataView(memory, at);
  const integers = (offset: number, values: readonly number[]): void => {
    values.forEach((value, i) => {
      view.setInt32(offset + 4 * i, value, true);
    });
  };
  const complex = (offset: number, re: number, im: number): void => {
    view.setFloat32(offset, re, true);
    view.setFloat32(offset + 4, im, true);
  };
  const direct = chirp === 0;
  const rowOf = (bin: number): number => ROW_BYTES * (direct ? positionOf(bin, stages) : bin);
  integers(0, [
    at + HEADER_BYTES,
    at + HEADER_BYTES + STAGE_BYTES * stages.length,
    length,
    n,
    direct ? 0 : at + chirp,
    direct ? 0 : at + chirpSpectrum,
    at + pairs,
    n % 2 === 0 ? rowOf(n / 2) : -1,
  ]);
  complex(32, 1 / n, 0.5 / n);
  stages.forEach((stage, i) => {
    const { radix, span } = stage;
    integers(HEADER_BYTES + STAGE_BYTES * i, [radix, span, at + twiddles[i], 0]);
    if (!hasTwiddles(stage)) return;
    let offset = twiddles[i];
    for (let j = 0; j < span; j++) {
      for (let p = 1; p < radix; p++, offset += 8) {
        const [c, s] = rootOfUnity(j * p, radix * span);
        complex(offset, c, -s);
      }
    }
  });
  binsInOrder(n, direct ? stages.at(-1)!.radix : 1).forEach((k, i) => {
    integers(pairs + 12 * i, [rowOf(k), rowOf(n - k), k]);
  });
  if (direct) return;
  const filter = new Float64Array(2 * length);
  for (let t = 0; t < n; t++) {
    const [c, s] = rootOfUnity((t * t) % (2 * n), 2 * n);
    complex(chirp + 8 * t, c, s);
    const mirror = (length - t) % length;
    filter[2 * t] = filter[2 * mirror] = c / length;
    filter[2 * t + 1] = filter[2 * mirror + 1] = s / length;
  }
  const spectrum = transform64(filter);
  for (let k = 0; k < length; k++) {
    complex(chirpSpectrum + 8 * positionOf(k, stages), spectrum[2 * k], spectrum[2 * k + 1]);
  }
}
