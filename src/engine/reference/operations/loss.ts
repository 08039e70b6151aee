/** Cross-entropy with label smoothing (Szegedy et al. 2016). */
import { eachElement, type ReferenceOperands, type ReferenceOperation } from '../operands.js';

/** The target: 1 − s on the label (of a mixed sequence on two, by their shares), and s / C on every class. */
function target({ attributes, sequence }: ReferenceOperands, classIndex: number, classes: number): number {
  const { label, mixed } = sequence;
  const smoothing = attributes.smoothing ?? 0;
  const own = (classIndex === label ? 1 - mixed.share : 0) + (classIndex === mixed.label ? mixed.share : 0);
  return (1 - smoothing) * own + smoothing / classes;
}

/** probabilities = softmax(logits); loss = −Σ target · log(probabilities) */
export const crossEntropy: ReferenceOperation = (operands) => {
  const { logits } = operands.inputs;
  const { loss, probabilities } = operands.outputs;
  const largest = logits.values.reduce((a, b) => Math.max(a, b));
  const log = largest + Math.log(logits.values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  loss.values[0] = 0;
  eachElement(logits, (_, c, i) => {
    const logProbability = logits.values[i] - log;
    probabilities.values[i] = Math.exp(logProbability);
    loss.values[0] -= target(operands, c, logits.columns) * logProbability;
  });
};

/** dlogits = weight · (probabilities − target) / B, B the sequences of the batch: the gradient of the mean loss */
export const crossEntropyBackward: ReferenceOperation = (operands) => {
  const { probabilities } = operands.inputs;
  const { dlogits } = operands.outputs;
  const { batchSize, lossWeight } = operands.sequence;
  eachElement(dlogits, (_, c, i) => {
    const difference = probabilities.values[i] - target(operands, c, dlogits.columns);
    dlogits.values[i] = (difference * lossWeight) / batchSize;
  });
};
