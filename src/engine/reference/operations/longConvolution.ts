/** Kernels as long as a text from few numbers, and convolution with them by its definition, L² steps a channel. */
import { eachKernelShare, type KernelShare } from '../../../program/kernelShares.js';
import { eachElement, type Matrix, type ReferenceOperation } from '../operands.js';

/** Calls `share` with every number's part in every row of the kernel. */
function eachShare(
  { forward, short }: Readonly<Record<string, Matrix>>,
  attributes: Readonly<Record<string, number>>,
  reach: number,
  share: KernelShare,
): void {
  eachKernelShare({ numbers: forward.rows, taps: short?.rows ?? 0, reach }, attributes, share);
}

/** kernel[row] = Σ weight · number */
export const longKernel: ReferenceOperation = ({ inputs, outputs: { kernel }, attributes }) => {
  const { columns, values } = kernel;
  values.fill(0);
  eachShare(inputs, attributes, kernel.rows / 2, (row, part, number, weight) => {
    for (let c = 0; c < columns; c++) {
      values[row * columns + c] += weight * inputs[part].values[number * columns + c];
    }
  });
};

/** dnumber += weight · dkernel[row] */
export const longKernelBackward: ReferenceOperation = ({ inputs, outputs, attributes }) => {
  const { dkernel } = inputs;
  const { columns } = dkernel;
  eachShare(inputs, attributes, dkernel.rows / 2, (row, part, number, weight) => {
    const { values } = outputs[`d${part}`];
    for (let c = 0; c < columns; c++) {
      values[number * columns + c] += weight * dkernel.values[row * columns + c];
    }
  });
};

/** Here the kernel itself. */
export const preparedKernel: ReferenceOperation = ({ inputs: { kernel }, outputs: { prepared } }) =>
  prepared.values.set(kernel.values);

export const preparedKernelBackward: ReferenceOperation = ({ inputs: { dprepared }, outputs: { dkernel } }) =>
  dkernel.values.set(dprepared.values);

/** Calls `visit` with every token u that reaches row t of a convolution, and the kernel's row for that lag. */
function eachLag(kernel: Matrix, tokens: number, t: number, visit: (u: number, row: number) => void): void {
  const reach = kernel.rows / 2;
  for (let u = Math.max(0, t - reach + 1); u < Math.min(tokens, t + reach + 1); u++) visit(u, reach + t - u);
}

/** y[t] = Σ_u kernel[t − u] · x[u] */
export const longConvolution: ReferenceOperation = ({ inputs: { x, kernel }, outputs: { y, signal } }) => {
  const { columns } = x;
  signal.values.set(x.values);
  eachElement(y, (t, c, i) => {
    y.values[i] = 0;
    eachLag(kernel, x.rows, t, (u, row) => {
      y.values[i] += kernel.values[row * columns + c] * x.values[u * columns + c];
    });
  });
};

/** dx[u] += kernel[t − u] · dy[t]; dkernel[t − u] += dy[t] · x[u] */
export const longConvolutionBackward: ReferenceOperation = ({
  inputs: { dy, signal, kernel },
  outputs: { dx, dkernel },
}) => {
  const { columns } = dy;
  dx.values.fill(0);
  eachElement(dy, (t, c, i) => {
    eachLag(kernel, dy.rows, t, (u, row) => {
      dx.values[u * columns + c] += kernel.values[row * columns + c] * dy.values[i];
      dkernel.values[row * columns + c] += dy.values[i] * signal.values[u * columns + c];
    });
  });
};
