/** Sums and copies. */
import { demand, type Gradients, like, type OperationFamily, perElement, rowsOf } from './definition.js';

export const elementwise = {
  /** y = a + b. */
  add: {
    inputs: ['a', 'b'],
    rowwise: true,
    infer({ a, b }) {
      demand(a.rows === b.rows && a.columns === b.columns, 'add', 'shapes differ');
      return { y: like(a) };
    },
    flops: ({ a }, _, tokens) => rowsOf(a, tokens) * a.columns,
    backward(g: Gradients<never>, { inputs, outputs }) {
      g.pass(inputs.a, g.of(outputs.y));
      g.pass(inputs.b, g.of(outputs.y));
    },
  },
  /** y += x: where a second gradient meets the first. */
  accumulate: {
    inputs: ['x'],
    rowwise: true,
    infer: ({ x }) => ({ y: like(x) }),
    flops: perElement(1),
    backward: null,
  },
  /** y = x: a gradient that two tensors shared becomes one's own. */
  copy: {
    inputs: ['x'],
    rowwise: true,
    infer: ({ x }) => ({ y: like(x) }),
    flops: () => 0,
    backward: null,
  },
} satisfies OperationFamily;
