/** Binds layer norm to its kernels. */
import type { WasmFamily } from '../bindings.js';

export const norm = {
  layerNorm: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [x, y, statistics] = [place(inputs.x), place(outputs.y), place(outputs.statistics)];
      const [weight, bias] = [place(inputs.weight).base, place(inputs.bias).base];
      const { columns } = tensor(inputs.x);
      return (row, rows) =>
        kernels.layerNorm(
          y.base + row * y.stride,
          statistics.base + row * statistics.stride,
          x.base + row * x.stride,
          weight,
          bias,
          rows,
          columns,
        );
    },
  },
  normalize: {
    bind({ inputs, outputs }, { kernels, place, tensor }) {
      const [x, y, statistics] = [place(inputs.x), place(outputs.y), place(inputs.statistics)];
      const [weight, bias] = [place(inputs.weight).base, place(inputs.bias).base];
      const { columns } = tensor(inputs.x);
      return (row, rows) =>
        kernels.normalize(
          y.base + row * y.stride,
          x.base + row * x.stride,
          weight,
          bias,
          statistics.base + row * statistics.stride,
          rows,
          columns,
        );
    },
  },
  layerNormBackward: {
    bind({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
      const [dx, dy, x, statistics] = [
        place(outputs.dx),
        place(inputs.dy),
        place(inputs.x),
        place(inputs.statistics),
      ];
      const [dweight, dbias, weight] = [
        place(outputs.dweight).base,
        place(outputs.dbias).base,
        place(inputs.weight).base,
      ];
      const { columns } = tensor(inputs.x);
      const accumulate = attributes.accumulate ?? 0;
      return (row, rows) =>
        kernels.layerNormBackward(
          dx.base + row * dx.stride,
          situation.gradients + dweight,
          situation.gradients + dbias,
          dy.base + row * dy.stride,
          x.base + row * x.stride,
          statistics.base + row * statistics.stride,
          weight,
          rows,
          columns,
          accumulate,
        );
    },
  },
} satisfies WasmFamily;
