/** `results.json`: what a comparison did and found. Schema, reading, merging of several folders. */
import * as z from 'zod';
import { InputError } from '../errors.js';
import type { FileStore } from '../platform/store.js';

const RESULTS_FILE = 'results.json';
const FORMAT = 'elastic-fourier/results';
const VERSION = 1;

const score = z.object({ accuracy: z.number(), loss: z.number() });
const epoch = z.object({
  epoch: z.number(),
  seconds: z.number(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validation: score,
});

const machineSchema = z.object({ node: z.string(), cpu: z.string(), threads: z.number(), tier: z.string() });
export type Machine = z.infer<typeof machineSchema>;

export const trialSchema = z.object({
  name: z.string(),
  /** Where it ran; by default `machine` of the results. */
  machine: machineSchema.optional(),
  /** That of the preset, or of the pairing. */
  model: z.string(),
  /** True for a pairing: its shape is another at each length. */
  paired: z.boolean().optional(),
  sequenceLength: z.number(),
  seed: z.number(),
  parameters: z.number(),
  learningRate: z.number(),
  configuration: z.record(z.string(), z.unknown()),
  /** Of a training step, for one sequence of full length. */
  flopsPerSequence: z.number(),
  /** Mean length of the training sequences as a share of the model's length. */
  realTokenShare: z.number(),
  epochs: z.array(epoch).min(1),
  bestEpoch: z.number(),
  /** Median over the epochs. */
  secondsPerEpoch: z.number(),
  peakMemoryBytes: z.number(),
  test: z.object({
    accuracy: z.number(),
    /** Wilson, 95 %. */
    accuracyInterval: z.tuple([z.number(), z.number()]),
    macroF1: z.number(),
    loss: z.number(),
    examples: z.number(),
    confusion: z.array(z.array(z.number())),
  }),
  /** Class index that the model gave each test example, in the order of the split. */
  predictions: z.array(z.number()),
  /** Probability of that class. */
  confidence: z.array(z.number()),
});
export type Trial = z.infer<typeof trialSchema>;

export const tuningSchema = z.object({
  model: z.string(),
  sequenceLength: z.number(),
  learningRate: z.number(),
  epochs: z.number(),
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
  sequenceLength: z.number(),
  /** Parameters, FLOPs of a training sequence of full length, or seconds of a training sequence of the data. */
  target: z.number(),
  reached: z.number(),
  configuration: z.record(z.string(), z.unknown()),
});
export type Pairing = z.infer<typeof pairingSchema>;

/** Milliseconds of a full-length training sequence by kind of operation, summed over threads. */
const operationTimes = z.object({
  model: z.string(),
  sequenceLength: z.number(),
  operations: z.record(z.string(), z.number()),
});
export type OperationTimes = z.infer<typeof operationTimes>;

export const protocolSchema = z.object({
  data: z.string(),
  /** Hash of the test split's texts and labels: results of other test items are not comparable. */
  testItems: z.string(),
  splits: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
  classes: z.array(z.string()),
  /** Test examples of each class. */
  testClasses: z.array(z.number()),
  epochs: z.number(),
  batchSize: z.number(),
  tokenizer: z.string(),
  vocabulary: z.number(),
  weightDecay: z.number(),
  clipNorm: z.number(),
  warmupShare: z.number(),
  learningRates: z.record(z.string(), z.number()),
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
  testLabels: z.array(z.number()),
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

/** Throws InputError on a folder without results, damaged ones, or ones of another version. */
export async function readResults(folder: FileStore): Promise<Results> {
  const bytes = await folder.read(RESULTS_FILE);
  if (bytes === undefined) throw new InputError(`${folder.path} holds no ${RESULTS_FILE}`);
  const path = folder.pathOf(RESULTS_FILE);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new InputError(`${path} is damaged: not JSON (${(error as Error).message})`);
  }
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  if (format !== FORMAT) throw new InputError(`${path} holds no results of eft compare`);
  if (version !== VERSION) {
    throw new InputError(
      `${path} is of version ${JSON.stringify(version)}, this program reads version ${VERSION}`,
    );
  }
  const parsed = resultsSchema.safeParse(json);
  if (!parsed.success) throw new InputError(`${path} is damaged:\n${z.prettifyError(parsed.error)}`);
  const items = parsed.data.testLabels.length;
  for (const { name, predictions, confidence } of parsed.data.trials) {
    if (predictions.length !== items || confidence.length !== items) {
      throw new InputError(
        `${path} is damaged: trial ${name} has ${predictions.length} predictions and ${confidence.length} confidences for ${items} test items`,
      );
    }
  }
  return parsed.data;
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
