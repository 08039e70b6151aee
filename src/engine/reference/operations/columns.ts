/** Columns side by side, and apart. */
import { eachElement, type ReferenceOperation } from '../operands.js';

/** y = [a, b] */
export const concat: ReferenceOperation = ({ inputs: { a, b }, outputs: { y } }) => {
  eachElement(y, (t, c, i) => {
    y.values[i] = c < a.columns ? a.values[t * a.columns + c] : b.values[t * b.columns + c - a.columns];
  });
};

/** y = the first columns of x, or the last */
export const columnSlice: ReferenceOperation = ({ inputs: { x }, outputs: { y }, attributes: { last } }) => {
  const first = last === 1 ? x.columns - y.columns : 0;
  eachElement(y, (t, c, i) => {
    y.values[i] = x.values[t * x.columns + first + c];
  });
};
