/** Filters over windows of tokens, of which the largest answer counts. */
import { beginSum, eachElement, type ReferenceOperation } from '../operands.js';

/** y[t, j d + c] = x[t + j − h, c] */
export const window: ReferenceOperation = ({ inputs: { x }, outputs: { y }, attributes: { taps } }) => {
  eachElement(y, (t, column, i) => {
    const u = t + Math.floor(column / x.columns) - (taps - 1) / 2;
    y.values[i] = u >= 0 && u < x.rows ? x.values[u * x.columns + (column % x.columns)] : 0;
  });
};

/** dx[t + j − h, c] += dy[t, j d + c] */
export const windowBackward: ReferenceOperation = ({ inputs: { dy }, outputs, attributes }) => {
  const { rows, columns } = outputs.dx;
  const dx = beginSum(outputs.dx, attributes);
  eachElement(dy, (t, column, i) => {
    const u = t + Math.floor(column / columns) - (attributes.taps - 1) / 2;
    if (u >= 0 && u < rows) dx[u * columns + (column % columns)] += dy.values[i];
  });
};

/** y[c] = max_t (bias[c] + Σ_k weight[c, k] x[t, k]); place = the first row that has it */
export const maxLinear: ReferenceOperation = ({ inputs: { x, weight, bias }, outputs: { y, place } }) => {
  for (let t = 0; t < x.rows; t++) {
    for (let c = 0; c < y.columns; c++) {
      let value = bias.values[c];
      for (let k = 0; k < x.columns; k++)
        value += weight.values[c * x.columns + k] * x.values[t * x.columns + k];
      if (t > 0 && !(value > y.values[c])) continue;
      y.values[c] = value;
      place.values[c] = t;
    }
  }
};

/** dx[place[c]] += dy[c] weight[c]; dweight[c] += dy[c] x[place[c]]; dbias += dy */
export const maxLinearBackward: ReferenceOperation = ({
  inputs: { dy, place, x, weight },
  outputs,
  attributes,
}) => {
  const dx = beginSum(outputs.dx, attributes);
  for (let c = 0; c < dy.columns; c++) {
    const row = Math.round(place.values[c]) * x.columns;
    const slope = dy.values[c];
    outputs.dbias.values[c] += slope;
    for (let k = 0; k < x.columns; k++) {
      dx[row + k] += slope * weight.values[c * x.columns + k];
      outputs.dweight.values[c * x.columns + k] += slope * x.values[row + k];
    }
  }
};
