/** Dropout (Srivastava et al. 2014). */
import { type Gradients, like, type OperationFamily, perElement } from './definition.js';

export const dropout = {
  /** y = x · keep / (1 − rate), keep drawn for (seed, site, step, sequence, element). */
  dropout: {
    inputs: ['x'],
    rowwise: true,
    infer: ({ x }) => ({ y: like(x) }),
    flops: perElement(1),
    backward(g: Gradients<'dropoutBackward'>, { inputs, outputs, attributes }) {
      g.contribute(inputs.x, 'dropoutBackward', { x: g.of(outputs.y) }, 'dx', {}, attributes);
    },
  },
  /** The same mask, drawn again. */
  dropoutBackward: {
    inputs: ['x'],
    rowwise: true,
    infer: ({ x }) => ({ dx: like(x) }),
    flops: perElement(1),
    backward: null,
  },
} satisfies OperationFamily;
