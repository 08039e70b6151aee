/**
 * A Gaussian kernel machine, k(x, c) = exp(−γ |x − c|²), by ridge regression onto ±1 for each class (Rifkin & Lippert
 * 2007). What the features' parts count, the width 1 / √γ and the penalty are chosen by what each example would get from
 * a model without it, which the solution says in closed form: by the mean cross-entropy of these scores, divided by a
 * temperature that suits them. Up to 5,000 examples all are centres; of more some are, and the others are learned from
 * all the same.
 */
import { cautiousTemperature } from '../../evaluation/calibration.js';
import { crossEntropies, macroF1Of, predictedClasses } from '../../evaluation/metrics.js';
import { MOST_EXACT_CENTRES, SOME_CENTRES } from '../../model/families/spectrum.js';
import { Turns } from '../../platform/turns.js';
import { RandomStream } from '../../random.js';
import { InverseFactor } from './inverseFactor.js';
import { rowDistances } from './rowDistances.js';

/** Centres of a machine: all examples up to `exact`, otherwise about `some`. */
export interface CentreLimits {
  readonly exact: number;
  readonly some: number;
  /** Up to so many examples the penalty is sought again among all. */
  readonly sought: number;
}
const LIMITS: CentreLimits = { exact: MOST_EXACT_CENTRES, some: SOME_CENTRES, sought: 1200 };
/** Examples by which features, width and penalty are chosen, where there are more. */
const JUDGES = 400;

/** 1 / (2 σ²) times the median squared distance, from wide to narrow. */
const WIDTHS = [0.125, 0.25, 0.5, 1, 2, 4];
const PENALTIES = Array.from({ length: 17 }, (_, i) => 10 ** (-6 + i / 2));
const FIRST_PENALTY = 8;

export interface KernelData {
  /** [examples, width], row-major. */
  readonly rows: Float32Array;
  readonly width: number;
  readonly labels: Int32Array;
  readonly classes: number;
}

/** A way to weigh the features: one factor a part. */
export interface Weighing {
  readonly name: string;
  readonly factors: readonly number[];
}

export interface MachineScore {
  readonly accuracy: number;
  readonly loss: number;
}

export interface KernelChoice {
  readonly weighing: Weighing;
  /** What features are multiplied by besides, so that k = exp(−|x − c|² / 2). */
  readonly scale: number;
  readonly penalty: number;
  /** The best of every weighing, by examples left out. */
  readonly candidates: readonly (MachineScore & { readonly name: string })[];
}

/** What examples get from a model without them, and how they then do. */
interface LeftOut extends MachineScore {
  readonly logits: Float64Array;
  readonly temperature: number;
}

/**
 * @param parts how many features belong to each part, in order
 * @param seed of which examples judge
 */
