/** An executor whose jobs run on other machines: whoever runs `eft worker` on the same queue takes them. */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import type { PlacedOutcome, TrialRequest } from '../../comparison/trial.js';
import { FailureError } from '../../errors.js';
import { RunFolder } from '../../formats/runFolder.js';
import { modelHash } from '../../inference/batch/modelHash.js';
import type { PartOutcome, PartRequest } from '../../inference/batch/predictPart.js';
import { FolderStore } from '../../platform/node/folder.js';
import type { Executor } from '../executor.js';
import type { JobKind, Jobs } from '../processes/jobs.js';
import type { JobProgress } from '../progress.js';
import type { QueueAddress } from './address.js';
import { type ConnectOptions, connect, type QueueConnection } from './connection.js';
import { ContentHashes, isBuiltIn } from './content.js';
import {
  jobId,
  parseJob,
  partResultSchema,
  trialOutcomeSchema,
  type WireJob,
  type WireTrialOutcome,
} from './contract.js';
import { dropFiles, RUN_FILES, readOutcomeFiles } from './outcomes.js';
import { Root, relativeTo, submittersBase } from './root.js';
import { MOST_TRIES, Submission } from './submission.js';
import { tokenOf } from './token.js';

export interface QueueExecutorOptions extends ConnectOptions {
  readonly address: QueueAddress;
  /** Of this program: workers of another one refuse its jobs. */
  readonly version: string;
  /** Folder of the comparison, or of the answers. */
  readonly out: string;
  /** What else the jobs read: files, patterns, run folders. */
  readonly paths: readonly string[];
  /** Folder from which workers count paths; default: the working folder, or the innermost that holds all. */
  readonly root?: string | undefined;
}

/** A shared disk may show a file a little later than another machine has written it. */
const LATE_FILE_MS = [0, 500, 2000, 5000];
/** With no worker after so long, people are told. */
const ALONE_MS = 3000;

export class QueueExecutor implements Executor<Jobs> {
  readonly concurrency = Number.POSITIVE_INFINITY;
  readonly #options: QueueExecutorOptions;
  readonly #connection: QueueConnection;
  readonly #submission: Submission;
  readonly #base: string;
  readonly #hashes = new ContentHashes();
  readonly #once = new Map<string, Promise<string>>();
  readonly #alone: NodeJS.Timeout;

  private constructor(options: QueueExecutorOptions, connection: QueueConnection, base: string) {
    this.#options = options;
    this.#connection = connection;
    this.#base = base;
    this.#submission = new Submission(connection);
    const { shown } = options.address;
    this.#alone = setTimeout(async () => {
      if ((await this.#submission.workers()) !== 0) return;
      options.onNote?.(`no worker is at the queue yet; on any machine: eft worker ${shown} --root FOLDER`);
    }, ALONE_MS);
    this.#alone.unref();
  }

  /** Throws InputError and FailureError as `connect` does, and InputError where paths lie outside of `root`. */
  static async open(options: QueueExecutorOptions): Promise<QueueExecutor> {
    const base = await submittersBase(options.root, [options.out, ...options.paths]);
    return new QueueExecutor(options, await connect(options.address, options), base);
  }

