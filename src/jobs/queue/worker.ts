/** Takes jobs from the queue, one at a time, each in a process of its own; another worker takes over where this one dies. */
import { hostname } from 'node:os';
import type { Job, Worker } from 'bullmq';
import type { PlacedOutcome } from '../../comparison/trial.js';
import { codeOf, InterruptedError } from '../../errors.js';
import type { PartOutcome } from '../../inference/batch/predictPart.js';
import { processes } from '../processes/processes.js';
import type { JobProgress } from '../progress.js';
import { type AcceptedJob, acceptJob, type WorkerContext } from './acceptJob.js';
import type { QueueAddress } from './address.js';
import { connect, QUEUE_NAME, type QueueConnection } from './connection.js';
import { ContentHashes } from './content.js';
import { jobId, parseJob, serializeFailure } from './contract.js';
import { KEEP_SECONDS, storeOutcome } from './outcomes.js';
import { JobRefusal, Root } from './root.js';

/** Seconds without a heartbeat after which another worker takes a job over. */
export const DEFAULT_LOCK = 30;

export interface WorkerOptions {
  readonly address: QueueAddress;
  /** Of this program: jobs of another one are refused. */
  readonly version: string;
  /** The folder that is read and written. */
  readonly root: string;
  /** End when the queue has been empty for a moment. */
  readonly once?: boolean | undefined;
  /** Threads of each job, instead of what it says. */
  readonly threads?: number | undefined;
  /** Name of this computer in results. Default: the system's. */
  readonly name?: string | undefined;
  readonly lockSeconds?: number | undefined;
  readonly patience?: number | undefined;
  /** Told what happens, a line each. */
  readonly log: (line: string) => void;
}

/** A queue that has been empty for so long has nothing more to come, for `once`. */
const EMPTY_MS = 3000;
const LOOK_MS = 250;
/** Progress is told no more often than this. */
const PROGRESS_MS = 1000;
/** So many workers may die of one job: one that kills each of them must end. */
const MOST_TAKEOVERS = 20;
const RETRY_MS = 1000;

/** The job at work, and how to end it early. */
interface Current {
  readonly id: string;
  readonly controller: AbortController;
}

/**
 * Returns when `once` has found the queue empty, or when stopped: the job is then given back. Throws InputError where the
 * root is none or packages are missing, FailureError where no Redis answers, or it has been gone for too long.
 */
export async function runWorker(options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const { address, lockSeconds = DEFAULT_LOCK, patience, log, name: host = hostname(), threads } = options;
  const root = await Root.open(options.root);
  const connection = await connect(address, { patience, onNote: log });
  const context: WorkerContext = { root, hashes: new ContentHashes(), host, threads };
  const handler = new JobHandler(connection, context, options, signal);
  const keep = { age: KEEP_SECONDS };
  const worker = new connection.bullmq.Worker(QUEUE_NAME, (job, token) => handler.handle(job, token ?? ''), {
    connection: connection.redis,
    name: host,
    concurrency: 1,
    lockDuration: 1000 * lockSeconds,
    stalledInterval: 500 * lockSeconds,
    maxStalledCount: MOST_TAKEOVERS,
    runRetryDelay: RETRY_MS,
    removeOnComplete: keep,
    removeOnFail: keep,
  });
  worker.on('error', (error) => handler.note(error));
  worker.on('stalled', (id) => log(`job ${id.slice(0, 12)} lost its worker and waits again`));
  worker.on('lockRenewalFailed', (ids) => handler.lose(ids));
  log(`worker ${host} takes jobs from ${address.shown}, in ${root.path}`);
  try {
    await endOf(worker, connection, options.once ?? false, signal);
  } finally {
    // Told first that nothing more is wanted: what is given back must not come again.
    const { aborted } = connection.gone;
    const closed = worker.close(aborted);
    handler.stop();
    await handler.idle();
    if (!aborted) await closed;
    await connection.close();
  }
  if (connection.gone.aborted) throw connection.gone.reason;
}

/** Returns when the worker is to end. */
async function endOf(
  worker: Worker,
  { gone, bullmq, redis }: QueueConnection,
  once: boolean,
  signal: AbortSignal,
): Promise<void> {
  const ended = AbortSignal.any([gone, signal]);
  const queue = once ? new bullmq.Queue(QUEUE_NAME, { connection: redis }) : undefined;
  queue?.on('error', () => {});
  let emptySince: number | undefined;
  let busy = false;
  let resolve = (): void => {};
  const end = new Promise<void>((done) => {
    resolve = done;
  });
  ended.addEventListener('abort', resolve, { once: true });
  if (ended.aborted) resolve();
  const look = setInterval(async () => {
    if (queue === undefined || busy || redis.status !== 'ready') return;
    busy = true;
    try {
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
      const empty = Object.values(counts).every((count) => count === 0);
      emptySince = empty ? (emptySince ?? Date.now()) : undefined;
      if (emptySince !== undefined && Date.now() - emptySince >= EMPTY_MS && worker.isRunning()) resolve();
    } catch {
      emptySince = undefined;
    } finally {
      busy = false;
    }
  }, LOOK_MS);
  try {
    await end;
  } finally {
    clearInterval(look);
    const closing = queue?.close().catch(() => {});
    if (!gone.aborted) await closing;
  }
}

