/** What may be asked of whatever opens a trained model, and of its answers: checked at the library's border. */
import * as z from 'zod/mini';
import { doubtShape } from '../formats/doubt.js';
import { LONG_MODES } from '../input/long.js';
import { MISSING_MODES } from '../input/reading.js';
import { parsedOptions } from '../options.js';

/** Worker threads: the engine's own limit. */
const MOST_THREADS = 8;

export const threadsSchema = z.int().check(z.gte(1), z.lte(MOST_THREADS));

/** Parts of a model's reading that may be changed when it is loaded. */
export const readingChangesSchema = z.strictObject({
  html: z.optional(z.enum(['keep', 'strip'])),
  fields: z.optional(
    z.array(z.string().check(z.minLength(1), z.maxLength(1000))).check(z.minLength(1), z.maxLength(1000)),
  ),
  resample: z.optional(z.int().check(z.positive())),
  mono: z.optional(z.boolean()),
  missing: z.optional(z.enum(MISSING_MODES)),
});

const loadSchema = z.strictObject({
  threads: z.optional(threadsSchema),
  sequenceLength: z.optional(z.int().check(z.gte(1))),
  long: z.optional(z.enum(LONG_MODES)),
  ...doubtShape,
  unknown: z.optional(z.boolean()),
  reading: z.optional(readingChangesSchema),
  timeout: z.optional(z.number().check(z.positive())),
  maxBytes: z.optional(z.number().check(z.positive())),
  signal: z.optional(z.instanceof(AbortSignal)),
});

const predictSchema = z.strictObject({
  topK: z.optional(z.int().check(z.gte(1))),
  signal: z.optional(z.instanceof(AbortSignal)),
  onSequences: z.optional(z.unknown()),
});

const hook = z.custom<unknown>((value) => value === undefined || typeof value === 'function', {
  error: 'it must be a function',
});

const evaluateSchema = z.strictObject({
  read: z.optional(z.looseObject({})),
  signal: z.optional(z.instanceof(AbortSignal)),
  onProgress: z.optional(hook),
  onPortion: z.optional(hook),
});

const exportSchema = z.strictObject({
  format: z.enum(['hub', 'onnx', 'pytorch']),
  version: z.optional(z.string()),
});

/** Throws InputError naming the option that is unknown or out of range. */
export const checkLoadOptions = (options: unknown): void => void parsedOptions(loadSchema, options, 'load');

/** The same of `predict`, `stream` and the like. @param call its name */
export const checkPredictOptions = (options: unknown, call: string): void =>
  void parsedOptions(predictSchema, options, call);

export const checkEvaluateOptions = (options: unknown): void =>
  void parsedOptions(evaluateSchema, options, 'evaluate');

export const checkExportOptions = (options: unknown): void =>
  void parsedOptions(exportSchema, options, 'export');
