/** From labelled examples and options to everything that a training needs: the one way in. */
import { requireClasses } from '../data/classes.js';
import type { Example, ExampleSet } from '../data/dataset.js';
import { encodeTogether, packSequences } from '../data/encode.js';
import type { EncodedDataset, Sequences } from '../data/encoded.js';
import { areMultiLabel } from '../data/labelSets.js';
import type { DataSource } from '../data/source.js';
import { EmptyPartError, type Folds, foldPlaces, splitByClass, splitByShares } from '../data/split.js';
import { areGrouped, areTimed } from '../data/units.js';
import { InputError } from '../errors.js';
import type { Encoder } from '../input/encoder.js';
import { encoderInputKind, learnEncoder, prepareEncoder } from '../input/index.js';
import { isBytes, isSignal, type Signal } from '../input/input.js';
import type { LongMode } from '../input/long.js';
import { lengthFor, stepsOf } from '../input/signal.js';
import {
  configureModel,
  MODEL_NAMES,
  type ModelConfiguration,
  type ModelName,
} from '../model/configuration.js';
import type { CommonConfiguration } from '../model/families/family.js';
import { familyOf, LINEAR_PATH, modelsWith } from '../model/families/index.js';
import { foldsLeftOut } from '../model/families/shape.js';
import { encoderOptions, tokenCapacity } from '../model/lowering.js';
import { configureTraining, type TrainingSettings } from '../model/trainingSettings.js';
import { parseTrainOptions, type TrainSettings } from './options.js';

/** Share of the data that is kept apart for validation if none is given. */
const VALIDATION_SHARE = 0.1;

/** Of training and validation, by content. */
export const SHARES: readonly [number, number] = [1 - VALIDATION_SHARE, VALIDATION_SHARE];

/** Examples with their parts settled. */
export interface Parts {
  /** Of the data, for messages and the record. */
  readonly name: string;
  /** Of the validation data, for messages; default: `name`. */
  readonly validationName?: string;
  readonly classes: readonly string[];
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** The validation examples were kept apart from those to train on, not given. */
  readonly keptApart?: boolean;
  /** Instead of validation examples: how the training examples are left out in turn. */
  readonly folds?: Folds;
  /** Texts besides, from which models with vectors of words learn words and vectors. */
  readonly unlabelled?: readonly string[] | undefined;
}

/** The examples of divided data that are to be learned from; all of others. */
export const trainingPart = ({ name, examples, splits }: ExampleSet): ExampleSet => ({
  name,
  examples: splits?.train ?? examples,
});

/**
 * Training and validation examples: the validation data given, or the data's own validation part; otherwise none where
 * the model can judge itself by cross-validation, or 10% of the data by content. A test part is left alone. Throws
 * InputError on fewer than two classes.
 * @param options absent: of a model that cannot
 */
export function partsOf(whole: ExampleSet, given?: ExampleSet, options?: FoldSettings): Parts {
  const data = trainingPart(whole);
  const own = whole.splits?.validation;
  const validation = given ?? (own === undefined ? undefined : { name: whole.name, examples: own });
  const classes = requireClasses(data);
  if (validation !== undefined) {
    return {
      name: data.name,
      validationName: validation.name,
      classes,
      train: data.examples,
      validation: validation.examples,
    };
  }
  const folds = options && foldsFor(data.examples, options);
  if (folds !== undefined) {
    return { name: data.name, classes, train: data.examples, validation: [], folds };
  }
  const [train, rest] =
    typeof data.examples[0].input !== 'string' || areMultiLabel(data.examples)
      ? splitByClass(data.examples, VALIDATION_SHARE)
      : splitTexts(data.examples);
  return { name: data.name, classes, train, validation: rest, keptApart: true };
}

/** What of the settings decides whether examples are held out. */
export type FoldSettings = Pick<
  TrainSettings,
  'model' | 'folds' | 'deepOnly' | (typeof STEP_OPTIONS)[number] | (typeof LAYER_OPTIONS)[number]
> & {
  /** Texts without labels are there, from which a deep path learns more. */
  readonly unlabelled?: boolean;
};

/** Who gives one of these wants a training in steps. */
const STEP_OPTIONS = ['epochs', 'batchSize', 'learningRate', 'warmupShare', 'patience', 'select'] as const;

/** Who gives one of these wants layers. */
const LAYER_OPTIONS = ['patch', 'window', 'filters', 'channels', 'blocks', 'bank', 'scales'] as const;

