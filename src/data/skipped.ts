/** Rows that do not serve: counted and left out, up to as many as are allowed. */
import { InputError } from '../errors.js';

export interface SkippedRow {
  /** "file:line". */
  readonly place: string;
  readonly fault: string;
}

export interface Skipped {
  readonly count: number;
  /** The first ten. */
  readonly first: readonly SkippedRow[];
}

const LISTED = 10;

export class SkipList {
  readonly #allowed: number | undefined;
  readonly #first: SkippedRow[] = [];
  #count = 0;

  /** @param allowed undefined: none, and it was not asked for */
  constructor(allowed: number | undefined) {
    this.#allowed = allowed;
  }

  /** Undefined if none was skipped. */
  get result(): Skipped | undefined {
    return this.#count === 0 ? undefined : { count: this.#count, first: this.#first };
  }

  /** Throws InputError on one more than is allowed. */
  add(place: string, fault: string): void {
    this.#count++;
    if (this.#allowed === undefined) throw new InputError(`${place}: ${fault}`);
    if (this.#count > this.#allowed) {
      const rows = `${this.#count} bad row${this.#count === 1 ? '' : 's'}`;
      throw new InputError(`${place}: ${fault}; ${rows} so far, and --skip-bad allows ${this.#allowed}`);
    }
    if (this.#first.length < LISTED) this.#first.push({ place, fault });
  }
}
