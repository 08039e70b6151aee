/** From a request's body to inputs: its type and encoding, JSON, sounds, bytes. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Context } from 'hono';
import * as z from 'zod';
import { InputError } from '../errors.js';
import type { Signal } from '../input/input.js';
import type { RawInput } from '../input/reading.js';
import { rawSignalOf } from '../readers/signals/series.js';
import { decodeWav } from '../readers/signals/wav.js';
import { type Accepted, describeAccepted, mediaTypesOf } from './accepted.js';
import { inputsOf } from './inputs.js';
import { RequestError } from './requestError.js';
import { parametersSchema, topKSchema } from './schemas.js';

export interface BodyLimits {
  /** Of the body as it comes, and decompressed; in thousands of bytes. */
  readonly maxBody: number;
  readonly maxItems: number;
}

export interface PredictRequest {
  readonly inputs: RawInput[];
  readonly topK: number | undefined;
}

/** Encodings that are accepted, for the header of that name. */
export const ENCODINGS = 'gzip';

export function bodyTooLarge(maxBody: number): RequestError {
  return new RequestError(
    413,
    'body-too-large',
    `the body is over ${maxBody} kB: send fewer or shorter inputs`,
  );
}

/** Throws RequestError on a body of another type, encoding or form. */
export async function readRequest(
  c: Context,
  accepted: Accepted,
  limits: BodyLimits,
): Promise<PredictRequest> {
  const type = (c.req.header('content-type') ?? '').split(';')[0].trim().toLowerCase();
  const types = mediaTypesOf(accepted);
  // A page elsewhere can send other types without asking first.
  if (type !== 'application/json' && !types.includes(type)) {
    const others = types.length === 0 ? '' : `, or one input as "${types[0]}"`;
    throw new RequestError(415, 'content-type', `send "Content-Type: application/json"${others}`);
  }
  const bytes = await decoded(await bodyOf(c), c.req.header('content-encoding'), limits.maxBody);
  if (type === 'application/json') return fromJson(jsonOf(bytes), accepted, limits);
  const topK = topKSchema.safeParse(numberOrUndefined(c.req.query('top_k')));
  if (!topK.success) throw faultOf(topK.error, 'top_k', accepted);
  const input = accepted.kind === 'signal' ? soundOf(bytes) : bytes;
  return { inputs: [input], topK: topK.data };
}

async function bodyOf(c: Context): Promise<Uint8Array> {
  try {
    return new Uint8Array(await c.req.arrayBuffer());
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError(400, 'body', 'the body broke off');
  }
}

const unzip = promisify(gunzip);

async function decoded(
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBody: number,
): Promise<Uint8Array> {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
    case '':
      return bytes;
    case 'gzip':
    case 'x-gzip':
      try {
        return await unzip(bytes, { maxOutputLength: maxBody * 1000 });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw bodyTooLarge(maxBody);
        throw new RequestError(400, 'gzip', `the body is not whole gzip: ${(error as Error).message}`);
      }
    default:
      throw new RequestError(415, 'content-encoding', 'send the body as it is, or "Content-Encoding: gzip"');
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new RequestError(400, 'json', `the body is not JSON in UTF-8: ${(error as Error).message}`);
  }
}

function fromJson(body: unknown, accepted: Accepted, limits: BodyLimits): PredictRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RequestError(422, 'shape', `the body is not an object; ${describeAccepted(accepted)}`);
  }
  const { inputs, parameters } = body as Readonly<Record<string, unknown>>;
  const parsed = parametersSchema.safeParse(parameters);
  if (!parsed.success) throw faultOf(parsed.error, 'parameters', accepted);
  return { inputs: inputsOf(inputs, accepted, limits), topK: parsed.data?.top_k };
}

function faultOf({ issues: [fault] }: z.ZodError, name: string, accepted: Accepted): RequestError {
  const place = [name, z.core.toDotPath(fault.path)].filter((part) => part !== '').join('.');
  return new RequestError(422, 'shape', `${place}: ${fault.message}; ${describeAccepted(accepted)}`);
}

const numberOrUndefined = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/** Throws InputError naming what is wrong with the file. */
function soundOf(bytes: Uint8Array): Signal {
  const signal = rawSignalOf(decodeWav(bytes, 'the body'));
  if ('fault' in signal) throw new InputError(`the body: ${signal.fault}`);
  return signal;
}
