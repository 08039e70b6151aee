/** The loss of models that answer for every row, several classes at once. */
import { type Gradients, like, type OperationFamily, perElement } from './definition.js';

export const rowLoss = {
  /**
   * Binary cross-entropy of every row and class, summed over classes, its mean over the rows:
   * 1/L Σ max(x, 0) − x y + log(1 + e^−|x|). The target y of row t and class c stands among the sequence's frames, in row
   * t at `first` + c of its `width` numbers (both attributes). Where it is negative nobody knows: that does not count.
   */
  rowEntropy: {
    inputs: ['x'],
    rowwise: false,
    readsSequence: true,
    infer: () => ({ loss: { rows: 1, columns: 1 } }),
    flops: perElement(6),
    backward(g: Gradients<'rowEntropyBackward'>, { inputs: { x }, attributes }) {
      g.contribute(x, 'rowEntropyBackward', { x }, 'dx', {}, attributes);
    },
  },
  /** dx = weight of the sequence · (σ(x) − y) / (L · batch size), 0 where y is negative. */
  rowEntropyBackward: {
    inputs: ['x'],
    rowwise: true,
    readsSequence: true,
    infer: ({ x }) => ({ dx: like(x) }),
    flops: perElement(5),
    backward: null,
  },
} satisfies OperationFamily;
