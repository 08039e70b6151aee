/** Binds mean, sum with weights, maximum and cosine modes to their kernels. */
import type { WasmFamily } from '../bindings.js';

/** Bytes of cosines for so many rows: modes rounded up to vectors. */
const cosineBytes = (rows: number, modes: number): number => 16 * rows * Math.ceil(modes / 4);

/** Rows that the kernel takes at once. */
const COSINE_ROWS = 64;

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
  maxPool: {
    bind({ inputs, outputs }, { kernels, place: at, tensor }) {
      const [y, place, x] = [outputs.y, outputs.place, inputs.x].map((id) => at(id).base);
      const { columns } = tensor(inputs.x);
      return (_, rows) => kernels.maxPool(y, place, x, 0, rows, columns);
    },
  },
  maxPoolBackward: {
    bind({ inputs, outputs, attributes }, { kernels, place: at, tensor }) {
      const [dx, dy, place] = [at(outputs.dx), at(inputs.dy).base, at(inputs.place).base];
      const { columns } = tensor(inputs.dy);
      const accumulate = attributes.accumulate ?? 0;
      return (row, rows) =>
        kernels.maxPoolBackward(dx.base + row * dx.stride, dy, place, row, rows, columns, accumulate);
    },
  },
  cosinePool: {
    scratchBytes: ({ inputs, attributes: { modes } }, { tensor }) =>
      8 * modes * tensor(inputs.x).columns + cosineBytes(COSINE_ROWS, modes),
    bind({ inputs, outputs, attributes: { modes } }, { kernels, place, tensor, scratch }) {
      const [y, x] = [place(outputs.y).base, place(inputs.x).base];
      const { columns } = tensor(inputs.x);
      return (_, rows) => kernels.cosinePool(y, x, scratch, rows, columns, modes);
    },
  },
  cosinePoolBackward: {
    scratchBytes: ({ attributes: { modes } }) => cosineBytes(1, modes),
    bind({ inputs, outputs, attributes }, { kernels, situation, place, tensor, scratch }) {
      const [dx, dy] = [place(outputs.dx), place(inputs.dy).base];
      const { columns } = tensor(outputs.dx);
      const { modes, accumulate = 0 } = attributes;
      return (row, rows) =>
        kernels.cosinePoolBackward(
          dx.base + row * dx.stride,
          dy,
          scratch,
          row,
          rows,
          situation.tokens,
          columns,
          modes,
          accumulate,
        );
    },
  },
} satisfies WasmFamily;
