/** Pictures of numbers, as addresses that hold the whole picture: BMP with a palette, which every browser shows. */

/** From nothing to the most: dark to light, in the order of brightness (after matplotlib's magma). */
const STOPS: readonly (readonly [number, number, number])[] = [
  [0, 0, 4],
  [40, 17, 89],
  [114, 31, 129],
  [183, 55, 121],
  [241, 96, 93],
  [254, 176, 120],
  [252, 253, 191],
];

const HEADER = 54;
const PALETTE = 4 * 256;

/** @param values [rows, columns] of 0 … 1, the lowest row first */
export function pictureOf(rows: number, columns: number, values: ArrayLike<number>): string {
  const stride = 4 * Math.ceil(columns / 4);
  const bytes = new Uint8Array(HEADER + PALETTE + rows * stride);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, HEADER + PALETTE, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, columns, true);
  view.setInt32(22, rows, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (STOPS.length - 1);
    const [low, high] = [STOPS[Math.floor(at)], STOPS[Math.min(STOPS.length - 1, Math.floor(at) + 1)]];
    const colour = low.map((part, k) => Math.round(part + (at % 1) * (high[k] - part)));
    bytes.set([colour[2], colour[1], colour[0], 0], HEADER + 4 * i);
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = Math.min(1, Math.max(0, values[row * columns + column]));
      bytes[HEADER + PALETTE + row * stride + column] = Math.round(255 * value);
    }
  }
  return `data:image/bmp;base64,${Buffer.from(bytes).toString('base64')}`;
}
