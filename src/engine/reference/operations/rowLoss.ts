/** Binary cross-entropy of rows whose targets stand among the frames. */
import { eachElement, type ReferenceOperands, type ReferenceOperation } from '../operands.js';

function targetOf(
  { attributes: { width, first }, sequence }: ReferenceOperands,
  row: number,
  column: number,
) {
  return sequence.frames![row * width + first + column];
}

/** loss = 1/L Σ max(x, 0) − x y + log(1 + e^−|x|) over the targets y ≥ 0 */
export const rowEntropy: ReferenceOperation = (operands) => {
  const { x } = operands.inputs;
  let sum = 0;
  eachElement(x, (t, c, i) => {
    const y = targetOf(operands, t, c);
    const value = x.values[i];
    if (y >= 0) sum += Math.max(value, 0) - value * y + Math.log1p(Math.exp(-Math.abs(value)));
  });
  operands.outputs.loss.values[0] = sum / x.rows;
};

/** dx = weight (σ(x) − y) / (L B), B the sequences of the batch */
export const rowEntropyBackward: ReferenceOperation = (operands) => {
  const { x } = operands.inputs;
  const { batchSize, lossWeight } = operands.sequence;
  eachElement(x, (t, c, i) => {
    const y = targetOf(operands, t, c);
    const slope = y < 0 ? 0 : 1 / (1 + Math.exp(-x.values[i])) - y;
    operands.outputs.dx.values[i] = (slope * lossWeight) / (x.rows * batchSize);
  });
};
