/**
 * Ridge regression onto ±1 for each class, its penalty chosen by leaving out one example of each class in turn. For more features than
 * examples: everything follows from the products of examples with each other.
 */
import { type LabelSets, targetsOfSets } from '../../data/labelSets.js';
import { InverseFactor } from './inverseFactor.js';

export interface RidgeData {
  /** [examples, features], row-major. */
  readonly features: Float32Array;
  readonly labels: Int32Array;
  readonly classes: number;
  /** Of any number of labels: the sets whose numbers the labels are. */
  readonly sets?: LabelSets | undefined;
}

export interface RidgeModel {
  /** [classes, features]. */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly penalty: number;
  /** [examples, classes]: what each example gets from a model without it, and without one of each other class. */
  readonly leftOut: Float64Array;
  /** How many times some were left out. */
  readonly folds: number;
}

/** Penalties that are tried: 10⁻³ to 10³, as in the paper's code. */
const PENALTIES = Array.from({ length: 10 }, (_, i) => 10 ** (-3 + (6 * i) / 9));

/** Mean of each column, and what brings its deviation to 1; columns that never change are left out. */
function scaling(features: Float32Array, count: number): { means: Float64Array; scales: Float64Array } {
  const width = features.length / count;
  const means = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let i = 0; i < count; i++) {
    for (let f = 0; f < width; f++) means[f] += features[i * width + f] / count;
  }
  for (let i = 0; i < count; i++) {
    for (let f = 0; f < width; f++) squares[f] += (features[i * width + f] - means[f]) ** 2 / count;
  }
  return { means, scales: squares.map((square) => (square > 1e-12 ? 1 / Math.sqrt(square) : 0)) };
}

/** Products of all rows with each other, four rows at a time: each number read serves four sums. */
function gram(rows: Float32Array, count: number): Float64Array {
  const width = rows.length / count;
  const products = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const a = i * width;
    let j = 0;
    for (; j + 4 <= i + 1; j += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let f = 0, b = j * width; f < width; f++, b++) {
        const value = rows[a + f];
        s0 += value * rows[b];
        s1 += value * rows[b + width];
        s2 += value * rows[b + 2 * width];
        s3 += value * rows[b + 3 * width];
      }
      products[i * count + j] = s0;
      products[i * count + j + 1] = s1;
      products[i * count + j + 2] = s2;
      products[i * count + j + 3] = s3;
    }
    for (; j <= i; j++) {
      let sum = 0;
      for (let f = 0, b = j * width; f < width; f++, b++) sum += rows[a + f] * rows[b];
      products[i * count + j] = sum;
    }
  }
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) products[j * count + i] = products[i * count + j];
  return products;
}

interface Solution {
  readonly penalty: number;
  /** [examples, classes] */
  readonly duals: Float64Array;
  readonly leftOut: Float64Array;
  /** Mean square of what is missing then. */
  readonly error: number;
}

function solve(K: Float64Array, { labels, classes, sets }: RidgeData, penalty: number): Solution {
  const count = labels.length;
  const factor = new InverseFactor(K, count, penalty);
  const targets = new Float64Array(count * classes).fill(-1);
  if (sets === undefined) for (let i = 0; i < count; i++) targets[i * classes + labels[i]] = 1;
  else {
    targetsOfSets(labels, sets).forEach((target, at) => {
      if (target > 0) targets[at] = 1;
    });
  }
  const duals = factor.times(targets, classes);
  const leftOut = new Float64Array(count * classes);
  let error = 0;
  for (const fold of leftOutTogether(labels, kindsOf({ classes, sets }))) {
    const own = new Float64Array(fold.length * classes);
    fold.forEach((i, at) => {
      own.set(duals.subarray(i * classes, (i + 1) * classes), at * classes);
    });
    const missing = new InverseFactor(factor.block(fold), fold.length, 0).times(own, classes);
    fold.forEach((i, at) => {
      for (let c = 0; c < classes; c++) {
        leftOut[i * classes + c] = targets[i * classes + c] - missing[at * classes + c];
        error += missing[at * classes + c] ** 2;
      }
    });
  }
  return { penalty, duals, leftOut, error: error / (count * classes) };
}

/** Of what one each is left out together: classes, or sets of labels. */
const kindsOf = ({ classes, sets }: Pick<RidgeData, 'classes' | 'sets'>): number =>
  sets === undefined ? classes : sets.has.length / classes;

/** Examples that are left out together at most. */
const MOST_TOGETHER = 32;

/**
 * The examples in folds of one of each class, fewer of rare ones. Were each left out alone, its class would be rarer than
 * the others by one: where examples are few, that alone makes its score the lowest.
 */
export function leftOutTogether(labels: Int32Array, classes: number): number[][] {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  const folds = Math.max(Math.max(...counts), Math.ceil(labels.length / MOST_TOGETHER));
  const seen = new Int32Array(classes);
  const found: number[][] = Array.from({ length: folds }, () => []);
  labels.forEach((label, i) => {
    found[Math.floor((seen[label]++ * folds) / counts[label])].push(i);
  });
  return found.filter((fold) => fold.length > 0);
}

/** Examples by which the penalty is chosen, if there are more. */
const JUDGES = 800;

/** The first that leaves least error. */
function choosePenalty(K: Float64Array, data: RidgeData): number {
  const count = data.labels.length;
  const step = Math.max(1, Math.ceil(count / JUDGES));
  const judges = Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
  const own = step === 1 ? K : Float64Array.from(judges.flatMap((i) => judges.map((j) => K[i * count + j])));
  const labels = Int32Array.from(judges, (i) => data.labels[i]);
  const solutions = PENALTIES.map((penalty) => solve(own, { ...data, labels }, penalty));
  return solutions.reduce((best, one) => (one.error < best.error ? one : best)).penalty;
}

/** Fits the penalty, then the weights on all examples. */
export function fitRidge(data: RidgeData): RidgeModel {
  const { features, labels, classes } = data;
  const count = labels.length;
  const width = features.length / count;
  const { means, scales } = scaling(features, count);
  const rows = new Float32Array(features.length);
  for (let i = 0, at = 0; i < count; i++) {
    for (let f = 0; f < width; f++, at++) rows[at] = (features[at] - means[f]) * scales[f];
  }
  const K = gram(rows, count);
  // One more feature, the same for all and large: a bias that the penalty hardly touches.
  let trace = 0;
  for (let i = 0; i < count; i++) trace += K[i * count + i] / count;
  const constant = Math.max(1, trace);
  for (let i = 0; i < K.length; i++) K[i] += constant;
  const { duals, leftOut, penalty } = solve(K, data, choosePenalty(K, data));
  const weight = new Float32Array(classes * width);
  const bias = new Float32Array(classes);
  const sums = new Float64Array(width);
  for (let c = 0; c < classes; c++) {
    sums.fill(0);
    let shift = 0;
    for (let i = 0; i < count; i++) {
      const dual = duals[i * classes + c];
      shift += constant * dual;
      for (let f = 0, at = i * width; f < width; f++, at++) sums[f] += dual * rows[at];
    }
    // Back to features as they come.
    for (let f = 0; f < width; f++) {
      weight[c * width + f] = sums[f] * scales[f];
      shift -= sums[f] * scales[f] * means[f];
    }
    bias[c] = shift;
  }
  return { weight, bias, penalty, leftOut, folds: leftOutTogether(labels, kindsOf(data)).length };
}
