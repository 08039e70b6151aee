/** GELU in its tanh form (Hendrycks & Gimpel 2016). */
import { geluOf, geluSlope } from '../../../program/gelu.js';
import { eachElement, type ReferenceOperation } from '../operands.js';

/** y = gelu(x), slope = dy/dx */
export const gelu: ReferenceOperation = ({ inputs: { x }, outputs: { y, slope } }) => {
  eachElement(x, (_, _c, i) => {
    y.values[i] = geluOf(x.values[i]);
    slope.values[i] = geluSlope(x.values[i]);
  });
};

export const geluBackward: ReferenceOperation = ({ inputs: { dy, slope }, outputs: { dx } }) => {
  eachElement(slope, (_, _c, i) => {
    dx.values[i] = dy.values[i] * slope.values[i];
  });
};
