/** The submitter's end of the queue: adds jobs, each once, and waits until a worker has finished them. */
import type { Queue, QueueEvents } from 'bullmq';
import { FailureError, InterruptedError } from '../../errors.js';
import type { JobProgress } from '../progress.js';
import { QUEUE_NAME, type QueueConnection } from './connection.js';
import { failureOf, jobId, progressSchema, type WireJob } from './contract.js';
import { KEEP_SECONDS, readOutcome } from './outcomes.js';

/** Events may be lost with a connection: how often is asked besides, and how long for each job that is asked for. */
const SWEEP_MS = 3000;
const SWEEP_MS_A_JOB = 4;
/** Jobs that are asked for at the same time. */
const SWEEP_AT_ONCE = 200;

/** Times that a job is done again because its outcome is gone or damaged. */
export const MOST_TRIES = 3;

interface Waiting {
  readonly onProgress: (progress: JobProgress) => void;
  /** Something has happened to the job: look at it. */
  look(): void;
  fail(error: Error): void;
}

export class Submission {
  readonly #connection: QueueConnection;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #waiting = new Map<string, Set<Waiting>>();
  #sweeping: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(connection: QueueConnection) {
    const { bullmq, redis, gone } = connection;
    this.#connection = connection;
    this.#queue = new bullmq.Queue(QUEUE_NAME, { connection: redis });
    this.#events = new bullmq.QueueEvents(QUEUE_NAME, { connection: redis });
    // The connection itself says when it is lost.
    this.#queue.on('error', () => {});
    this.#events.on('error', () => {});
    for (const event of ['completed', 'failed', 'removed'] as const) {
      this.#events.on(event, ({ jobId: id }: { jobId: string }) => this.#look(id));
    }
    this.#events.on('progress', ({ jobId: id, data }) => this.#tellProgress(id, data));
    gone.addEventListener('abort', () => {
      for (const { fail } of this.#all()) fail(gone.reason as Error);
    });
    this.#sweepLater();
  }

  /** Programs that would take jobs; undefined where the Redis does not tell. */
  async workers(): Promise<number | undefined> {
    return this.#queue.getWorkersCount().catch(() => undefined);
  }

  /**
   * The outcome of a job: one that is finished already, or at work, is not begun again. Throws its error, InterruptedError
   * when stopped (it is then taken back where no worker has it yet), FailureError of code `queue` when Redis is gone.
   */
  async outcomeOf(
    job: WireJob,
    name: string,
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const id = jobId(job);
    // What failed earlier is tried again; what fails from now on is an answer.
    if ((await this.#stateOf(id)) === 'failed') await this.#connection.orGone(this.#queue.remove(id));
    for (let tries = 0; tries < MOST_TRIES; ) {
      await this.#settled(id, job, name, onProgress, signal);
      const state = await this.#stateOf(id);
      if (state === 'failed') {
        const { failedReason = 'it failed' } = (await this.#connection.orGone(this.#queue.getJob(id))) ?? {};
        throw failureOf(failedReason, name);
      }
      if (state !== 'completed') continue;
      const outcome = await this.#connection.orGone(readOutcome(this.#connection.redis, id));
      if (outcome !== undefined) return outcome;
      await this.forget(job);
      tries++;
    }
    throw new FailureError(`${name}: it was finished, but its outcome is gone or damaged each time`, 'queue');
  }

  /** The next that asks for the job has it done again. */
  async forget(job: WireJob): Promise<void> {
    await this.#connection.orGone(this.#queue.remove(jobId(job)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#sweeping);
    const closing = [this.#events, this.#queue].map((one) => one.close().catch(() => {}));
    // Of a Redis that is gone no farewell comes back.
    if (!this.#connection.gone.aborted) await Promise.all(closing);
  }

  #all(): Waiting[] {
    return [...this.#waiting.values()].flatMap((set) => [...set]);
  }

  #look(id: string): void {
    for (const { look } of this.#waiting.get(id) ?? []) look();
  }

  #tellProgress(id: string, data: unknown): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    const parsed = progressSchema.safeParse(data);
    if (!parsed.success) return;
    const { share, note, host } = parsed.data;
    for (const { onProgress } of waiting) onProgress({ share, note: `${host}: ${note}` });
  }

  #stateOf(id: string): Promise<string> {
    return this.#connection.orGone(this.#queue.getJobState(id));
  }

  /** Returns when the job is finished, or not there any more. */
  #settled(
    id: string,
    job: WireJob,
    name: string,
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const set = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, set);
      const end = (act: () => void): void => {
        // Twice, where it is looked at and stopped: by then others may wait for the same job, in a set of their own.
        if (!set.delete(waiting)) return;
        if (set.size === 0) this.#waiting.delete(id);
        signal?.removeEventListener('abort', stop);
        act();
      };
      const waiting: Waiting = {
        onProgress,
        look: () => end(resolve),
        fail: (error) => end(() => reject(error)),
      };
      const stop = (): void => {
        // A job that a worker has is not taken from it: what it finishes is kept.
        const last =
          set.size === 1
            ? this.#connection.orGone(this.#queue.remove(id)).catch(() => 0)
            : Promise.resolve(0);
        void last.then(() =>
          waiting.fail(
            new InterruptedError(`${name}: stopped; what workers have begun is finished and kept`),
          ),
        );
      };
      set.add(waiting);
      if (this.#connection.gone.aborted) return waiting.fail(this.#connection.gone.reason as Error);
      if (signal?.aborted) return waiting.fail(new InterruptedError(`stopped before ${name}`));
      signal?.addEventListener('abort', stop, { once: true });
      this.#connection.orGone(this.#add(id, job)).then(
        // It may have been there already, and finished.
        (state) => {
          if (state === 'completed' || state === 'failed') this.#look(id);
        },
        (error: Error) => waiting.fail(queueFault(error)),
      );
    });
  }

  /** Does nothing where there is such a job. Returns its state. */
  async #add(id: string, job: WireJob): Promise<string> {
    const keep = { age: KEEP_SECONDS };
    await this.#queue.add(job.kind, job, {
      jobId: id,
      attempts: 1,
      removeOnComplete: keep,
      removeOnFail: keep,
    });
    return this.#queue.getJobState(id);
  }

  #sweepLater(): void {
    if (this.#closed) return;
    const delay = Math.max(SWEEP_MS, SWEEP_MS_A_JOB * this.#waiting.size);
    this.#sweeping = setTimeout(() => {
      void this.#sweep()
        .catch(() => {})
        .finally(() => this.#sweepLater());
    }, delay);
  }

  async #sweep(): Promise<void> {
    if (this.#connection.redis.status !== 'ready') return;
    const ids = [...this.#waiting.keys()];
    for (let first = 0; first < ids.length; first += SWEEP_AT_ONCE) {
      await Promise.all(
        ids.slice(first, first + SWEEP_AT_ONCE).map(async (id) => {
          const state = await this.#queue.getJobState(id);
          if (['completed', 'failed', 'unknown'].includes(state)) this.#look(id);
        }),
      );
    }
  }
}

/** What Redis itself refuses: a full memory, a missing right. */
function queueFault(error: Error): Error {
  return error instanceof FailureError
    ? error
    : new FailureError(`the queue refuses a job: ${error.message}`, 'queue');
}
