/** From token rows to one row: mean, sum with weights, maximum and cosine modes over the real tokens. */
import { beginSum, eachElement, type ReferenceOperation } from '../operands.js';

/** y = mean over the rows of x */
export const mean: ReferenceOperation = ({ inputs: { x }, outputs: { y } }) => {
  y.values.fill(0);
  eachElement(x, (_, c, i) => {
    y.values[c] += x.values[i] / x.rows;
  });
};

/** dx[t] = dy / L */
export const meanBackward: ReferenceOperation = ({ inputs: { dy }, outputs: { dx } }) => {
  eachElement(dx, (_, c, i) => {
    dx.values[i] = dy.values[c] / dx.rows;
  });
};

/** y = Σ weight[t] x[t] */
export const weightedSum: ReferenceOperation = ({ inputs: { x }, outputs: { y }, sequence: { weights } }) => {
  y.values.fill(0);
  eachElement(x, (t, c, i) => {
    y.values[c] += (weights?.[t] ?? 1) * x.values[i];
  });
};

/** dx[t] = weight[t] dy */
export const weightedSumBackward: ReferenceOperation = ({
  inputs: { dy },
  outputs: { dx },
  sequence: { weights },
}) => {
  eachElement(dx, (t, c, i) => {
    dx.values[i] = (weights?.[t] ?? 1) * dy.values[c];
  });
};

/** y = largest over the rows of x; place = the first row that has it */
export const maxPool: ReferenceOperation = ({ inputs: { x }, outputs: { y, place } }) => {
  eachElement(x, (t, c, i) => {
    if (t > 0 && !(x.values[i] > y.values[c])) return;
    y.values[c] = x.values[i];
    place.values[c] = t;
  });
};

/** dx[place[c], c] = dy[c] */
export const maxPoolBackward: ReferenceOperation = ({ inputs: { dy, place }, outputs, attributes }) => {
  const dx = beginSum(outputs.dx, attributes);
  eachElement(dy, (_, c, i) => {
    dx[Math.round(place.values[c]) * dy.columns + c] += dy.values[i];
  });
};

/** cos(π k (t + ½) / L) / L */
const cosineWeight = (k: number, t: number, tokens: number): number =>
  Math.cos((Math.PI * k * (t + 0.5)) / tokens) / tokens;

/** y[k d + c] = 1/L Σ_t cos(π k (t + ½) / L) x[t, c] */
export const cosinePool: ReferenceOperation = ({ inputs: { x }, outputs: { y }, attributes: { modes } }) => {
  y.values.fill(0);
  eachElement(x, (t, c, i) => {
    for (let k = 0; k < modes; k++) {
      y.values[k * x.columns + c] += cosineWeight(k, t, x.rows) * x.values[i];
    }
  });
};

/** dx[t, c] = 1/L Σ_k cos(π k (t + ½) / L) dy[k d + c] */
export const cosinePoolBackward: ReferenceOperation = ({ inputs: { dy }, outputs, attributes }) => {
  const dx = beginSum(outputs.dx, attributes);
  eachElement(outputs.dx, (t, c, i) => {
    for (let k = 0; k < attributes.modes; k++) {
      dx[i] += cosineWeight(k, t, outputs.dx.rows) * dy.values[k * outputs.dx.columns + c];
    }
  });
};
