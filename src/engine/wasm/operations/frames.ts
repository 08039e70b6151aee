/** Binds the frames of a signal, and the magnitude of pairs of filters. */
import type { WasmFamily } from '../bindings.js';

export const frames = {
  frames: {
    frameWidth: ({ attributes }) => attributes.width,
    bind({ outputs, attributes: { width, window } }, { kernels, situation, place }) {
      const y = place(outputs.y);
      return (row, rows) => {
        const end = situation.tokens * width;
        // Rows whose window ends within the sequence.
        const whole = Math.max(0, Math.min(rows, Math.floor((end - window) / width) + 1 - row));
        const [to, from] = [y.base + row * y.stride, situation.frames + 4 * width * row];
        kernels.copyColumns(to, window, from, width, whole, window);
        for (let r = whole; r < rows; r++) {
          const [at, there] = [to + 4 * window * r, end - width * (row + r)];
          kernels.copy(at, from + 4 * width * r, there);
          kernels.clear(at + 4 * there, window - there);
        }
      };
    },
  },
  magnitude: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [y, x] = [place(outputs.y), place(inputs.x)];
      const { columns } = tensor(outputs.y);
      return (row, rows) =>
        kernels.magnitude(y.base + row * y.stride, x.base + row * x.stride, rows, columns);
    },
  },
  magnitudeBackward: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [dx, dy, x, y] = [place(outputs.dx), place(inputs.dy), place(inputs.x), place(inputs.y)];
      const { columns } = tensor(inputs.y);
      return (row, rows) =>
        kernels.magnitudeBackward(
          dx.base + row * dx.stride,
          dy.base + row * dy.stride,
          x.base + row * x.stride,
          y.base + row * y.stride,
          rows,
          columns,
        );
    },
  },
} satisfies WasmFamily;
