/** Whether scores mean what they say: reliability bins, calibration error, Brier score, a temperature that mends them. */
import { softmax, UNKNOWN_CLASS } from './metrics.js';

/** Answers whose confidence lies in (low, high]. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence; NaN for an empty bin. */
  readonly confidence: number;
  /** Share of right answers; NaN for an empty bin. */
  readonly accuracy: number;
}

export interface Calibration {
  readonly bins: readonly ReliabilityBin[];
  /** Expected calibration error, 0 … 1. */
  readonly error: number;
  /** 0 (certain and right) … 2 (certain and wrong). */
  readonly brier: number;
  /** Mean negative log-likelihood, nats. */
  readonly loss: number;
}

/**
 * Bins of equal width over 0 … 1.
 * @param confidences probability of the class that was answered
 * @param right whether the answer was right
 * @param count of bins; default 15, as in Guo et al. 2017
 */
export function reliabilityBins(
  confidences: ArrayLike<number>,
  right: ArrayLike<boolean>,
  count = 15,
): ReliabilityBin[] {
  const sums = Array.from({ length: count }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (let i = 0; i < confidences.length; i++) {
    const place = Math.min(count - 1, Math.max(0, Math.ceil(confidences[i] * count) - 1));
    sums[place].count++;
    sums[place].confidence += confidences[i];
    sums[place].right += Number(right[i]);
  }
  return sums.map((sum, i) => ({
    low: i / count,
    high: (i + 1) / count,
    count: sum.count,
    confidence: sum.confidence / sum.count,
    accuracy: sum.right / sum.count,
  }));
}

/** Mean distance between confidence and accuracy over the bins, weighted by their answers (Naeini et al. 2015). */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  const whole = bins.reduce((sum, { count }) => sum + count, 0);
  return bins
    .filter(({ count }) => count > 0)
    .reduce(
      (sum, { count, confidence, accuracy }) => sum + (count / whole) * Math.abs(accuracy - confidence),
      0,
    );
}

/**
 * Mean over the examples of Σ over the classes of (probability − truth)² (Brier 1950).
 * @param probabilities [examples, classes]
 */
export function brierScore(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let c = 0; c < classes; c++) {
      sum += (probabilities[i * classes + c] - Number(labels[i] === c)) ** 2;
    }
  }
  return labels.length === 0 ? 0 : sum / labels.length;
}

/** Softmax of logits / temperature for each example. logits: [examples, classes]. */
export function scaledProbabilities(
  logits: ArrayLike<number>,
  classes: number,
  temperature: number,
): Float64Array {
  const probabilities = new Float64Array(logits.length);
  const scaled = new Float64Array(classes);
  for (let start = 0; start < logits.length; start += classes) {
    for (let c = 0; c < classes; c++) scaled[c] = logits[start + c] / temperature;
    probabilities.set(softmax(scaled), start);
  }
  return probabilities;
}

interface Slope {
  readonly first: number;
  readonly second: number;
  /** Mean square of what the examples have of the first one. */
  readonly square: number;
}

/** Derivatives of the mean negative log-likelihood by β = 1 / temperature: E[z] − z of the label, and Var[z]. */
function slopeAt(beta: number, logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Slope {
  const probabilities = scaledProbabilities(logits, classes, 1 / beta);
  let [first, second, square] = [0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    const own = i * classes;
    let mean = 0;
    for (let c = 0; c < classes; c++) mean += probabilities[own + c] * logits[own + c];
    for (let c = 0; c < classes; c++) second += probabilities[own + c] * (logits[own + c] - mean) ** 2;
    const slope = mean - logits[own + labels[i]];
    first += slope;
    square += slope * slope;
  }
  const count = labels.length;
  return { first: first / count, second: second / count, square: square / count };
}

const LEAST_TEMPERATURE = 0.05;
const LARGEST_TEMPERATURE = 20;

/**
 * The temperature by which logits are to be divided so that the labels are most likely (Guo et al. 2017): one
 * number, fitted on examples that the training did not see. The loss is convex in 1 / temperature, so Newton's steps,
 * kept between two ends, find its only minimum. 0.05 … 20; 1 without examples.
 * @param logits [examples, classes]
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): number {
  if (labels.length === 0) return 1;
  let [low, high] = [1 / LARGEST_TEMPERATURE, 1 / LEAST_TEMPERATURE];
  if (slopeAt(low, logits, labels, classes).first >= 0) return LARGEST_TEMPERATURE;
  if (slopeAt(high, logits, labels, classes).first <= 0) return LEAST_TEMPERATURE;
  let beta = 1;
  for (let i = 0; i < 100 && high - low > 1e-12; i++) {
    const { first, second } = slopeAt(beta, logits, labels, classes);
    if (first === 0) break;
    if (first > 0) high = beta;
    else low = beta;
    const newton = beta - first / second;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    const moved = Math.abs(next - beta);
    beta = next;
    if (moved < 1e-12 * beta) break;
  }
  return 1 / beta;
}

/** A few examples that are all right would call for certainty; answers never get more than twice as sure. */
const LEAST_SAFE_TEMPERATURE = 0.5;

/** The temperature to answer with, from what may be few examples. Parameters as of `fitTemperature`. */
export function safeTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): number {
  return Math.max(LEAST_SAFE_TEMPERATURE, fitTemperature(logits, labels, classes));
}

