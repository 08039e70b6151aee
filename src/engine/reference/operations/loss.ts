/** Cross-entropy with label smoothing (Szegedy et al. 2016): of one class by a softmax, of any number of labels by sigmoids. */
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

/** loss = 1 / C Σ w (max(z, 0) − z t + ln(1 + e^−|z|)); slopes = w (σ(z) − t) */
export const binaryEntropy: ReferenceOperation = ({ inputs: { logits }, outputs, attributes, sequence }) => {
  const { loss, slopes } = outputs;
  const smoothing = attributes.smoothing ?? 0;
  loss.values[0] = 0;
  eachElement(logits, (_, c, i) => {
    const z = logits.values[i];
    const target = (1 - smoothing) * (sequence.targets?.[c] ?? 0) + smoothing / 2;
    const weight = sequence.targetWeights?.[c] ?? 1;
    const entropy = Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z)));
    loss.values[0] += (weight * entropy) / logits.columns;
    slopes.values[i] = weight * (1 / (1 + Math.exp(-z)) - target);
  });
};

/** dlogits = weight · slopes / (C B) */
export const binaryEntropyBackward: ReferenceOperation = ({
  inputs: { slopes },
  outputs: { dlogits },
  sequence,
}) => {
  const { batchSize, lossWeight } = sequence;
  eachElement(dlogits, (_, _c, i) => {
    dlogits.values[i] = (slopes.values[i] * lossWeight) / (dlogits.columns * batchSize);
  });
};
