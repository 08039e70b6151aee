/** Work that lasts lets others at the thread have a turn now and then: a signal, a message, what a page draws. */

/** Milliseconds after which others get one. */
const PATIENCE_MS = 50;
/** The same of what may last while others wait for short answers. */
export const SLICE_MS = 10;

/** Behind what waits already; unlike a timer's, it is not put off by browsers. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

let last: Promise<void> = Promise.resolve();

/** The next turn that is nobody else's: several that work in slices come one after another, and all else in between. */
function nextTurn(): Promise<void> {
  last = last.then(turn);
  return last;
}

export class Turns {
  readonly #patience: number;
  #since = performance.now();

  /** @param patience milliseconds after which others get a turn */
  constructor(patience = PATIENCE_MS) {
    this.#patience = patience;
  }

  /** Whether others have waited long enough. */
  get due(): boolean {
    return performance.now() - this.#since >= this.#patience;
  }

  /** Gives others a turn if they have waited long enough. */
  async give(): Promise<void> {
    if (!this.due) return;
    await nextTurn();
    this.#since = performance.now();
  }
}
