/** Binds windows, and filters of which the largest answer counts, to their kernels. */
import type { WasmFamily } from '../bindings.js';

/** Rows of the layer that are there at once. */
const TILE = 72;

export const filterBank = {
  window: {
    bind({ inputs, outputs, attributes: { taps } }, { kernels, place, tensor }) {
      const [y, x] = [place(outputs.y).base, place(inputs.x).base];
      const { columns } = tensor(inputs.x);
      return (_, rows) => kernels.window(y, x, rows, columns, taps);
    },
  },
  windowBackward: {
    bind({ inputs, outputs, attributes: { taps, accumulate = 0 } }, { kernels, place, tensor }) {
      const [dx, dy] = [place(outputs.dx).base, place(inputs.dy).base];
      const { columns } = tensor(outputs.dx);
      return (_, rows) => kernels.windowBackward(dx, dy, rows, columns, taps, accumulate);
    },
  },
  maxLinear: {
    packed: { form: 'transposed', input: 'weight' },
    scratchBytes: ({ outputs }, { tensor }) => 4 * TILE * tensor(outputs.y).columns,
    bind({ inputs, outputs }, { kernels, place: at, packed, tensor, scratch }) {
      const [y, place, x, bias] = [outputs.y, outputs.place, inputs.x, inputs.bias].map((id) => at(id).base);
      const weight = packed('transposed', inputs.weight);
      const [depth, columns] = [tensor(inputs.x).columns, tensor(outputs.y).columns];
      return (_, rows) => kernels.maxLinear(y, place, x, weight, bias, scratch, rows, depth, columns, TILE);
    },
  },
  maxLinearBackward: {
    bind({ inputs, outputs, attributes }, { kernels, situation, place: at, tensor }) {
      const [dx, dweight, dbias] = [outputs.dx, outputs.dweight, outputs.dbias].map((id) => at(id).base);
      const [dy, place, x, weight] = [inputs.dy, inputs.place, inputs.x, inputs.weight].map(
        (id) => at(id).base,
      );
      const [depth, columns] = [tensor(inputs.x).columns, tensor(inputs.dy).columns];
      const { accumulate = 0 } = attributes;
      return (_, rows) =>
        kernels.maxLinearBackward(
          dx,
          situation.gradients + dweight,
          situation.gradients + dbias,
          dy,
          place,
          x,
          weight,
          rows,
          depth,
          columns,
          accumulate,
        );
    },
  },
} satisfies WasmFamily;