/** Undefined where some are to be held out, or too few are there to leave out any. */
function foldsFor(examples: readonly Example[], options: FoldSettings): Folds | undefined {
  const { model, folds, deepOnly } = options;
  const facts = {
    signals: isSignal(examples[0].input),
    steps: options.unlabelled === true || STEP_OPTIONS.some((key) => options[key] !== undefined),
    layers: LAYER_OPTIONS.some((key) => options[key] !== undefined),
    deepOnly,
    multiLabel: areMultiLabel(examples),
  };
  const { foldsFor: wanted } = familyOf({ model }).training;
  const groups = areGrouped(examples) ? new Set(examples.map(({ group }) => group)).size : examples.length;
  const count = Math.min(groups, wanted?.(examples.length, folds, facts) ?? 0);
  // Solutions that leave out one signal at a time know no groups, and none of them knows times.
  if (count < 2 || areTimed(examples) || (facts.signals && groups < examples.length)) return undefined;
  // Thresholds of rare labels need all that is left out.
  const all = folds !== undefined || facts.signals || facts.multiLabel;
  const left = all ? count : Math.min(count, foldsLeftOut(examples.length, count));
  const places = foldPlaces(examples, count).map((place) => (place < left ? place : -1));
  return places.some((place) => place >= 0) ? { count: left, places } : undefined;
}

/** With another seed where the first leaves a part empty, as it does of the first part of `split(data, [0.8, 0.2])`. */
function splitTexts(examples: readonly Example[]): Example[][] {
  try {
    return splitByShares(examples, SHARES);
  } catch (error) {
    if (!(error instanceof EmptyPartError)) throw error;
    return splitByShares(examples, SHARES, 1);
  }
}

export interface Prepared<Data extends DataSource = DataSource> {
  readonly name: string;
  readonly classes: readonly string[];
  /** As learned: that of the trained model may know less. */
  readonly encoder: Encoder;
  readonly model: ModelConfiguration;
  readonly settings: TrainingSettings;
  readonly long: LongMode;
  /** Inputs in windows are several sequences, each with the label. */
  readonly train: Data;
  readonly validation: Data;
  /** The validation examples were kept apart from those to train on, not given. */
  readonly keptApart?: boolean;
  /** Instead of validation examples. */
  readonly folds?: Folds;
  /** The same data for what the path beside a deep one may be. */
  readonly shallow?: readonly Prepared<Data>[];
  /** Texts without labels, as the encoder has them. */
  readonly unlabelled?: Sequences;
}

/** Loads what the encoder of a model works with, before `prepareModel`. */
export async function loadFor({ model }: Pick<TrainSettings, 'model'>): Promise<void> {
  const { encoder } = familyOf({ model });
  if (encoder?.kind !== undefined) await prepareEncoder(encoder.kind);
}

/** Learns the encoder and settles model and settings. Throws InputError on options that do not fit together. */
export function prepareModel(
  { classes, train, folds, unlabelled }: Pick<Parts, 'classes' | 'train' | 'folds' | 'unlabelled'>,
  given: TrainSettings,
): Pick<Prepared, 'classes' | 'encoder' | 'model' | 'settings' | 'long'> {
  // What is solved at once is one step of one epoch.
  const atOnce = folds === undefined ? {} : { epochs: 1, batchSize: train.length };
  const multiLabel = areMultiLabel(train);
  const chosen = folds === undefined || given.model !== LINEAR_PATH || multiLabel ? {} : featuresToTry(given);
  const options: Settled = {
    ...(multiLabel ? { multiLabel } : {}),
    ...given,
    folds: folds?.count ?? 0,
    ...atOnce,
    ...chosen,
  };
  const inputs = train.map(({ input }) => input);
  const signals = inputs.filter(isSignal);
  if (unlabelled !== undefined) requireWords(options, signals.length > 0);
  if (signals.length > 0) return prepareForSignals(classes, signals, options);
  const {
    tokenizer,
    long,
    patch: _patch,
    window: _window,
    filters: _filters,
    frontend: _frontend,
    ...shape
  } = options;
  const wanted = configureModel({ ...shape, tokenizer, classes: classes.length });
  const kind = familyOf(wanted).encoder?.kind;
  if (kind !== undefined && encoderInputKind(kind) === 'signal') {
    throw new InputError(`${wanted.model} takes signals, and these are texts (--input signal reads signals)`);
  }
  if (tokenizer === 'words' && inputs.some(isBytes)) {
    throw new InputError(
      "word tokens need text, and these data are bytes: use bytes as tokens (--input bytes; in the library tokenizer: 'bytes')",
    );
  }
  const learned = encoderOptions(wanted, tokenizer);
  const encoder = learnEncoder(
    learned.views ? 'views' : (kind ?? tokenizer),
    [...inputs, ...(unlabelled ?? [])],
    {
      ...learned,
      unit: tokenizer,
      ...(tokenizer === 'bytes' && long === 'head' ? { maxLength: wanted.sequenceLength } : {}),
    },
  );
  return { classes, encoder, ...resolveSettings(options, encoder, classes.length, train.length) };
}

