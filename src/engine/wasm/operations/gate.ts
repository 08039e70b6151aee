/** Binds gates to their kernels. */
import type { WasmFamily } from '../bindings.js';
import { binary } from './binary.js';

export const gate = {
  gate: { bind: binary('multiply', 'a', 'b', 'y') },
  sigmoidGate: { bind: binary('sigmoidGate', 'a', 'b', 'y') },
  sigmoidGateBackward: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [da, db] = [place(outputs.da), place(outputs.db)];
      const [dy, a, b] = [place(inputs.dy), place(inputs.a), place(inputs.b)];
      const { columns } = tensor(inputs.a);
      return (row, rows) =>
        kernels.sigmoidGateBackward(
          da.base + row * da.stride,
          db.base + row * db.stride,
          dy.base + row * dy.stride,
          a.base + row * a.stride,
          b.base + row * b.stride,
          rows * columns,
        );
    },
  },
} satisfies WasmFamily;
