/** Byte tokenizer: the UTF-8 bytes of a text, id = byte + 1. Nothing to learn. */
import type { Tokenizer } from './tokenizer.js';

export const BYTES_FORMAT = 'elastic-fourier/bytes';

export class ByteTokenizer implements Tokenizer {
  readonly kind = 'bytes';
  readonly vocabulary = 256;
  readonly buckets = 0;
  readonly #encoder = new TextEncoder();

  /** An empty text gives one space. */
  encode(text: string, maxLength: number): Int32Array {
    // A UTF-16 unit makes at least one byte, so no more than maxLength units are needed; +1 for a cut pair.
    const bytes = this.#encoder.encode(text.slice(0, maxLength + 1));
    if (bytes.length === 0) return Int32Array.of(33);
    return Int32Array.from(bytes.subarray(0, maxLength), (byte) => byte + 1);
  }

  knownShare(text: string): number {
    return text.length === 0 ? 0 : 1;
  }

  toJSON(): unknown {
    return { format: BYTES_FORMAT, version: 1 };
  }
}
