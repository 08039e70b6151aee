/**
 * Logistic regression on weighted features, scaled by naive Bayes log-count ratios (Wang & Manning 2012), one class
 * against the rest (two classes: one against the other), by Adam with feature dropout. Plain arrays and float64 sums,
 * no engine; decided by the settings alone, bit by bit.
 */
import type { EncodedDataset } from '../../data/encoded.js';
import type { Batch, StepKey, StepResult } from '../../engine/engine.js';
import type { TrainingSettings } from '../../model/trainingSettings.js';
import { RandomStream } from '../../random.js';
import { learningRateAt } from '../schedule.js';
import { LazyAdam } from './lazyAdam.js';

export interface LinearProblem {
  /** Its tokens are features 1 … `features`, each at most once an example, with weights. */
  readonly train: EncodedDataset;
  readonly features: number;
  readonly classes: number;
  /** What every feature has of every class before any example. */
  readonly smoothing: number;
  /** Share of an example's features that a step leaves out. */
  readonly dropout: number;
  readonly settings: TrainingSettings;
}

/** Random numbers for dropout have 16 bits. */
const DROPOUT_STEPS = 65_536;

/** Columns of the weights: with two classes the second's against the first's. */
export const outputsOf = (classes: number): number => (classes === 2 ? 1 : classes);

/**
 * r[j, k] = ln((s + p) / Σ(s + p)) − ln((s + q) / Σ(s + q)), p and q being the sums of feature j's weights over the
 * training examples within and without class k, s the smoothing; [features, outputs].
 */
export function logCountRatios({ train, features, classes, smoothing }: LinearProblem): Float32Array {
  const { tokens, offsets, labels, weights } = train;
  const outputs = outputsOf(classes);
  const within = new Float64Array(features * outputs);
  const all = new Float64Array(features);
  for (let i = 0; i < labels.length; i++) {
    const output = classes === 2 ? labels[i] - 1 : labels[i];
    for (let t = offsets[i]; t < offsets[i + 1]; t++) {
      const weight = weights?.[t] ?? 1;
      all[tokens[t] - 1] += weight;
      if (output >= 0) within[(tokens[t] - 1) * outputs + output] += weight;
    }
  }
  const total = all.reduce((sum, weight) => sum + weight, 0);
  const sums = new Float64Array(outputs);
  for (let i = 0; i < within.length; i++) sums[i % outputs] += within[i];
  const floor = features * smoothing;
  const shifts = sums.map((sum) => Math.log((floor + sum) / (floor + total - sum)));
  // What is left of a sum of others may be below zero by a rounding.
  return Float32Array.from(within, (p, i) => {
    const q = Math.max(0, all[Math.floor(i / outputs)] - p);
    return Math.log((smoothing + p) / (smoothing + q)) - shifts[i % outputs];
  });
}

/** Σ weight² of each feature over the examples. */
export function featureEnergies({ tokens, weights }: EncodedDataset, features: number): Float64Array {
  const energies = new Float64Array(features);
  for (let t = 0; t < tokens.length; t++) energies[tokens[t] - 1] += (weights?.[t] ?? 1) ** 2;
  return energies;
}

export class LinearSolver {
  readonly adam: LazyAdam;
  /** One row: that of the biases. */
  readonly bias: LazyAdam;
  readonly outputs: number;
  readonly #problem: LinearProblem;
  readonly #ratios: Float32Array;
  readonly #gradient: Float32Array;
  readonly #biasGradient: Float32Array;
  /** Rows of the step at hand, each once. */
  #touched: Int32Array;
  /** The step that touched each row last. */
  readonly #stamps: Int32Array;

  constructor(problem: LinearProblem) {
    const { train, features, classes, settings } = problem;
    const steps = settings.epochs * Math.ceil(train.labels.length / settings.batchSize);
    const rates = Float64Array.from({ length: steps }, (_, s) => learningRateAt(settings, s, steps));
    const { beta1, beta2 } = settings;
    this.outputs = outputsOf(classes);
    this.#problem = problem;
    this.adam = new LazyAdam({ rows: features, columns: this.outputs, rates, beta1, beta2 });
    this.bias = new LazyAdam({ rows: 1, columns: this.outputs, rates, beta1, beta2 });
    this.#ratios = logCountRatios(problem);
    this.#gradient = new Float32Array(features * this.outputs);
    this.#biasGradient = new Float32Array(this.outputs);
    this.#touched = new Int32Array(features);
    this.#stamps = new Int32Array(features);
  }

