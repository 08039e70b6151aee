/**
 * What goes through the queue: jobs, their progress, outcomes and failures; all of it plain JSON that each side checks.
 * A job says what to do with data, never how: it carries no code, and no path that is not relative.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { machineSchema, trialName, trialSchema } from '../../comparison/results/schema.js';
import { type ErrorCode, errorOf } from '../../errors.js';
import { jsonOrUndefined } from '../../formats/json.js';
import { LINE_OUTPUTS } from '../../inference/batch/answer.js';
import { partOutcomeSchema } from '../../inference/batch/manifest.js';
import { readingChangesSchema } from '../../inference/options.js';
import { doubtOptions, unknownOption } from '../../learning/doubtOptions.js';
import { loadOptions, threadOptions, trainOptionsSchema } from '../../learning/options.js';
import { readerOptionsSchema } from '../../readers/options.js';
import { JobRefusal } from './root.js';

/** Characters of a job's JSON. */
export const MOST_JOB_CHARACTERS = 200_000;

const text = (most: number) => z.string().max(most);
const path = text(4096).min(1);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.number().int().nonnegative();
const read = z.strictObject(readerOptionsSchema.shape);
const load = z.strictObject({
  sequenceLength: loadOptions.sequenceLength,
  long: loadOptions.long,
  ...doubtOptions,
  ...unknownOption,
  reading: z.optional(readingChangesSchema),
});

const common = {
  /** Of the submitter's program. */
  version: text(200),
  /** The submitter's folder from which all paths count. */
  base: text(4096),
  /** Folder of the comparison or the answers, and what stands in its token file: whether the worker sees the same folder. */
  out: path,
  token: z.string().regex(/^[0-9a-f]{32}$/),
  threads: threadOptions.threads,
};

const trialJobSchema = z.strictObject({
  kind: z.literal('trial'),
  ...common,
  name: trialName,
  folder: path,
  data: z.strictObject({
    source: path,
    name: text(4096),
    read,
    split: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
    content: z.union([hash, z.literal('built-in')]),
  }),
  options: trainOptionsSchema,
  test: z.boolean(),
});
export type TrialJob = z.infer<typeof trialJobSchema>;

const partJobSchema = z.strictObject({
  kind: z.literal('part'),
  ...common,
  run: path,
  model: hash,
  input: path,
  size: whole,
  sample: hash,
  range: z.tuple([whole, whole]).optional(),
  output: path,
  load,
  read,
  answers: z.strictObject({
    format: z.enum(LINE_OUTPUTS),
    topK: z.number().int().positive().optional(),
    keep: z.union([z.literal('all'), z.array(text(1000)).max(1000)]),
  }),
});
export type PartJob = z.infer<typeof partJobSchema>;

const jobSchema = z.discriminatedUnion('kind', [trialJobSchema, partJobSchema]);
export type WireJob = z.infer<typeof jobSchema>;

/** Throws JobRefusal that says what is wrong. @param version of this program */
export function parseJob(data: unknown, version: string): WireJob {
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch {
    json = undefined;
  }
  if (json === undefined || json.length > MOST_JOB_CHARACTERS) {
    throw new JobRefusal(`it is larger than ${MOST_JOB_CHARACTERS} characters, or not JSON`);
  }
  // First: jobs of other versions may look otherwise.
  const { version: theirs } = (data ?? {}) as { version?: unknown };
  if (typeof theirs === 'string' && theirs !== version) {
    throw new JobRefusal(
      `it was submitted by version ${theirs.slice(0, 200)}, this worker is version ${version}: use the same on all machines`,
    );
  }
  const parsed = jobSchema.safeParse(data);
  if (!parsed.success) throw new JobRefusal(`it is no job of this program: ${issuesOf(parsed.error)}`);
  return parsed.data;
}

const issuesOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, 3)
    .map(({ path: at, message }) => `${at.join('.').slice(0, 100)}: ${message.slice(0, 200)}`)
    .join('; ');

/** What decides the outcome of a part. The file that it leaves is the outcome: where that lies counts too. */
const PART_KEYS = [
  'kind',
  'version',
  'base',
  'out',
  'token',
  'model',
  'input',
  'size',
  'sample',
  'range',
  'output',
  'load',
  'read',
  'answers',
] as const satisfies readonly (keyof PartJob)[];

/** What decides the outcome: twice submitted is once done, whatever the names of folders and files. */
function decisive(job: WireJob): unknown[] {
  if (job.kind === 'part') return PART_KEYS.map((key) => job[key]);
  const { kind, version, data, options, threads, test } = job;
  const source = data.content === 'built-in' ? data.source : '';
  return [kind, version, source, data.content, data.read, data.split, options, threads, test];
}

/** Keys in one order, those without a value left out: the same on both sides of the queue. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => canonical(one) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, canonical(one)]),
  );
}

export const jobId = (job: WireJob): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(decisive(job))))
    .digest('hex')
    .slice(0, 40);

export const progressSchema = z.object({
  share: z.number().min(0).max(1),
  note: text(300),
  host: text(300),
});

const host = text(300);

/** What was measured on the test part; a trial without one has none of it. */
const { test, cutShare, predictions, confidence } = trialSchema.shape;

export const trialOutcomeSchema = z.strictObject({
  kind: z.literal('trial'),
  trial: z.object({
    ...trialSchema.shape,
    test: z.optional(test),
    cutShare: z.optional(cutShare),
    predictions: z.optional(predictions),
    confidence: z.optional(confidence),
  }),
  machine: machineSchema,
  host,
  /** Where the run folder lies: beneath the submitter's base where `shared`, else beneath that worker's root. */
  folder: path,
  shared: z.boolean(),
  /** Files of the run folder that came along. */
  files: z.array(z.string()).max(20),
});
export type WireTrialOutcome = z.infer<typeof trialOutcomeSchema>;

export const partResultSchema = z.strictObject({
  kind: z.literal('part'),
  part: partOutcomeSchema,
  host,
  shared: z.boolean(),
});

const CODES = [
  'input',
  'disposed',
  'unsupported',
  'diverged',
  'memory',
  'write',
  'network',
  'process',
  'queue',
  'failure',
] as const satisfies readonly ErrorCode[];
const failureSchema = z.object({ code: z.enum(CODES), message: text(20_000) });

/** As BullMQ keeps it: a string. */
export const serializeFailure = (code: ErrorCode, message: string): string =>
  JSON.stringify({ code, message });

/** The error of a job that failed. @param name of the job */
export function failureOf(reason: string, name: string): Error {
  const parsed = failureSchema.safeParse(jsonOrUndefined(reason));
  if (parsed.success) return errorOf(parsed.data.code, `${name}: ${parsed.data.message}`);
  return errorOf('process', `${name}: ${reason.slice(0, 1000)}`);
}
