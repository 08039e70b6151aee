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
} satisfies OperationFamily;
