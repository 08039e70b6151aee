/** GELU in its tanh form (Hendrycks & Gimpel 2016), and the exponential. */
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

export const exp: ReferenceOperation = ({ inputs: { x }, outputs: { y } }) => {
  eachElement(x, (_, _c, i) => {
    y.values[i] = Math.exp(x.values[i]);
  });
};

export const expBackward: ReferenceOperation = ({ inputs: { dy, y }, outputs: { dx } }) => {
  eachElement(y, (_, _c, i) => {
    dx.values[i] = dy.values[i] * y.values[i];
  });
};
