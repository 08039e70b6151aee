/** What is to be added to the classes' logits so that each is said as often as it is right. */
import { softmax } from './metrics.js';

/** A bias of 1 costs as much as an example that is wrong by as much. */
const PENALTY = 1;
const STEPS = 200;
const SMALLEST_MOVE = 1e-6;

/**
 * The biases of least cross-entropy, pulled towards 0: scores of one class against the rest know nothing of the other
 * classes' frequencies. Each step minimises a bound that touches the loss where it stands (Böhning and Lindsay 1988), so
 * that none goes uphill. Their sum is 0.
 * @param logits [examples, classes], calibrated
 */
export function fitClassBiases(logits: Float64Array, labels: Int32Array, classes: number): Float64Array {
  const biases = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]++;
  const shifted = new Float64Array(classes);
  for (let step = 0; step < STEPS; step++) {
    const said = new Float64Array(classes);
    for (let i = 0; i < labels.length; i++) {
      for (let c = 0; c < classes; c++) shifted[c] = logits[i * classes + c] + biases[c];
      softmax(shifted).forEach((chance, c) => {
        said[c] += chance;
      });
    }
    let largest = 0;
    for (let c = 0; c < classes; c++) {
      const move = (counts[c] - said[c] - 2 * PENALTY * biases[c]) / (said[c] + 2 * PENALTY);
      biases[c] += move;
      largest = Math.max(largest, Math.abs(move));
    }
    if (largest < SMALLEST_MOVE) break;
  }
  const mean = biases.reduce((sum, bias) => sum + bias, 0) / classes;
  return biases.map((bias) => bias - mean);
}
