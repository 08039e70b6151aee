/** Binds sums and copies to their kernels. */
import type { WasmFamily } from '../bindings.js';
import { binary } from './binary.js';

export const elementwise = {
  add: { bind: binary('add', 'a', 'b', 'y') },
  accumulate: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [y, x] = [place(outputs.y), place(inputs.x)];
      const { columns } = tensor(inputs.x);
      return (row, rows) => {
        const at = y.base + row * y.stride;
        kernels.add(at, at, x.base + row * x.stride, rows * columns);
      };
    },
  },
  copy: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [y, x] = [place(outputs.y), place(inputs.x)];
      const { columns } = tensor(inputs.x);
      return (row, rows) => kernels.copy(y.base + row * y.stride, x.base + row * x.stride, rows * columns);
    },
  },
} satisfies WasmFamily;
