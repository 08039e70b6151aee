/** Inputs that are cut anywhere, and put together again: bytes, and signals at whole steps. */
import { type Input, isBytes, type Signal } from './input.js';

export type Measured = Uint8Array | Signal;

export const isMeasured = (input: Input): input is Measured => typeof input !== 'string';

/** Bytes, or steps. */
export const unitsOf = (input: Measured): number =>
  isBytes(input) ? input.length : input.values.length / input.channels;

/** Units from … to − 1, on the same memory. */
export function sliceOf(input: Measured, from: number, to: number): Measured {
  if (isBytes(input)) return input.subarray(from, to);
  return { ...input, values: input.values.subarray(from * input.channels, to * input.channels) };
}

/** Units that come at the end and go at the beginning, in memory of its own. */
export class HeldUnits {
  /** Of its first piece: what it is, and its numbers' kind. */
  #kind: Measured | undefined;
  #numbers: Uint8Array | Float32Array = new Uint8Array();
  #from = 0;
  #to = 0;

  /** Its units. */
  get count(): number {
    return (this.#to - this.#from) / this.#channels;
  }

  append(piece: Measured): void {
    const values = isBytes(piece) ? piece : piece.values;
    if (this.#kind === undefined) {
      this.#kind = sliceOf(piece, 0, 0);
      this.#numbers = isBytes(piece) ? new Uint8Array(1024) : new Float32Array(1024);
    }
    if (this.#to + values.length > this.#numbers.length) this.#makeRoom(values.length);
    this.#numbers.set(values, this.#to);
    this.#to += values.length;
  }

  /** Leaves the last `count` units, if there are more. */
  keepLast(count: number): void {
    this.#from = Math.max(this.#from, this.#to - count * this.#channels);
  }

  /** What is held, on the same memory: until the next change. Undefined if nothing ever was. */
  get content(): Measured | undefined {
    const kind = this.#kind;
    if (kind === undefined) return undefined;
    const numbers = this.#numbers.subarray(this.#from, this.#to);
    return isBytes(kind) ? (numbers as Uint8Array) : { ...kind, values: numbers as Float32Array };
  }

  get #channels(): number {
    return this.#kind === undefined || isBytes(this.#kind) ? 1 : this.#kind.channels;
  }

  /** Moves what is held to the beginning, of more memory where it needs more. */
  #makeRoom(more: number): void {
    const held = this.#to - this.#from;
    const old = this.#numbers;
    // Half of it stays free, so that not every piece moves all.
    if (2 * (held + more) > old.length) {
      const size = 2 * (held + more);
      this.#numbers = old instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);
    }
    this.#numbers.set(old.subarray(this.#from, this.#to));
    this.#from = 0;
    this.#to = held;
  }
}
