/** The power spectrum of a frame by the fast Fourier transform (radix 2, in place, float64). */
export class PowerSpectrum {
  /** Numbers of a spectrum: frequencies 0 … size / 2. */
  readonly bins: number;
  readonly #size: number;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #places: Uint32Array;
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;
  readonly #power: Float64Array;

  /** @param size a power of two, at least 2 */
  constructor(size: number) {
    this.#size = size;
    this.bins = size / 2 + 1;
    this.#cosines = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
    this.#sines = Float64Array.from({ length: size / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / size));
    this.#places = new Uint32Array(size);
    for (let i = 1; i < size; i++) this.#places[i] = (this.#places[i >> 1] >> 1) | (i & 1 ? size / 2 : 0);
    this.#real = new Float64Array(size);
    this.#imaginary = new Float64Array(size);
    this.#power = new Float64Array(this.bins);
  }

  /**
   * |Σ x[t] e^(−2πi k t / size)|² for k = 0 … size / 2; it holds until the next call.
   * @param frame at most `size` numbers; zeros follow
   */
  of(frame: Float64Array): Float64Array {
    const [real, imaginary, places, size] = [this.#real, this.#imaginary, this.#places, this.#size];
    for (let i = 0; i < size; i++) real[places[i]] = i < frame.length ? frame[i] : 0;
    imaginary.fill(0);
    for (let half = 1; half < size; half *= 2) {
      const turn = size / (2 * half);
      for (let begin = 0; begin < size; begin += 2 * half) {
        for (let k = 0, a = begin, b = begin + half; k < half; k++, a++, b++) {
          const [c, s] = [this.#cosines[k * turn], this.#sines[k * turn]];
          const x = real[b] * c - imaginary[b] * s;
          const y = real[b] * s + imaginary[b] * c;
          real[b] = real[a] - x;
          imaginary[b] = imaginary[a] - y;
          real[a] += x;
          imaginary[a] += y;
        }
      }
    }
    for (let k = 0; k < this.bins; k++) this.#power[k] = real[k] ** 2 + imaginary[k] ** 2;
    return this.#power;
  }
}
