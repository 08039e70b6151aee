/** The registry of encoders: one line each; learning one, and reading one back. */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import { inGroup, option } from '../options.js';
import { bands } from './bands.js';
import { bytes } from './bytes.js';
import type { Encoder, EncoderArrays, EncoderKind, EncoderOptions, Transcriber } from './encoder.js';
import type { Input, InputKind } from './input.js';
import { LONG_MODES } from './long.js';
import { mel } from './melFrames.js';
import { ngrams } from './ngrams.js';
import { rocket } from './rocket.js';
import { signal } from './signal.js';
import { spectrum } from './spectrum.js';
import { views } from './views.js';
import { words } from './words.js';

/** Those that keep the order of the tokens: any model can take them. */
const TOKENIZERS = { words, bytes } as const;

const ENCODERS = { ...TOKENIZERS, ngrams, views, signal, mel, bands, rocket, spectrum } as const;

type TokenizerName = keyof typeof TOKENIZERS;

export type EncoderName = keyof typeof ENCODERS;

const NAMES = Object.keys(ENCODERS) as [EncoderName, ...EncoderName[]];
const TOKENIZER_NAMES = Object.keys(TOKENIZERS) as [TokenizerName, ...TokenizerName[]];

/** What the frames of a signal hold. */
const FRONTENDS = ['learned', 'mel'] as const;

const positive = z.int().check(z.positive());

/** The encoder of a training, as options. */
export const inputOptions = inGroup('Model', {
  tokenizer: option(z._default(z.enum(TOKENIZER_NAMES), 'words'), {
    argument: '<kind>',
    help: 'what a token is: words, or bytes',
  }),
  long: option(z._default(z.enum(LONG_MODES), 'head'), {
    argument: '<part>',
    help: 'what is read of longer texts: head, tail, head-tail or windows',
    more: 'head-tail is half of each; windows is all of it, in windows whose scores are averaged',
    alias: ['truncation', 'truncate'],
  }),
  patch: option(z.optional(positive.check(z.lte(65_536))), {
    group: 'Signals',
    argument: '<p>',
    help: 'steps of a frame, which is to a signal what a token is to a text (default: by their length)',
  }),
  window: option(z.optional(positive.check(z.lte(65_536))), {
    group: 'Signals',
    argument: '<w>',
    help: 'steps that a frame looks at, at least its patch (default: four patches, or the patch of one step)',
  }),
  frontend: option(z.optional(z.enum(FRONTENDS)), {
    group: 'Signals',
    argument: '<kind>',
    help: 'what frames hold: learned (samples through learned filters) or mel (40 mel bands of sounds)',
    more: 'mel bands are of 25 ms every 10 ms',
  }),
  filters: option(z.optional(z.int().check(z.nonnegative(), z.lte(4096))), {
    group: 'Signals',
    argument: '<f>',
    help: 'pairs of learned filters whose magnitude the model takes; 0: the numbers as they are (default: 64 for windows of 32 steps and more)',
  }),
} as const);

type AnyKind = EncoderKind<Input, { format: string }>;
const kindOf = (name: EncoderName): AnyKind => ENCODERS[name] as unknown as AnyKind;

export const encoderInputKind = (name: EncoderName): InputKind => kindOf(name).inputKind ?? 'text';

/** Loads what encoders of a kind work with; to be called before one of them learns or encodes. */
export async function prepareEncoder(name: string): Promise<void> {
  await kindOf(name as EncoderName).prepare?.();
}

/** The same for all encoders of signals. */
export async function prepareSignalEncoders(): Promise<void> {
  await Promise.all(NAMES.filter((name) => encoderInputKind(name) === 'signal').map(prepareEncoder));
}

/** Learns from training inputs alone. */
export function learnEncoder(name: EncoderName, inputs: Iterable<Input>, options: EncoderOptions): Encoder {
  return kindOf(name).learn(inputs, options);
}

/** What learns one in one pass; undefined where that is not possible. */
export function transcriberOf(name: EncoderName, options: EncoderOptions): Transcriber | undefined {
  return kindOf(name).transcribe?.(options);
}

/**
 * An encoder from the content of its file.
 * @param place what to call the file in messages
 * @param arrays what it saved besides
 * Throws InputError on content that is not an encoder of this version.
 */
export function encoderFromJSON(json: unknown, place: string, arrays: EncoderArrays = new Map()): Encoder {
  const format = (json as { format?: unknown } | null)?.format;
  const kind = NAMES.map(kindOf).find(({ saved }) => saved.shape.format.def.values[0] === format);
  const parsed = (kind?.saved ?? z.object({ format: z.enum(NAMES.map(formatOf)) })).safeParse(json);
  if (!parsed.success || kind === undefined) {
    const why = parsed.error === undefined ? '' : `:\n${z.prettifyError(parsed.error)}`;
    throw new InputError(`${place} is not a tokenizer of this version of eft${why}`);
  }
  try {
    return kind.load(parsed.data as { format: string }, arrays);
  } catch (error) {
    throw new InputError(`${place}: ${(error as Error).message}`);
  }
}

/** The tokenizer that saved this; undefined if it was another kind of encoder. */
export function tokenizerOf(json: unknown): string | undefined {
  const format = (json as { format?: unknown } | null)?.format;
  return TOKENIZER_NAMES.find((name) => formatOf(name) === format);
}

const formatOf = (name: EncoderName): string => kindOf(name).saved.shape.format.def.values[0];
