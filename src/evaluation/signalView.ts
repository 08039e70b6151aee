/** What of a signal can be looked at: its trace, or its spectrogram, and which parts of it an answer hangs on. */

/** Numbers over time, as encoders take them. */
export interface SignalNumbers {
  readonly channels: number;
  /** [steps, channels] */
  readonly values: Float32Array;
  /** Steps a second, where it is known. */
  readonly rate?: number;
}

/** How strong each frequency is at each time, of the first channel. */
export interface Spectrogram {
  readonly columns: number;
  readonly rows: number;
  /** [rows, columns], from the lowest frequency; decibels below the strongest, at most `RANGE`: 0 is the strongest. */
  readonly decibels: Float64Array;
}

/** Signals of one channel that are longer are looked at as spectrograms. */
const LONG = 512;
const MOST_COLUMNS = 120;
const MOST_WINDOW = 256;
/** Decibels that a spectrogram shows. */
export const RANGE = 40;

export const isLong = ({ channels, values }: SignalNumbers): boolean =>
  channels === 1 && values.length > LONG;

/** Squared magnitudes of windows under a bell (Hann), half a window's frequencies of each. */
export function spectrogramOf({ channels, values }: SignalNumbers): Spectrogram {
  const steps = values.length / channels;
  const window = Math.min(MOST_WINDOW, Math.max(32, 2 ** Math.floor(Math.log2(steps / 12))));
  const columns = Math.max(1, Math.min(MOST_COLUMNS, steps - window + 1));
  const rows = window / 2;
  const bell = Float64Array.from({ length: window }, (_, t) => Math.sin((Math.PI * (t + 0.5)) / window) ** 2);
  const cosines = Float64Array.from({ length: window }, (_, i) => Math.cos((2 * Math.PI * i) / window));
  const powers = new Float64Array(rows * columns);
  const samples = new Float64Array(window);
  for (let column = 0; column < columns; column++) {
    const first = columns === 1 ? 0 : Math.round((column * Math.max(0, steps - window)) / (columns - 1));
    for (let t = 0; t < window; t++) samples[t] = bell[t] * (values[(first + t) * channels] ?? 0);
    for (let row = 0; row < rows; row++) {
      let [real, imaginary] = [0, 0];
      // Row r is frequency r + 1: what does not change is no sound.
      for (let t = 0; t < window; t++) {
        const turn = ((row + 1) * t) % window;
        real += samples[t] * cosines[turn];
        imaginary += samples[t] * cosines[(turn + window / 4) % window];
      }
      powers[row * columns + column] = real * real + imaginary * imaginary;
    }
  }
  const strongest = powers.reduce((most, power) => Math.max(most, power), Number.MIN_VALUE);
  const decibels = powers.map((power) =>
    Math.max(-RANGE, 10 * Math.log10(Math.max(power / strongest, 1e-30))),
  );
  return { columns, rows, decibels };
}

/** A part of a signal and what leaving it out does to an answer. */
export interface SignalPart {
  /** Steps from … to − 1. */
  readonly from: number;
  readonly to: number;
  /** By how much the answer's probability falls without it; below 0: it rises. */
  readonly drop: number;
}

const PARTS = 24;

/**
 * The signal without each of its parts in turn: instead of a part stands each channel's mean. Parts overlap by half
 * (occlusion: Zeiler & Fergus 2014).
 */
export function occlusionsOf(
  signal: SignalNumbers,
): { readonly from: number; readonly to: number; readonly signal: SignalNumbers }[] {
  const { channels, values } = signal;
  const steps = values.length / channels;
  const parts = Math.min(PARTS, steps);
  const means = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) means[i % channels] += values[i] / steps;
  return Array.from({ length: parts }, (_, p) => {
    const from = Math.floor((p * steps) / (parts + 1));
    const to = Math.max(from + 1, Math.floor(((p + 2) * steps) / (parts + 1)));
    const without = values.slice();
    for (let i = from * channels; i < to * channels; i++) without[i] = means[i % channels];
    return { from, to, signal: { ...signal, values: without } };
  });
}
