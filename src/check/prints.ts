/**
 * Short prints of signals: the course of a signal in 128 windows, without its mean and loudness. Prints of copies that
 * were made louder, cut to another rate or rounded are nearly the same.
 */
import type { Signal } from '../input/input.js';
import { RandomStream } from '../random.js';
import { BINS, mixed } from './shingles.js';

const WINDOWS = 128;
/** Directions that a word of a signature says the sides of. */
const BITS = 6;

export interface Print {
  /** Of unit length; all 0 of a signal that never changes. */
  readonly values: Float32Array;
  /** Of all its values; undefined where it has none. */
  readonly wholeHash: number | undefined;
}

export function printOf({ values, channels }: Signal): Print {
  const steps = values.length / channels;
  const width = steps / WINDOWS;
  const print = new Float32Array(WINDOWS);
  for (let w = 0; w < WINDOWS; w++) {
    const from = Math.floor(w * width);
    const to = Math.max(from + 1, Math.floor((w + 1) * width));
    let [sum, squares] = [0, 0];
    for (let at = from * channels; at < Math.min(values.length, to * channels); at++) {
      sum += values[at];
      squares += values[at] * values[at];
    }
    const count = (to - from) * channels;
    // Long windows hold waves, of which the mean says nothing.
    print[w] = width >= 8 ? Math.sqrt(squares / count) : sum / count;
  }
  const mean = print.reduce((sum, value) => sum + value, 0) / WINDOWS;
  const norm = Math.sqrt(print.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return {
    values: print.map((value) => (norm > 1e-9 ? (value - mean) / norm : 0)),
    wholeHash: values.length === 0 ? undefined : hashOf(values),
  };
}

function hashOf(values: Float32Array): number {
  const words = new Uint32Array(
    values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength),
  );
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (const word of words) {
    a = mixed(a ^ word);
    b = Math.imul(b + word, 0x85ebca6b) ^ (b >>> 15);
  }
  return a * 2 ** 21 + (mixed(b) >>> 11);
}

let directions: Float32Array | undefined;

/** The sides on which a print lies of random directions (Charikar 2002). */
export function writePrintSignature({ values }: Print, into: Uint32Array, at: number): void {
  directions ??= normals(BINS * BITS * WINDOWS);
  for (let bin = 0; bin < BINS; bin++) {
    let word = 0;
    for (let bit = 0; bit < BITS; bit++) {
      const from = (bin * BITS + bit) * WINDOWS;
      let product = 0;
      for (let w = 0; w < WINDOWS; w++) product += directions[from + w] * values[w];
      word = 2 * word + (product > 0 ? 1 : 0);
    }
    into[at + bin] = word;
  }
}

function normals(count: number): Float32Array {
  const random = new RandomStream(0, 'features');
  return Float32Array.from({ length: count }, () => random.nextNormal());
}

/** Correlation of two prints. */
export function printLikeness(a: Print, b: Print): number {
  return a.values.reduce((sum, value, w) => sum + value * b.values[w], 0);
}
