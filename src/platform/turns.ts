/** Work that lasts lets others at the thread have a turn now and then: a signal, a message, what a page draws. */

/** Milliseconds after which others get one. */
const LONGEST_TURN_MS = 50;

/** Behind what waits already; unlike a timer's, it is not put off by browsers. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

export class Turns {
  #since = performance.now();

  /** Gives others a turn if they have waited long enough. */
  async give(): Promise<void> {
    if (performance.now() - this.#since < LONGEST_TURN_MS) return;
    await turn();
    this.#since = performance.now();
  }
}
