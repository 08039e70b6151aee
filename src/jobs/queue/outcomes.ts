/**
 * What came of jobs, in Redis: the outcome as packed JSON, and with it the files of a run folder that the submitter
 * cannot see. One hash a job, written in one step; it ends with the time that finished jobs are kept.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Redis } from 'ioredis';
import { FailureError } from '../../errors.js';
import { jsonOrUndefined } from '../../formats/json.js';

/** Seconds that a finished job and its outcome are kept for a submitter that went away. */
export const KEEP_SECONDS = 7 * 24 * 3600;

/** Bytes of a run folder's files that go through the queue; a larger model stays with its worker. */
export const MOST_FILE_BYTES = 64e6;

/** Bytes of an unpacked outcome or file. */
const MOST_UNPACKED = 256e6;

/** What makes a run folder one that can be used: no checkpoint. */
export const RUN_FILES = [
  'config.json',
  'encoder.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'metrics.jsonl',
  'model.safetensors',
];

const pack = promisify<Uint8Array | string, Buffer>(gzip);
const unpack = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);

/** Undefined for bytes that are no gzip, cut off, or unpack to more than an outcome may have. */
const unpackOrUndefined = (packed: Uint8Array): Promise<Buffer | undefined> =>
  unpack(packed, { maxOutputLength: MOST_UNPACKED }).catch(() => undefined);

const keyOf = (id: string): string => `elastic-fourier:outcome:${id}`;
const fieldOf = (name: string): string => `file:${name}`;

export async function storeOutcome(
  redis: Redis,
  id: string,
  outcome: unknown,
  files: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<void> {
  const fields = new Map<string, Buffer>([['outcome', await pack(JSON.stringify(outcome))]]);
  for (const [name, bytes] of files) fields.set(fieldOf(name), await pack(bytes));
  const key = keyOf(id);
  const answers = await redis.multi().del(key).hset(key, fields).expire(key, KEEP_SECONDS).exec();
  const fault = answers?.find(([error]) => error !== null)?.[0];
  if (fault) throw new FailureError(`the queue does not take the outcome: ${fault.message}`, 'queue');
}

/** Undefined where there is none any more, or a damaged one. */
export async function readOutcome(redis: Redis, id: string): Promise<unknown> {
  const packed = await redis.hgetBuffer(keyOf(id), 'outcome');
  if (packed === null) return undefined;
  const bytes = await unpackOrUndefined(packed);
  return bytes === undefined ? undefined : jsonOrUndefined(bytes.toString('utf8'));
}

/** Undefined where one of them is not there any more, or damaged. */
export async function readOutcomeFiles(
  redis: Redis,
  id: string,
  names: readonly string[],
): Promise<Map<string, Uint8Array> | undefined> {
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    const packed = await redis.hgetBuffer(keyOf(id), fieldOf(name));
    const bytes = packed === null ? undefined : await unpackOrUndefined(packed);
    if (bytes === undefined) return undefined;
    files.set(name, bytes);
  }
  return files;
}

/** Once the submitter has them on its disk. */
export async function dropFiles(redis: Redis, id: string, names: readonly string[]): Promise<void> {
  if (names.length > 0) await redis.hdel(keyOf(id), ...names.map(fieldOf));
}
