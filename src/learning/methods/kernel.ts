/** Training of a kernel machine in one step: features, width and penalty by examples left out, then all in closed form. */
import type { EncodedDataset } from '../../data/encoded.js';
import { requireMemory } from '../../data/source.js';
import type { Forward } from '../../engine/engine.js';
import { crossEntropies } from '../../evaluation/metrics.js';
import { fromFloat16, toFloat16 } from '../../formats/float16.js';
import type { ScoredCandidate } from '../../formats/history.js';
import { SpectrumEncoder, type SpectrumPart } from '../../input/spectrum.js';
import type { ModelConfiguration } from '../../model/configuration.js';
import type { CommonConfiguration } from '../../model/families/family.js';
import type { Validated } from '../fit.js';
import {
  centrePlaces,
  chooseKernel,
  fitKernelMachine,
  type KernelData,
  type KernelMachine,
  rowsAt,
  type Weighing,
} from '../solvers/kernelMachine.js';
import { rowDistances } from '../solvers/rowDistances.js';
import type { Trainer, TrainingTask } from './method.js';

/** What a machine makes of parts of the features: which of them, and how much they count. */
interface Mixture {
  readonly name: string;
  readonly factors: Readonly<Partial<Record<SpectrumPart, number>>>;
}

/** Those that are tried, of which a machine has all parts with a factor. What is not named is left out. */
const MIXTURES: readonly Mixture[] = [
  { name: 'spectrum over time and its statistics', factors: { grid: 1, statistics: 2 } },
  { name: 'spectrum over time', factors: { grid: 1 } },
  { name: "the spectrum's statistics", factors: { statistics: 1 } },
  { name: 'statistics above all', factors: { grid: 1, statistics: 5 } },
  { name: 'the series', factors: { series: 1 } },
  { name: 'its frequencies', factors: { frequencies: 1 } },
  { name: 'series and frequencies', factors: { series: 1, frequencies: 1 } },
  { name: 'series and spectrum over time', factors: { series: 1, grid: 1, statistics: 2 } },
];

interface Solution {
  /** What each part is multiplied by, in the encoder's order. */
  readonly factors: Float32Array;
  /** [centres, features], multiplied so, in half precision. */
  readonly centres: Float32Array;
  /** [classes, centres] */
  readonly head: Float32Array;
  readonly score: KernelMachine['score'];
  readonly judged?: KernelMachine['judged'];
  /** What was chosen, and from what. */
  readonly chosen?: string;
  readonly candidates?: readonly ScoredCandidate[];
}

/** Numbers of a row in each part. */
type Parts = readonly (readonly [SpectrumPart, number])[];

export async function kernel(task: TrainingTask): Promise<Trainer> {
  const { model, encoder, settings, folds, keptApart } = task;
  if (!(encoder instanceof SpectrumEncoder)) throw new TypeError('internal: a kernel machine takes spectra');
  const train = requireMemory(task.train);
  const { classes, signal }: CommonConfiguration = model;
  const width = encoder.rowWidth - 1;
  const capacity = signal!.centres!;
  const data = { rows: withoutSquares(train.frames!, width), width, labels: train.labels, classes };
  const parts = Array.from(encoder.parts);
  let solution: Solution | undefined;
  return {
    shapes: [
      { name: 'factors', shape: [parts.length] },
      { name: 'head', shape: [classes * capacity] },
    ],
    async step({ labels }) {
      solution ??= await solve(data, parts, settings.seed);
      const { accuracy, loss } = solution.score;
      return { loss, gradientNorm: 0, correct: Math.round(accuracy * labels.length) };
    },
    ...(folds === undefined
      ? {}
      : { validate: async () => scoreOfThoseLeftOut(solution!, folds.count, train.labels.length) }),
    async forward({ frames, labels }) {
      return forward(solution!, { ...data, rows: withoutSquares(frames!, width), labels }, parts);
    },
    async kept() {
      const head = new Float32Array(classes * capacity);
      head.set(solution?.head ?? []);
      return new Map([
        ['factors', solution?.factors ?? new Float32Array(parts.length)],
        ['head', head],
      ]);
    },
    async restore(kept) {
      const factors = kept.get('factors')!;
      if (factors.every((factor) => factor === 0)) return;
      const places = centrePlaces(train.labels, settings.seed);
      const centres = rowsAt(multiplied(data, parts, factors), width, places);
      const head = kept.get('head')!.slice(0, classes * places.length);
      solution = { factors, centres, head, score: { accuracy: 0, loss: 0, macroF1: 0 } };
    },
    async model() {
      if (solution === undefined) {
        return { encoder, parameters: parametersOf(solution, { capacity, width, classes }) };
      }
      // The validation part has done its work: what it could teach is not thrown away.
      const last = keptApart
        ? await solve(withMore(data, requireMemory(task.validation)), parts, settings.seed)
        : solution;
      const centres = keptApart ? last.head.length / classes : capacity;
      const { factors } = last;
      return {
        encoder: encoder.scaled(new Map(parts.map(([part], p) => [part, factors[p]]))),
        parameters: parametersOf(last, { capacity: centres, width, classes }),
        ...(keptApart ? { model: { ...model, signal: { ...signal!, centres } } as ModelConfiguration } : {}),
      };
    },
    async dispose() {},
  };
}

