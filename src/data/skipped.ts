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

  /**
   * Throws InputError on one more than is allowed.
   * @param found what is wrong, or an error that says it, its message perhaps beginning with the place
   */
  add(place: string, found: string | InputError): void {
    const fault = typeof found === 'string' ? found : faultOf(found, place);
    this.#count++;
    if (this.#allowed === undefined) throw new InputError(`${place}: ${fault}`);
    if (this.#count > this.#allowed) {
      const rows = `${this.#count} bad row${this.#count === 1 ? '' : 's'}`;
      throw new InputError(`${place}: ${fault}; ${rows} so far, and --skip-bad allows ${this.#allowed}`);
    }
    if (this.#first.length < LISTED) this.#first.push({ place, fault });
  }
}

/** "mails.csv:7: its label is missing" → "its label is missing"; "mails.csv:7 is bytes" → "it is bytes". */
function faultOf({ message }: InputError, place: string): string {
  if (!message.startsWith(place)) return message;
  return message
    .slice(place.length)
    .replace(/^:? /, '')
    .replace(/^(?:is|has) /, (verb) => `it ${verb}`);
}
