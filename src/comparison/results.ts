/** `results.json`: what a comparison did and found. Schema, parsing with checks, merging of several. */
import * as z from 'zod';
import { InputError } from '../errors.js';
import { fusionSchema } from '../formats/trainedModel.js';
import type { FileStore } from '../platform/store.js';

const RESULTS_FILE = 'results.json';
const FORMAT = 'elastic-fourier/results';
const VERSION = 1;

const share = z.number().min(0).max(1);
const whole = z.number().int().nonnegative();
const positive = z.number().int().positive();
const score = z.object({
  accuracy: share,
  loss: z.number().nonnegative(),
  macroF1: share.optional(),
});
const epoch = z.object({
  /** From 1. */
  epoch: positive,
  seconds: z.number().nonnegative(),
  trainLoss: z.number().nonnegative(),
  trainAccuracy: share,
  validation: score,
  /** Of a best epoch: by which the scores of its weights are divided. */
  temperature: z.number().positive().optional(),
});

export const machineSchema = z.object({
  node: z.string(),
  cpu: z.string(),
  threads: whole,
  tier: z.string(),
});
export type Machine = z.infer<typeof machineSchema>;

/** Also a folder's name: it must not lead out of the folder that holds it, on any system. */
export const trialName = z
  .string()
  .max(200)
  .regex(
    /^[\p{L}\p{N}_][\p{L}\p{N}_.+=, -]*$/u,
    'is no name of a folder: letters, digits, "-", "_", "." only',
  )
  .refine((name) => !name.includes('..') && !/[. ]$/.test(name), 'must not lead outside the folder');

export const trialSchema = z.object({
  name: trialName,
  /** Where it ran; by default `machine` of the results. */
  machine: machineSchema.optional(),
  /** Name of the computer, where a queue chose it. Machines of one kind are compared, whatever their names. */
  host: z.string().max(300).optional(),
  /** That of the preset, or of the pairing. */
  model: z.string().min(1),
  /** True for a pairing: its shape is another at each length. */
  paired: z.boolean().optional(),
  sequenceLength: positive,
  seed: whole,
  parameters: positive,
  learningRate: z.number().positive(),
  configuration: z.record(z.string(), z.unknown()),
  /** What validation said of a model of two paths. */
  fusion: fusionSchema.optional(),
  /** Of a training step, for one sequence of full length. */
  flopsPerSequence: z.number().nonnegative(),
  /** Mean length of the training sequences as a share of the model's length. */
  realTokenShare: z.number().nonnegative(),
  epochs: z.array(epoch).min(1),
  /** One of `epochs`, from 1. */
  bestEpoch: positive,
  /** Median over the epochs. */
  secondsPerEpoch: z.number().nonnegative(),
  peakMemoryBytes: z.number().positive(),
  test: z.object({
    accuracy: share,
    /** Wilson, 95 %. */
    accuracyInterval: z.tuple([share, share]),
    macroF1: share,
    loss: z.number().nonnegative(),
    examples: whole,
    /** [true class][predicted class] */
    confusion: z.array(z.array(whole)),
  }),
  /** Share of the test texts' tokens that it did not read; older results do not say. */
  cutShare: share.optional(),
  /** Mean share of a validation text's tokens that its vocabulary lacks; older results do not say. */
  unknownShare: share.optional(),
  /** Class index that the model gave each test example, in the order of the split. */
  predictions: z.array(whole),
  /** Probability of that class. */
  confidence: z.array(share),
});
export type Trial = z.infer<typeof trialSchema>;

export const tuningSchema = z.object({
  model: z.string(),
  sequenceLength: positive,
  learningRate: z.number().positive(),
  epochs: whole,
  validation: score,
});
export type TuningTrial = z.infer<typeof tuningSchema>;

