/** GELU in its tanh form (Hendrycks & Gimpel 2016), in float64: its definition. */
const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** tanh u, u = √(2/π) (x + 0.044715 x³) */
const tanhOf = (x: number): number => Math.tanh(ROOT_2_OVER_PI * (x + CUBIC * x ** 3));

/** x/2 · (1 + tanh u) */
export const geluOf = (x: number): number => (x / 2) * (1 + tanhOf(x));

export function geluSlope(x: number): number {
  const tanh = tanhOf(x);
  const change = ROOT_2_OVER_PI * (1 + 3 * CUBIC * x ** 2);
  return (1 + tanh) / 2 + (x / 2) * (1 - tanh ** 2) * change;
}