export async function chooseKernel(
  data: KernelData,
  parts: readonly number[],
  weighings: readonly Weighing[],
  seed: number,
): Promise<KernelChoice> {
  const turns = new Turns();
  const judges = select(data, stratified(data.labels, JUDGES, seed));
  const distances = partDistances(judges, parts);
  const count = judges.labels.length;
  const targets = targetsOf(judges);
  const tried = new Map<string, LeftOut>();
  const found: (LeftOut & { weighing: Weighing; width: number; penalty: number; scale: number })[] = [];
  for (const weighing of weighings) {
    const squares = weighted(distances, weighing.factors);
    const median = medianOf(squares, count);
    const kernels = new Map<number, Float64Array>();
    const at = async (width: number, penalty: number): Promise<LeftOut> => {
      const key = `${weighing.name} ${width} ${penalty}`;
      let result = tried.get(key);
      if (result !== undefined) return result;
      await turns.give();
      const K = kernels.get(width) ?? squares.map((square) => Math.exp((-WIDTHS[width] * square) / median));
      kernels.set(width, K);
      result = leftOut(K, targets, judges, PENALTIES[penalty]).score;
      tried.set(key, result);
      return result;
    };
    const last = found.reduce<(typeof found)[number] | undefined>(
      (best, one) => (best === undefined || one.loss < best.loss ? one : best),
      undefined,
    );
    // One after the other until neither changes: the loss has one valley along each.
    let [width, penalty] = [last?.width ?? 2, last?.penalty ?? FIRST_PENALTY];
    for (let before = ''; before !== `${width} ${penalty}`; ) {
      before = `${width} ${penalty}`;
      penalty = await descend(PENALTIES.length, penalty, async (p) => (await at(width, p)).loss);
      width = await descend(WIDTHS.length, width, async (w) => (await at(w, penalty)).loss);
    }
    const scale = Math.sqrt((2 * WIDTHS[width]) / median);
    found.push({ ...(await at(width, penalty)), weighing, width, penalty, scale });
  }
  const best = found.reduce((leader, one) => (one.loss < leader.loss ? one : leader));
  return {
    weighing: best.weighing,
    scale: best.scale,
    penalty: PENALTIES[best.penalty],
    candidates: found.map(({ weighing, accuracy, loss }) => ({ name: weighing.name, accuracy, loss })),
  };
}

/** Places of the centres among the examples: all, or of many some. */
export const centrePlaces = (
  labels: Int32Array,
  seed: number,
  { exact, some }: CentreLimits = LIMITS,
): Uint32Array => stratified(labels, labels.length > exact ? some : exact, seed);

export interface KernelMachine {
  /** Places of the centres among the examples. */
  readonly centres: Uint32Array;
  /** [classes, centres]: of kernels to logits, which need no temperature. */
  readonly head: Float32Array;
  readonly score: MachineScore & { readonly macroF1: number };
}

/**
 * The machine for k = exp(−|x − c|² / 2) of the rows as they are. Throws nothing: a penalty makes every kernel regular.
 * @param seed of which examples are centres, where not all are
 */
export async function fitKernelMachine(
  data: KernelData,
  penalty: number,
  seed: number,
  limits = LIMITS,
): Promise<KernelMachine> {
  const { labels, classes } = data;
  const count = labels.length;
  const { centres, duals, judged, judgedLabels } =
    count > limits.exact ? fitSome(data, penalty, seed, limits) : await fitAll(data, penalty, limits);
  const factor = 1 / judged.temperature;
  const head = new Float32Array(classes * centres.length);
  for (let i = 0; i < centres.length; i++) {
    for (let c = 0; c < classes; c++) head[c * centres.length + i] = factor * duals[i * classes + c];
  }
  const macroF1 = macroF1Of(predictedClasses(judged.logits, classes), judgedLabels, classes);
  return { centres, head, score: { accuracy: judged.accuracy, loss: judged.loss, macroF1 } };
}

interface Fitted {
  readonly centres: Uint32Array;
  /** [centres, classes] */
  readonly duals: Float64Array;
  readonly judged: LeftOut;
  readonly judgedLabels: Int32Array;
}

async function fitAll(data: KernelData, penalty: number, limits: CentreLimits): Promise<Fitted> {
  const { labels } = data;
  const turns = new Turns();
  const K = kernelsOf(rowDistances(data.rows, data.rows, data.width));
  const targets = targetsOf(data);
  let place = PENALTIES.reduce(
    (best, one, i) =>
      Math.abs(Math.log(one / penalty)) < Math.abs(Math.log(PENALTIES[best] / penalty)) ? i : best,
    0,
  );
  const solutions = new Map<number, ReturnType<typeof leftOut>>();
  const at = async (p: number): Promise<ReturnType<typeof leftOut>> => {
    await turns.give();
    const solution = solutions.get(p) ?? leftOut(K, targets, data, PENALTIES[p]);
    solutions.set(p, solution);
    return solution;
  };
  if (labels.length <= limits.sought) {
    place = await descend(PENALTIES.length, place, async (p) => (await at(p)).score.loss);
  }
  const { duals, score } = await at(place);
  return {
    centres: centrePlaces(labels, 0),
    duals,
    judged: score,
    judgedLabels: labels,
  };
}

