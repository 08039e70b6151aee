/** Sums and copies. */
import { eachElement, type ReferenceOperation } from '../operands.js';

/** y = a + b */
export const add: ReferenceOperation = ({ inputs: { a, b }, outputs: { y } }) => {
  eachElement(y, (_, _c, i) => {
    y.values[i] = a.values[i] + b.values[i];
  });
};

/** y += x */
export const accumulate: ReferenceOperation = ({ inputs: { x }, outputs: { y } }) => {
  eachElement(y, (_, _c, i) => {
    y.values[i] += x.values[i];
  });
};

export const copy: ReferenceOperation = ({ inputs: { x }, outputs: { y } }) => y.values.set(x.values);
