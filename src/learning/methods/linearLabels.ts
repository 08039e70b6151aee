/**
 * Linear models of texts with several labels: one against the rest for each, on the same features. Each text is left out in
 * turn (or some are held out for good): by what it gets then, scores are calibrated and thresholds settled. What is kept has
 * learned from all.
 */
import type { EncodedDataset } from '../../data/encoded.js';
import { targetsOfSets } from '../../data/labelSets.js';
import { requireMemory } from '../../data/source.js';
import type { Folds } from '../../data/split.js';
import { InterruptedError } from '../../errors.js';
import {
  decided,
  type LabelDecision,
  parseThresholdGoal,
  settleDecision,
} from '../../evaluation/labelDecision.js';
import { TEXT_LENGTH } from '../../input/ngrams.js';
import type { ViewsEncoder } from '../../input/views.js';
import type { Validated } from '../fit.js';
import { labelScoreOf } from '../forward.js';
import { type Duals, everyRow, type LabelWeights, labelScores, solveLabels } from '../solvers/labelRidge.js';
import { compact } from '../solvers/linearModel.js';
import { featureEnergies } from '../solvers/linearSolver.js';
import { type SparseRows, sparseRowsOf } from '../solvers/sparseRows.js';
import type { TrainingTask, ValidatedModel } from './method.js';
import { type LinearTrainer, savedModel } from './savedLinear.js';

const PENALTY = 1.5;

interface Solved extends ValidatedModel {
  readonly score: Validated;
}

export async function linearLabels(task: TrainingTask, encoder: ViewsEncoder): Promise<LinearTrainer> {
  let solved: Solved | undefined;
  const solve = async (): Promise<Solved> => {
    solved ??= await solvedLabels(task, encoder);
    return solved;
  };
  const nothing = (): ValidatedModel => ({ model: knowsNothing(task, encoder), logits: new Float64Array() });
  return {
    // All is one step: where a training goes on, it is done or has not begun.
    shapes: [],
    async step({ labels }) {
      const { accuracy, loss } = (await solve()).score;
      return { loss, gradientNorm: 0, correct: Math.round(accuracy * labels.length) };
    },
    forward: () => Promise.reject(new TypeError('internal: examples left out have been judged')),
    validate: async () => (await solve()).score,
    kept: async () => new Map(),
    async restore() {},
    model: async () => (solved ?? nothing()).model,
    validated: () => solved ?? nothing(),
    async dispose() {},
  };
}

/** Before any training: no label. */
function knowsNothing({ model: asked }: TrainingTask, encoder: ViewsEncoder): ValidatedModel['model'] {
  const { classes } = asked;
  const own = encoder.select(Int32Array.of(1));
  const { vocabulary } = own;
  const weights = {
    evidence: new Float32Array(classes),
    bias: new Float32Array(classes).fill(-1),
    outputs: classes,
    together: false,
  };
  const found = compact(weights, new Float64Array(1), 1);
  const saved = savedModel(found, own, { classes, vocabulary, factor: 1, multiLabel: true });
  return { ...saved, model: { ...asked, vocabulary } };
}

async function solvedLabels(task: TrainingTask, encoder: ViewsEncoder): Promise<Solved> {
  const { folds, signal, model } = task;
  const { classes } = model;
  const [train, given] = [requireMemory(task.train), requireMemory(task.validation)];
  const rows = rowsOf(train, encoder);
  const targets = targetsOfSets(train.labels, train.sets!);
  const problem = { rows, targets, outputs: classes };
  const onTurn = (): void => {
    if (signal?.aborted) throw new InterruptedError('stopped before cross-validation was done');
  };
  const solution: Solution = (learned, begin) =>
    solveLabels(problem, learned, PENALTY, { onTurn, ...(begin === undefined ? {} : { begin }) });
  const judged = folds === undefined ? undefined : await leftOutScores(problem, folds, solution);
  const whole = await solution(everyRow(rows), judged?.duals);
  const judge = judged ?? {
    logits: scoresOf(given, encoder, whole),
    targets: targetsOfSets(given.labels, given.sets!),
  };
  const goal = parseThresholdGoal(task.settings.thresholdFor) ?? { score: 'f1' };
  const decision = settleDecision({ ...judge, classes }, goal);
  const logits = decided(judge.logits, decision);
  const score = labelScoreOf({ logits, targets: judge.targets, classes }, decision.thresholds);
  const examples = judge.targets.length / classes;
  return {
    model: keptModel(task, encoder, train, whole, decision),
    logits: given.labels.length > 0 ? judgedLogits(given, encoder, whole, decision) : logits,
    score: folds === undefined ? score : { ...score, crossValidation: { folds: folds.count, examples } },
  };
}