/** With what the data say of the model. */
type Settled = TrainSettings & { readonly multiLabel?: true };

/** A weighting that is given is that of words, or bytes; otherwise cross-validation chooses. */
const featuresToTry = ({ weighting, features, tokenizer }: TrainSettings): Partial<TrainSettings> =>
  weighting === undefined
    ? { weighting: 'chosen' }
    : { weighting, features: featuresOf(weighting, features, tokenizer) };

const featuresOf = (
  weighting: string,
  features: string | undefined,
  tokenizer: string,
): string | undefined => (weighting === 'chosen' ? features : (features ?? tokenizer));

/** Whether texts without labels mean anything to a model. */
export const usesUnlabelled = (model: ModelName): boolean =>
  familyOf({ model }).capabilities.wordVectors !== undefined;

/** Throws InputError where texts without labels would have no effect. */
function requireWords({ model, tokenizer }: TrainSettings, signals: boolean): void {
  if (!usesUnlabelled(model)) {
    const able = MODEL_NAMES.filter(usesUnlabelled);
    throw new InputError(`model '${model}' cannot use unlabelled texts; these can: ${able.join(', ')}`);
  }
  if (signals || tokenizer !== 'words') {
    throw new InputError('unlabelled texts are for word vectors, and these data are not read as words');
  }
}

/** The model and the settings, when encoder, number of classes and of training examples are known. */
export function resolveSettings(
  options: Settled,
  { vocabulary, buckets, ngrams }: Encoder,
  classes: number,
  examples: number,
): Pick<Prepared, 'model' | 'settings' | 'long'> {
  const { long, patch: _patch, window: _window, filters: _filters, frontend: _frontend, ...shape } = options;
  // What the encoder has settled: bytes have a fixed vocabulary and no n-grams.
  const model = configureModel({ ...shape, vocabulary, buckets, ngrams, classes });
  const { recipe, recipeFor } = familyOf(model).training;
  return {
    model,
    settings: configureTraining(options, { ...recipe, ...recipeFor?.(examples, model) }),
    long,
  };
}

/** Windows of so many steps and more hold waves: their magnitude says more than their numbers. */
const WAVES = 32;
const FILTERS = 64;

/** How training changes spectra: a logarithm by the largest power knows no loudness. */
const SPECTRA = { gain: 0, bandMask: 0.2, timeMask: 0.1 } as const;

/** Throws InputError on what has no meaning for frames of a spectrum. */
function requireOwnFrames(options: Readonly<Record<string, number | undefined>>): void {
  const given = Object.keys(options).find((name) => options[name] !== undefined);
  if (given !== undefined) {
    throw new InputError(`mel frames are 25 ms long, 10 ms apart: --${given} is for the learned front end`);
  }
}

/** A signal may be so many times as long as the longest training signal before it is cut, where length costs nothing. */
const WHOLE = 4;
const MOST_STEPS = 2 ** 24;

/** The same for signals, whose lengths decide what is not given. */
function prepareForSignals(
  classes: readonly string[],
  signals: readonly Signal[],
  options: Settled,
): Pick<Prepared, 'classes' | 'encoder' | 'model' | 'settings' | 'long'> {
  const {
    tokenizer: _,
    long,
    patch: wantedPatch,
    window: wantedWindow,
    filters: wantedFilters,
    frontend,
    ...shape
  } = options;
  const { training, encoder: needs, capabilities } = familyOf(shape);
  if (capabilities.signals === undefined) {
    throw new InputError(
      `${shape.model} takes texts, and these are signals; ${modelsWith('signals').join(', ')} take them`,
    );
  }
  const frames = frontend === 'mel' ? 'mel' : 'signal';
  if (frames === 'mel')
    requireOwnFrames({ patch: wantedPatch, window: wantedWindow, filters: wantedFilters });
  const encoder = learnEncoder(needs?.kind ?? frames, signals, { patch: wantedPatch, seed: options.seed });
  const { vocabulary, rowWidth } = encoder;
  const { channels } = signals[0];
  const { patch = 1, bands } = encoder;
  const window = wantedWindow ?? (patch === 1 || bands !== undefined ? patch : 4 * patch);
  if (window < patch) {
    throw new InputError(`a window of ${window} steps would miss some of the ${patch} that a patch has`);
  }
  const steps = stepsOf(signals);
  // Who makes one row of a signal reads it whole.
  const wanted = rowWidth === undefined ? lengthFor(steps) : WHOLE * steps[steps.length - 1];
  const sequenceLength = Math.max(2, shape.sequenceLength ?? Math.min(MOST_STEPS, wanted));
  const centres = capabilities.signals.centres?.(signals.length, classes.length);
  const signal = {
    ...{ channels, patch, window },
    filters: bands !== undefined ? 0 : (wantedFilters ?? (window < WAVES ? 0 : FILTERS)),
    ...(bands === undefined ? {} : { bands }),
    ...(rowWidth === undefined ? {} : { features: rowWidth }),
    ...(centres === undefined ? {} : { centres }),
  };
  const model = configureModel({ ...shape, sequenceLength, vocabulary, signal, classes: classes.length });
  const sounds = (signal.filters > 0 || bands !== undefined) && encoder.rate !== undefined;
  const recipe = {
    ...training.recipe,
    ...capabilities.signals.recipe(signals.length, sounds),
    ...(bands === undefined ? {} : SPECTRA),
  };
  const settings = configureTraining(options, recipe);
  return { classes, encoder, model, settings, long };
}