/** A model scaled until it costs what another does. */
export const pairingSchema = z.object({
  /** The name under which its trials stand. */
  name: z.string(),
  model: z.string(),
  /** The model whose cost was the target. */
  reference: z.string(),
  cost: z.enum(['parameters', 'flops', 'seconds']),
  scale: z.enum(['width', 'depth']),
  sequenceLength: positive,
  /** Parameters, FLOPs of a training sequence of full length, or seconds of a training sequence of the data. */
  target: z.number().nonnegative(),
  reached: z.number().nonnegative(),
  configuration: z.record(z.string(), z.unknown()),
});
export type Pairing = z.infer<typeof pairingSchema>;

/** Milliseconds of a full-length training sequence by kind of operation, summed over threads. */
const operationTimes = z.object({
  model: z.string(),
  sequenceLength: positive,
  operations: z.record(z.string(), z.number().nonnegative()),
});
export type OperationTimes = z.infer<typeof operationTimes>;

export const protocolSchema = z.object({
  data: z.string(),
  /** What the data hold, and lengths count: texts and their tokens, or signals and their steps. */
  input: z.enum(['text', 'signal']).default('text'),
  /** Hash of the test split's texts and labels: results of other test items are not comparable. */
  testItems: z.string(),
  splits: z.object({ train: whole, validation: whole, test: whole }),
  classes: z.array(z.string()).min(1),
  /** Test examples of each class. */
  testClasses: z.array(whole),
  epochs: whole,
  batchSize: positive,
  tokenizer: z.string(),
  /** What was read of texts longer than the models. */
  long: z.string().default('head'),
  vocabulary: whole,
  weightDecay: z.number().nonnegative(),
  clipNorm: z.number().nonnegative(),
  warmupShare: share,
  classWeights: z.string().default('none'),
  select: z.string().default('accuracy'),
  learningRates: z.record(z.string(), z.number().positive()),
});
export type Protocol = z.infer<typeof protocolSchema>;

const resultsSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** The command that repeats it. */
  command: z.string(),
  protocol: protocolSchema,
  machine: machineSchema,
  /** Class index of each test example. */
  testLabels: z.array(whole),
  trials: z.array(trialSchema),
  tuning: z.array(tuningSchema),
  pairings: z.array(pairingSchema).default([]),
  operations: z.array(operationTimes).default([]),
});
export type Results = z.infer<typeof resultsSchema>;

type Content = Omit<Results, 'format' | 'version' | 'pairings' | 'operations'> &
  Partial<Pick<Results, 'pairings' | 'operations'>>;

export function makeResults(content: Content): Results {
  return { format: FORMAT, version: VERSION, pairings: [], operations: [], ...content };
}

/** The file's text. */
export function serializeResults(results: Results): string {
  return `${JSON.stringify(results)}\n`;
}

/**
 * Checked in itself and against itself: counts, classes, epochs and names fit together.
 * @param place what to call it in errors: a path
 * Throws InputError where it is damaged, of another version, or not results at all.
 */
