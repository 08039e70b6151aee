/** Binds activation functions to their kernels. */
import type { WasmFamily } from '../bindings.js';
import { binary } from './binary.js';

export const activation = {
  gelu: {
    bind({ inputs, outputs }, { kernels, place, tensor, isRead }) {
      const [y, slope, x] = [place(outputs.y), place(outputs.slope), place(inputs.x)];
      const { columns } = tensor(inputs.x);
      if (!isRead(outputs.slope)) {
        return (row, rows) => kernels.gelu(y.base + row * y.stride, x.base + row * x.stride, rows * columns);
      }
      return (row, rows) =>
        kernels.geluWithSlope(
          y.base + row * y.stride,
          slope.base + row * slope.stride,
          x.base + row * x.stride,
          rows * columns,
        );
    },
  },
  geluBackward: { bind: binary('multiply', 'dy', 'slope', 'dx') },
  exp: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [y, x] = [place(outputs.y), place(inputs.x)];
      const { columns } = tensor(inputs.x);
      return (row, rows) => kernels.exp(y.base + row * y.stride, x.base + row * x.stride, rows * columns);
    },
  },
  expBackward: { bind: binary('multiply', 'dy', 'y', 'dx') },
} satisfies WasmFamily;