  /** Weights times ratios, [features, outputs], as after `step` steps: what a feature says. */
  evidence(step: number): Float32Array {
    this.adam.catchUpAll(step);
    return this.adam.weights.map((weight, i) => weight * this.#ratios[i]);
  }

  /** One step on the mean weighted loss of a batch. */
  step({ tokens, offsets, labels, weights, lossWeights }: Batch, { seed, step }: StepKey): StepResult {
    const { outputs } = this;
    const { classes, dropout } = this.#problem;
    const [parameters, ratios, gradient] = [this.adam.weights, this.#ratios, this.#gradient];
    const threshold = Math.round(dropout * DROPOUT_STEPS);
    const scale = DROPOUT_STEPS / (DROPOUT_STEPS - threshold);
    const number = step + 1;
    const scores = new Float64Array(outputs);
    const slopes = new Float64Array(outputs);
    const result = { loss: 0, gradientNorm: 0, correct: 0 };
    let rows = 0;
    for (let b = 0; b < labels.length; b++) {
      const kept = this.#keep(tokens.subarray(offsets[b], offsets[b + 1]), threshold, seed, step, b);
      for (let k = 0; k < outputs; k++) scores[k] = this.bias.weights[k];
      for (const t of kept) {
        const row = tokens[offsets[b] + t] - 1;
        if (this.#stamps[row] !== number) {
          this.#stamps[row] = number;
          this.#touched[rows++] = row;
          this.adam.catchUp(row, step);
        }
        const x = scale * (weights?.[offsets[b] + t] ?? 1);
        const at = row * outputs;
        for (let k = 0; k < outputs; k++) scores[k] += x * ratios[at + k] * parameters[at + k];
      }
      const { loss, correct } = scoreExample(scores, classes, labels[b]);
      const lossWeight = lossWeights?.[b] ?? 1;
      result.loss += (loss / labels.length) * lossWeight;
      if (correct) result.correct++;
      for (let k = 0; k < outputs; k++) {
        const target = labels[b] === (classes === 2 ? 1 : k) ? 1 : 0;
        slopes[k] = ((1 / (1 + Math.exp(-scores[k])) - target) / labels.length) * lossWeight;
        this.#biasGradient[k] += slopes[k];
      }
      for (const t of kept) {
        const x = scale * (weights?.[offsets[b] + t] ?? 1);
        const at = (tokens[offsets[b] + t] - 1) * outputs;
        for (let k = 0; k < outputs; k++) gradient[at + k] += slopes[k] * x * ratios[at + k];
      }
    }
    let square = this.#biasGradient.reduce((sum, g) => sum + g * g, 0);
    for (let i = 0; i < rows; i++) {
      const at = this.#touched[i] * outputs;
      for (let j = at; j < at + outputs; j++) square += gradient[j] * gradient[j];
    }
    result.gradientNorm = Math.sqrt(square);
    if (!Number.isFinite(result.loss) || !Number.isFinite(square)) return result;
    for (let i = 0; i < rows; i++) this.adam.update(this.#touched[i], number, gradient);
    this.bias.update(0, number, this.#biasGradient);
    return result;
  }

  #positions = new Int32Array(1024);

  /** Positions of the features that dropout leaves. */
  #keep(tokens: Int32Array, threshold: number, seed: number, step: number, b: number): Int32Array {
    if (this.#positions.length < tokens.length) this.#positions = new Int32Array(2 * tokens.length);
    const positions = this.#positions;
    const random = new RandomStream(seed, 'dropout', step, b);
    let count = 0;
    let bits = 0;
    for (let t = 0; t < tokens.length; t++) {
      bits = t % 2 === 0 ? random.nextUint32() : bits >>> 16;
      positions[count] = t;
      if ((bits & 0xffff) >= threshold) count++;
    }
    return positions.subarray(0, count);
  }
}

/**
 * Cross-entropy of the softmax over the classes, and whether the label is the class that is answered: that of the largest
 * score, of equal ones the first.
 */
export function scoreExample(
  scores: Float64Array,
  classes: number,
  label: number,
): { loss: number; correct: boolean } {
  if (classes === 2) {
    const margin = label === 1 ? scores[0] : -scores[0];
    const answer = scores[0] > 0 ? 1 : 0;
    return {
      loss: Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin))),
      correct: answer === label,
    };
  }
  const largest = scores.reduce((most, score) => Math.max(most, score));
  const sum = scores.reduce((total, score) => total + Math.exp(score - largest), 0);
  return { loss: Math.log(sum) + largest - scores[label], correct: scores.indexOf(largest) === label };
}
