/** Activation functions. */
import { type Gradients, like, type OperationFamily, perElement, rowsOf } from './definition.js';

export const activation = {
  /**
   * y = x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))) (Hendrycks & Gimpel 2016, tanh form). `slope` is dy/dx: it costs
   * little beside y and is kept instead of x; only the backward operation reads it.
   */
  gelu: {
    inputs: ['x'],
    rowwise: true,
    infer: ({ x }) => ({ y: like(x), slope: like(x) }),
    flops: perElement(9),
    backward(g: Gradients<'geluBackward'>, { inputs, outputs }) {
      g.contribute(inputs.x, 'geluBackward', { dy: g.of(outputs.y), slope: outputs.slope }, 'dx');
    },
  },
  /** dx = dy · slope. The FLOPs of the slope are counted here, where it is needed. */
  geluBackward: {
    inputs: ['dy', 'slope'],
    rowwise: true,
    infer: ({ slope }) => ({ dx: like(slope) }),
    flops: ({ dy }, _, tokens) => 8 * rowsOf(dy, tokens) * dy.columns,
    backward: null,
  },
  /** y = eˣ: with a linear layer before it, how near a row is to each of the layer's centres. */
  exp: {
    inputs: ['x'],
    rowwise: true,
    infer: ({ x }) => ({ y: like(x) }),
    flops: perElement(1),
    backward(g: Gradients<'expBackward'>, { inputs: { x }, outputs: { y } }) {
      g.contribute(x, 'expBackward', { dy: g.of(y), y }, 'dx');
    },
  },
  /** dx = dy · y. */
  expBackward: {
    inputs: ['dy', 'y'],
    rowwise: true,
    infer: ({ y }) => ({ dx: like(y) }),
    flops: ({ dy }, _, tokens) => rowsOf(dy, tokens) * dy.columns,
    backward: null,
  },
} satisfies OperationFamily;
