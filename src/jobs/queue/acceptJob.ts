/** A job as a worker takes it: checked against the worker's own folder and data, and turned into a request. */
import { readFile, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { PlacedOutcome, TrialRequest } from '../../comparison/trial.js';
import { InputError } from '../../errors.js';
import { modelHash } from '../../inference/batch/modelHash.js';
import { fileSample } from '../../inference/batch/parts.js';
import type { PartOutcome, PartRequest } from '../../inference/batch/predictPart.js';
import { untilUnlocked } from '../../platform/node/lock.js';
import { type ContentHashes, isBuiltIn } from './content.js';
import type { PartJob, TrialJob, WireJob, WireTrialOutcome } from './contract.js';
import { MOST_FILE_BYTES, RUN_FILES } from './outcomes.js';
import { JobRefusal, type Root, relativeTo, shownPath } from './root.js';
import { holdsToken } from './token.js';

/** What this worker adds to jobs. */
export interface WorkerContext {
  readonly root: Root;
  readonly hashes: ContentHashes;
  /** Name of this computer in results. */
  readonly host: string;
  /** Threads of each job, instead of what it says. */
  readonly threads: number | undefined;
}

/** An attempt at a job, from 1. */
export interface Attempt {
  readonly id: string;
  readonly number: number;
}

export type AcceptedJob = AcceptedTrial | AcceptedPart;

interface AcceptedTrial {
  readonly kind: 'trial';
  readonly name: string;
  readonly request: TrialRequest;
  /** The outcome as it goes back, and the files that go with it. */
  finish(outcome: PlacedOutcome): Promise<{ outcome: WireTrialOutcome; files: Map<string, Uint8Array> }>;
}

interface AcceptedPart {
  readonly kind: 'part';
  readonly name: string;
  readonly request: PartRequest;
  finish(outcome: PartOutcome): Promise<{ outcome: object; files: Map<string, Uint8Array> }>;
}

/** The end of a process that lost a job is waited for so long. */
const LOCK_TIME_LIMIT_MS = 60_000;

/** Throws JobRefusal where it must not be done here, or cannot. */
export async function acceptJob(
  job: WireJob,
  attempt: Attempt,
  context: WorkerContext,
): Promise<AcceptedJob> {
  try {
    return job.kind === 'trial'
      ? await acceptTrial(job, attempt, context)
      : await acceptPart(job, attempt, context);
  } catch (error) {
    // What is not there, or cannot be read.
    if (error instanceof InputError)
      throw new JobRefusal(`${error.message} (this worker's root is ${context.root.path})`);
    throw error;
  }
}

interface JobFolder {
  readonly base: string;
  readonly out: string;
  /** Whether the submitter sees the same folder. */
  readonly shared: boolean;
}

async function jobFolder({ base: submitters, out: given, token }: WireJob, root: Root): Promise<JobFolder> {
  const base = await root.base(submitters);
  const out = await root.within(base, given);
  return { base, out, shared: await holdsToken(out, token) };
}

/** The path, which must lie below the job's own folder. */
async function below({ base, out }: JobFolder, root: Root, given: string): Promise<string> {
  const path = await root.within(base, given);
  const way = relative(out, path);
  if (way === '' || way.split(sep)[0] === '..')
    throw new JobRefusal(`the path ${shownPath(given)} lies outside of the job's folder`);
  return path;
}

async function acceptTrial(job: TrialJob, attempt: Attempt, context: WorkerContext): Promise<AcceptedTrial> {
  const { root, host } = context;
  const folders = await jobFolder(job, root);
  const theirs = await below(folders, root, job.folder);
  // Where the folder is this worker's own, an earlier comparison of the same name may have left something there.
  const folder = folders.shared
    ? theirs
    : await root.within(
        root.path,
        relativeTo(root.path, join(folders.out, 'trials', `${job.name}.${attempt.id.slice(0, 12)}`)),
      );
  await root.requireLinksWithin(folder);
  const source = await sourceOf(job, folders, context);
  await freeFolder(folder);
  const { name, read, split } = job.data;
  const threads = context.threads ?? job.threads;
  return {
    kind: 'trial',
    name: job.name,
    request: {
      name: job.name,
      folder,
      data: { source, name, read: read as TrialRequest['data']['read'], split },
      options: job.options,
      threads,
      test: job.test,
    },
    async finish({ trial, machine }) {
      const files = job.test && !folders.shared ? await filesOf(folder) : new Map<string, Uint8Array>();
      const outcome: WireTrialOutcome = {
        kind: 'trial',
        trial,
        machine,
        host,
        folder: folders.shared ? job.folder : relativeTo(root.path, folder),
        shared: folders.shared,
        files: [...files.keys()],
      };
      return { outcome, files };
    },
  };
}

/** The data's path here. Throws JobRefusal where they are others than the submitter's. */
async function sourceOf(
  { data }: TrialJob,
  { base }: JobFolder,
  { root, hashes }: WorkerContext,
): Promise<string> {
  const { source, content } = data;
  if (content === 'built-in') {
    if (await isBuiltIn(source)) return source;
    throw new JobRefusal(`there are no built-in data ${shownPath(source)}`);
  }
  // A pattern must not look around outside, whatever its braces unfold to.
  if (/[*?[\]{}]/.test(source) && source.includes('..'))
    throw new JobRefusal(`the pattern ${shownPath(source)} leads out of the root`);
  const path = await root.within(base, source);
  const here = await hashes.ofSource(path, base, (file) => root.requireWithin(file));
  if (here === content) return path;
  throw new JobRefusal(
    `the data ${shownPath(source)} are not the submitter's: their contents differ; copy them beneath ${root.path}`,
  );
}

/** Waits for the end of a process that had this trial before. */
async function freeFolder(folder: string): Promise<void> {
  if (await untilUnlocked(folder, LOCK_TIME_LIMIT_MS)) return;
  throw new JobRefusal(`${folder} is in use by another program`);
}

/** What a submitter needs of a run folder that it does not see; nothing where that is too much for the queue. */
async function filesOf(folder: string): Promise<Map<string, Uint8Array>> {
  const sizes = await Promise.all(
    RUN_FILES.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const files = new Map<string, Uint8Array>();
  if (sizes.reduce((sum, size) => sum + size, 0) > MOST_FILE_BYTES) return files;
  for (const [i, name] of RUN_FILES.entries()) {
    if (sizes[i] > 0) files.set(name, await readFile(join(folder, name)));
  }
  return files;
}

async function acceptPart(job: PartJob, attempt: Attempt, context: WorkerContext): Promise<AcceptedPart> {
  const { root, host } = context;
  const folders = await jobFolder(job, root);
  const output = await below(folders, root, job.output);
  const run = await root.within(folders.base, job.run);
  await root.requireLinksWithin(run);
  const input = await root.within(folders.base, job.input);
  await root.requireWithin(input);
  if ((await modelHash(run)) !== job.model) {
    throw new JobRefusal(
      `the model ${shownPath(job.run)} is not the submitter's: its contents differ; copy it beneath ${root.path}`,
    );
  }
  const { size, sample } = await fileSample(input);
  if (size !== job.size || sample !== job.sample) {
    throw new JobRefusal(
      `the file ${shownPath(job.input)} is not the submitter's: its contents differ; copy it beneath ${root.path}`,
    );
  }
  const { range } = job;
  if (range !== undefined && !(range[0] < range[1] && range[1] <= size))
    throw new JobRefusal(`its range is not in the file`);
  const temporaryOf = (number: number): string => `${output}.${attempt.id.slice(0, 8)}-${number}.tmp`;
  const threads = context.threads ?? job.threads;
  const request: PartRequest = {
    run,
    load: { ...(job.load as PartRequest['load']), ...(threads === undefined ? {} : { threads }) },
    part: { input, size, sample, output: job.output, ...(range === undefined ? {} : { range }) },
    name: job.input,
    output,
    temporary: temporaryOf(attempt.number),
    read: job.read as PartRequest['read'],
    answers: job.answers,
  };
  return {
    kind: 'part',
    name: job.output,
    request,
    async finish(part) {
      // What killed workers left of it.
      for (let number = 1; number < attempt.number; number++) await rm(temporaryOf(number), { force: true });
      return { outcome: { kind: 'part', part, host, shared: folders.shared }, files: new Map() };
    },
  };
}
