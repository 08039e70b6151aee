/** Of signals of several channels each convolution takes some at random: one to nine, few more often than many. */
import type { RandomStream } from '../../random.js';

const MOST = 9;

/** Numbers of a row of the table: how many channels, then which. */
export const channelRow = (channels: number): number => Math.min(channels, MOST) + 1;

/** Rows of a table, as `channelRow` says; undefined: there is only one channel. */
export function drawChannels(rows: number, channels: number, random: RandomStream): Uint32Array | undefined {
  if (channels === 1) return undefined;
  const width = channelRow(channels);
  const most = Math.log2(width);
  const chosen = new Uint32Array(rows * width);
  for (let i = 0; i < rows; i++) {
    const count = Math.floor(2 ** (most * random.next()));
    chosen[i * width] = count;
    chosen.set(random.permutation(channels).subarray(0, count), i * width + 1);
  }
  return chosen;
}

const FIRST_CHANNEL = Uint32Array.of(0);

/** The channels that a row of the table takes. */
export function channelsOfRow(table: Uint32Array | undefined, row: number, channels: number): Uint32Array {
  if (table === undefined) return FIRST_CHANNEL;
  const at = row * channelRow(channels);
  return table.subarray(at + 1, at + 1 + table[at]);
}

/** Whether it is such a table of so many rows, for as many channels. */
export function areChannels(
  table: unknown,
  rows: number,
  channels: number,
): table is Uint32Array | undefined {
  if (channels === 1) return table === undefined;
  const width = channelRow(channels);
  return (
    table instanceof Uint32Array &&
    table.length === rows * width &&
    table.every((value, i) => (i % width === 0 ? value >= 1 && value < width : value < channels))
  );
}
