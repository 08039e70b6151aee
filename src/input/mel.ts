/**
 * Mel-frequency cepstral coefficients (Davis & Mermelstein 1980): short frames under Hann's window, their power spectrum
 * in triangular bands that are evenly spaced on the mel scale, 2595 log₁₀(1 + f / 700), the logarithm of each, and the
 * orthonormal cosine transform of these.
 */
import { PowerSpectrum } from './powerSpectrum.js';

/** The lowest frequency of the lowest band, in Hz. */
const LOWEST = 20;

/** How frames lie in a signal, in steps, and what steps a second the bands are for. */
export interface FrameShape {
  readonly window: number;
  readonly hop: number;
  readonly rate: number;
  readonly bands: number;
}

/** 25 ms every 10 ms, the field's own. */
export const soundFrames = (rate: number, bands = 40): FrameShape => ({
  window: Math.max(2, Math.round(0.025 * rate)),
  hop: Math.max(1, Math.round(0.01 * rate)),
  rate,
  bands,
});

/** Weights of the bins between `first` and the end of `weights`. */
export interface Band {
  readonly first: number;
  readonly weights: Float64Array;
}

const mel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
const hertz = (mels: number): number => 700 * (10 ** (mels / 2595) - 1);

/** Triangles from neighbour to neighbour, no narrower than a bin to each side: none is empty. */
export function bandsOf({ rate, bands }: FrameShape, size: number): Band[] {
  const bin = rate / size;
  const [low, high] = [mel(Math.min(LOWEST, rate / 4)), mel(rate / 2)];
  const edges = Array.from({ length: bands + 2 }, (_, b) => hertz(low + ((high - low) * b) / (bands + 1)));
  return Array.from({ length: bands }, (_, b) => {
    const centre = edges[b + 1];
    const below = Math.max(bin, centre - edges[b]);
    const above = Math.max(bin, edges[b + 2] - centre);
    const first = Math.max(0, Math.ceil((centre - below) / bin));
    const last = Math.min(size / 2, Math.floor((centre + above) / bin));
    const weights = Float64Array.from({ length: Math.max(1, last - first + 1) }, (_, k) => {
      const distance = (first + k) * bin - centre;
      return Math.max(0, 1 - (distance < 0 ? -distance / below : distance / above));
    });
    return { first: Math.min(first, size / 2), weights };
  });
}

/** Power of a signal in bands, frame by frame; one for all signals of a shape. */
export class MelSpectrum {
  readonly #shape: FrameShape;
  readonly #spectrum: PowerSpectrum;
  readonly #bands: readonly Band[];
  readonly #hann: Float64Array;
  readonly #frame: Float64Array;

  constructor(shape: FrameShape) {
    const size = 2 ** Math.ceil(Math.log2(shape.window));
    this.#shape = shape;
    this.#spectrum = new PowerSpectrum(size);
    this.#bands = bandsOf(shape, size);
    this.#hann = Float64Array.from(
      { length: shape.window },
      (_, t) => 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / shape.window),
    );
    this.#frame = new Float64Array(shape.window);
  }

  /** Frames of a signal of so many steps: the last one may lie partly behind the end, where zeros are. */
  frames(steps: number): number {
    const { window, hop } = this.#shape;
    return 1 + Math.ceil(Math.max(0, steps - window) / hop);
  }

  /** Sum of the squares of every frame, over all channels. @param values [steps, channels] */
  energies(values: Float32Array, channels: number): Float64Array {
    const { window, hop } = this.#shape;
    return Float64Array.from({ length: this.frames(values.length / channels) }, (_, f) => {
      const end = Math.min(values.length, (f * hop + window) * channels);
      let sum = 0;
      for (let at = f * hop * channels; at < end; at++) sum += values[at] ** 2;
      return sum;
    });
  }

  /**
   * Frames `from` … `to` − 1 of one channel: [frames, bands].
   * @param values [steps, channels]
   */
  of(
    values: Float32Array,
    { channels, channel }: { readonly channels: number; readonly channel: number },
    [from, to]: readonly [number, number],
  ): Float64Array {
    const { window, hop, bands } = this.#shape;
    const result = new Float64Array((to - from) * bands);
    for (let f = from; f < to; f++) {
      for (let t = 0, at = f * hop * channels + channel; t < window; t++, at += channels) {
        this.#frame[t] = at < values.length ? values[at] * this.#hann[t] : 0;
      }
      const power = this.#spectrum.of(this.#frame);
      for (const [b, { first, weights }] of this.#bands.entries()) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * power[first + k];
        result[(f - from) * bands + b] = sum;
      }
    }
    return result;
  }
}

/** The first `count` numbers of the orthonormal cosine transform (type II) of rows of `width` numbers. */
export function cosineTransform(rows: Float64Array, width: number, count: number): Float64Array {
  const table = Float64Array.from({ length: count * width }, (_, at) => {
    const [k, i] = [Math.floor(at / width), at % width];
    return Math.sqrt((k === 0 ? 1 : 2) / width) * Math.cos((Math.PI * (i + 0.5) * k) / width);
  });
  const result = new Float64Array((rows.length / width) * count);
  for (let row = 0, at = 0; row < rows.length; row += width) {
    for (let k = 0; k < count; k++, at++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += table[k * width + i] * rows[row + i];
      result[at] = sum;
    }
  }
  return result;
}
