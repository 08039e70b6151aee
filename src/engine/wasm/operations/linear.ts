/** Binds linear layers to the matrix kernels, which take packed copies of the weights. */
import { NOWHERE, type WasmFamily } from '../bindings.js';

export const linear = {
  linear: {
    packed: { form: 'transposed', input: 'weight' },
    bind({ inputs, outputs }, { kernels, place, packed, tensor }) {
      const [x, y] = [place(inputs.x), place(outputs.y)];
      const residual = inputs.residual === undefined ? NOWHERE : place(inputs.residual);
      const bias = place(inputs.bias).base;
      const weight = packed('transposed', inputs.weight);
      const [depth, columns] = [tensor(inputs.x).columns, tensor(outputs.y).columns];
      return (row, rows) =>
        kernels.product(
          y.base + row * y.stride,
          x.base + row * x.stride,
          weight,
          bias,
          residual.base + row * residual.stride,
          rows,
          depth,
          columns,
        );
    },
  },
  linearInputGradient: {
    packed: { form: 'plain', input: 'weight' },
    bind({ inputs, outputs, attributes }, { kernels, place, packed, tensor }) {
      const [dx, dy] = [place(outputs.dx), place(inputs.dy)];
      const weight = packed('plain', inputs.weight);
      const [depth, columns] = [tensor(inputs.dy).columns, tensor(outputs.dx).columns];
      const old = attributes.accumulate ? dx : NOWHERE;
      return (row, rows) =>
        kernels.product(
          dx.base + row * dx.stride,
          dy.base + row * dy.stride,
          weight,
          0,
          old.base + row * old.stride,
          rows,
          depth,
          columns,
        );
    },
  },
  linearWeightGradient: {
    bind({ inputs, outputs }, { kernels, situation, place, tensor }) {
      const [dy, x] = [place(inputs.dy), place(inputs.x)];
      const [dweight, dbias] = [place(outputs.dweight).base, place(outputs.dbias).base];
      const [columns, outputColumns] = [tensor(inputs.x).columns, tensor(inputs.dy).columns];
      return (row, rows) =>
        kernels.linearWeightGradient(
          situation.gradients + dweight,
          situation.gradients + dbias,
          dy.base + row * dy.stride,
          x.base + row * x.stride,
          rows,
          columns,
          outputColumns,
        );
    },
  },
} satisfies WasmFamily;
