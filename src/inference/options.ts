/** What may be asked of whatever opens a trained model, and of its answers: checked at the library's border. */
import * as z from 'zod';
import { LONG_MODES } from '../input/long.js';
import { MISSING_MODES } from '../input/reading.js';
import { parsedOptions } from '../options.js';

/** Worker threads: the engine's own limit. */
const MOST_THREADS = 8;

export const threadsSchema = z.number().int().min(1).max(MOST_THREADS);

/** Parts of a model's reading that may be changed when it is loaded. */
export const readingChangesSchema = z.strictObject({
  html: z.enum(['keep', 'strip']).optional(),
  fields: z.array(z.string().min(1).max(1000)).min(1).max(1000).optional(),
  resample: z.number().int().positive().optional(),
  mono: z.boolean().optional(),
  missing: z.enum(MISSING_MODES).optional(),
});

const loadSchema = z.strictObject({
  threads: threadsSchema.optional(),
  sequenceLength: z.number().int().min(1).optional(),
  long: z.enum(LONG_MODES).optional(),
  reading: readingChangesSchema.optional(),
  timeout: z.number().positive().optional(),
  maxBytes: z.number().positive().optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

const predictSchema = z.strictObject({
  topK: z.number().int().min(1).optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onSequences: z.unknown().optional(),
});

const hook = z.custom<unknown>((value) => value === undefined || typeof value === 'function', {
  error: 'it must be a function',
});

const evaluateSchema = z.strictObject({
  read: z.looseObject({}).optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onProgress: hook.optional(),
  onPortion: hook.optional(),
});

const exportSchema = z.strictObject({
  format: z.enum(['hub', 'onnx', 'pytorch']),
  version: z.string().optional(),
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
