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
  /**
   * Mean over the labels of the binary cross-entropy of their sigmoids, each by its weight, with label smoothing s: the
   * target t is (1 − s) t + s / 2. The targets are the sequence's own. slopes = weight (sigmoid(logits) − target).
   */
  binaryEntropy: {
    inputs: ['logits'],
    rowwise: false,
    readsSequence: true,
    infer: ({ logits }) => ({ loss: { rows: 1, columns: 1 }, slopes: like(logits) }),
    flops: ({ logits }) => 6 * logits.columns,
    backward(g: Gradients<'binaryEntropyBackward'>, { inputs, outputs }) {
      g.contribute(inputs.logits, 'binaryEntropyBackward', { slopes: outputs.slopes }, 'dlogits');
    },
  },
  /** dlogits = weight of the sequence · slopes / (labels · batch size). */
  binaryEntropyBackward: {
    inputs: ['slopes'],
    rowwise: false,
    infer: ({ slopes }) => ({ dlogits: like(slopes) }),
    flops: ({ slopes }) => slopes.columns,
    backward: null,
  },
} satisfies OperationFamily;