/**
 * @param threads for inputs that are encoded together; default: as many as there are cores
 * Throws InputError on options that do not fit together, or a label of the validation data that is no class.
 */
export async function prepare(
  parts: Parts,
  options: TrainSettings,
  threads?: number,
): Promise<Prepared<EncodedDataset>> {
  await loadFor(options);
  const prepared = prepareModel(parts, options);
  const { classes, encoder, model, long } = prepared;
  const { sequenceLength } = model;
  const encode = (name: string, examples: readonly Example[], overlap: boolean): Promise<EncodedDataset> =>
    encodeTogether(name, examples, classes, encoder, { sequenceLength, long, overlap }, threads);
  const { unlabelled, ...labelled } = parts;
  return {
    ...prepared,
    name: parts.name,
    keptApart: parts.keptApart ?? false,
    ...(parts.folds === undefined ? {} : { folds: parts.folds }),
    train: await encode(parts.name, parts.train, false),
    validation: await encode(parts.validationName ?? parts.name, parts.validation, true),
    shallow: await prepareShallow(labelled, options, model, threads),
    ...(unlabelled === undefined
      ? {}
      : { unlabelled: packSequences(unlabelled.map((text) => encoder.encode(text, sequenceLength))) }),
  };
}

/** A shallow path has its own recipe. It takes whole inputs, whatever the deep path takes; bytes as many as that. */
async function prepareShallow(
  parts: Parts,
  { tokenizer, seed, long, classWeights }: TrainSettings,
  model: ModelConfiguration,
  threads: number | undefined,
): Promise<Prepared<EncodedDataset>[]> {
  const { sequenceLength } = model;
  const families = (familyOf(model).capabilities.shallowPath?.families(model) ?? []) as readonly ModelName[];
  const own = { tokenizer, seed, long, classWeights };
  const prepared: Prepared<EncodedDataset>[] = [];
  for (const family of families) {
    const options = { model: family, ...own, ...(tokenizer === 'bytes' ? { sequenceLength } : {}) };
    const settings = parseTrainOptions(options);
    // Of few examples its features are chosen by those it learns from, whatever is held out for the deep path.
    const folds = parts.folds ?? (parts.keptApart ? foldsFor(parts.train, settings) : undefined);
    prepared.push(await prepare(folds === undefined ? parts : { ...parts, folds }, settings, threads));
  }
  return prepared;
}

/** Share of the sequences that fill the model's length or are cut to it. */
export function fullShare(
  { offsets, labels }: Pick<DataSource, 'offsets' | 'labels'>,
  model: ModelConfiguration,
): number {
  // With n-grams, a text of n tokens has n − 1 pairs, n − 2 triples… besides.
  const { signal }: CommonConfiguration = model;
  const orders = signal === undefined ? tokenCapacity(model) / model.sequenceLength : 1;
  const most = tokenCapacity(model) - (orders * (orders - 1)) / 2;
  const full = labels.reduce((sum, _, i) => sum + (offsets[i + 1] - offsets[i] >= most ? 1 : 0), 0);
  return full / labels.length;
}

/** Mean share of an input's tokens that the encoder does not know, of those that may be read. */
export function unknownShare(
  examples: readonly Example[],
  { encoder, model, long }: Pick<Prepared, 'encoder' | 'model' | 'long'>,
): number {
  if (examples.length === 0) return 0;
  const most = long === 'head' ? model.sequenceLength : Number.POSITIVE_INFINITY;
  const known = examples.reduce((sum, { input }) => sum + encoder.knownShare(input, most), 0);
  return 1 - known / examples.length;
}
