/** Binds short convolutions to their kernels. */
import type { WasmFamily } from '../bindings.js';

export const depthwise = {
  depthwiseConvolution: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [y, x, weight, bias] = [outputs.y, inputs.x, inputs.weight, inputs.bias].map(
        (id) => place(id).base,
      );
      const { columns, rows } = tensor(inputs.weight);
      const taps = rows as number;
      return (_, tokens) => kernels.depthwiseConvolution(y, x, weight, bias, tokens, columns, taps);
    },
  },
  depthwiseConvolutionBackward: {
    bind({ inputs, outputs }, { kernels, situation, place, tensor }) {
      const [dx, dweight, dbias] = [outputs.dx, outputs.dweight, outputs.dbias].map((id) => place(id).base);
      const [dy, x, weight] = [inputs.dy, inputs.x, inputs.weight].map((id) => place(id).base);
      const { columns, rows } = tensor(inputs.weight);
      const taps = rows as number;
      return (_, tokens) =>
        kernels.depthwiseConvolutionBackward(
          dx,
          situation.gradients + dweight,
          situation.gradients + dbias,
          dy,
          x,
          weight,
          tokens,
          columns,
          taps,
        );
    },
  },
} satisfies WasmFamily;
