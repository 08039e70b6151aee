/** Predicts a corpus part by part into one folder; what is finished is kept and never predicted twice. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { inTurns } from '../../jobs/inTurns.js';
import type { JobProgress } from '../../jobs/progress.js';
import { FolderStore } from '../../platform/node/folder.js';
import { requireNoInput } from '../../platform/node/sameFile.js';
import type { ReadOptions } from '../../readers/options.js';
import type { LoadOptions } from '../classifier.js';
import {
  type Manifest,
  makeManifest,
  manifestName,
  mergedManifest,
  type PredictedFile,
  readManifest,
  type Shard,
  serializeManifest,
} from './manifest.js';
import { modelHash } from './modelHash.js';
import { type Part, planParts } from './parts.js';
import type { AnswerOptions, PartOutcome, PartRequest } from './predictPart.js';

export interface CorpusPlan {
  /** Run folder of the model. */
  readonly run: string;
  /** Files and patterns. */
  readonly data: readonly string[];
  /** Where the answers go. */
  readonly folder: string;
  readonly load: LoadOptions;
  readonly read: ReadOptions;
  readonly answers: AnswerOptions;
  /** Largest part of a file that can be cut. */
  readonly partBytes?: number | undefined;
  /** Only every so manieth part, for schedulers that start one command a share. */
  readonly shard?: Shard | undefined;
}

export interface CorpusHooks {
  /** What there is to do, in bytes. */
  onPlanned?(todo: { parts: number; bytes: number; kept: number }): void;
  onProgress?(output: string, bytes: number, progress: JobProgress): void;
  onDone?(file: PredictedFile): void;
  onFailed?(name: string, error: Error): void;
}

/** Who predicts parts: this process, or a queue. */
export interface PartRunner {
  readonly concurrency: number;
  run(
    request: PartRequest,
    onProgress: (progress: JobProgress) => void,
    signal?: AbortSignal,
  ): Promise<PartOutcome>;
}

/** The manifest is written no more often than this, and at the end. */
const SAVE_EVERY_MS = 2000;

const bytesOf = ({ size, range }: Part): number => (range === undefined ? size : range[1] - range[0]);

/**
 * Throws InputError where the folder holds answers of another model or other settings; otherwise as the runner does,
 * with the manifest of what is finished written.
 */
export async function predictCorpus(
  plan: CorpusPlan,
  runner: PartRunner,
  hooks: CorpusHooks = {},
  signal?: AbortSignal,
): Promise<Manifest> {
  const store = new FolderStore(plan.folder);
  const settings = await settingsOf(plan);
  const earlier = await readManifest(store, plan.shard);
  requireSameSettings(plan.folder, settings, earlier);
  const parts = shareOf(await planParts(plan.data, { ...plan, format: plan.answers.format }), plan.shard);
  const outputs = [...parts.map(({ output }) => output), manifestName(plan.shard), manifestName(undefined)];
  await requireNoInput(
    outputs.map((name) => store.pathOf(name)),
    parts.map(({ input }) => input),
  );
  // Shards lie in one folder: each has files of its own.
  const unlock = plan.shard === undefined ? await store.lock() : async (): Promise<void> => {};
  try {
    await store.prepare();
    const files = await finishedOf(parts, earlier, plan.folder);
    const missing = parts.filter(({ output }) => !files.has(output));
    hooks.onPlanned?.({
      parts: missing.length,
      bytes: missing.reduce((sum, part) => sum + bytesOf(part), 0),
      kept: files.size,
    });
    const current = (): Manifest => {
      const inOrder = parts.flatMap(({ output }) => files.get(output) ?? []);
      return makeManifest(settings, parts.length, inOrder, plan.shard);
    };
    let saved = performance.now();
    const save = async (): Promise<void> => {
      saved = performance.now();
      await store.write(manifestName(plan.shard), serializeManifest(current()));
    };
    const predictNext = async (part: Part): Promise<void> => {
      const bytes = bytesOf(part);
      const onProgress = (progress: JobProgress): void => hooks.onProgress?.(part.output, bytes, progress);
      const outcome = await runner.run(requestOf(plan, part), onProgress, signal);
      const { input, size, sample, range, output } = part;
      const place = {
        input,
        size,
        sample,
        ...(range === undefined ? {} : { range: [...range] as [number, number] }),
        output,
      };
      const file = { ...place, ...outcome };
      files.set(part.output, file);
      hooks.onDone?.(file);
      if (performance.now() - saved > SAVE_EVERY_MS) await save();
    };
    try {
      await inTurns(missing, runner.concurrency, predictNext, (error, { output }) =>
        hooks.onFailed?.(output, error),
      );
    } finally {
      await save();
    }
    await mergeShards(store, plan.shard);
    return current();
  } finally {
    await unlock();
  }
}

/** What decides the answers; plain JSON. */
async function settingsOf({ run, load, read, answers }: CorpusPlan): Promise<Record<string, unknown>> {
  const { threads: _, ...reading } = load;
  const model = await modelHash(run);
  return JSON.parse(JSON.stringify({ run, model, load: reading, read, answers })) as Record<string, unknown>;
}

function requireSameSettings(
  folder: string,
  settings: Record<string, unknown>,
  earlier: Manifest | undefined,
): void {
  if (earlier === undefined) return;
  const same = (key: string): boolean =>
    JSON.stringify(settings[key]) === JSON.stringify(earlier.settings[key]);
  // Another path to the same model is no other model.
  const different = ['model', 'load', 'read', 'answers'].filter((key) => !same(key));
  if (different.length === 0) return;
  const shown = different.map(
    (key) => `${key} was ${JSON.stringify(earlier.settings[key])}, now ${JSON.stringify(settings[key])}`,
  );
  throw new InputError(
    `${folder} holds predictions of other settings: ${shown.join('; ')}. Choose another folder`,
  );
}

function shareOf(parts: readonly Part[], shard: Shard | undefined): Part[] {
  if (shard === undefined) return [...parts];
  const [index, count] = shard;
  return parts.filter((_, i) => i % count === index - 1);
}

/** By the output's name: what an earlier run has finished of the same bytes, and is still there. */
async function finishedOf(
  parts: readonly Part[],
  earlier: Manifest | undefined,
  folder: string,
): Promise<Map<string, PredictedFile>> {
  const known = new Map(earlier?.files.map((file) => [file.output, file]));
  const finished = new Map<string, PredictedFile>();
  for (const { output, sample, range } of parts) {
    const file = known.get(output);
    if (file?.sample !== sample || JSON.stringify(file.range) !== JSON.stringify(range)) continue;
    const there = file.elsewhere
      ? file.bytes
      : await stat(join(folder, output)).then(
          ({ size }) => size,
          () => -1,
        );
    if (there === file.bytes) finished.set(output, file);
  }
  return finished;
}

function requestOf({ run, load, read, answers, folder, shard }: CorpusPlan, part: Part): PartRequest {
  const output = join(folder, part.output);
  const name = shard === undefined ? 'local' : `shard-${shard[0]}-of-${shard[1]}`;
  return { run, load, read, answers, part, name: part.input, output, temporary: `${output}.${name}.tmp` };
}

/** The last shard to end writes the manifest of them all. */
async function mergeShards(store: FolderStore, shard: Shard | undefined): Promise<void> {
  const merged = shard === undefined ? undefined : await mergedManifest(store, shard[1]);
  if (merged !== undefined) await store.write(manifestName(undefined), serializeManifest(merged));
}
