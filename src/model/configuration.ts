/** The configuration of a model: validated data, everything that decides shapes and arithmetic. */
// As a namespace: of the object `z` esbuild keeps everything, 67 kB more after gzip.
import * as z from 'zod';
import { InputError } from '../errors.js';

export const MODEL_NAMES = ['elastic-fourier', 'standard', 'bag'] as const;
export type ModelName = (typeof MODEL_NAMES)[number];

const positive = z.number().int().positive();
const rate = z.number().min(0).lt(1);

export const modelConfigurationSchema = z
  .strictObject({
    model: z.enum(MODEL_NAMES),
    /** n: tokens a model takes. */
    sequenceLength: z.number().int().min(2).max(1_048_576),
    /** d: channels. */
    channels: positive.max(4096).default(32),
    /** Width of the feed-forward layers. */
    hidden: positive.max(65536).default(128),
    blocks: z.number().int().nonnegative().max(256).default(8),
    /** Heads of attention; must divide `channels`. */
    heads: positive.max(256).default(4),
    /** Largest token id; the token table has a padding row besides. */
    vocabulary: positive.max(100_000_000).default(10_000),
    /** Rows of the token table for hashed n-grams (bag). */
    buckets: z.number().int().nonnegative().max(100_000_000).default(0),
    /** Longest n-gram of the bag model: 1 = words alone. */
    ngrams: z.number().int().min(1).max(5).default(1),
    classes: z.number().int().min(2).max(1_000_000).default(2),
    dropout: rate.default(0),
    labelSmoothing: rate.default(0),
  })
  .refine((c) => c.model !== 'standard' || c.channels % c.heads === 0, {
    message: 'channels must be a multiple of heads',
    path: ['heads'],
  })
  .refine((c) => c.model === 'bag' || (c.buckets === 0 && c.ngrams === 1), {
    message: 'hashed n-grams are for the bag model only',
    path: ['buckets'],
  });

export type ModelConfiguration = z.infer<typeof modelConfigurationSchema>;
export type ModelOptions = z.input<typeof modelConfigurationSchema>;

/** A validated configuration; throws InputError where options do not fit together. */
export function configureModel(options: ModelOptions): ModelConfiguration {
  const parsed = modelConfigurationSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InputError(`the model's options do not fit together:\n${z.prettifyError(parsed.error)}`);
}
