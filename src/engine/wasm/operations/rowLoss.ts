/** Binds the loss of rows, whose targets stand among the frames. */
import type { WasmFamily } from '../bindings.js';

export const rowLoss = {
  rowEntropy: {
    frameWidth: ({ attributes }) => attributes.width,
    bind({ inputs, outputs, attributes: { width, first } }, { kernels, situation, place, tensor }) {
      const [loss, x] = [place(outputs.loss).base, place(inputs.x).base];
      const { columns } = tensor(inputs.x);
      return () =>
        kernels.rowEntropy(loss, x, situation.frames + 4 * first, 4 * width, situation.tokens, columns);
    },
  },
  rowEntropyBackward: {
    frameWidth: ({ attributes }) => attributes.width,
    bind({ inputs, outputs, attributes: { width, first } }, { kernels, situation, place, tensor }) {
      const [dx, x] = [place(outputs.dx), place(inputs.x)];
      const { columns } = tensor(inputs.x);
      return (row, rows) =>
        kernels.rowEntropyBackward(
          dx.base + row * dx.stride,
          x.base + row * x.stride,
          situation.frames + 4 * (row * width + first),
          4 * width,
          rows,
          columns,
          (situation.scale * situation.lossWeight) / situation.tokens,
        );
    },
  },
} satisfies WasmFamily;
