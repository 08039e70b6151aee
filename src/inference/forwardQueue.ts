/**
 * Sequences on their way to a session, which takes one command at a time: calls that overlap share its batches, and
 * requests are served in turns, so that one of many sequences does not hold up the others.
 */
import { packSequences } from '../data/encode.js';
import type { RealArray, Session } from '../engine/engine.js';
import { disposedError, FailureError } from '../errors.js';
import type { Encoded } from '../input/encoder.js';

/** Sequences that go to an engine at once where nothing is trained: enough for every thread, little memory. */
export const FORWARD_BATCH = 64;

/** What sequences belong to: those of one object wait in one line, and leave it when its signal is aborted. */
export interface ForwardRequest {
  readonly signal?: AbortSignal | undefined;
}

/** For sequences of no request in particular. */
const UNNAMED: ForwardRequest = {};

interface Waiting {
  readonly sequence: Encoded;
  readonly label: number;
  resolve(result: ForwardResult): void;
  reject(error: unknown): void;
}

export interface ForwardResult {
  readonly logits: RealArray;
  readonly loss: number;
}

/** The sequences of one request that wait, first come, first served. Never empty. */
class Line {
  readonly #waiting: Waiting[] = [];
  #next = 0;
  /** No longer listens for the request's end. */
  readonly close: () => void;

  /** @param onAbort the request has ended before its answers */
  constructor({ signal }: ForwardRequest, onAbort: () => void) {
    signal?.addEventListener('abort', onAbort, { once: true });
    this.close = () => signal?.removeEventListener('abort', onAbort);
  }

  get isEmpty(): boolean {
    return this.#next === this.#waiting.length;
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  shift(): Waiting {
    return this.#waiting[this.#next++];
  }
}

export class ForwardQueue {
  readonly #session: Session;
  readonly #classes: number;
  /** In the order of their turns. */
  readonly #lines = new Map<ForwardRequest, Line>();
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(session: Session, classes: number) {
    this.#session = session;
    this.#classes = classes;
  }

  /**
   * Logits and loss of one sequence; `label` matters to the loss alone. Rejects with the reason of the request's signal
   * when that is aborted before the sequence is at work.
   */
  forward(sequence: Encoded, label = 0, request: ForwardRequest = UNNAMED): Promise<ForwardResult> {
    if (this.#closed) return Promise.reject(disposedError());
    if (request.signal?.aborted) return Promise.reject(request.signal.reason);
    return new Promise((resolve, reject) => {
      this.#lineOf(request).push({ sequence, label, resolve, reject });
      // Begun in a microtask, so that calls made together go together.
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  /** What waits is still answered; nothing new is accepted. Ends when the session is free. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #lineOf(request: ForwardRequest): Line {
    let line = this.#lines.get(request);
    if (line === undefined) {
      line = new Line(request, () => this.#drop(request));
      this.#lines.set(request, line);
    }
    return line;
  }

  #drop(request: ForwardRequest): void {
    const line = this.#lines.get(request);
    this.#lines.delete(request);
    while (line?.isEmpty === false) line.shift().reject(request.signal?.reason);
  }

  async #run(): Promise<void> {
    while (this.#lines.size > 0) await this.#batch(this.#next());
    this.#running = undefined;
  }

  /** One sequence of each request in turn, until a batch is full. */
  #next(): Waiting[] {
    const batch: Waiting[] = [];
    while (batch.length < FORWARD_BATCH) {
      const [first] = this.#lines;
      if (first === undefined) break;
      const [request, line] = first;
      batch.push(line.shift());
      // To the end of the order.
      this.#lines.delete(request);
      if (line.isEmpty) line.close();
      else this.#lines.set(request, line);
    }
    return batch;
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
      const [first, ...others] = batch;
      if (others.length === 0) first.reject(error);
      // One sequence that the session refuses must not fail those of other callers.
      else for (const one of batch) await this.#batch([one]);
    }
  }
}
