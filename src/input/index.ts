/** The registry of encoders: one line each; learning one, and reading one back. */
import * as z from 'zod';
import { InputError } from '../errors.js';
import { option } from '../options.js';
import { bytes } from './bytes.js';
import type { Encoder, EncoderKind, EncoderOptions } from './encoder.js';
import { words } from './words.js';

const ENCODERS = { words, bytes } as const;

export type EncoderName = keyof typeof ENCODERS;

const NAMES = Object.keys(ENCODERS) as [EncoderName, ...EncoderName[]];

/** The encoder of a training, as an option. */
export const inputOptions = {
  tokenizer: option(z.enum(NAMES).default('words'), { argument: '<kind>', help: 'what a token is' }),
} as const;

type AnyKind = EncoderKind<string, { format: string }>;
const kindOf = (name: EncoderName): AnyKind => ENCODERS[name] as unknown as AnyKind;

/** Learns from training inputs alone. */
export function learnEncoder(name: EncoderName, inputs: Iterable<string>, options: EncoderOptions): Encoder {
  return kindOf(name).learn(inputs, options);
}

/**
 * An encoder from the content of its file.
 * @param place what to call the file in messages
 * Throws InputError on content that is not an encoder of this version.
 */
export function encoderFromJSON(json: unknown, place: string): Encoder {
  const format = (json as { format?: unknown } | null)?.format;
  const kind = NAMES.map(kindOf).find(({ saved }) => saved.shape.format.value === format);
  const parsed = (kind?.saved ?? z.object({ format: z.enum(NAMES.map(formatOf)) })).safeParse(json);
  if (!parsed.success || kind === undefined) {
    const why = parsed.error === undefined ? '' : `:\n${z.prettifyError(parsed.error)}`;
    throw new InputError(`${place} is not a tokenizer of this version of eft${why}`);
  }
  try {
    return kind.load(parsed.data as { format: string });
  } catch (error) {
    throw new InputError(`${place}: ${(error as Error).message}`);
  }
}

const formatOf = (name: EncoderName): string => kindOf(name).saved.shape.format.value;
