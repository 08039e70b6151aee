/**
 * Counter-based random numbers (Philox-4x32-10, Salmon et al. 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"): a pure function of (seed, purpose, step, item, index), so the same on every engine and for any
 * number of threads. kernels/random.ts is the same function in WebAssembly.
 */

/** What a random number is for; keeps streams apart. The numbers are part of the file format: append only. */
export const PURPOSE = {
  initialise: 1,
  shuffle: 2,
  dropout: 3,
  bootstrap: 4,
  order: 5,
  test: 6,
  synthesis: 7,
  augment: 8,
  features: 9,
  mix: 10,
} as const;
export type Purpose = keyof typeof PURPOSE;

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carry = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/** One Philox block: counter c0…c3, key k0, k1 → four unsigned 32-bit words, written into `out`. */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
): void {
  let key0 = k0;
  let key1 = k1;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = multiplyHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ key0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ key1) >>> 0;
    c3 = low0;
    key0 = (key0 + W0) >>> 0;
    key1 = (key1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** A stream of random numbers for one (seed, purpose, step, item). Cheap to make; equal keys give equal streams. */
export class RandomStream {
  readonly #key0: number;
  readonly #key1: number;
  readonly #step: number;
  readonly #item: number;
  readonly #block = new Uint32Array(4);
  #counter = 0;
  #left = 0;

  constructor(seed: number, purpose: Purpose, step = 0, item = 0) {
    this.#key0 = seed >>> 0;
    this.#key1 = PURPOSE[purpose];
    this.#step = step >>> 0;
    this.#item = item >>> 0;
  }

  /** Uniform unsigned 32-bit integer. */
  nextUint32(): number {
    if (this.#left === 0) {
      philox(this.#counter++ >>> 0, 0, this.#step, this.#item, this.#key0, this.#key1, this.#block);
      this.#left = 4;
    }
    return this.#block[4 - this.#left--];
  }

  /** Uniform in [0, 1), 32 bits. */
  next(): number {
    return this.nextUint32() / 4294967296;
  }

  /** Uniform integer in [0, bound). */
  nextInteger(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Standard normal (Box & Muller 1958). */
  nextNormal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** 0 … length − 1 in random order (Fisher & Yates). */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.nextInteger(i + 1);
      const swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
