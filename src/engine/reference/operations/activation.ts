/** GELU in its tanh form (Hendrycks & Gimpel 2016). */
import { eachElement, type Run } from '../operands.js';

const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

const tanhOf = (v: number): number => Math.tanh(ROOT_2_OVER_PI * (v + CUBIC * v ** 3));

export const geluOf = (v: number): number => (v / 2) * (1 + tanhOf(v));

/** y = x/2 · (1 + tanh u), slope = dy/dx, u = √(2/π) (x + 0.044715 x³) */
export const gelu: Run = ({ inputs: { x }, outputs: { y, slope } }) => {
  eachElement(x, (_, _c, i) => {
    const v = x.values[i];
    const tanh = tanhOf(v);
    y.values[i] = (v / 2) * (1 + tanh);
    const change = ROOT_2_OVER_PI * (1 + 3 * CUBIC * v ** 2);
    slope.values[i] = (1 + tanh) / 2 + (v / 2) * (1 - tanh ** 2) * change;
  });
};

export const geluBackward: Run = ({ inputs: { dy, slope }, outputs: { dx } }) => {
  eachElement(slope, (_, _c, i) => {
    dx.values[i] = dy.values[i] * slope.values[i];
  });
};
