/** Binds dropout to its kernel: the same mask forward and backward. */
import { PURPOSE } from '../../../random.js';
import type { WasmFamily, WasmOperation } from '../bindings.js';

/** @param to name of the output */
function masked(to: string): WasmOperation['bind'] {
  return ({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) => {
    const x = place(inputs.x);
    const y = place(outputs[to]);
    const { columns } = tensor(inputs.x);
    const threshold = Math.floor(attributes.rate * 4294967296);
    const scale = 1 / (1 - attributes.rate);
    return (row, rows) =>
      kernels.dropout(
        y.base + row * y.stride,
        x.base + row * x.stride,
        row * columns,
        rows * columns,
        threshold,
        scale,
        attributes.site,
        situation.step,
        situation.sequence,
        situation.seed,
        PURPOSE.dropout,
      );
  };
}

export const dropout = {
  dropout: { bind: masked('y') },
  dropoutBackward: { bind: masked('dx') },
} satisfies WasmFamily;
