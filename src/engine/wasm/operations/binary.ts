/** Binds kernels that take two arrays of numbers and yield one: (y, a, b, count). */
import type { WasmOperation } from '../bindings.js';

/** @param left, right, to names of the operands */
export function binary(
  kernel: 'add' | 'multiply' | 'sigmoidGate',
  left: string,
  right: string,
  to: string,
): WasmOperation['bind'] {
  return ({ inputs, outputs }, { kernels, place, tensor }) => {
    const [y, a, b] = [place(outputs[to]), place(inputs[left]), place(inputs[right])];
    const { columns } = tensor(inputs[left]);
    const run = kernels[kernel];
    return (row, rows) =>
      run(y.base + row * y.stride, a.base + row * a.stride, b.base + row * b.stride, rows * columns);
  };
}
