/** What each example gets from a model that has not seen it: the ground of most checks. */
import { requireClasses } from '../data/classes.js';
import type { ExampleSet } from '../data/dataset.js';
import type { EncodedDataset } from '../data/encoded.js';
import { foldPlaces } from '../data/split.js';
import { areGrouped } from '../data/units.js';
import { InputError } from '../errors.js';
import { fitTemperature, scaledProbabilities } from '../evaluation/calibration.js';
import { isSignal } from '../input/input.js';
import { ViewsEncoder } from '../input/views.js';
import { type LeftOutPart, leftOutByFolds } from '../learning/methods/linearByFolds.js';
import { parseTrainOptions } from '../learning/options.js';
import { type Prepared, prepare } from '../learning/prepare.js';
import { fitRidge } from '../learning/solvers/ridge.js';
import type { LeftOutScores } from './confidentLearning.js';

export interface OutOfFold extends LeftOutScores {
  readonly classNames: readonly string[];
  /** Numbers of the examples that were left out at all, in order: those that the scores are of. */
  readonly judged: readonly number[];
  readonly accuracy: number;
  /** What the models were. */
  readonly method: string;
  readonly folds: number;
  /** Accuracy of models that learned from parts of the examples, and of all, fewest first. */
  readonly curve: readonly { readonly examples: number; readonly judged: number; readonly right: number }[];
}

const FOLDS = 5;
/** Of fewer texts than these, words and characters are tried, and how they are weighed. */
const FEW_TEXTS = 5000;
/** Texts of so few characters, on average, are read by characters too, however many there are. */
const SHORT = 200;
/** More examples say no more of the data than these. */
const MOST_SIGNALS = 4000;
const SHARES = [0.25, 0.5];

/** @param curve whether parts are to be learned from too */
export async function outOfFold(
  set: ExampleSet,
  {
    threads,
    signal,
    curve = true,
  }: { threads?: number | undefined; signal?: AbortSignal | undefined; curve?: boolean },
): Promise<OutOfFold> {
  const classNames = requireClasses(set);
  return isSignal(set.examples[0].input)
    ? signalsOutOfFold(set, classNames, threads)
    : textsOutOfFold(set, classNames, { threads, signal, curve });
}

async function textsOutOfFold(
  { name, examples }: ExampleSet,
  classNames: readonly string[],
  {
    threads,
    signal,
    curve,
  }: { threads: number | undefined; signal: AbortSignal | undefined; curve: boolean },
): Promise<OutOfFold> {
  const groups = areGrouped(examples) ? new Set(examples.map(({ group }) => group)).size : examples.length;
  const count = Math.min(FOLDS, groups);
  const folds = { count, places: foldPlaces(examples, count) };
  if (count < 2 || folds.places.every((place) => place < 0)) {
    throw new InputError(
      `${name}: too few examples of each class to leave some out in turn; two of a class are needed`,
    );
  }
  const settings = parseTrainOptions({
    model: 'linear',
    ...(typeof examples[0].input === 'string' ? {} : { tokenizer: 'bytes' }),
    ...featuresFor(examples, classNames.length),
  });
  const parts = { name, classes: classNames, train: examples, validation: [], folds };
  const prepared = await prepare(parts, settings, threads);
  const {
    logits,
    judged,
    chosen,
    parts: some,
  } = await leftOutOf(prepared, folds, curve ? SHARES : [], signal);
  const labels = labelsOf(prepared.train, judged);
  const probabilities = calibrated(logits, labels, classNames.length);
  const right = rightOf(probabilities, labels, classNames.length);
  return {
    ...{ classNames, classes: classNames.length, probabilities, labels, judged, folds: count },
    accuracy: right / labels.length,
    method: chosen,
    curve: [...some, { examples: examples.length, judged: labels.length, right }],
  };
}

async function leftOutOf(
  prepared: Prepared<EncodedDataset>,
  folds: { readonly count: number; readonly places: Int32Array },
  shares: readonly number[],
  signal: AbortSignal | undefined,
): Promise<{
  logits: Float64Array;
  judged: readonly number[];
  chosen: string;
  parts: readonly LeftOutPart[];
}> {
  const { encoder } = prepared;
  const many = prepared.train.labels.length > FEW_TEXTS;
  const { classes } = prepared.model;
  if (!(encoder instanceof ViewsEncoder)) throw new TypeError('internal: texts are checked by n-grams');
  const { shallow: _, ...task } = prepared;
  return leftOutByFolds({ ...task, signal }, encoder, folds, {
    shares,
    ...(many ? { curveFolds: 2 } : {}),
    // Fewer epochs learn less of labels that are wrong.
    ...(many && classes === 2 ? { epochs: 3 } : {}),
  });
}

/** Of few texts, whichever features suit them; of many, those that mostly do. */
function featuresFor(
  examples: ExampleSet['examples'],
  classes: number,
): {
  readonly weighting: 'chosen' | 'presence' | 'tf-idf';
  readonly features?: string;
  readonly classWeights?: 'balanced';
  readonly ngrams?: number;
  readonly dropout?: number;
} {
  if (typeof examples[0].input !== 'string' || examples.length <= FEW_TEXTS) return { weighting: 'chosen' };
  const characters = examples.reduce((sum, { input }) => sum + (input as string).length, 0);
  const features = characters < SHORT * examples.length ? 'words,chars' : 'words';
  // With weights of classes, tf-idf is scaled by naive Bayes too: of posts of 20 kinds it finds far more wrong labels.
  return classes === 2
    ? { weighting: 'presence', features, ngrams: 2, dropout: 0.5 }
    : { weighting: 'tf-idf', features, classWeights: 'balanced' };
}

/** Ridge regression on features of random convolutions, each example left out in turn. */
async function signalsOutOfFold(
  { name, examples }: ExampleSet,
  classNames: readonly string[],
  threads: number | undefined,
): Promise<OutOfFold> {
  if (examples.length > MOST_SIGNALS) {
    throw new InputError(
      `${name}: ${examples.length} signals are more than are checked at a time: --limit ${MOST_SIGNALS}`,
    );
  }
  const settings = parseTrainOptions({ model: 'rocket' });
  const parts = { name, classes: classNames, train: examples, validation: [] };
  const { train } = await prepare(parts, settings, threads);
  const classes = classNames.length;
  const { leftOut, folds } = fitRidge({ features: train.frames!, labels: train.labels, classes });
  const probabilities = calibrated(leftOut, train.labels, classes);
  const right = rightOf(probabilities, train.labels, classes);
  return {
    ...{ classNames, classes, probabilities, labels: train.labels, folds },
    judged: Array.from(train.labels.keys()),
    accuracy: right / examples.length,
    method: 'random convolutions',
    curve: [],
  };
}

const labelsOf = ({ labels }: EncodedDataset, judged: readonly number[]): Int32Array =>
  Int32Array.from(judged, (i) => labels[i]);

const calibrated = (logits: Float64Array, labels: Int32Array, classes: number): Float64Array =>
  Float64Array.from(scaledProbabilities(logits, classes, fitTemperature(logits, labels, classes)));

function rightOf(probabilities: Float64Array, labels: Int32Array, classes: number): number {
  let right = 0;
  labels.forEach((label, i) => {
    const own = probabilities.subarray(i * classes, (i + 1) * classes);
    if (own.indexOf(Math.max(...own)) === label) right++;
  });
  return right;
}
