/** Short convolutions along the tokens, one filter a channel. */
import { eachElement, type Matrix, type ReferenceOperation } from '../operands.js';

/** Calls `visit` with every tap of row t that meets a token: the tap, and the token's row. */
function eachTap(
  { rows: taps }: Matrix,
  tokens: number,
  t: number,
  visit: (tap: number, u: number) => void,
): void {
  for (let j = 0; j < taps; j++) {
    const u = t + j - (taps - 1) / 2;
    if (u >= 0 && u < tokens) visit(j, u);
  }
}

/** y[t] = bias + Σ_j weight[j] · x[t + j − h] */
export const depthwiseConvolution: ReferenceOperation = ({ inputs: { x, weight, bias }, outputs: { y } }) => {
  const { columns } = x;
  eachElement(y, (t, c, i) => {
    y.values[i] = bias.values[c];
    eachTap(weight, x.rows, t, (j, u) => {
      y.values[i] += weight.values[j * columns + c] * x.values[u * columns + c];
    });
  });
};

/** dx[t + j − h] += weight[j] · dy[t]; dweight[j] += dy[t] · x[t + j − h]; dbias += dy */
export const depthwiseConvolutionBackward: ReferenceOperation = ({ inputs: { dy, x, weight }, outputs }) => {
  const { columns } = x;
  outputs.dx.values.fill(0);
  eachElement(dy, (t, c, i) => {
    outputs.dbias.values[c] += dy.values[i];
    eachTap(weight, x.rows, t, (j, u) => {
      outputs.dx.values[u * columns + c] += weight.values[j * columns + c] * dy.values[i];
      outputs.dweight.values[j * columns + c] += dy.values[i] * x.values[u * columns + c];
    });
  });
};
