/** IEEE 754 half precision in 16 bits, for runtimes without Float16Array. */

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The nearest half of a number, ties to even; beyond the largest one infinity. */
function toHalf(value: number): number {
  single[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | 0x7c00 | (magnitude > 0x7f800000 ? 0x200 : 0);
  // Below 2⁻¹⁴ halves are whole multiples of 2⁻²⁴.
  if (magnitude < 0x38800000) return sign | halfEven(Math.abs(single[0]) * 2 ** 24);
  return sign | Math.min(0x7c00, halfEven((magnitude - 0x38000000) / 2 ** 13));
}

function halfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

export const toFloat16 = (values: Float32Array): Uint16Array => Uint16Array.from(values, toHalf);
export const fromFloat16 = (halves: Uint16Array): Float32Array => Float32Array.from(halves, fromHalf);
