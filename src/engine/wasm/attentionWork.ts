/** Scratch of the attention kernel; the same formula as attentionWorkBytes in kernels/attention.ts. */

const TILE_QUERIES = 48;
const TILE_KEYS = 64;

const upTo8 = (count: number): number => Math.ceil(count / 8) * 8;

/** Bytes for `rows` tokens of `columns` channels: O(rows · columns / heads). */
export function attentionWorkBytes(rows: number, columns: number, heads: number): number {
  const padded = upTo8(columns / heads);
  const keys = upTo8(rows);
  const tiles = 2 * TILE_QUERIES * TILE_KEYS + TILE_QUERIES * (padded + 2) + TILE_KEYS;
  return 4 * (9 * keys * padded + keys + tiles) + 256;
}
