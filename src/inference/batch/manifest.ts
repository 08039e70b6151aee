/**
 * What lies in the folder of a predicted corpus, and whether all of it does:
 *
 *   manifest.json           or manifest-3-of-8.json of a shard: settings, and a line a file with counts and hashes
 *   NAME.predictions.jsonl  the answers to NAME, a line a text, in order; of a part of NAME with its number
 */
import * as z from 'zod';
import { InputError } from '../../errors.js';
import { jsonOrUndefined } from '../../formats/json.js';
import type { FileStore } from '../../platform/store.js';

const FORMAT = 'elastic-fourier/predictions';
const VERSION = 1;

const whole = z.number().int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const text = (most: number) => z.string().max(most);

export const partOutcomeSchema = z.strictObject({
  rows: whole,
  /** Rows that were left out; older manifests do not say. */
  skipped: whole.default(0),
  /** The first of them. */
  skippedRows: z
    .array(z.strictObject({ place: text(10_000), fault: text(1000) }))
    .max(10)
    .readonly()
    .optional(),
  bytes: whole,
  sha256: hash,
  inputSha256: hash,
  unknown: whole,
  tokens: whole,
  read: whole,
  seconds: z.number().nonnegative(),
});

const fileSchema = z.object({
  input: z.string(),
  /** Of the whole input file, and what tells it from others. */
  size: whole,
  sample: hash,
  range: z.tuple([whole, whole]).optional(),
  output: z.string(),
  ...partOutcomeSchema.shape,
  /** Name of the computer, where a queue chose it. */
  host: z.string().max(300).optional(),
  /** True where the answers lie in that computer's own folder. */
  elsewhere: z.boolean().optional(),
});
export type PredictedFile = z.infer<typeof fileSchema>;

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** Hash of the model, and how it was asked: what is predicted otherwise belongs into another folder. */
  settings: z.record(z.string(), z.unknown()),
  /** Which of how many, where only a share was predicted. */
  shard: z.tuple([whole, whole]).optional(),
  /** Whether all parts are there. */
  complete: z.boolean(),
  parts: whole,
  totals: z.object({
    rows: whole,
    skipped: whole.default(0),
    inputBytes: whole,
    bytes: whole,
    unknown: whole,
  }),
  files: z.array(fileSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;

export type Shard = readonly [index: number, count: number];

export const manifestName = (shard: Shard | undefined): string =>
  shard === undefined ? 'manifest.json' : `manifest-${shard[0]}-of-${shard[1]}.json`;

export function makeManifest(
  settings: Readonly<Record<string, unknown>>,
  parts: number,
  files: readonly PredictedFile[],
  shard?: Shard,
): Manifest {
  const sum = (of: (file: PredictedFile) => number): number =>
    files.reduce((total, file) => total + of(file), 0);
  return {
    format: FORMAT,
    version: VERSION,
    settings: { ...settings },
    ...(shard === undefined ? {} : { shard: [...shard] as [number, number] }),
    complete: files.length === parts,
    parts,
    totals: {
      rows: sum(({ rows }) => rows),
      skipped: sum(({ skipped }) => skipped),
      inputBytes: sum(({ size, range }) => (range === undefined ? size : range[1] - range[0])),
      bytes: sum(({ bytes }) => bytes),
      unknown: sum(({ unknown }) => unknown),
    },
    files: [...files],
  };
}

export const serializeManifest = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 1)}\n`;

/** Undefined where there is none. Throws InputError where it is damaged, or of another version. */
export async function readManifest(store: FileStore, shard?: Shard): Promise<Manifest | undefined> {
  const bytes = await store.read(manifestName(shard));
  if (bytes === undefined) return undefined;
  const path = store.pathOf(manifestName(shard));
  const parsed = manifestSchema.safeParse(jsonOrUndefined(new TextDecoder().decode(bytes)));
  if (parsed.success) return parsed.data;
  throw new InputError(
    `${path} is damaged, or of another version: delete it to predict all anew, or choose another folder`,
  );
}

/** The whole, once every shard is there and complete; undefined before. */
export async function mergedManifest(store: FileStore, count: number): Promise<Manifest | undefined> {
  const shards: Manifest[] = [];
  for (let index = 1; index <= count; index++) {
    const found = await readManifest(store, [index, count]);
    if (!found?.complete) return undefined;
    if (JSON.stringify(found.settings) !== JSON.stringify(shards[0]?.settings ?? found.settings))
      return undefined;
    shards.push(found);
  }
  const files = shards.flatMap((shard) => shard.files);
  files.sort((a, b) => (a.output < b.output ? -1 : 1));
  return makeManifest(shards[0].settings, files.length, files);
}
