/**
 * Linear models of few texts: each text is left out in turn, so that none is held out for good. Which features, and
 * solved how, is for the texts left out to say: kinds of n-grams are candidates, each with a solver of its own, and the
 * logits of several may be added, which is one linear model of their joined features. What is kept has learned from all.
 */
import { balancedWeights } from '../../data/classWeights.js';
import { type EncodedDataset, exampleLabels, gatherBatch } from '../../data/encoded.js';
import { epochOrder } from '../../data/order.js';
import { requireMemory } from '../../data/source.js';
import type { Folds } from '../../data/split.js';
import { InterruptedError } from '../../errors.js';
import { cautiousTemperature, fitTemperature } from '../../evaluation/calibration.js';
import { fitClassBiases } from '../../evaluation/classBiases.js';
import { combinedLogits, fitCombination } from '../../evaluation/combination.js';
import { crossEntropies } from '../../evaluation/metrics.js';
import type { ScoredCandidate } from '../../formats/history.js';
import { type NgramEncoder, TEXT_LENGTH } from '../../input/ngrams.js';
import type { ViewsEncoder } from '../../input/views.js';
import { leastTexts, linearFamily } from '../../model/families/linear.js';
import { configureTraining, type TrainingSettings } from '../../model/trainingSettings.js';
import { Turns } from '../../platform/turns.js';
import type { Validated } from '../fit.js';
import { byExample, scoreOf } from '../forward.js';
import { primalOf, solveBySweeps, solveDual, targetsOf } from '../solvers/dualRidge.js';
import { compact } from '../solvers/linearModel.js';
import { featureEnergies, LinearSolver, outputsOf } from '../solvers/linearSolver.js';
import {
  asNewRows,
  crossProductsOf,
  productsOf,
  type SparseRows,
  sparseRowsOf,
} from '../solvers/sparseRows.js';
import type { TrainingTask, ValidatedModel } from './method.js';
import { type LinearTrainer, SMOOTHING, savedModel } from './savedLinear.js';

/** More texts than these have no time for products of each with each: a part of them chooses. */
const MOST_PRODUCTS = 1500;
/** Of these the penalty is chosen. */
const JUDGES = 400;
const PENALTIES = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

/** Training in steps takes its time: some folds are left out together. */
const MOST_TRAININGS = 5;

/** A kind of features that does not lower the loss by this share of it is not worth its place and time. */
const LEAST_GAIN = 0.005;

const STOPPED = 'stopped before cross-validation was done';

interface Solved extends ValidatedModel {
  readonly score: Validated;
}

/** Of the features of one view, from 0: [features, outputs], and biases. */
interface Evidence {
  readonly evidence: Float32Array;
  readonly bias: Float32Array;
}

/** Features and a way to solve them. */
interface Candidate {
  readonly name: string;
  readonly view: number;
  /** Raw outputs for those of the sequences that are left out, [sequences, outputs]; and what all of them teach. */
  judge(
    members: readonly number[],
  ): Promise<{ readonly leftOut: Float64Array; solution(): Promise<Evidence> }>;
}

