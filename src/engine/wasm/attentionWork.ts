/** Scratch of the attention kernel; the same formula as attentionWorkBytes in kernels/attention.ts. */

const TILE_QUERIES = 48;
const TILE_KEYS = 64;

/** Bytes for `rows` tokens of `columns` channels: O(rows · columns / heads). */
export function attentionWorkBytes(rows: number, columns: number, heads: number): number {
  const padded = Math.ceil(columns / heads / 8) * 8;
  const whole = (rows + 7) * padded;
  return 4 * (10 * whole + 2 * (rows + 7) + 2 * TILE_QUERIES * TILE_KEYS + 6 * (padded + 17));
}
