/** From the numbers of a file to a signal: what every reader of series checks, and what it does about missing values. */
import type { Signal } from '../../input/input.js';
import { precisionFault } from '../../input/precision.js';

/** One series as a parser finds it; missing values are NaN. */
export interface Series {
  /** "file:line", or the file. */
  readonly place: string;
  /** Undefined where the data have no classes, or none is needed. */
  readonly label?: string | undefined;
  /** The values of each channel. */
  readonly channels: readonly ArrayLike<number>[];
  readonly rate?: number;
  /** What the user should know of it, though it serves. */
  readonly warning?: string;
}

/** A series that does not serve. */
export interface BadSeries {
  readonly place: string;
  readonly fault: string;
}

export type SeriesOrFault = Series | BadSeries;

/** What is done about missing values. */
export const MISSING_MODES = ['refuse', 'interpolate'] as const;
export type MissingMode = (typeof MISSING_MODES)[number];

/** Straight lines over the gaps, the nearest value before the first and behind the last; false if there is none at all. */
function interpolate(values: Float32Array, at: number, stride: number, steps: number): boolean {
  let last = -1;
  for (let t = 0; t <= steps; t++) {
    const here = t < steps ? values[at + t * stride] : Number.NaN;
    if (t < steps && Number.isNaN(here)) continue;
    if (t === steps && last < 0) return false;
    const from = last < 0 ? here : values[at + last * stride];
    const to = t === steps ? from : here;
    for (let gap = last + 1; gap < t; gap++) {
      values[at + gap * stride] = from + ((to - from) * (gap - last)) / (t - last);
    }
    last = t;
  }
  return true;
}

/** The signal, or why it is none. */
export function signalOf(
  { channels, rate }: Series,
  missing: MissingMode,
): Signal | { readonly fault: string } {
  const count = channels.length;
  const steps = channels[0]?.length ?? 0;
  if (count === 0 || steps === 0) return { fault: 'the series holds no values' };
  const values = new Float32Array(count * steps);
  for (let c = 0; c < count; c++) {
    const channel = channels[c];
    if (channel.length !== steps) {
      return {
        fault: `channel ${c + 1} has ${channel.length} values, channel 1 has ${steps}; all channels of a series are of one length`,
      };
    }
    let gaps = false;
    for (let t = 0; t < steps; t++) {
      const value = channel[t];
      if (Number.isNaN(value)) {
        if (missing === 'refuse') {
          return {
            fault: `value ${t + 1} of channel ${c + 1} is missing; --missing interpolate fills such gaps by straight lines`,
          };
        }
        gaps = true;
      } else if (!Number.isFinite(Math.fround(value))) {
        return { fault: `value ${t + 1} of channel ${c + 1} is ${value}: too large for a 32-bit number` };
      }
      values[t * count + c] = value;
    }
    const lost = precisionFault(channel);
    if (lost !== undefined) return { fault: count === 1 ? lost : `channel ${c + 1}: ${lost}` };
    if (gaps && !interpolate(values, c, count, steps)) {
      return { fault: `channel ${c + 1} holds no value at all, only gaps` };
    }
  }
  return { channels: count, values, ...(rate === undefined ? {} : { rate }) };
}
