/** From the numbers of a file to a raw signal: what every reader of series checks. */
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

/** The series as a raw signal, missing values as NaN; or why it is none. */
export function rawSignalOf({
  channels,
  rate,
}: Pick<Series, 'channels' | 'rate'>):
  | { channels: number; values: Float32Array; rate?: number }
  | { readonly fault: string } {
  const count = channels.length;
  const steps = channels[0]?.length ?? 0;
  if (count === 0 || steps === 0) return { fault: 'the series holds no values' };
  const values = new Float32Array(count * steps);
  for (const [c, channel] of channels.entries()) {
    if (channel.length !== steps) {
      return {
        fault: `channel ${c + 1} has ${channel.length} values, channel 1 has ${steps}; all channels of a series are of one length`,
      };
    }
    for (let t = 0; t < steps; t++) {
      const value = channel[t];
      if (!Number.isNaN(value) && !Number.isFinite(Math.fround(value))) {
        return { fault: `value ${t + 1} of channel ${c + 1} is ${value}: too large for a 32-bit number` };
      }
      values[t * count + c] = value;
    }
    const lost = precisionFault(channel);
    if (lost !== undefined) return { fault: count === 1 ? lost : `channel ${c + 1}: ${lost}` };
  }
  return { channels: count, values, ...(rate === undefined ? {} : { rate }) };
}