export async function linearByFolds(
  task: TrainingTask,
  encoder: ViewsEncoder,
  folds: Folds,
): Promise<LinearTrainer> {
  const nothing = (): ValidatedModel => ({ model: knowsNothing(task, encoder), logits: new Float64Array() });
  let solved: Solved | undefined;
  const solve = async (): Promise<Solved> => {
    solved ??= await solvedByFolds(task, encoder, folds);
    return solved;
  };
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

/** Before any training, or where texts have nothing in common: all classes alike. */
function knowsNothing({ model: asked }: TrainingTask, encoder: ViewsEncoder): ValidatedModel['model'] {
  const { classes } = asked;
  const outputs = outputsOf(classes);
  const own = encoder.select(Int32Array.of(1));
  const { vocabulary } = own;
  const weights = { evidence: new Float32Array(outputs), bias: new Float32Array(outputs), outputs };
  const found = compact(weights, new Float64Array(1), 1);
  return {
    ...savedModel(found, own, { classes, vocabulary, factor: 1 }),
    model: { ...asked, vocabulary },
  };
}

/** Everything that judges candidates: who was left out how, and which of them are worth their place. */
async function judgedByFolds(
  { signal }: Pick<TrainingTask, 'signal'>,
  candidates: readonly Candidate[],
  { train, folds, foldOf, classes }: LeftOutFacts,
) {
  const everyone = Array.from(foldOf.keys());
  const turns = new Turns();
  const members = everyNth(everyone, foldOf, MOST_PRODUCTS);
  /** Of the examples left out among the members: logits of each candidate, calibrated, and what its outputs are multiplied by. */
  const judged = async (tried: readonly Candidate[], whom: readonly number[]) => {
    const results = [];
    for (const candidate of tried) {
      await turns.give();
      if (signal?.aborted) throw new InterruptedError(STOPPED);
      const found = await candidate.judge(whom);
      const { logits, labels } = leftOutOf(found.leftOut, whom, { train, folds, foldOf, classes });
      const factor = 1 / fitTemperature(logits, labels, classes);
      results.push({ ...found, candidate, labels, factor, logits: logits.map((value) => factor * value) });
    }
    return results;
  };
  // With nothing to choose from, no part needs to be asked.
  const asked = candidates.length === 1 ? everyone : members;
  // Losses of a part are not to be compared with those of all.
  const among = asked.length < everyone.length ? `, of ${asked.length}` : '';
  let results = await judged(candidates, asked);
  const scores = results.map(({ candidate, logits, labels }) =>
    plain(scored(candidate.name + among, logits, labels, classes)),
  );
  let chosen = worthTheirPlace(results, classes);
  if (asked.length < everyone.length) {
    results = await judged(
      results.filter((_, r) => chosen[r] > 0).map(({ candidate }) => candidate),
      everyone,
    );
    chosen = fitCombination({
      logits: results.map(({ logits }) => logits),
      labels: results[0].labels,
      classes,
    });
  }
  return { results, chosen, scores };
}

async function solvedByFolds(task: TrainingTask, encoder: ViewsEncoder, folds: Folds): Promise<Solved> {
  const train = requireMemory(task.train);
  const { classes } = task.model;
  const foldOf = foldOfSequences(train, folds);
  const candidates = encoder.views.flatMap((view, v) =>
    view.size === 0 ? [] : [candidateOf({ task, train, view, v, first: encoder.firsts[v], foldOf })],
  );
  const everyone = Array.from(foldOf.keys());
  if (candidates.length === 0) {
    const outputs = new Float64Array(everyone.length * outputsOf(classes));
    const { logits, labels } = leftOutOf(outputs, everyone, { train, folds, foldOf, classes });
    const { name: _, ...score } = scored('', logits, labels, classes);
    const crossValidation = { folds: folds.count, examples: labels.length };
    return { model: knowsNothing(task, encoder), logits, score: { ...score, crossValidation } };
  }
  const { results, chosen, scores } = await judgedByFolds(task, candidates, {
    train,
    folds,
    foldOf,
    classes,
  });
  const [{ labels }] = results;
  const summed = combinedLogits(
    results.map((result) => result.logits),
    chosen,
  );
  const calibration = calibrationFor(summed, labels, classes);
  const logits = calibrated(summed, calibration);
  const used = results
    .map((result, r) => ({ ...result, factor: result.factor * chosen[r] * calibration.factor }))
    .filter(({ factor }) => factor > 0);
  const name = used.map(({ candidate }) => candidate.name).join(' + ');
  const { name: _, ...whole } = scored(name, logits, labels, classes);
  const parts = [];
  for (const { candidate, factor, solution } of used) {
    parts.push({ view: candidate.view, factor, ...(await solution()) });
  }
  const given = requireMemory(task.validation);
  return {
    model: joinedModel(task, encoder, train, { parts, biases: calibration.biases }),
    // Where there are examples besides, it is by them that others judge this model.
    logits:
      given.labels.length > 0
        ? calibrated(answersOf(parts, encoder, given, classes), { factor: 1, biases: calibration.biases })
        : logits,
    score: {
      ...whole,
      crossValidation: {
        folds: folds.count,
        examples: labels.length,
        chosen: name,
        candidates: scores.some((score) => score.name === name)
          ? scores
          : [...scores, plain({ name, ...whole })],
      },
    },
  };
}

export interface LeftOutOptions {
  /** Shares of the examples that are also learned from alone. */
  readonly shares?: readonly number[];
  /** How many folds of such a share are left out, to say how good it is. Default: all. */
  readonly curveFolds?: number;
  /** Of what learns in steps; default: as the family trains. */
  readonly epochs?: number | undefined;
}

/** How models did that learned from so many examples, of those of them that were left out. */
export interface LeftOutPart {
  readonly examples: number;
  readonly judged: number;
  readonly right: number;
}

/**
 * What each example gets from models without it, [judged, classes], and which examples were judged at all: those that some
 * fold leaves out. Nothing is kept of the models. Each example is one sequence.
 */
export async function leftOutByFolds(
  task: Omit<TrainingTask, 'engine'>,
  encoder: ViewsEncoder,
  folds: Folds,
  { shares = [], epochs, curveFolds = folds.count }: LeftOutOptions = {},
): Promise<{
  readonly logits: Float64Array;
  readonly judged: readonly number[];
  readonly chosen: string;
  readonly parts: readonly LeftOutPart[];
}> {
  const train = requireMemory(task.train);
  const { classes } = task.model;
  const foldOf = foldOfSequences(train, folds);
  const judged = Array.from(folds.places.keys()).filter((e) => folds.places[e] >= 0);
  const candidatesFor = (places: Int32Array): Candidate[] =>
    encoder.views.flatMap((view, v) =>
      view.size === 0
        ? []
        : [candidateOf({ task, train, view, v, first: encoder.firsts[v], foldOf: places, epochs })],
    );
  const candidates = candidatesFor(foldOf);
  if (candidates.length === 0) {
    return { logits: new Float64Array(judged.length * classes), judged, chosen: '', parts: [] };
  }
  const facts = { train, folds, foldOf, classes };
  const { results, chosen } = await judgedByFolds(task, candidates, facts);
  const logits = combinedLogits(
    results.map((result) => result.logits),
    [...chosen],
  );
  const everyone = Array.from(foldOf.keys());
  const parts: LeftOutPart[] = [];
  const fewer = foldOf.map((fold) => (fold < curveFolds ? fold : -1));
  const again = candidatesFor(fewer);
  for (const share of shares) {
    const members = everyNth(everyone, foldOf, Math.max(2, Math.round(share * everyone.length)));
    const own = [];
    for (const { candidate, factor } of results) {
      if (task.signal?.aborted) throw new InterruptedError(STOPPED);
      const { leftOut } = await again[candidates.indexOf(candidate)].judge(members);
      own.push({ ...leftOutOf(leftOut, members, { ...facts, foldOf: fewer }), factor });
    }
    const joined = combinedLogits(
      own.map((one) => one.logits.map((value) => one.factor * value)),
      [...chosen],
    );
    const { labels } = own[0];
    const right = Math.round(
      scoreOf({ logits: joined, losses: new Float64Array(labels.length) }, labels, classes).accuracy *
        labels.length,
    );
    parts.push({ examples: members.length, judged: labels.length, right });
  }
  const names = results.filter((_, r) => chosen[r] > 0).map(({ candidate }) => candidate.name);
  return { logits, judged, chosen: names.join(' + '), parts };
}

/** What logits are multiplied by, and then what is added to each class. */
interface ClassCalibration {
  readonly factor: number;
  readonly biases: Float64Array;
}

function calibrationFor(logits: Float64Array, labels: Int32Array, classes: number): ClassCalibration {
  const biases = fitClassBiases(logits, labels, classes);
  const factor = 1 / cautiousTemperature(calibrated(logits, { factor: 1, biases }), labels, classes);
  return { factor, biases: biases.map((bias) => factor * bias) };
}

const calibrated = (logits: Float64Array, { factor, biases }: ClassCalibration): Float64Array =>
  logits.map((logit, at) => factor * logit + biases[at % biases.length]);

const plain = ({ name, accuracy, loss }: ScoredCandidate): ScoredCandidate => ({ name, accuracy, loss });

function scored(name: string, logits: Float64Array, labels: Int32Array, classes: number) {
  return { name, ...scoreOf({ logits, losses: crossEntropies(logits, labels, classes) }, labels, classes) };
}

/** Factors of the candidates; those that add too little are left out, one after the other. */
function worthTheirPlace(
  results: readonly { readonly logits: Float64Array; readonly labels: Int32Array }[],
  classes: number,
): number[] {
  const [{ labels }] = results;
  const lossWith = (models: readonly number[]): { factors: number[]; loss: number } => {
    const logits = models.map((m) => results[m].logits);
    const factors = fitCombination({ logits, labels, classes });
    const losses = crossEntropies(combinedLogits(logits, factors), labels, classes);
    return { factors, loss: losses.reduce((sum, loss) => sum + loss, 0) / labels.length };
  };
  let models = results.map((_, m) => m);
  let best = lossWith(models);
  while (models.length > 1) {
    const without = models.map((model) => {
      const others = models.filter((one) => one !== model);
      return { others, ...lossWith(others) };
    });
    const least = without.reduce((a, b) => (b.loss < a.loss ? b : a));
    if (least.loss > best.loss * (1 + LEAST_GAIN)) break;
    models = least.others;
    best = least;
  }
  return results.map((_, m) => (models.includes(m) ? best.factors[models.indexOf(m)] : 0));
}

interface CandidateFacts {
  readonly task: Omit<TrainingTask, 'engine'>;
  readonly train: EncodedDataset;
  readonly view: NgramEncoder;
  readonly v: number;
  /** What stands before the view's ids. */
  readonly first: number;
  readonly foldOf: Int32Array;
  /** Of what learns in steps, where it is not as the family trains. */
  readonly epochs?: number | undefined;
}

function candidateOf(facts: CandidateFacts): Candidate {
  const { view, v } = facts;
  const unit = view.unit === 'chars' ? 'characters' : view.unit;
  // Only what learns in steps can count some examples more than others.
  const balanced = facts.task.settings.classWeights === 'balanced';
  const counted = balanced || (view.weighting === 'presence' && view.unit !== 'positions');
  return {
    name: counted ? `${unit} by presence` : unit,
    view: v,
    judge: (members) => (counted ? judgeCounts(facts, members) : judgeRidge(facts, members)),
  };
}

/** Naive Bayes log-count ratios and logistic regression, trained anew without each fold. */
async function judgeCounts(
  { task, train, view, first, foldOf, epochs }: CandidateFacts,
  members: readonly number[],
): ReturnType<Candidate['judge']> {
  const { classes, dropout } = task.model;
  const outputs = outputsOf(classes);
  const batch = gatherBatch(train, members);
  const rows = sparseRowsOf(batch, { first, size: view.size, length: 1 });
  const own = sequencesOf(rows, batch.labels);
  const asNew = asNewRows(rows, leastTexts(view.unit));
  const recipe = recipeFor(task, members.length);
  const settings = { ...recipe, epochs: epochs ?? recipe.epochs };
  const problem = { features: view.size, classes, smoothing: SMOOTHING[view.weighting], dropout, settings };
  const solution = (sequences: readonly number[]): Promise<Evidence> =>
    solvedBySteps({ ...problem, train: gatherBatch(own, sequences) }, task.signal);
  const leftOut = new Float64Array(members.length * outputs);
  const groups = foldOf.map((fold) => (fold < 0 ? fold : fold % MOST_TRAININGS));
  for (const [rest, part] of partsOf(members, groups)) {
    const without = await solution(rest);
    for (const i of part) addScores(leftOut, i, asNew, i, without);
  }
  return { leftOut, solution: () => solution(members.map((_, i) => i)) };
}

/** Ridge regression: all folds from one inverse; of many texts, brought to its place without each fold. */
async function judgeRidge(
  { task, train, view, first, foldOf }: CandidateFacts,
  members: readonly number[],
): ReturnType<Candidate['judge']> {
  const { classes } = task.model;
  const outputs = outputsOf(classes);
  const rows = sparseRowsOf(gatherBatch(train, members), { first, size: view.size, length: TEXT_LENGTH });
  const targets = targetsOf(
    Int32Array.from(members, (i) => train.labels[i]),
    classes,
  );
  const own = Int32Array.from(members, (i) => foldOf[i]);
  const few = everyNth(Array.from(own.keys()), own, JUDGES);
  const least = leastTexts(view.unit);
  const asNew = asNewRows(rows, least);
  const penalty = penaltyFor(rows, { targets, outputs, folds: own, classes, least }, few);
  /** As numbers are in the encoder's rows. */
  const scaled = ({ evidence, bias }: Evidence): Evidence => ({
    evidence: evidence.map((value) => value / TEXT_LENGTH),
    bias,
  });
  if (members.length <= MOST_PRODUCTS) {
    const leftOutProducts = crossProductsOf(asNew, rows);
    const { duals, leftOut } = solveDual(
      { products: productsOf(rows), targets, outputs, folds: own, leftOutProducts },
      penalty,
    );
    return { leftOut, solution: async () => scaled(primalOf(rows, duals, outputs)) };
  }
  const leftOut = new Float64Array(members.length * outputs);
  for (const [rest, part] of partsOf(members, foldOf)) {
    const without = solveBySweeps(rows, { targets, outputs }, rest, penalty);
    for (const i of part) addScores(leftOut, i, asNew, i, without);
  }
  const everyone = members.map((_, i) => i);
  return {
    leftOut,
    solution: async () => scaled(solveBySweeps(rows, { targets, outputs }, everyone, penalty)),
  };
}

/** The one with the least loss of some texts left out, once it is calibrated. */
function penaltyFor(
  rows: SparseRows,
  {
    targets,
    outputs,
    folds,
    classes,
    least,
  }: { targets: Float64Array; outputs: number; folds: Int32Array; classes: number; least: number },
  few: readonly number[],
): number {
  const own = subRows(rows, few);
  const chosen = {
    products: productsOf(own),
    leftOutProducts: crossProductsOf(asNewRows(own, least), own),
    targets: Float64Array.from({ length: few.length * outputs }, (_, at) => {
      return targets[few[Math.floor(at / outputs)] * outputs + (at % outputs)];
    }),
    outputs,
    folds: Int32Array.from(few, (i) => folds[i]),
  };
  const judges = few.map((_, i) => i).filter((i) => chosen.folds[i] >= 0);
  const labels = Int32Array.from(judges, (i) => labelOf(chosen.targets, i, outputs));
  const losses = PENALTIES.map((penalty) => {
    const { leftOut } = solveDual(chosen, penalty);
    const logits = logitsOf(leftOut, judges, classes);
    const factor = 1 / fitTemperature(logits, labels, classes);
    const all = crossEntropies(
      logits.map((value) => factor * value),
      labels,
      classes,
    );
    return all.reduce((sum, loss) => sum + loss, 0);
  });
  return PENALTIES[losses.indexOf(Math.min(...losses))];
}

function labelOf(targets: Float64Array, i: number, outputs: number): number {
  const own = targets.subarray(i * outputs, (i + 1) * outputs);
  return outputs === 1 ? Number(own[0] > 0) : own.indexOf(1);
}

function subRows({ offsets, columns, values, width }: SparseRows, chosen: readonly number[]): SparseRows {
  const ends = new Int32Array(chosen.length + 1);
  chosen.forEach((i, b) => {
    ends[b + 1] = ends[b] + offsets[i + 1] - offsets[i];
  });
  const found = {
    offsets: ends,
    columns: new Int32Array(ends[chosen.length]),
    values: new Float32Array(ends[chosen.length]),
    width,
  };
  chosen.forEach((i, b) => {
    found.columns.set(columns.subarray(offsets[i], offsets[i + 1]), ends[b]);
    found.values.set(values.subarray(offsets[i], offsets[i + 1]), ends[b]);
  });
  return found;
}

/** Adds what row `i` says, `factor` times, to the outputs of place `to`. */
function addScores(
  sums: Float64Array,
  to: number,
  { offsets, columns, values }: SparseRows,
  i: number,
  { evidence, bias }: Evidence,
  factor = 1,
): void {
  const outputs = bias.length;
  for (let k = 0; k < outputs; k++) sums[to * outputs + k] += factor * bias[k];
  for (let t = offsets[i]; t < offsets[i + 1]; t++) {
    const at = columns[t] * outputs;
    const value = factor * values[t];
    for (let k = 0; k < outputs; k++) sums[to * outputs + k] += value * evidence[at + k];
  }
}

/** Logits of the classes for the numbered rows of outputs. */
function logitsOf(outputs: Float64Array, rows: readonly number[], classes: number): Float64Array {
  const width = outputsOf(classes);
  const logits = new Float64Array(rows.length * classes);
  rows.forEach((row, i) => {
    const own = outputs.subarray(row * width, (row + 1) * width);
    logits.set(classes === 2 ? [-own[0] / 2, own[0] / 2] : own, i * classes);
  });
  return logits;
}

/** Of `most` at most: every so many-th, fold by fold, in the order of the examples. */
function everyNth(all: readonly number[], foldOf: Int32Array, most: number): readonly number[] {
  if (all.length <= most) return all;
  const byFold = [...all].sort((a, b) => foldOf[a] - foldOf[b] || a - b);
  const step = all.length / most;
  return Array.from({ length: most }, (_, i) => byFold[Math.floor(i * step)]).sort((a, b) => a - b);
}

/** Of each fold the places of the members outside and inside, where there are both. */
function* partsOf(
  members: readonly number[],
  foldOf: Int32Array,
): Generator<readonly [rest: number[], part: number[]]> {
  const places = members.map((_, i) => i);
  for (const fold of new Set(members.map((i) => foldOf[i]))) {
    if (fold < 0) continue;
    const [rest, part] = [false, true].map((inside) =>
      places.filter((i) => (foldOf[members[i]] === fold) === inside),
    );
    if (rest.length > 0) yield [rest, part];
  }
}

interface LeftOutFacts {
  readonly train: EncodedDataset;
  readonly folds: Folds;
  readonly foldOf: Int32Array;
  readonly classes: number;
}

/** Logits and labels of the examples that are left out at all; of an example in windows their mean. */
function leftOutOf(
  outputs: Float64Array,
  members: readonly number[],
  { train, folds, foldOf, classes }: LeftOutFacts,
): { logits: Float64Array; labels: Int32Array } {
  if (train.inputs === undefined) {
    const judged = members.map((_, i) => i).filter((i) => foldOf[members[i]] >= 0);
    return {
      logits: logitsOf(outputs, judged, classes),
      labels: Int32Array.from(judged, (i) => train.labels[members[i]]),
    };
  }
  const sequences = new Float64Array(train.labels.length * classes);
  const logits = logitsOf(outputs, Array.from(members.keys()), classes);
  const present = new Uint8Array(train.labels.length);
  members.forEach((s, i) => {
    sequences.set(logits.subarray(i * classes, (i + 1) * classes), s * classes);
    present[s] = 1;
  });
  const { inputs } = train;
  const all = byExample({ logits: sequences, losses: new Float64Array(train.labels.length) }, train, classes);
  const labels = exampleLabels(train);
  const judged = Array.from(labels.keys()).filter(
    (e) => folds.places[e] >= 0 && present.subarray(inputs[e], inputs[e + 1]).every((one) => one === 1),
  );
  const own = new Float64Array(judged.length * classes);
  judged.forEach((e, i) => {
    own.set(all.logits.subarray(e * classes, (e + 1) * classes), i * classes);
  });
  return { logits: own, labels: Int32Array.from(judged, (e) => labels[e]) };
}

/** The fold of each sequence: that of its example. */
function foldOfSequences({ labels, inputs }: EncodedDataset, { places }: Folds): Int32Array {
  if (inputs === undefined) return places;
  const found = new Int32Array(labels.length);
  places.forEach((place, e) => {
    found.fill(place, inputs[e], inputs[e + 1]);
  });
  return found;
}

/** The same as sequences with the features of one view alone, from 1. */
const sequencesOf = ({ offsets, columns, values }: SparseRows, labels: Int32Array): EncodedDataset => ({
  labels,
  offsets,
  tokens: columns.map((column) => column + 1),
  weights: values,
});

/** As the family trains where examples are held out. */
function recipeFor(
  { model, settings }: Pick<TrainingTask, 'model' | 'settings'>,
  examples: number,
): TrainingSettings {
  const { seed, classWeights } = settings;
  const { recipe, recipeFor: forExamples } = linearFamily.training;
  const configuration = model as Parameters<NonNullable<typeof forExamples>>[1];
  return configureTraining({ seed, classWeights }, { ...recipe, ...forExamples?.(examples, configuration) });
}

/** Trains from the first step to the last. */
async function solvedBySteps(
  problem: ConstructorParameters<typeof LinearSolver>[0],
  signal: AbortSignal | undefined,
): Promise<Evidence> {
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
      if (signal?.aborted) throw new InterruptedError(STOPPED);
      const batch = gatherBatch(train, order.subarray(first, first + settings.batchSize));
      const lossWeights = classWeights && Float32Array.from(batch.labels, (label) => classWeights[label]);
      solver.step(lossWeights ? { ...batch, lossWeights } : batch, { seed: settings.seed, step: step++ });
    }
  }
  return { evidence: solver.evidence(step), bias: solver.bias.weights };
}

