/** Reports of what goes fast: a few a second, each of all since the last. */

/** Milliseconds between two. */
const EVERY = 120;

export class Pace {
  #last = 0;

  /** Whether it is time; the end always is. */
  due(end: boolean): boolean {
    const now = performance.now();
    if (!end && now - this.#last < EVERY) return false;
    this.#last = now;
    return true;
  }
}

/** The time that is left, from what was done since this began. */
export class Clock {
  readonly #began = performance.now();
  #first: number | undefined;

  /** Seconds; undefined as long as too little is done to tell. */
  left(done: number, total: number): number | undefined {
    this.#first ??= done - 1;
    const own = done - this.#first;
    const seconds = (performance.now() - this.#began) / 1000;
    if (own < 3 && done < total) return undefined;
    return (seconds / own) * (total - done);
  }
}
