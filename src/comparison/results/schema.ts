/** `results.json`: what a comparison did and found. */
import * as z from 'zod/mini';
import { fusionSchema } from '../../formats/trainedModel.js';

export const RESULTS_FORMAT = 'elastic-fourier/results';
export const RESULTS_VERSION = 1;

const share = z.number().check(z.gte(0), z.lte(1));
const whole = z.int().check(z.nonnegative());
const positive = z.int().check(z.positive());
const score = z.object({
  accuracy: share,
  loss: z.number().check(z.nonnegative()),
  macroF1: z.optional(share),
});
const epoch = z.object({
  /** From 1. */
  epoch: positive,
  seconds: z.number().check(z.nonnegative()),
  trainLoss: z.number().check(z.nonnegative()),
  trainAccuracy: share,
  validation: score,
  /** Of a best epoch: by which the scores of its weights are divided. */
  temperature: z.optional(z.number().check(z.positive())),
});

export const machineSchema = z.object({
  node: z.string(),
  cpu: z.string(),
  threads: whole,
  tier: z.string(),
});
export type Machine = z.infer<typeof machineSchema>;

/** Also a folder's name: it must not lead out of the folder that holds it, on any system. */
export const trialName = z.string().check(
  z.maxLength(200),
  z.regex(
    /^[\p{L}\p{N}_][\p{L}\p{N}_.+=, -]*$/u,
    'is no name of a folder: letters, digits, "-", "_", "." only',
  ),
  z.refine((name) => !name.includes('..') && !/[. ]$/.test(name), 'must not lead outside the folder'),
);

export const trialSchema = z.object({
  name: trialName,
  /** Where it ran; by default `machine` of the results. */
  machine: z.optional(machineSchema),
  /** Name of the computer, where a queue chose it. Machines of one kind are compared, whatever their names. */
  host: z.optional(z.string().check(z.maxLength(300))),
  /** That of the preset, or of the pairing. */
  model: z.string().check(z.minLength(1)),
  /** True for a pairing: its shape is another at each length. */
  paired: z.optional(z.boolean()),
  sequenceLength: positive,
  seed: whole,
  parameters: positive,
  learningRate: z.number().check(z.positive()),
  configuration: z.record(z.string(), z.unknown()),
  /** What validation said of a model of two paths. */
  fusion: z.optional(fusionSchema),
  /** Of a training step, for one sequence of full length. */
  flopsPerSequence: z.number().check(z.nonnegative()),
  /** Mean length of the training sequences as a share of the model's length. */
  realTokenShare: z.number().check(z.nonnegative()),
  epochs: z.array(epoch).check(z.minLength(1)),
  /** One of `epochs`, from 1. */
  bestEpoch: positive,
  /** Median over the epochs. */
  secondsPerEpoch: z.number().check(z.nonnegative()),
  peakMemoryBytes: z.number().check(z.positive()),
  test: z.object({
    accuracy: share,
    /** Wilson, 95%. */
    accuracyInterval: z.tuple([share, share]),
    macroF1: share,
    loss: z.number().check(z.nonnegative()),
    examples: whole,
    /** [true class][predicted class] */
    confusion: z.array(z.array(whole)),
  }),
  /** Share of the test texts' tokens that it did not read; older results do not say. */
  cutShare: z.optional(share),
  /** Mean share of a validation text's tokens that its vocabulary lacks; older results do not say. */
  unknownShare: z.optional(share),
  /** Class index that the model gave each test example, in the order of the split. */
  predictions: z.array(whole),
  /** Probability of that class. */
  confidence: z.array(share),
});
export type Trial = z.infer<typeof trialSchema>;

export const tuningSchema = z.object({
  model: z.string(),
  sequenceLength: positive,
  learningRate: z.number().check(z.positive()),
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
  target: z.number().check(z.nonnegative()),
  reached: z.number().check(z.nonnegative()),
  configuration: z.record(z.string(), z.unknown()),
});
export type Pairing = z.infer<typeof pairingSchema>;

/** Milliseconds of a full-length training sequence by kind of operation, summed over threads. */
const operationTimes = z.object({
  model: z.string(),
  sequenceLength: positive,
  operations: z.record(z.string(), z.number().check(z.nonnegative())),
});
export type OperationTimes = z.infer<typeof operationTimes>;

export const protocolSchema = z.object({
  data: z.string(),
  /** What the data hold, and lengths count: texts and their tokens, or signals and their steps. */
  input: z._default(z.enum(['text', 'signal']), 'text'),
  /** Hash of the test split's texts and labels: results of other test items are not comparable. */
  testItems: z.string(),
  splits: z.object({ train: whole, validation: whole, test: whole }),
  classes: z.array(z.string()).check(z.minLength(1)),
  /** Test examples of each class. */
  testClasses: z.array(whole),
  epochs: whole,
  batchSize: positive,
  tokenizer: z.string(),
  /** What was read of texts longer than the models. */
  long: z._default(z.string(), 'head'),
  vocabulary: whole,
  weightDecay: z.number().check(z.nonnegative()),
  clipNorm: z.number().check(z.nonnegative()),
  warmupShare: share,
  classWeights: z._default(z.string(), 'none'),
  select: z._default(z.string(), 'accuracy'),
  learningRates: z.record(z.string(), z.number().check(z.positive())),
});
export type Protocol = z.infer<typeof protocolSchema>;

export const resultsSchema = z.object({
  format: z.literal(RESULTS_FORMAT),
  version: z.literal(RESULTS_VERSION),
  /** The command that repeats it. */
  command: z.string(),
  protocol: protocolSchema,
  machine: machineSchema,
  /** Class index of each test example. */
  testLabels: z.array(whole),
  /** Number of each test example's group, where they have some: tests then count groups. */
  testGroups: z.optional(z.array(whole)),
  trials: z.array(trialSchema),
  tuning: z.array(tuningSchema),
  pairings: z._default(z.array(pairingSchema), []),
  operations: z._default(z.array(operationTimes), []),
});
export type Results = z.infer<typeof resultsSchema>;
