/**
 * Power spectra of two frames at once: one is the real, the other the imaginary part of one complex fast Fourier transform
 * (radix 2, the first two stages as one). About three times as quick as one after the other.
 */
export class PairSpectrum {
  /** Numbers of a spectrum: frequencies 0 … size / 2. */
  readonly bins: number;
  /** The frames, at most `size` numbers each, in the order that `place` says; cleared by each call. */
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;
  readonly #size: number;
  readonly #places: Uint32Array;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;

  /** @param size a power of two, at least 4 */
  constructor(size: number) {
    this.#size = size;
    this.bins = size / 2 + 1;
    this.#real = new Float64Array(size);
    this.#imaginary = new Float64Array(size);
    this.#places = new Uint32Array(size);
    for (let i = 1; i < size; i++) this.#places[i] = (this.#places[i >> 1] >> 1) | (i & 1 ? size / 2 : 0);
    this.#cosines = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
    this.#sines = Float64Array.from({ length: size / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / size));
  }

  /**
   * Four times the powers of two windowed frames of `values`, which begin at `first` and `second`; zeros stand behind the end.
   * @param powers [2, bins]
   */
  of(values: Float32Array, first: number, second: number, window: Float64Array, powers: Float64Array): void {
    const real = this.#real;
    const imaginary = this.#imaginary;
    const places = this.#places;
    const size = this.#size;
    const end = values.length;
    const { length } = window;
    for (let t = 0; t < length; t++) {
      const place = places[t];
      real[place] = first + t < end ? values[first + t] * window[t] : 0;
      imaginary[place] = second + t < end ? values[second + t] * window[t] : 0;
    }
    for (let t = length; t < size; t++) {
      real[places[t]] = 0;
      imaginary[places[t]] = 0;
    }
    this.#transform(real, imaginary);
    const { bins } = this;
    const mask = size - 1;
    for (let k = 0; k < bins; k++) {
      const other = (size - k) & mask;
      const a = real[k];
      const b = imaginary[k];
      const c = real[other];
      const d = imaginary[other];
      powers[k] = (a + c) * (a + c) + (b - d) * (b - d);
      powers[bins + k] = (b + d) * (b + d) + (c - a) * (c - a);
    }
  }

  #transform(real: Float64Array, imaginary: Float64Array): void {
    const size = this.#size;
    const cosines = this.#cosines;
    const sines = this.#sines;
    for (let i = 0; i < size; i += 4) {
      const a = real[i] + real[i + 1];
      const b = imaginary[i] + imaginary[i + 1];
      const c = real[i] - real[i + 1];
      const d = imaginary[i] - imaginary[i + 1];
      const e = real[i + 2] + real[i + 3];
      const f = imaginary[i + 2] + imaginary[i + 3];
      const g = real[i + 2] - real[i + 3];
      const h = imaginary[i + 2] - imaginary[i + 3];
      real[i] = a + e;
      imaginary[i] = b + f;
      real[i + 2] = a - e;
      imaginary[i + 2] = b - f;
      // Times −i.
      real[i + 1] = c + h;
      imaginary[i + 1] = d - g;
      real[i + 3] = c - h;
      imaginary[i + 3] = d + g;
    }
    for (let half = 4; half < size; half *= 2) {
      const turn = size / (2 * half);
      for (let begin = 0; begin < size; begin += 2 * half) {
        for (let k = 0, t = 0; k < half; k++, t += turn) {
          const a = begin + k;
          const b = a + half;
          const c = cosines[t];
          const s = sines[t];
          const x = real[b] * c - imaginary[b] * s;
          const y = real[b] * s + imaginary[b] * c;
          real[b] = real[a] - x;
          imaginary[b] = imaginary[a] - y;
          real[a] += x;
          imaginary[a] += y;
        }
      }
    }
  }
}
