/** Losses. */
import { type Gradients, like, type OperationFamily } from './definition.js';

export const loss = {
  /**
   * Cross-entropy of the sequence's label with label smoothing s: the target is (1 − s) on the label plus s / C on
   * every class (Szegedy et al. 2016). Of a mixed sequence two labels share the 1 − s (Zhang et al. 2018, "mixup").
   */
  crossEntropy: {
    inputs: ['logits'],
    rowwise: false,
    readsSequence: true,
    infer: ({ logits }) => ({ loss: { rows: 1, columns: 1 }, probabilities: like(logits) }),
    flops: ({ logits }) => 4 * logits.columns,
    backward(g: Gradients<'crossEntropyBackward'>, { inputs, outputs, attributes }) {
      const operands = { probabilities: outputs.probabilities };
      g.contribute(inputs.logits, 'crossEntropyBackward', operands, 'dlogits', {}, attributes);
    },
  },
  /** dlogits = weight of the sequence · (probabilities − target) / batch size. */
  crossEntropyBackward: {
    inputs: ['probabilities'],
    rowwise: false,
    infer: ({ probabilities }) => ({ dlogits: like(probabilities) }),
    flops: ({ probabilities }) => 2 * probabilities.columns,
    backward: null,
  },
} satisfies OperationFamily;
