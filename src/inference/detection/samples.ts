/** Samples of any rate, piece by piece, at the rate of a model: the same numbers as all at once would give. */
import { resample } from '../../input/resample.js';

/** Whole seconds that are brought to another rate at once, and those on each side that they hang on. */
const SECONDS = 8;
const MARGIN = 1;

export class PieceResampler {
  readonly #own: number;
  readonly #rate: number;
  /** From the second `#second` − MARGIN on, or from the beginning. */
  #held = new Float32Array(0);
  /** Of the next samples to come. */
  #second = 0;

  constructor(own: number, rate: number) {
    this.#own = own;
    this.#rate = rate;
  }

  push(values: Float32Array): Float32Array[] {
    const held = new Float32Array(this.#held.length + values.length);
    held.set(this.#held);
    held.set(values, this.#held.length);
    this.#held = held;
    const parts: Float32Array[] = [];
    const own = this.#own;
    for (;;) {
      const before = Math.min(MARGIN, this.#second);
      const needed = (before + SECONDS + MARGIN) * own;
      if (this.#held.length < needed) return parts;
      const all = this.#resampled(this.#held.subarray(0, needed));
      parts.push(all.subarray(before * this.#rate, (before + SECONDS) * this.#rate));
      this.#held = this.#held.slice((before + SECONDS - MARGIN) * own);
      this.#second += SECONDS;
    }
  }

  finish(): Float32Array {
    if (this.#held.length === 0) return this.#held;
    const before = Math.min(MARGIN, this.#second);
    return this.#resampled(this.#held).subarray(before * this.#rate);
  }

  #resampled(values: Float32Array): Float32Array {
    return resample({ channels: 1, rate: this.#own, values }, this.#rate).values;
  }
}
