/** Multi-head attention (Vaswani et al. 2017). */
import { demand, type Gradients, like, type OperationFamily } from './definition.js';

export const attention = {
  /**
   * softmax(q kᵀ / √(d/heads)) v a head; qkv: [L, 3d] as nn.MultiheadAttention's in_proj gives it.
   * Tiled: no n × n matrix is kept, only the logarithm of each row's sum (Dao et al. 2022).
   */
  attention: {
    inputs: ['qkv'],
    rowwise: false,
    infer({ qkv }, { heads }) {
      demand(qkv.columns % (3 * heads) === 0, 'attention', 'channels are not a multiple of heads');
      return {
        y: { rows: qkv.rows, columns: qkv.columns / 3 },
        logsumexp: { rows: qkv.rows, columns: heads },
      };
    },
    flops: ({ qkv }, { heads }, tokens) => tokens * tokens * (4 * (qkv.columns / 3) + 4 * heads),
    backward(g: Gradients<'attentionBackward'>, { inputs, outputs, attributes }) {
      const { qkv } = inputs;
      const operands = { dy: g.of(outputs.y), y: outputs.y, qkv, logsumexp: outputs.logsumexp };
      g.contribute(qkv, 'attentionBackward', operands, 'dqkv', {}, attributes);
    },
  },
  attentionBackward: {
    inputs: ['dy', 'y', 'qkv', 'logsumexp'],
    rowwise: false,
    infer: ({ qkv }) => ({ dqkv: like(qkv) }),
    flops: ({ qkv }, { heads }, tokens) => tokens * tokens * (10 * (qkv.columns / 3) + 4 * heads),
    backward: null,
  },
} satisfies OperationFamily;
