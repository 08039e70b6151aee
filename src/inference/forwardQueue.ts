/**
 * Sequences on their way to a session, which takes one command at a time: calls that overlap wait in one line and
 * share its batches.
 */
import { packSequences } from '../data/encode.js';
import type { RealArray, Session } from '../engine/engine.js';
import { FailureError } from '../errors.js';
import type { Encoded } from '../input/encoder.js';

/** Sequences that go to an engine at once where nothing is trained: enough for every thread, little memory. */
export const FORWARD_BATCH = 64;

interface Waiting {
  readonly sequence: Encoded;
  readonly label: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

export interface Result {
  readonly logits: RealArray;
  readonly loss: number;
}

export class ForwardQueue {
  readonly #session: Session;
  readonly #classes: number;
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(session: Session, classes: number) {
    this.#session = session;
    this.#classes = classes;
  }

  /** Logits and loss of one sequence; `label` matters to the loss alone. */
  forward(sequence: Encoded, label = 0): Promise<Result> {
    if (this.#closed) return Promise.reject(new Error('internal: the classifier is disposed of'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sequence, label, resolve, reject });
      // Begun in a microtask, so that calls made together go together.
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  /** What waits is still answered; nothing new is taken. Ends when the session is free. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#batch(this.#waiting.splice(0, FORWARD_BATCH));
    this.#running = undefined;
  }

  async #batch(batch: readonly Waiting[]): Promise<void> {
    try {
      const { offsets, ...packed } = packSequences(batch.map(({ sequence }) => sequence));
      const labels = Int32Array.from(batch, ({ label }) => label);
      const { logits, losses } = await this.#session.forward({
        ...packed,
        offsets: Int32Array.from(offsets),
        labels,
      });
      const count = this.#classes;
      batch.forEach(({ resolve, reject }, i) => {
        const own = logits.slice(i * count, (i + 1) * count);
        const bad = own.find((value) => !Number.isFinite(value));
        if (bad === undefined) resolve({ logits: own, loss: losses[i] });
        else reject(new FailureError(`the model gives ${bad} instead of a score: its weights are damaged`));
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