export function parseResults(text: string, place: string): Results {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${place} is damaged: not JSON (${(error as Error).message})`);
  }
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  if (format !== FORMAT) throw new InputError(`${place} holds no results of eft compare`);
  if (version !== VERSION) {
    throw new InputError(
      `${place} is of version ${JSON.stringify(version)}, this program reads version ${VERSION}`,
    );
  }
  const parsed = resultsSchema.safeParse(json);
  if (!parsed.success) throw new InputError(`${place} is damaged:\n${z.prettifyError(parsed.error)}`);
  const fault = faultOf(parsed.data);
  if (fault !== undefined)
    throw new InputError(`${place} is damaged: ${fault}. Build it anew with eft compare`);
  return parsed.data;
}

/** Throws InputError on a folder without results, damaged ones, or ones of another version. */
export async function readResults(folder: FileStore): Promise<Results> {
  const bytes = await folder.read(RESULTS_FILE);
  if (bytes === undefined) throw new InputError(`${folder.path} holds no ${RESULTS_FILE}`);
  return parseResults(new TextDecoder().decode(bytes), folder.pathOf(RESULTS_FILE));
}

/** The first thing that does not fit; undefined where all does. */
function faultOf(results: Results): string | undefined {
  const { protocol, testLabels, trials } = results;
  const { classes, testClasses, splits } = protocol;
  if (new Set(classes).size < classes.length) return 'two of its classes have the same name';
  if (testClasses.length !== classes.length) {
    return `testClasses has ${testClasses.length} numbers for ${classes.length} classes`;
  }
  const stray = testLabels.find((label) => label >= classes.length);
  if (stray !== undefined) return `testLabels has the label ${stray}, there are ${classes.length} classes`;
  const counts = classes.map(() => 0);
  for (const label of testLabels) counts[label]++;
  const wrong = counts.findIndex((found, c) => found !== testClasses[c]);
  if (wrong >= 0) {
    return `testClasses says ${testClasses[wrong]} test items of class ${JSON.stringify(classes[wrong])}, testLabels has ${counts[wrong]}`;
  }
  if (splits.test !== testLabels.length) {
    return `splits says ${splits.test} test items, testLabels has ${testLabels.length}`;
  }
  if (trials.length > 0 && testLabels.length === 0) return 'it has trials and no test items';
  const names = new Set<string>();
  const places = new Set<string>();
  for (const trial of trials) {
    const place = JSON.stringify([trial.model, trial.sequenceLength, trial.seed]);
    if (names.has(trial.name)) return `two trials are named ${JSON.stringify(trial.name)}`;
    if (places.has(place)) return `two trials are of the same model, length and seed: ${place}`;
    names.add(trial.name);
    places.add(place);
    const fault = faultOfTrial(trial, testLabels, classes.length);
    if (fault !== undefined) return `trial ${JSON.stringify(trial.name)} ${fault}`;
  }
  return undefined;
}

function faultOfTrial(trial: Trial, labels: readonly number[], classes: number): string | undefined {
  const { predictions, confidence, test, epochs, bestEpoch } = trial;
  const items = labels.length;
  if (predictions.length !== items || confidence.length !== items) {
    return `has ${predictions.length} predictions and ${confidence.length} confidences for ${items} test items`;
  }
  const disorder = epochs.findIndex((record, i) => record.epoch !== i + 1);
  if (disorder >= 0) return `has epoch ${epochs[disorder].epoch} where epoch ${disorder + 1} belongs`;
  if (bestEpoch > epochs.length) return `says its best epoch is ${bestEpoch} of ${epochs.length}`;
  const stray = predictions.find((answer) => answer >= classes);
  if (stray !== undefined) return `predicts class ${stray} of ${classes}`;
  if (test.confusion.length !== classes || test.confusion.some((row) => row.length !== classes)) {
    return `has a confusion matrix that is not ${classes} by ${classes}`;
  }
  const counts = test.confusion.map((row) => row.map(() => 0));
  labels.forEach((label, i) => {
    counts[label][predictions[i]]++;
  });
  const truth = counts.findIndex((row, i) => row.some((found, j) => found !== test.confusion[i][j]));
  if (truth >= 0) return `has a confusion matrix that its predictions do not give (row ${truth})`;
  if (test.examples !== items) return `was tested on ${test.examples} examples of ${items}`;
  const right = counts.reduce((sum, row, i) => sum + row[i], 0);
  if (Math.abs(test.accuracy - right / items) > 1e-9) {
    return `has the accuracy ${test.accuracy}, its predictions give ${right / items}`;
  }
  const [low, high] = test.accuracyInterval;
  if (low > test.accuracy + 1e-9 || high < test.accuracy - 1e-9) {
    return `has the accuracy ${test.accuracy} outside its interval ${low} to ${high}`;
  }
  return undefined;
}

/** Settled by the data and the length, not chosen: they say nothing about the shape of a model. */
const NOT_SHAPE = new Set(['sequenceLength', 'vocabulary', 'classes']);

/**
 * "channels of standard: 32 in standard-256-0 and 64 in standard-256-1" for every option in which two trials of one
 * model differ: such trials are no seeds of one another, and no steps of one growth.
 */
export function shapeDifferences(
  trials: readonly Pick<Trial, 'name' | 'model' | 'configuration' | 'paired'>[],
): string[] {
  const first = new Map<string, (typeof trials)[number]>();
  const differences = new Set<string>();
  for (const trial of trials) {
    const { name, model, configuration, paired } = trial;
    const key = paired ? `${model} ${configuration.sequenceLength}` : model;
    const other = first.get(key) ?? trial;
    first.set(key, other);
    for (const option of new Set([...Object.keys(other.configuration), ...Object.keys(configuration)])) {
      if (NOT_SHAPE.has(option)) continue;
      const [one, two] = [other, trial].map((side) => JSON.stringify(side.configuration[option]));
      if (one !== two)
        differences.add(`${option} of ${model}: ${one} in ${other.name} and ${two} in ${name}`);
    }
  }
  return [...differences];
}

/**
 * "field: a here, b there" for every field in which two protocols differ; a learning rate that one lacks is none, and
 * neither is another path to the same test items.
 */
export function protocolDifferences(a: Protocol, b: Protocol): string[] {
  const differences: string[] = [];
  for (const key of Object.keys(a) as (keyof Protocol)[]) {
    if (key === 'data' && a.testItems === b.testItems) continue;
    if (key === 'learningRates') {
      for (const [model, rate] of Object.entries(a.learningRates)) {
        const other = b.learningRates[model];
        if (other !== undefined && other !== rate)
          differences.push(`learning rate of ${model}: ${rate} and ${other}`);
      }
      continue;
    }
    const [one, other] = [JSON.stringify(a[key]), JSON.stringify(b[key])];
    if (one !== other) differences.push(`${key}: ${one} and ${other}`);
  }
  return differences;
}

/**
 * All trials of several results together, each with its machine where there is more than one; of the same trial the
 * first counts. Throws InputError where their settings conflict, naming the difference.
 */
export function mergeResults(all: readonly { readonly name: string; readonly results: Results }[]): Results {
  const [first, ...others] = all;
  const machines = new Set(all.map(({ results }) => JSON.stringify(results.machine)));
  const trials = new Map<string, Trial>();
  const tuning = new Map<string, TuningTrial>();
  const pairings = new Map<string, Pairing>();
  const operations = new Map<string, OperationTimes>();
  const learningRates: Record<string, number> = {};
  for (const { name, results } of others) {
    const differences = protocolDifferences(first.results.protocol, results.protocol);
    if (differences.length > 0) {
      throw new InputError(
        `${first.name} and ${name} cannot be merged, their settings differ: ${differences.join('; ')}`,
      );
    }
  }
  for (const { results } of all) {
    for (const trial of results.trials) {
      if (trials.has(trial.name)) continue;
      trials.set(trial.name, machines.size > 1 ? { machine: results.machine, ...trial } : trial);
    }
    for (const trial of results.tuning) {
      const key = `${trial.model} ${trial.sequenceLength} ${trial.learningRate}`;
      if (!tuning.has(key)) tuning.set(key, trial);
    }
    for (const [model, rate] of Object.entries(results.protocol.learningRates)) learningRates[model] ??= rate;
    for (const pairing of results.pairings) {
      const key = `${pairing.name} ${pairing.sequenceLength}`;
      if (!pairings.has(key)) pairings.set(key, pairing);
    }
    for (const times of results.operations) {
      const key = `${times.model} ${times.sequenceLength}`;
      if (!operations.has(key)) operations.set(key, times);
    }
  }
  const differences = shapeDifferences([...trials.values()]);
  if (differences.length > 0) {
    throw new InputError(
      `${all.map(({ name }) => name).join(' and ')} hold models of different shapes: ${differences.join('; ')}`,
    );
  }
  const protocol = { ...first.results.protocol, learningRates };
  return {
    ...first.results,
    protocol,
    trials: [...trials.values()],
    tuning: [...tuning.values()],
    pairings: [...pairings.values()],
    operations: [...operations.values()],
  };
}
