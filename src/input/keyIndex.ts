/** Numbers 0, 1, 2 … for keys of 64 bits, in order of their coming. */
import { doubled } from './doubled.js';

export class KeyIndex {
  size = 0;
  #low = new Int32Array(2 ** 12);
  #high = new Int32Array(2 ** 12);
  /** Open addressing by a key's low half: its number + 1; 0 = free. At most half are taken. */
  #slots = new Int32Array(2 ** 13);

  /** -1 for a key that is not there. */
  find(low: number, high: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = low & mask;
    for (;;) {
      const number = slots[slot] - 1;
      if (number < 0 || (this.#low[number] === low && this.#high[number] === high)) return number;
      slot = (slot + 1) & mask;
    }
  }

  /** The number of a key that is not there yet. */
  insert(low: number, high: number): number {
    const number = this.size++;
    if (number === this.#low.length) this.#grow();
    this.#low[number] = low;
    this.#high[number] = high;
    this.#place(number);
    return number;
  }

  /** Keeps those keys alone, which are numbered anew in the same order. @returns the old numbers */
  keep(keeps: (number: number) => boolean): Int32Array {
    const kept: number[] = [];
    for (let number = 0; number < this.size; number++) {
      if (!keeps(number)) continue;
      this.#low[kept.length] = this.#low[number];
      this.#high[kept.length] = this.#high[number];
      kept.push(number);
    }
    this.size = kept.length;
    this.#slots.fill(0);
    for (let number = 0; number < this.size; number++) this.#place(number);
    return Int32Array.from(kept);
  }

  #place(number: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#low[number] & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
  }

  #grow(): void {
    const known = this.#low.length;
    this.#low = doubled(this.#low);
    this.#high = doubled(this.#high);
    this.#slots = new Int32Array(4 * known);
    for (let number = 0; number < known; number++) this.#place(number);
  }
}