interface Part extends Evidence {
  readonly view: number;
  readonly factor: number;
}

/** Logits of the examples of a dataset, [examples, classes]. */
function answersOf(
  parts: readonly Part[],
  { firsts, sizes }: ViewsEncoder,
  dataset: EncodedDataset,
  classes: number,
): Float64Array {
  const count = dataset.labels.length;
  const outputs = outputsOf(classes);
  const scores = new Float64Array(count * outputs);
  for (const { view, factor, evidence, bias } of parts) {
    const rows = sparseRowsOf(dataset, { first: firsts[view], size: sizes[view], length: 1 });
    for (let i = 0; i < count; i++) addScores(scores, i, rows, i, { evidence, bias }, factor);
  }
  const logits = logitsOf(
    scores,
    Array.from({ length: count }, (_, i) => i),
    classes,
  );
  return byExample({ logits, losses: new Float64Array(count) }, dataset, classes).logits;
}

/** One linear model of the views' features; each view has the length with which its evidence is as large as the others'. */
function joinedModel(
  { model: asked }: TrainingTask,
  encoder: ViewsEncoder,
  train: EncodedDataset,
  { parts, biases }: { readonly parts: readonly Part[]; readonly biases: Float64Array },
): ValidatedModel['model'] {
  const { classes, vocabulary: most } = asked;
  const outputs = outputsOf(classes);
  const all = featureEnergies(train, encoder.vocabulary);
  const count = parts.reduce((sum, { view }) => sum + encoder.sizes[view], 0);
  const ids = new Int32Array(count);
  const evidence = new Float32Array(count * outputs);
  const energies = new Float64Array(count);
  const lengths = encoder.lengths.slice();
  const bias = classes === 2 ? Float32Array.of(biases[1] - biases[0]) : Float32Array.from(biases);
  let at = 0;
  for (const { view, factor, evidence: own, bias: ownBias } of parts) {
    const peak = factor * own.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
    lengths[view] = TEXT_LENGTH * peak;
    for (let k = 0; k < outputs; k++) bias[k] += factor * ownBias[k];
    evidence.set(
      own.map((value) => (factor * value) / peak),
      at * outputs,
    );
    for (let f = 0; f < encoder.sizes[view]; f++, at++) {
      ids[at] = encoder.firsts[view] + f + 1;
      energies[at] = peak * peak * all[ids[at] - 1];
    }
  }
  const found = compact({ evidence, bias, outputs }, energies, most);
  const own = encoder.select(
    found.kept.map((place) => ids[place]),
    lengths,
  );
  const { vocabulary } = own;
  const saved = savedModel(found, own, { classes, vocabulary, factor: 1 });
  return { ...saved, model: { ...asked, vocabulary } };
}
