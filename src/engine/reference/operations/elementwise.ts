/** Sums and copies. */
import { eachElement, type Run } from '../operands.js';

/** y = a + b */
export const add: Run = ({ inputs: { a, b }, outputs: { y } }) => {
  eachElement(y, (_, _c, i) => {
    y.values[i] = a.values[i] + b.values[i];
  });
};

/** y += x */
export const accumulate: Run = ({ inputs: { x }, outputs: { y } }) => {
  eachElement(y, (_, _c, i) => {
    y.values[i] += x.values[i];
  });
};

export const copy: Run = ({ inputs: { x }, outputs: { y } }) => y.values.set(x.values);