/** The examples and others. */
function withMore(data: KernelData, { frames, labels }: EncodedDataset): KernelData {
  const more = withoutSquares(frames!, data.width);
  const rows = new Float32Array(data.rows.length + more.length);
  rows.set(data.rows);
  rows.set(more, data.rows.length);
  return { ...data, rows, labels: Int32Array.of(...data.labels, ...labels) };
}

/** The mixtures of parts that are there, each once. */
function weighingsOf(parts: Parts): Weighing[] {
  const names = parts.map(([part]) => part);
  return MIXTURES.filter(({ factors }) =>
    (Object.keys(factors) as SpectrumPart[]).every((part) => names.includes(part)),
  ).map(({ name, factors }) => ({ name, factors: names.map((part) => factors[part] ?? 0) }));
}

async function solve(data: KernelData, parts: Parts, seed: number): Promise<Solution> {
  const sizes = parts.map(([, size]) => size);
  const { weighing, scale, penalty, candidates } = await chooseKernel(data, sizes, weighingsOf(parts), seed);
  const factors = Float32Array.from(weighing.factors, (factor) => scale * factor);
  const rows = multiplied(data, parts, factors);
  const { centres, head, score, judged } = await fitKernelMachine({ ...data, rows }, penalty, seed);
  return {
    factors,
    centres: rowsAt(rows, data.width, centres),
    head,
    score,
    judged,
    chosen: weighing.name,
    candidates,
  };
}

function scoreOfThoseLeftOut(
  { score, judged, chosen, candidates }: Solution,
  folds: number,
  examples: number,
): Validated {
  const crossValidation = { folds, examples, chosen, candidates };
  return { ...score, crossValidation, ...(judged ? { calibrated: judged } : {}) };
}

function forward({ factors, centres, head }: Solution, data: KernelData, parts: Parts): Forward {
  const { width, labels, classes } = data;
  const count = head.length / classes;
  const squares = rowDistances(scaledRows(data, parts, factors), centres, width);
  const logits = new Float64Array(labels.length * classes);
  for (let e = 0; e < labels.length; e++) {
    for (let i = 0; i < count; i++) {
      const value = Math.exp(-squares[e * count + i] / 2);
      for (let c = 0; c < classes; c++) logits[e * classes + c] += value * head[c * count + i];
    }
  }
  return { logits, losses: crossEntropies(logits, labels, classes) };
}

/** The model's parameters: the exponent of exp(−|x − c|² / 2) is c x − |x|² / 2 − |c|² / 2. Centres that it lacks are zero. */
function parametersOf(
  solution: Pick<Solution, 'centres' | 'head'> | undefined,
  { capacity, width, classes }: Readonly<Record<'capacity' | 'width' | 'classes', number>>,
): Map<string, Float32Array> {
  const weight = new Float32Array(capacity * (width + 1));
  const bias = new Float32Array(capacity);
  const head = new Float32Array(classes * capacity);
  const count = (solution?.head.length ?? 0) / classes;
  for (let i = 0; i < count; i++) {
    const centre = solution!.centres.subarray(i * width, (i + 1) * width);
    weight.set(centre, i * (width + 1));
    weight[i * (width + 1) + width] = -0.5;
    bias[i] = centre.reduce((sum, value) => sum - (value * value) / 2, 0);
    for (let c = 0; c < classes; c++) head[c * capacity + i] = solution!.head[c * count + i];
  }
  return new Map([
    ['centres.weight', weight],
    ['centres.bias', bias],
    ['head.weight', head],
    ['head.bias', new Float32Array(classes)],
  ]);
}

/** The features alone. @param frames rows of them, and the sum of their squares behind each */
function withoutSquares(frames: Float32Array, width: number): Float32Array {
  const count = frames.length / (width + 1);
  const rows = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    rows.set(frames.subarray(i * (width + 1), i * (width + 1) + width), i * width);
  }
  return rows;
}

function scaledRows({ rows, width }: KernelData, parts: Parts, factors: Float32Array): Float32Array {
  const scales = new Float32Array(width);
  let at = 0;
  for (const [p, [, size]] of parts.entries()) {
    scales.fill(factors[p], at, at + size);
    at += size;
  }
  return rows.map((value, i) => value * scales[i % width]);
}

/** In half precision, which is how files keep centres. */
const multiplied = (data: KernelData, parts: Parts, factors: Float32Array): Float32Array =>
  fromFloat16(toFloat16(scaledRows(data, parts, factors)));
