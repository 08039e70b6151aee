/** The bytes of an input as hashes, one a byte: what n-grams of bytes are made of. */
import { requireBytes } from './bytes.js';
import { doubled } from './doubled.js';
import type { Input } from './input.js';
import { mix } from './tokenHashes.js';

const HASHES = Int32Array.from({ length: 256 }, (_, byte) => mix(byte + 1));

/** Hashes of one input after the other, in an array that is used again. */
export class ByteHashes {
  values = new Int32Array(4096);
  count = 0;

  /** Takes the first `maxLength` bytes, of a text those of its UTF-8. */
  read(input: Input, maxLength: number): void {
    const bytes = requireBytes(input, maxLength);
    while (this.values.length < bytes.length) this.values = doubled(this.values);
    for (let i = 0; i < bytes.length; i++) this.values[i] = HASHES[bytes[i]];
    this.count = bytes.length;
  }
}
