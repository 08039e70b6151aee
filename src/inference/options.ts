/** What may be asked of whatever opens a trained model, and of its answers: checked at the library's border. */
import * as z from 'zod';
import { InputError } from '../errors.js';
import { LONG_MODES } from '../input/long.js';
import { MISSING_MODES } from '../input/reading.js';

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

const predictSchema = z.object({
  topK: z.number().int().min(1).optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

function check(schema: z.ZodType, given: unknown, call: string): void {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return;
  const [{ path, message }] = parsed.error.issues;
  const key = path.map(String).join('.');
  const value = path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step],
    given,
  );
  const shown = typeof value === 'object' ? '' : ` (it is ${String(value)})`;
  throw new InputError(`${call}: ${key === '' ? 'the options' : `'${key}'`}: ${message}${shown}`);
}

/** Throws InputError naming the option that is unknown or out of range. */
export const checkLoadOptions = (options: unknown): void => check(loadSchema, options, 'load');

/** The same of `predict`, `evaluate` and the like. @param call its name */
export const checkPredictOptions = (options: unknown, call: string): void =>
  check(predictSchema, options, call);