const judgedLogits = (
  given: EncodedDataset,
  encoder: ViewsEncoder,
  weights: LabelWeights,
  decision: LabelDecision,
): Float64Array => decided(scoresOf(given, encoder, weights), decision);

function scoresOf(given: EncodedDataset, encoder: ViewsEncoder, weights: LabelWeights): Float64Array {
  const rows = rowsOf(given, encoder);
  return labelScores(rows, weights, everyRow(rows));
}

const rowsOf = (data: EncodedDataset, encoder: ViewsEncoder): SparseRows =>
  sparseRowsOf(data, { first: 0, size: encoder.vocabulary, length: TEXT_LENGTH });

type Solution = (learned: Int32Array, begin?: Duals) => ReturnType<typeof solveLabels>;

/** What each example gets that is left out at all; and the weights that examples had in the mean where they were not. */
async function leftOutScores(
  { rows, targets, outputs }: Parameters<typeof solveLabels>[0],
  { count, places }: Folds,
  solution: Solution,
): Promise<{ readonly logits: Float64Array; readonly targets: Float32Array; readonly duals: Duals }> {
  const all = everyRow(rows);
  const scores = new Float64Array(targets.length);
  const duals = new Float32Array(targets.length);
  for (let fold = 0; fold < count; fold++) {
    const part = all.filter((i) => places[i] === fold);
    if (part.length === 0) continue;
    const learned = all.filter((i) => places[i] !== fold);
    const solved = await solution(learned);
    learned.forEach((i, n) => {
      const times = places[i] < 0 ? count : count - 1;
      for (let k = 0; k < outputs; k++) duals[i * outputs + k] += solved.duals[n * outputs + k] / times;
    });
    const found = labelScores(rows, solved, part);
    part.forEach((i, n) => {
      scores.set(found.subarray(n * outputs, (n + 1) * outputs), i * outputs);
    });
  }
  const judged = all.filter((i) => places[i] >= 0);
  const logits = new Float64Array(judged.length * outputs);
  const known = new Float32Array(judged.length * outputs);
  judged.forEach((i, n) => {
    logits.set(scores.subarray(i * outputs, (i + 1) * outputs), n * outputs);
    known.set(targets.subarray(i * outputs, (i + 1) * outputs), n * outputs);
  });
  return { logits, targets: known, duals };
}

/** The features that matter most, calibrated. */
function keptModel(
  { model: asked, settings: { thresholdFor } }: TrainingTask,
  encoder: ViewsEncoder,
  train: EncodedDataset,
  { evidence, bias }: LabelWeights,
  { slopes, shifts, thresholds }: LabelDecision,
): ValidatedModel['model'] {
  const { classes, vocabulary: most } = asked;
  const scaled = evidence.map((value, at) => (slopes[at % classes] * value) / TEXT_LENGTH);
  const moved = bias.map((value, c) => slopes[c] * value + shifts[c]);
  const weights = { evidence: scaled, bias: moved, outputs: classes, together: false };
  const found = compact(weights, featureEnergies(train, encoder.vocabulary), most);
  const own = encoder.select(found.kept.map((row) => row + 1));
  const { vocabulary } = own;
  const saved = savedModel(found, own, { classes, vocabulary, factor: 1, multiLabel: true });
  return { ...saved, model: { ...asked, vocabulary }, decision: { thresholds, for: thresholdFor } };
}
