/** Kernels as long as a text from few numbers, and convolution with them by its definition, L² steps a channel. */
import { eachElement, type Matrix, type Run } from '../operands.js';

/** A number's share in a kernel: `kernel[row] += weight · numbers[from]`. */
type Share = (row: number, from: Matrix, fromRow: number, weight: number) => void;

/**
 * Calls `share` with every number's part in every row of a kernel of 2R rows: row R + l is lag l. Scale s has `width`
 * numbers for width · 2^s lags; lag j of those lies at (j + ½) / 2^s − ½ on the line through its numbers, and beyond
 * the first or last number takes that.
 */
function eachShare(
  { forward, backward, short }: Readonly<Record<string, Matrix>>,
  { width, decay, scale }: Readonly<Record<string, number>>,
  reach: number,
  share: Share,
): void {
  let first = 0;
  for (let s = 0; s < forward.rows / width; s++) {
    const covered = width * 2 ** s;
    const size = scale * decay ** s;
    for (let j = 0; j < covered && first + j < reach; j++) {
      const at = Math.min(width - 1, Math.max(0, (j + 0.5) / 2 ** s - 0.5));
      const below = Math.floor(at);
      const above = Math.min(width - 1, below + 1);
      const ahead = reach + first + j;
      const behind = reach - 1 - first - j;
      for (const [number, weight] of [
        [below, size * (1 - (at - below))],
        [above, size * (at - below)],
      ]) {
        share(ahead, forward, s * width + number, weight);
        share(behind, backward, s * width + number, weight);
      }
    }
    first += covered;
  }
  if (short === undefined) return;
  for (let j = 0; j < short.rows; j++) {
    const row = reach + (short.rows - 1) / 2 - j;
    if (row >= 0 && row < 2 * reach) share(row, short, j, 1);
  }
}

/** kernel[row] = Σ weight · number */
export const longKernel: Run = ({ inputs, outputs: { kernel }, attributes }) => {
  const { columns, values } = kernel;
  values.fill(0);
  eachShare(inputs, attributes, kernel.rows / 2, (row, from, fromRow, weight) => {
    for (let c = 0; c < columns; c++) {
      values[row * columns + c] += weight * from.values[fromRow * columns + c];
    }
  });
};

/** dnumber += weight · dkernel[row] */
export const longKernelBackward: Run = ({ inputs, outputs, attributes }) => {
  const { dkernel, forward, backward } = inputs;
  const { columns } = dkernel;
  const gradientOf = (from: Matrix): Matrix =>
    from === forward ? outputs.dforward : from === backward ? outputs.dbackward : outputs.dshort;
  eachShare(inputs, attributes, dkernel.rows / 2, (row, from, fromRow, weight) => {
    const { values } = gradientOf(from);
    for (let c = 0; c < columns; c++) {
      values[fromRow * columns + c] += weight * dkernel.values[row * columns + c];
    }
  });
};

/** Here the kernel itself. */
export const preparedKernel: Run = ({ inputs: { kernel }, outputs: { prepared } }) =>
  prepared.values.set(kernel.values);

export const preparedKernelBackward: Run = ({ inputs: { dprepared }, outputs: { dkernel } }) =>
  dkernel.values.set(dprepared.values);

/** Calls `visit` with every token u that reaches row t of a convolution, and the kernel's row for that lag. */
function eachLag(kernel: Matrix, tokens: number, t: number, visit: (u: number, row: number) => void): void {
  const reach = kernel.rows / 2;
  for (let u = Math.max(0, t - reach + 1); u < Math.min(tokens, t + reach + 1); u++) visit(u, reach + t - u);
}

/** y[t] = Σ_u kernel[t − u] · x[u] */
export const longConvolution: Run = ({ inputs: { x, kernel }, outputs: { y, signal } }) => {
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
export const longConvolutionBackward: Run = ({
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
