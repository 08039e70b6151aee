/** From token rows to one row: the mean over the real tokens, and their sum with weights. */
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

/** y = Σ weight[t] x[t] */
export const weightedSum: Run = ({ inputs: { x }, outputs: { y }, sequence: { weights } }) => {
  y.values.fill(0);
  eachElement(x, (t, c, i) => {
    y.values[c] += (weights?.[t] ?? 1) * x.values[i];
  });
};

/** dx[t] = weight[t] dy */
export const weightedSumBackward: Run = ({ inputs: { dy }, outputs: { dx }, sequence: { weights } }) => {
  eachElement(dx, (t, c, i) => {
    dx.values[i] = (weights?.[t] ?? 1) * dy.values[c];
  });
};
