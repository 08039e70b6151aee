/** Binds the mean and the weighted sum to their kernels. */
import type { WasmFamily } from '../bindings.js';

export const pooling = {
  mean: {
    /** A float64 sum a channel. */
    scratchBytes: ({ inputs }, { tensor }) => 8 * tensor(inputs.x).columns,
    bind({ inputs, outputs }, { kernels, place, tensor, scratch }) {
      const [y, x] = [place(outputs.y).base, place(inputs.x).base];
      const { columns } = tensor(inputs.x);
      return (_, rows) => kernels.mean(y, x, scratch, rows, columns);
    },
  },
  meanBackward: {
    bind({ inputs, outputs }, { kernels, situation, place, tensor }) {
      const [dx, dy] = [place(outputs.dx), place(inputs.dy).base];
      const { columns } = tensor(inputs.dy);
      return (row, rows) =>
        kernels.meanBackward(dx.base + row * dx.stride, dy, rows, situation.tokens, columns);
    },
  },
  weightedSum: {
    weights: true,
    /** A float64 sum a channel. */
    scratchBytes: ({ inputs }, { tensor }) => 8 * tensor(inputs.x).columns,
    bind({ inputs, outputs }, { kernels, situation, place, tensor, scratch }) {
      const [y, x] = [place(outputs.y).base, place(inputs.x).base];
      const { columns } = tensor(inputs.x);
      return (_, rows) => kernels.weightedSum(y, x, situation.weights, scratch, rows, columns);
    },
  },
  weightedSumBackward: {
    weights: true,
    bind({ inputs, outputs }, { kernels, situation, place, tensor }) {
      const [dx, dy] = [place(outputs.dx), place(inputs.dy).base];
      const { columns } = tensor(inputs.dy);
      return (row, rows) =>
        kernels.weightedSumBackward(
          dx.base + row * dx.stride,
          dy,
          situation.weights + 4 * row,
          rows,
          columns,
        );
    },
  },
} satisfies WasmFamily;