/** Rows whose kernels are at hand at a time. */
const CHUNK = 512;

/** Of many examples: weights of some centres that fit all examples best (Williams & Seeger 2001; Rudi et al. 2015). */
function fitSome(data: KernelData, penalty: number, seed: number, limits: CentreLimits): Fitted {
  const { rows, width, labels, classes } = data;
  const centres = centrePlaces(labels, seed, limits);
  const size = centres.length;
  const own = rowsAt(rows, width, centres);
  const kernels = (from: number, to: number): Float64Array =>
    kernelsOf(rowDistances(rows.subarray(from * width, to * width), own, width));
  const products = kernelsOf(rowDistances(own, own, width)).map((value) => penalty * value);
  const sums = new Float64Array(size * classes);
  const targets = targetsOf(data);
  for (let from = 0; from < labels.length; from += CHUNK) {
    const to = Math.min(labels.length, from + CHUNK);
    const K = kernels(from, to);
    for (let i = 0; i < size; i++) {
      for (let e = 0; e < to - from; e++) {
        const value = K[e * size + i];
        for (let c = 0; c < classes; c++) sums[i * classes + c] += value * targets[(from + e) * classes + c];
      }
    }
    addProducts(products, K, size);
  }
  // A part in 10⁹ of the diagonal: of centres that are alike one would do.
  const factor = new InverseFactor(products, size, 1e-9 * labels.length);
  const duals = factor.times(sums, classes);
  // Some of the examples judge.
  const judges = stratified(labels, limits.some, seed + 1);
  const judgedData = select(data, judges);
  const K = kernelsOf(rowDistances(judgedData.rows, own, width));
  const transposed = new Float64Array(K.length);
  for (let e = 0; e < judges.length; e++) {
    for (let i = 0; i < size; i++) transposed[i * judges.length + e] = K[e * size + i];
  }
  const solved = factor.times(transposed, judges.length);
  const logits = new Float64Array(judges.length * classes);
  for (let e = 0; e < judges.length; e++) {
    let leverage = 0;
    for (let i = 0; i < size; i++) leverage += K[e * size + i] * solved[i * judges.length + e];
    for (let c = 0; c < classes; c++) {
      let fitted = 0;
      for (let i = 0; i < size; i++) fitted += K[e * size + i] * duals[i * classes + c];
      const target = judgedData.labels[e] === c ? 1 : -1;
      logits[e * classes + c] = target - (target - fitted) / Math.max(1e-6, 1 - leverage);
    }
  }
  return { centres, duals, judged: judgedBy(logits, judgedData), judgedLabels: judgedData.labels };
}

/** products += Kᵀ K. */
function addProducts(products: Float64Array, K: Float64Array, size: number): void {
  for (let e = 0; e < K.length; e += size) {
    for (let i = 0; i < size; i++) {
      const value = K[e + i];
      for (let j = 0, at = i * size; j <= i; j++, at++) products[at] += value * K[e + j];
    }
  }
}

/** Duals, and what each example gets from a model without it: y − α / Q (Q the diagonal of the inverse). */
function leftOut(
  K: Float64Array,
  targets: Float64Array,
  data: Pick<KernelData, 'labels' | 'classes'>,
  penalty: number,
): { duals: Float64Array; score: LeftOut } {
  const { labels, classes } = data;
  const factor = new InverseFactor(K, labels.length, penalty);
  const duals = factor.times(targets, classes);
  const diagonal = factor.diagonal();
  const logits = targets.map((target, at) => target - duals[at] / diagonal[Math.floor(at / classes)]);
  return { duals, score: judgedBy(logits, data) };
}

