/** From a trained linear model to the one that is kept: the features that matter most, in bytes. */
/** Largest whole number of a kept weight. */
const LEVELS = 127;

/** [features, outputs] evidence and [outputs] biases. */
export interface LinearWeights {
  readonly evidence: Float32Array;
  readonly bias: Float32Array;
  readonly outputs: number;
  /** Whether the outputs are those of a softmax, which does not see what all of them have in common. Default: true. */
  readonly together?: boolean;
}

/** Evidence for output k of kept feature i: `levels[i, k]` · `scales[k]`. */
export interface CompactModel {
  /** Feature numbers from 0, ascending. */
  readonly kept: Int32Array;
  readonly levels: Int8Array;
  readonly scales: Float64Array;
  readonly bias: Float64Array;
}

/** With several outputs, what all classes have in common says nothing: a softmax does not see it. */
function centred({ evidence, bias, outputs, together = true }: LinearWeights): {
  evidence: Float32Array;
  bias: Float64Array;
} {
  if (outputs === 1 || !together) return { evidence, bias: Float64Array.from(bias) };
  const centre = (values: Float32Array, row: number): number => {
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += values[row * outputs + k];
    return sum / outputs;
  };
  const moved = new Float32Array(evidence.length);
  for (let row = 0; row * outputs < evidence.length; row++) {
    const mean = centre(evidence, row);
    for (let k = 0; k < outputs; k++) moved[row * outputs + k] = evidence[row * outputs + k] - mean;
  }
  const mean = centre(bias, 0);
  return { evidence: moved, bias: Float64Array.from(bias, (value) => value - mean) };
}

/**
 * Keeps the `most` features that move the training examples' scores most, by √Σ weight² · |evidence| (of equal ones
 * the first), their evidence rounded to whole numbers of a scale for each output.
 * @param energies Σ weight² of each feature over the training examples
 */
export function compact(weights: LinearWeights, energies: Float64Array, most: number): CompactModel {
  const { outputs } = weights;
  const { evidence, bias } = centred(weights);
  const importance = new Float32Array(energies.length);
  for (let row = 0; row < energies.length; row++) {
    let square = 0;
    for (let i = row * outputs; i < (row + 1) * outputs; i++) square += evidence[i] * evidence[i];
    importance[row] = Math.sqrt(square * energies[row]);
  }
  const kept = largest(importance, most);
  const levels = new Int8Array(kept.length * outputs);
  const scales = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    const column = Float32Array.from(kept, (row) => evidence[row * outputs + k]);
    scales[k] = scaleOf(column);
    column.forEach((value, i) => {
      levels[i * outputs + k] = Math.round(value / scales[k]);
    });
  }
  return { kept, levels, scales, bias };
}

/** Places of the `most` largest values, ascending; of equal ones the first. */
function largest(values: Float32Array, most: number): Int32Array {
  if (most >= values.length) return Int32Array.from(values.keys());
  const threshold = values.slice().sort()[values.length - most];
  let room = most - values.reduce((sum, value) => sum + (value > threshold ? 1 : 0), 0);
  const kept = new Int32Array(most);
  let count = 0;
  values.forEach((value, i) => {
    if (value > threshold || (value === threshold && room-- > 0)) kept[count++] = i;
  });
  return kept;
}

function scaleOf(column: Float32Array): number {
  const peak = column.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return peak === 0 ? 1 : peak / LEVELS;
}

/** Of each feature from 1 its place among the kept ones, from 1; 0 = not kept. */
export function placesOf(kept: Int32Array, features: number): Int32Array {
  const places = new Int32Array(features + 1);
  kept.forEach((row, i) => {
    places[row + 1] = i + 1;
  });
  return places;
}

/** Scores of one example for the outputs, its weights as the kept features alone have them: of the same length. */
export function scoresOf(
  { levels, scales, bias }: CompactModel,
  places: Int32Array,
  tokens: Int32Array,
  weights: Float32Array,
): Float64Array {
  const outputs = bias.length;
  const scores = new Float64Array(outputs);
  let [before, after] = [0, 0];
  for (let t = 0; t < tokens.length; t++) {
    const weight = weights[t];
    before += weight * weight;
    const place = places[tokens[t]];
    if (place === 0) continue;
    after += weight * weight;
    for (let k = 0; k < outputs; k++) scores[k] += weight * levels[(place - 1) * outputs + k];
  }
  const factor = after === 0 ? 0 : Math.sqrt(before / after);
  return scores.map((score, k) => factor * score * scales[k] + bias[k]);
}
