/** Binds what puts columns side by side, and takes them apart, to the copy of rows. */
import type { WasmFamily } from '../bindings.js';

export const columns = {
  concat: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [y, a, b] = [place(outputs.y), place(inputs.a), place(inputs.b)];
      const [left, right] = [tensor(inputs.a).columns, tensor(inputs.b).columns];
      const width = left + right;
      return (row, rows) => {
        const at = y.base + row * y.stride;
        kernels.copyColumns(at, width, a.base + row * a.stride, left, rows, left);
        kernels.copyColumns(at + 4 * left, width, b.base + row * b.stride, right, rows, right);
      };
    },
  },
  columnSlice: {
    bind({ inputs, outputs, attributes }, { kernels, place, tensor }) {
      const [y, x] = [place(outputs.y), place(inputs.x)];
      const [width, count] = [tensor(inputs.x).columns, tensor(outputs.y).columns];
      const first = attributes.last === 1 ? width - count : 0;
      return (row, rows) =>
        kernels.copyColumns(
          y.base + row * y.stride,
          count,
          x.base + row * x.stride + 4 * first,
          width,
          rows,
          count,
        );
    },
  },
} satisfies WasmFamily;
