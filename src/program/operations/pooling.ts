/** From token rows to one row. */
import { type Gradients, type OperationFamily, perElement } from './definition.js';

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
  /** y = the largest over the real tokens a channel, [1, d]; place = the first token that has it. */
  maxPool: {
    inputs: ['x'],
    rowwise: false,
    infer: ({ x }) => ({ y: { rows: 1, columns: x.columns }, place: { rows: 1, columns: x.columns } }),
    flops: perElement(1),
    backward(g: Gradients<'maxPoolBackward'>, { inputs, outputs }) {
      g.contribute(inputs.x, 'maxPoolBackward', { dy: g.of(outputs.y), place: outputs.place }, 'dx');
    },
  },
  /** dx[t, c] = dy[c] at the place, else 0. */
  maxPoolBackward: {
    inputs: ['dy', 'place'],
    rowwise: true,
    infer: ({ dy }) => ({ dx: { rows: 'tokens', columns: dy.columns } }),
    flops: ({ dy }) => dy.columns,
    backward: null,
    accumulates: true,
  },
  /**
   * The lowest cosine modes of the position: y[k d + c] = 1/L Σ_t cos(π k (t + ½) / L) x[t, c], k = 0 … modes − 1,
   * [1, modes · d]. Mode 0 is the mean. (DCT-II over the real tokens.)
   */
  cosinePool: {
    inputs: ['x'],
    rowwise: false,
    infer: ({ x }, { modes }) => ({ y: { rows: 1, columns: modes * x.columns } }),
    flops: ({ x }, { modes }, tokens) => 2 * modes * tokens * x.columns,
    backward(g: Gradients<'cosinePoolBackward'>, { inputs, outputs, attributes }) {
      g.contribute(inputs.x, 'cosinePoolBackward', { dy: g.of(outputs.y) }, 'dx', {}, attributes);
    },
  },
  /** dx[t, c] = 1/L Σ_k cos(π k (t + ½) / L) dy[k d + c]. */
  cosinePoolBackward: {
    inputs: ['dy'],
    rowwise: true,
    infer: ({ dy }, { modes }) => ({ dx: { rows: 'tokens', columns: dy.columns / modes } }),
    flops: ({ dy }, _, tokens) => 2 * tokens * dy.columns,
    backward: null,
    accumulates: true,
  },
} satisfies OperationFamily;
