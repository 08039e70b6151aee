/** From token rows to one row. */
import { type Family, type Gradients, perElement } from './definition.js';

export const pooling = {
  /** y = mean over the real tokens, [1, d]. */
  mean: {
    inputs: ['x'],
    rowwise: false,
    infer: ({ x }) => ({ y: { rows: 1, columns: x.columns } }),
    flops: perElement(1),
    backward(g: Gradients<'meanBackward'>, { inputs, outputs }) {
      g.contribute(inputs.x, 'meanBackward', { dy: g.of(outputs.y) }, 'dx');
    },
  },
  /** dx[t] = dy / L. */
  meanBackward: {
    inputs: ['dy'],
    rowwise: true,
    infer: ({ dy }) => ({ dx: { rows: 'tokens', columns: dy.columns } }),
    flops: ({ dy }, _, tokens) => tokens * dy.columns,
    backward: null,
  },
  /** y = Σ weight[t] x[t], [1, d]; the weights come with the sequence. */
  weightedSum: {
    inputs: ['x'],
    rowwise: false,
    infer: ({ x }) => ({ y: { rows: 1, columns: x.columns } }),
    flops: perElement(2),
    backward(g: Gradients<'weightedSumBackward'>, { inputs, outputs }) {
      g.contribute(inputs.x, 'weightedSumBackward', { dy: g.of(outputs.y) }, 'dx');
    },
  },
  /** dx[t] = weight[t] dy. */
  weightedSumBackward: {
    inputs: ['dy'],
    rowwise: true,
    infer: ({ dy }) => ({ dx: { rows: 'tokens', columns: dy.columns } }),
    flops: ({ dy }, _, tokens) => tokens * dy.columns,
    backward: null,
  },
} satisfies Family;