  async close(): Promise<void> {
    clearTimeout(this.#alone);
    await this.#submission.close();
    await this.#connection.close();
  }

  async run<K extends JobKind>(
    kind: K,
    name: string,
    request: Jobs[K]['request'],
    onProgress: (progress: JobProgress) => void = () => {},
    signal?: AbortSignal,
  ): Promise<Jobs[K]['outcome']> {
    if (kind === 'trial') return this.#runTrial(name, request as TrialRequest, onProgress, signal);
    if (kind === 'part') return this.#runPart(name, request as PartRequest, onProgress, signal);
    throw new FailureError(`${name}: times are measured on this machine, not through a queue`);
  }

  async #runTrial(
    name: string,
    request: TrialRequest,
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal | undefined,
  ): Promise<PlacedOutcome> {
    const { data, options, threads, test, folder } = request;
    const builtIn = await isBuiltIn(data.source);
    const job = this.#checked({
      kind: 'trial',
      ...(await this.#common(threads)),
      name: request.name,
      folder: relativeTo(this.#base, folder),
      data: {
        source: builtIn ? data.source : relativeTo(this.#base, data.source),
        name: data.name ?? data.source,
        read: data.read,
        split: data.split,
        content: builtIn ? 'built-in' : await this.#contentOf(data.source),
      },
      options,
      test,
    });
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const outcome = await this.#outcomeOf(job, trialOutcomeSchema, name, onProgress, signal);
      if (!test || (await this.#fetchRun(folder, job, outcome))) {
        const trial = { ...outcome.trial, name: request.name } as PlacedOutcome['trial'];
        return { trial, machine: outcome.machine, host: outcome.host };
      }
      await this.#submission.forget(job);
    }
    throw new FailureError(`${name}: it was trained, but its run folder is gone each time`);
  }

  /** Makes the run folder be here; false where it is nowhere any more. */
  async #fetchRun(folder: string, job: WireJob, outcome: WireTrialOutcome): Promise<boolean> {
    const store = new FolderStore(folder);
    const names = outcome.files.filter((name) => RUN_FILES.includes(name));
    if (names.length > 0) {
      const id = jobId(job);
      const files = await this.#connection.orGone(readOutcomeFiles(this.#connection.redis, id, names));
      if (files !== undefined) {
        await store.prepare();
        // config.json last: it makes the folder a run.
        const ordered = [...files].sort(
          ([a], [b]) => Number(a === 'config.json') - Number(b === 'config.json'),
        );
        for (const [name, bytes] of ordered) await store.write(name, [bytes]);
        await this.#connection.orGone(dropFiles(this.#connection.redis, id, names));
        return true;
      }
    }
    if (await new RunFolder(store).hasRun()) return true;
    if (!outcome.shared) {
      if (names.length > 0) return false;
      this.#options.onNote?.(
        `${outcome.trial.name}: its model is large and stays at ${outcome.host}, in ${outcome.folder}`,
      );
      return true;
    }
    return this.#copyRun(outcome.folder, store);
  }

  /** Of the same trial that another comparison had trained on the shared disk. */
  async #copyRun(from: string, store: FolderStore): Promise<boolean> {
    const root = await Root.open(this.#base);
    const source = new FolderStore(await root.within(root.path, from).catch(() => store.path));
    if (source.path === store.path || !(await new RunFolder(source).hasRun())) return false;
    await store.prepare();
    for (const name of [...RUN_FILES.filter((one) => one !== 'config.json'), 'config.json']) {
      const bytes = await source.read(name);
      if (bytes !== undefined) await store.write(name, [bytes]);
    }
    return true;
  }

  async #runPart(
    name: string,
    request: PartRequest,
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal | undefined,
  ): Promise<PartOutcome> {
    const { part, load, read, answers } = request;
    const { threads, ...reading } = load;
    const job = this.#checked({
      kind: 'part',
      ...(await this.#common(threads)),
      run: relativeTo(this.#base, request.run),
      model: await this.#memo(`model ${request.run}`, () => modelHash(request.run)),
      input: relativeTo(this.#base, part.input),
      size: part.size,
      sample: part.sample,
      ...(part.range === undefined ? {} : { range: part.range }),
      output: relativeTo(this.#base, request.output),
      load: reading,
      read,
      answers,
    });
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const found = await this.#outcomeOf(job, partResultSchema, name, onProgress, signal);
      const { part: outcome, host, shared } = found;
      if (!shared) return { ...outcome, host, elsewhere: true };
      if (await isThere(request.output, outcome.bytes)) return { ...outcome, host };
      await this.#submission.forget(job);
    }
    throw new FailureError(`${name}: it was predicted, but ${request.output} is gone each time`);
  }

  /** One that is damaged is forgotten, and the job done again. */
  async #outcomeOf<T>(
    job: WireJob,
    schema: z.ZodType<T>,
    name: string,
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      const parsed = schema.safeParse(await this.#submission.outcomeOf(job, name, onProgress, signal));
      if (parsed.success) return parsed.data;
      await this.#submission.forget(job);
      if (tries === MOST_TRIES) {
        throw new FailureError(
          `${name}: what the queue holds is no outcome of this program: ${parsed.error.message.slice(0, 500)}`,
        );
      }
    }
  }

  async #common(threads: number | undefined): Promise<object> {
    const { version, out } = this.#options;
    const token = await this.#memo('token', () => tokenOf(out));
    return {
      version,
      base: this.#base,
      out: relativeTo(this.#base, out),
      token,
      ...(threads === undefined ? {} : { threads }),
    };
  }

  #contentOf(source: string): Promise<string> {
    return this.#memo(`data ${source}`, () => this.#hashes.ofSource(source, this.#base, async () => {}));
  }

  #memo(key: string, make: () => Promise<string>): Promise<string> {
    const known = this.#once.get(key) ?? make();
    this.#once.set(key, known);
    return known;
  }

  /** As a worker will see it: both count the same identity. */
  #checked(job: object): WireJob {
    try {
      return parseJob(JSON.parse(JSON.stringify(job)), this.#options.version);
    } catch (error) {
      throw new FailureError(`this job cannot go through a queue: ${(error as Error).message}`);
    }
  }
}

async function isThere(path: string, bytes: number): Promise<boolean> {
  for (const wait of LATE_FILE_MS) {
    if (wait > 0) {
      // A listing of the folder makes a network disk look again.
      await sleep(wait);
      await stat(join(dirname(path), '.')).catch(() => {});
    }
    if ((await stat(path).catch(() => undefined))?.size === bytes) return true;
  }
  return false;
}
