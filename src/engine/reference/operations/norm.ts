/** Layer norm (Ba et al. 2016): y = (x − mean) · rstd · weight + bias, statistics a row, ε = 1e-5. */
import { beginSum, eachElement, type ReferenceOperation } from '../operands.js';

const EPSILON = 1e-5;

export const layerNorm: ReferenceOperation = (operands) => {
  const { x } = operands.inputs;
  const { statistics } = operands.outputs;
  const { rows, columns, values } = x;
  for (let t = 0; t < rows; t++) {
    const row = values.subarray(t * columns, (t + 1) * columns);
    const mean = row.reduce((sum, value) => sum + value, 0) / columns;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns;
    statistics.values[2 * t] = mean;
    statistics.values[2 * t + 1] = 1 / Math.sqrt(variance + EPSILON);
  }
  normalize({ ...operands, inputs: { ...operands.inputs, statistics } });
};

export const normalize: ReferenceOperation = ({
  inputs: { x, weight, bias, statistics },
  outputs: { y },
}) => {
  eachElement(x, (t, c, i) => {
    const mean = statistics.values[2 * t];
    const rstd = statistics.values[2 * t + 1];
    y.values[i] = (x.values[i] - mean) * rstd * weight.values[c] + bias.values[c];
  });
};

/**
 * With x̂ = (x − mean) · rstd and g = dy · weight:
 * dx = rstd · (g − mean(g) − x̂ · mean(g · x̂)), means over the row; dweight += dy · x̂; dbias += dy.
 */
export const layerNormBackward: ReferenceOperation = ({ inputs, outputs, attributes }) => {
  const { dy, x, statistics, weight } = inputs;
  const { dweight, dbias } = outputs;
  const dx = beginSum(outputs.dx, attributes);
  const { rows, columns } = x;
  for (let t = 0; t < rows; t++) {
    const mean = statistics.values[2 * t];
    const rstd = statistics.values[2 * t + 1];
    const normed = (c: number): number => (x.values[t * columns + c] - mean) * rstd;
    let meanG = 0;
    let meanGx = 0;
    for (let c = 0; c < columns; c++) {
      const d = dy.values[t * columns + c];
      dweight.values[c] += d * normed(c);
      dbias.values[c] += d;
      meanG += (d * weight.values[c]) / columns;
      meanGx += (d * weight.values[c] * normed(c)) / columns;
    }
    for (let c = 0; c < columns; c++) {
      const g = dy.values[t * columns + c] * weight.values[c];
      dx[t * columns + c] += rstd * (g - meanG - normed(c) * meanGx);
    }
  }
};
