/**
 * The file of a data cache:
 *
 *   "EFTCACHE"
 *   of each part, the training and the validation data:
 *     tokens    of all examples, one after the other: 2 bytes each where no id needs more, else 4
 *     offsets   float64, one more than examples: where each example's tokens begin
 *     labels    int32, class indices
 *     hashes    8 bytes an example: the beginning of its content hash
 *   header    JSON: where all that lies, the encoder, the classes
 *   length of the header (float64), "EFTCACHE"
 *
 * Numbers are little-endian; each section begins at a multiple of 8 bytes.
 */
import * as z from 'zod';

export const MAGIC = new TextEncoder().encode('EFTCACHE');
/** Raised when caches of this version can no longer be read by older programs, or theirs by this one. */
export const VERSION = 1;
/** Length of the header, and the magic bytes. */
export const TAIL = 8 + MAGIC.length;
export const HASH_BYTES = 8;

const count = z.number().int().nonnegative();

const sectionSchema = z.strictObject({ at: count, bytes: count });

const partSchema = z.strictObject({
  examples: count,
  tokens: sectionSchema,
  offsets: sectionSchema,
  labels: sectionSchema,
  hashes: sectionSchema,
  /** As that of the same data in memory. */
  fingerprint: z.string(),
});

export const headerSchema = z.strictObject({
  format: z.literal('elastic-fourier/cache'),
  version: z.literal(VERSION),
  /** Files, their times, and settings: what the cache was made from. */
  key: z.string(),
  tokenBytes: z.union([z.literal(2), z.literal(4)]),
  classes: z.array(z.string()).min(2),
  /** As encoders save themselves. */
  encoder: z.unknown(),
  /** Mean share of a validation example's tokens that the encoder does not know. */
  unknownShare: z.number().min(0).max(1),
  /** Tokens of the training inputs, and how many of them are here. */
  extent: z.strictObject({ tokens: count, read: count }),
  /** How the data were read: the reader's own. */
  reading: z.unknown(),
  train: partSchema,
  validation: partSchema,
});

export type CacheHeader = z.infer<typeof headerSchema>;
export type CachePart = z.infer<typeof partSchema>;
export type CacheSection = z.infer<typeof sectionSchema>;

/** The bytes of an array, as they lie in memory: little-endian on every machine that runs WebAssembly engines. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
