/** GELU in its tanh form (Hendrycks & Gimpel 2016). */
import { gelu as geluOf, geluSlope } from '../../../program/gelu.js';
import { eachElement, type Run } from '../operands.js';

/** y = gelu(x), slope = dy/dx */
export const gelu: Run = ({ inputs: { x }, outputs: { y, slope } }) => {
  eachElement(x, (_, _c, i) => {
    y.values[i] = geluOf(x.values[i]);
    slope.values[i] = geluSlope(x.values[i]);
  });
};

export const geluBackward: Run = ({ inputs: { dy, slope }, outputs: { dx } }) => {
  eachElement(slope, (_, _c, i) => {
    dx.values[i] = dy.values[i] * slope.values[i];
  });
};
