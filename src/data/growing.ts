/** A typed array that grows. */

type Numbers = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

export class Growing<T extends Numbers> {
  length = 0;
  readonly #make: (size: number) => T;
  #room: T;

  constructor(make: (size: number) => T) {
    this.#make = make;
    this.#room = make(1024);
  }

  push(value: number): void {
    if (this.length === this.#room.length) this.#grow(this.length + 1);
    this.#room[this.length++] = value;
  }

  append(values: ArrayLike<number>): void {
    if (this.length + values.length > this.#room.length) this.#grow(this.length + values.length);
    this.#room.set(values, this.length);
    this.length += values.length;
  }

  /** What is in it; a view, until it grows again. */
  get values(): T {
    return this.#room.subarray(0, this.length) as T;
  }

  #grow(least: number): void {
    const grown = this.#make(Math.max(least, Math.ceil(1.5 * this.#room.length)));
    grown.set(this.#room);
    this.#room = grown;
  }
}
