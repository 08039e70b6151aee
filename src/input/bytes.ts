/** Bytes: those of a file of any kind, or a text's UTF-8; id = byte + 1. Nothing to learn. */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import type { Encoded, Encoder, EncoderKind, Section } from './encoder.js';
import { byteTokenizer, type TokenizerJson } from './huggingFace.js';
import { type Input, isBytes } from './input.js';
import { takeSection } from './long.js';

const saved = z.strictObject({ format: z.literal('elastic-fourier/bytes'), version: z.literal(1) });
type Saved = z.infer<typeof saved>;

const UTF8 = new TextEncoder();

/** The first `maxLength` bytes of a file or of a text's UTF-8. Throws InputError on a signal. */
export function requireBytes(input: Input, maxLength = Number.POSITIVE_INFINITY): Uint8Array {
  if (isBytes(input)) return input.subarray(0, Math.min(maxLength, input.length));
  if (typeof input !== 'string') {
    throw new InputError('this model takes bytes, not signals: give it a Uint8Array, or a text');
  }
  // A UTF-16 unit makes at least one byte, so no more than maxLength units are needed; +1 for a cut pair.
  const bytes = UTF8.encode(input.slice(0, maxLength + 1));
  return bytes.length > maxLength ? bytes.subarray(0, maxLength) : bytes;
}

const idsOf = (bytes: Uint8Array): Int32Array => Int32Array.from(bytes, (byte) => byte + 1);

export class ByteEncoder implements Encoder {
  readonly kind = 'bytes';
  readonly inputKind = 'bytes';
  readonly piecewise = true;
  readonly vocabulary = 256;
  readonly buckets = 0;
  readonly ngrams = 1;

  /** An empty one gives one space. */
  encode(input: Input, maxLength: number): Encoded {
    const bytes = requireBytes(input, maxLength);
    return { ids: bytes.length === 0 ? Int32Array.of(33) : idsOf(bytes) };
  }

  count(input: Input): number {
    if (typeof input !== 'string') return requireBytes(input).length;
    return utf8Length(input);
  }

  encodeSections(input: Input, sections: readonly Section[]): Encoded[] {
    const ids = idsOf(requireBytes(input));
    return sections.map((section) => ({ ids: takeSection(ids, section) }));
  }

  knownShare(input: Input): number {
    return typeof input !== 'string' || input.length > 0 ? 1 : 0;
  }

  toTokenizerJson(): TokenizerJson {
    return byteTokenizer();
  }

  toJSON(): Saved {
    return { format: 'elastic-fourier/bytes', version: 1 };
  }
}

/** Bytes that a text's UTF-8 has. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Half of a pair, which has four bytes; a lone half becomes U+FFFD, three.
    if (unit < 0x80) bytes++;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xe000 && text.codePointAt(i)! > 0xffff) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

export const bytes: EncoderKind<Input, Saved> = {
  summary: 'the bytes of a file, or of a text (UTF-8)',
  inputKind: 'bytes',
  learn: () => new ByteEncoder(),
  transcribe() {
    const encoder = new ByteEncoder();
    let tokens = 0;
    return {
      get tokens() {
        return tokens;
      },
      note(text, maxLength) {
        tokens = encoder.count(text);
        return text === '' ? new Int32Array() : encoder.encode(text, maxLength).ids;
      },
      finish: () => ({
        encoder,
        encode: (note) =>
          note.length === 0 ? { ...encoder.encode('', 1), knownShare: 0 } : { ids: note, knownShare: 1 },
      }),
    };
  },
  saved,
  load: () => new ByteEncoder(),
};
