/** From token rows to one row: the mean over the real tokens. */
import { eachElement, type Run } from '../operands.js';

/** y = mean over the rows of x */
export const mean: Run = ({ inputs: { x }, outputs: { y } }) => {
  y.values.fill(0);
  eachElement(x, (_, c, i) => {
    y.values[c] += x.values[i] / x.rows;
  });
};

/** dx[t] = dy / L */
export const meanBackward: Run = ({ inputs: { dy }, outputs: { dx } }) => {
  eachElement(dx, (_, c, i) => {
    dx.values[i] = dy.values[c] / dx.rows;
  });
};