/** Where jobs are worked on. */
class JobHandler {
  readonly #connection: QueueConnection;
  readonly #context: WorkerContext;
  readonly #version: string;
  readonly #log: (line: string) => void;
  #current: Current | undefined;
  #working: Promise<unknown> = Promise.resolve();
  #stopping = false;

  constructor(
    connection: QueueConnection,
    context: WorkerContext,
    { version, log }: Pick<WorkerOptions, 'version' | 'log'>,
    signal: AbortSignal,
  ) {
    this.#connection = connection;
    this.#context = context;
    this.#version = version;
    this.#log = log;
    for (const end of [signal, connection.gone])
      end.addEventListener('abort', () => this.stop(), { once: true });
  }

  /** Ends the job at work, which saves where it stands. */
  stop(): void {
    this.#stopping = true;
    this.#current?.controller.abort();
  }

  /** The queue has given these to others, or will. */
  lose(ids: readonly string[]): void {
    const current = this.#current;
    if (current === undefined || !ids.includes(current.id)) return;
    this.#log(`job ${current.id.slice(0, 12)} is another worker's now: its lock was not renewed in time`);
    current.controller.abort();
  }

  /** Faults of the queue that end nothing. */
  note({ message }: Error): void {
    if (
      this.#connection.redis.status === 'ready' &&
      !/could not renew lock|Missing lock|ECONN/.test(message)
    ) {
      this.#log(`the queue says: ${message}`);
    }
  }

  /** When no process of a job is left. */
  async idle(): Promise<void> {
    await this.#working.catch(() => {});
  }

  async handle(job: Job, token: string): Promise<object> {
    const { UnrecoverableError, WaitingError } = this.#connection.bullmq;
    const id = String(job.id);
    const label = id.slice(0, 12);
    const fail = (code: ReturnType<typeof codeOf>, message: string): Error =>
      new UnrecoverableError(serializeFailure(code, `${message} (worker ${this.#context.host})`));
    let accepted: AcceptedJob;
    try {
      accepted = await this.#accept(job, id);
    } catch (error) {
      const { message } = error as Error;
      this.#log(`refused job ${label}: ${message}`);
      throw fail('input', `refused: ${message}`);
    }
    this.#log(
      `took ${accepted.name} (job ${label}${job.attemptsStarted > 1 ? `, attempt ${job.attemptsStarted}` : ''})`,
    );
    const started = performance.now();
    const current: Current = { id, controller: new AbortController() };
    this.#current = current;
    if (this.#stopping) current.controller.abort();
    try {
      const working = this.#work(job, id, accepted, current.controller.signal);
      this.#working = working;
      await working;
      this.#log(`finished ${accepted.name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
      return {};
    } catch (error) {
      if (error instanceof InterruptedError && !this.#connection.gone.aborted) {
        if (this.#stopping) {
          // Another worker goes on with it, and need not wait for this one to be missed.
          await this.#connection.orGone(job.moveToWait(token)).catch(() => {});
          this.#log(`gave back ${accepted.name}`);
        }
        throw new WaitingError();
      }
      const { message } = error as Error;
      this.#log(`failed: ${message}`);
      throw fail(codeOf(error), withoutName(message, accepted.name));
    } finally {
      this.#current = undefined;
    }
  }

  async #accept(job: Job, id: string): Promise<AcceptedJob> {
    const wire = parseJob(job.data, this.#version);
    if (jobId(wire) !== id) throw new JobRefusal('its id is not that of its content');
    return acceptJob(wire, { id, number: job.attemptsStarted }, this.#context);
  }

  async #work(job: Job, id: string, accepted: AcceptedJob, signal: AbortSignal): Promise<void> {
    let last = 0;
    const { host } = this.#context;
    const onProgress = ({ share, note }: JobProgress): void => {
      const now = performance.now();
      if (now - last < PROGRESS_MS || this.#connection.redis.status !== 'ready') return;
      last = now;
      job.updateProgress({ share, note: note.slice(0, 200), host }).catch(() => {});
    };
    const { kind, name, request } = accepted;
    const found = await processes.run(kind, name, request, onProgress, signal);
    const { outcome, files } =
      accepted.kind === 'trial'
        ? await accepted.finish(found as PlacedOutcome)
        : await accepted.finish(found as PartOutcome);
    await this.#connection.orGone(storeOutcome(this.#connection.redis, id, outcome, files));
  }
}

/** The submitter says the name itself. */
const withoutName = (message: string, name: string): string =>
  message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
