/** Binds the elastic wave to its kernels. */
import type { WasmFamily } from '../bindings.js';

export const wave = {
  wave: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [y, x, frequency] = [place(outputs.y), place(inputs.x), place(inputs.frequency).base];
      const { columns } = tensor(inputs.x);
      return (row, rows) =>
        kernels.wave(y.base + row * y.stride, x.base + row * x.stride, frequency, rows, columns);
    },
  },
  waveBackward: {
    bind({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
      const [dx, dy, x, y] = [place(outputs.dx), place(inputs.dy), place(inputs.x), place(inputs.y)];
      const [dfrequency, frequency] = [place(outputs.dfrequency).base, place(inputs.frequency).base];
      const { columns } = tensor(inputs.x);
      const accumulate = attributes.accumulate ?? 0;
      return (row, rows) =>
        kernels.waveBackward(
          dx.base + row * dx.stride,
          situation.gradients + dfrequency,
          dy.base + row * dy.stride,
          x.base + row * x.stride,
          y.base + row * y.stride,
          frequency,
          rows,
          columns,
          accumulate,
        );
    },
  },
} satisfies WasmFamily;