/** Standard errors of its inverse by which a temperature from few examples is on the safe side. */
const CAUTION = 2;

/**
 * The temperature for a model that was chosen by these same examples, left out in turn, and seems better on them than it
 * is. It suits them and one more, which is wrong where the one of middling margin is right: few that are all right prove no
 * certainty (Laplace's rule of succession). Its inverse is then made smaller by two of its standard errors, to half at
 * most: on few reviews, posts and descriptions that halves the calibration error (docs/research.md). Parameters as of
 * `fitTemperature`.
 */
export function cautiousTemperature(logits: Float64Array, labels: Int32Array, classes: number): number {
  if (labels.length === 0) return 1;
  const rivals = Int32Array.from(labels, (label, i) => {
    let best = label === 0 ? 1 : 0;
    for (let c = 0; c < classes; c++) {
      if (c !== label && logits[i * classes + c] > logits[i * classes + best]) best = c;
    }
    return best;
  });
  const marginOf = (i: number): number => logits[i * classes + labels[i]] - logits[i * classes + rivals[i]];
  const order = Array.from(labels.keys()).sort((a, b) => marginOf(a) - marginOf(b));
  const middle = order[Math.floor(order.length / 2)];
  const more = new Float64Array(logits.length + classes);
  more.set(logits);
  more.set(logits.subarray(middle * classes, (middle + 1) * classes), logits.length);
  const moreLabels = Int32Array.of(...labels, rivals[middle]);
  const temperature = fitTemperature(more, moreLabels, classes);
  const { second, square } = slopeAt(1 / temperature, more, moreLabels, classes);
  // Of the relative inverse: the slopes of the examples beside the curvature (White 1982).
  const error = (Math.sqrt(square / moreLabels.length) / second) * temperature;
  return temperature / Math.max(0.5, 1 - CAUTION * (Number.isFinite(error) ? error : 0));
}

/**
 * All of it for one set of examples; every answer for one of an unknown class (−1) is wrong, and it is left out of the loss.
 * @param logits [examples, classes]
 * @param temperature by which they are divided first; default 1
 * @param bins default 15
 */
export function calibrationOf(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  { temperature = 1, bins: count = 15 }: { readonly temperature?: number; readonly bins?: number } = {},
): Calibration {
  const probabilities = scaledProbabilities(logits, classes, temperature);
  const confidences = new Float64Array(labels.length);
  const right: boolean[] = [];
  let loss = 0;
  let known = 0;
  for (let i = 0; i < labels.length; i++) {
    const own = probabilities.subarray(i * classes, (i + 1) * classes);
    const answer = own.reduce((best, value, c) => (value > own[best] ? c : best), 0);
    confidences[i] = own[answer];
    right.push(answer === labels[i]);
    if (labels[i] === UNKNOWN_CLASS) continue;
    known++;
    // A probability can round to zero where its logarithm does not: the smallest double stands for it.
    loss -= Math.log(Math.max(own[labels[i]], Number.MIN_VALUE));
  }
  const bins = reliabilityBins(confidences, right, count);
  return {
    bins,
    error: expectedCalibrationError(bins),
    brier: brierScore(probabilities, labels, classes),
    loss: known === 0 ? 0 : loss / known,
  };
}
