/** Linear layers: y = x Wᵀ + b (+ residual), W as [outputs, inputs]. */
import { beginSum, eachElement, type ReferenceOperation } from '../operands.js';

export const linear: ReferenceOperation = ({ inputs: { x, weight, bias, residual }, outputs: { y } }) => {
  eachElement(y, (t, o, i) => {
    let sum = bias.values[o];
    for (let k = 0; k < x.columns; k++) sum += x.values[t * x.columns + k] * weight.values[o * x.columns + k];
    y.values[i] = residual === undefined ? sum : sum + residual.values[i];
  });
};

/** dW += dyᵀ x; db += Σ dy */
export const linearWeightGradient: ReferenceOperation = ({
  inputs: { dy, x },
  outputs: { dweight, dbias },
}) => {
  eachElement(dy, (t, o, i) => {
    dbias.values[o] += dy.values[i];
    for (let k = 0; k < x.columns; k++) {
      dweight.values[o * x.columns + k] += dy.values[i] * x.values[t * x.columns + k];
    }
  });
};

/** dx = dy W */
export const linearInputGradient: ReferenceOperation = ({ inputs: { dy, weight }, outputs, attributes }) => {
  const dx = beginSum(outputs.dx, attributes);
  eachElement(dy, (t, o, i) => {
    for (let k = 0; k < weight.columns; k++) {
      dx[t * weight.columns + k] += dy.values[i] * weight.values[o * weight.columns + k];
    }
  });
};
