/** Bytes: the UTF-8 bytes of a text, id = byte + 1. Nothing to learn. */
import * as z from 'zod';
import type { Encoded, Encoder, EncoderKind, Section } from './encoder.js';
import { byteTokenizer } from './huggingFace.js';
import { takeSection } from './long.js';

const saved = z.strictObject({ format: z.literal('elastic-fourier/bytes'), version: z.literal(1) });
type Saved = z.infer<typeof saved>;

export class ByteEncoder implements Encoder {
  readonly kind = 'bytes';
  readonly vocabulary = 256;
  readonly buckets = 0;
  readonly ngrams = 1;
  readonly #encoder = new TextEncoder();

  /** An empty text gives one space. */
  encode(text: string, maxLength: number): Encoded {
    // A UTF-16 unit makes at least one byte, so no more than maxLength units are needed; +1 for a cut pair.
    const bytes = this.#encoder.encode(text.slice(0, maxLength + 1));
    if (bytes.length === 0) return { ids: Int32Array.of(33) };
    return { ids: Int32Array.from(bytes.subarray(0, maxLength), (byte) => byte + 1) };
  }

  count(text: string): number {
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

  encodeSections(text: string, sections: readonly Section[]): Encoded[] {
    const ids = Int32Array.from(this.#encoder.encode(text), (byte) => byte + 1);
    return sections.map((section) => ({ ids: takeSection(ids, section) }));
  }

  knownShare(text: string): number {
    return text.length === 0 ? 0 : 1;
  }

  toTokenizerJson(): unknown {
    return byteTokenizer();
  }

  toJSON(): Saved {
    return { format: 'elastic-fourier/bytes', version: 1 };
  }
}

export const bytes: EncoderKind<string, Saved> = {
  summary: 'the UTF-8 bytes of a text',
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
