/**
 * Linear models of few texts: each is left out in turn, so that none is held out for good. What is kept has learned from
 * all of them, and the answers for those left out say how good it is and how certain it may be.
 */
import { balancedWeights } from '../../data/classWeights.js';
import { type EncodedDataset, exampleLabels, gatherBatch } from '../../data/encoded.js';
import { epochOrder } from '../../data/order.js';
import { requireMemory } from '../../data/source.js';
import type { Folds } from '../../data/split.js';
import { InterruptedError } from '../../errors.js';
import { fitTemperature } from '../../evaluation/calibration.js';
import { crossEntropies } from '../../evaluation/metrics.js';
import type { NgramEncoder } from '../../input/ngrams.js';
import { linearFamily } from '../../model/families/linear.js';
import { configureTraining, type TrainingSettings } from '../../model/trainingSettings.js';
import { Turns } from '../../platform/turns.js';
import type { Validated } from '../fit.js';
import { byExample, type DatasetForward, scoreOf } from '../forward.js';
import { compact, type LinearWeights } from '../solvers/linearModel.js';
import { featureEnergies, LinearSolver, outputsOf } from '../solvers/linearSolver.js';
import type { TrainingTask } from './method.js';
import { type LinearTrainer, SMOOTHING, savedModel, type ValidatedModel } from './savedLinear.js';

interface Solved extends ValidatedModel {
  readonly score: Validated;
}

export async function linearByFolds(
  task: TrainingTask,
  encoder: NgramEncoder,
  folds: Folds,
): Promise<LinearTrainer> {
  const { model, signal } = task;
  const train = requireMemory(task.train);
  const features = encoder.vocabulary;
  const { classes, vocabulary, dropout } = model;
  const smoothing = SMOOTHING[encoder.weighting];
  const outputs = outputsOf(classes);
  const kept = (weights: LinearWeights, factor: number) =>
    savedModel(compact(weights, featureEnergies(train, features), vocabulary), encoder, {
      ...{ classes, vocabulary, factor },
    });
  const nothing = {
    evidence: new Float32Array(features * outputs),
    bias: new Float32Array(outputs),
    outputs,
  };
  let solved: Solved | undefined;

  async function solve(): Promise<Solved> {
    const settings = recipeFor(task);
    const problem = { features, classes, smoothing, dropout };
    const solution = (sequences: readonly number[]): Promise<LinearWeights> =>
      solvedBySteps({ ...problem, train: gatherBatch(train, sequences), settings }, signal);
    const foldOf = foldOfSequences(train, folds);
    const logits = new Float64Array(train.labels.length * classes);
    for (let fold = 0; fold < folds.count; fold++) {
      const [rest, part] = [false, true].map((inside) => where(foldOf, (f) => (f === fold) === inside));
      if (part.length === 0) continue;
      const weights = await solution(rest);
      for (const i of part) logits.set(logitsOf(weights, train, i, classes), i * classes);
    }
    const all = byExample({ logits, losses: new Float64Array(train.labels.length) }, train, classes);
    const leftOut = leftOutOf(all, exampleLabels(train), folds, classes);
    const factor = 1 / fitTemperature(leftOut.logits, leftOut.labels, classes);
    const scaled = leftOut.logits.map((logit) => factor * logit);
    const losses = crossEntropies(scaled, leftOut.labels, classes);
    return {
      model: kept(await solution(where(foldOf, () => true)), factor),
      logits: scaled,
      score: {
        ...scoreOf({ logits: scaled, losses }, leftOut.labels, classes),
        crossValidation: { folds: folds.count, examples: leftOut.labels.length },
      },
    };
  }

  return {
    // All is one step: where a training goes on, it is done or has not begun.
    shapes: [],
    async step({ labels }) {
      solved ??= await solve();
      const { accuracy, loss } = solved.score;
      return { loss, gradientNorm: 0, correct: Math.round(accuracy * labels.length) };
    },
    forward: () => Promise.reject(new TypeError('internal: examples left out have been judged')),
    async validate() {
      solved ??= await solve();
      return solved.score;
    },
    kept: async () => new Map(),
    async restore() {},
    model: async () => solved?.model ?? kept(nothing, 1),
    validated: () => solved ?? { model: kept(nothing, 1), logits: new Float64Array() },
    async dispose() {},
  };
}

/** As the family trains where examples are held out. */
function recipeFor({ model, settings, train }: TrainingTask): TrainingSettings {
  const { seed, classWeights } = settings;
  const { recipe, recipeFor: forExamples } = linearFamily.training;
  const configuration = model as Parameters<NonNullable<typeof forExamples>>[1];
  return configureTraining(
    { seed, classWeights },
    { ...recipe, ...forExamples?.(train.labels.length, configuration) },
  );
}

const where = (values: Int32Array, holds: (value: number) => boolean): number[] =>
  Array.from(values.keys()).filter((i) => holds(values[i]));

/** The fold of each sequence: that of its example. */
function foldOfSequences({ labels, inputs }: EncodedDataset, { places }: Folds): Int32Array {
  if (inputs === undefined) return places;
  const found = new Int32Array(labels.length);
  places.forEach((place, e) => {
    found.fill(place, inputs[e], inputs[e + 1]);
  });
  return found;
}

/** Of the examples that are left out at all. */
function leftOutOf(
  { logits }: DatasetForward,
  labels: Int32Array,
  { places }: Folds,
  classes: number,
): { logits: Float64Array; labels: Int32Array } {
  const judged = where(places, (place) => place >= 0);
  const own = new Float64Array(judged.length * classes);
  judged.forEach((e, i) => {
    own.set(logits.subarray(e * classes, (e + 1) * classes), i * classes);
  });
  return { logits: own, labels: Int32Array.from(judged, (e) => labels[e]) };
}

/** Trains from the first step to the last. */
async function solvedBySteps(
  problem: ConstructorParameters<typeof LinearSolver>[0],
  signal: AbortSignal | undefined,
): Promise<LinearWeights> {
  const { train, settings, classes } = problem;
  const classWeights = settings.classWeights === 'none' ? undefined : balancedWeights(train.labels, classes);
  const solver = new LinearSolver(problem);
  const turns = new Turns();
  const count = train.labels.length;
  let step = 0;
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const order = epochOrder(settings.seed, epoch, count);
    for (let first = 0; first < count; first += settings.batchSize) {
      await turns.give();
      if (signal?.aborted) throw new InterruptedError('stopped before cross-validation was done');
      const batch = gatherBatch(train, order.subarray(first, first + settings.batchSize));
      const lossWeights = classWeights && Float32Array.from(batch.labels, (label) => classWeights[label]);
      solver.step(lossWeights ? { ...batch, lossWeights } : batch, { seed: settings.seed, step: step++ });
    }
  }
  return { evidence: solver.evidence(step), bias: solver.bias.weights, outputs: solver.outputs };
}

function logitsOf(
  { evidence, bias, outputs }: LinearWeights,
  { tokens, offsets, weights }: EncodedDataset,
  i: number,
  classes: number,
): Float64Array {
  const scores = Float64Array.from(bias);
  for (let t = offsets[i]; t < offsets[i + 1]; t++) {
    for (let k = 0; k < outputs; k++) scores[k] += weights![t] * evidence[(tokens[t] - 1) * outputs + k];
  }
  return classes === 2 ? Float64Array.of(-scores[0] / 2, scores[0] / 2) : scores;
}