function judgedBy(raw: Float64Array, { labels, classes }: Pick<KernelData, 'labels' | 'classes'>): LeftOut {
  const temperature = cautiousTemperature(raw, labels, classes);
  const logits = raw.map((score) => score / temperature);
  const losses = crossEntropies(logits, labels, classes);
  const right = predictedClasses(logits, classes).filter((label, i) => label === labels[i]).length;
  const loss = losses.reduce((sum, one) => sum + one, 0) / labels.length;
  return { logits, temperature, accuracy: right / labels.length, loss };
}

/** Goes downhill from `start` among `count` places, to where both neighbours are higher. */
async function descend(
  count: number,
  start: number,
  lossAt: (place: number) => Promise<number>,
): Promise<number> {
  let best = start;
  let least = await lossAt(start);
  for (const step of [1, -1]) {
    let moved = false;
    for (let next = best + step; next >= 0 && next < count; next += step) {
      const loss = await lossAt(next);
      if (loss >= least) break;
      [best, least, moved] = [next, loss, true];
    }
    if (moved) break;
  }
  return best;
}

/** Of squared distances, in place: they are many. */
function kernelsOf(squares: Float64Array): Float64Array {
  for (let i = 0; i < squares.length; i++) squares[i] = Math.exp(-squares[i] / 2);
  return squares;
}

function targetsOf({ labels, classes }: Pick<KernelData, 'labels' | 'classes'>): Float64Array {
  const targets = new Float64Array(labels.length * classes).fill(-1);
  for (let i = 0; i < labels.length; i++) targets[i * classes + labels[i]] = 1;
  return targets;
}

/** At most `most` examples, drawn from every class by its share and one at least; in order. */
function stratified(labels: Int32Array, most: number, seed: number): Uint32Array {
  if (labels.length <= most) return Uint32Array.from(labels, (_, i) => i);
  const order = new RandomStream(seed, 'shuffle', 0).permutation(labels.length);
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const taken = new Map<number, number>();
  const chosen = order.filter((i) => {
    const label = labels[i];
    const wanted = Math.max(1, Math.floor((most * counts.get(label)!) / labels.length));
    const sofar = taken.get(label) ?? 0;
    taken.set(label, sofar + 1);
    return sofar < wanted;
  });
  return chosen.sort();
}

export function rowsAt(rows: Float32Array, width: number, places: Uint32Array): Float32Array {
  const own = new Float32Array(places.length * width);
  for (const [i, place] of places.entries()) {
    own.set(rows.subarray(place * width, (place + 1) * width), i * width);
  }
  return own;
}

const select = (data: KernelData, places: Uint32Array): KernelData => ({
  ...data,
  rows: rowsAt(data.rows, data.width, places),
  labels: Int32Array.from(places, (place) => data.labels[place]),
});

/** Squared distances of the examples by the features of each part alone. */
function partDistances({ rows, width, labels }: KernelData, parts: readonly number[]): Float64Array[] {
  let from = 0;
  return parts.map((size) => {
    const own = new Float32Array(labels.length * size);
    for (let i = 0; i < labels.length; i++) {
      own.set(rows.subarray(i * width + from, i * width + from + size), i * size);
    }
    from += size;
    return rowDistances(own, own, size);
  });
}

function weighted(distances: readonly Float64Array[], factors: readonly number[]): Float64Array {
  const sum = new Float64Array(distances[0].length);
  for (const [p, own] of distances.entries()) {
    const square = factors[p] ** 2;
    if (square > 0) for (let i = 0; i < sum.length; i++) sum[i] += square * own[i];
  }
  return sum;
}

/** Of distances between different examples; 1 where all are the same. */
function medianOf(squares: Float64Array, count: number): number {
  const sorted = squares.filter((_, at) => Math.floor(at / count) > at % count).sort();
  return sorted[Math.floor(sorted.length / 2)] || sorted[sorted.length - 1] || 1;
}
