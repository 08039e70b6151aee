/** A training with its run folder: begins, saves after each epoch and on interruption, continues. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { EncodedDataset } from '../data/encoded.js';
import type { Engine, Session } from '../engine/engine.js';
import { InputError } from '../errors.js';
import type { RunConfig, RunFolder } from '../formats/runFolder.js';
import type { Tokenizer } from '../input/tokenizer.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { lowerTraining } from '../model/lowering.js';
import { initialise, modelParameters } from '../model/parameters.js';
import { type EpochRecord, type FitHooks, type FitState, fit, initialState } from '../training/fit.js';
import type { TrainingSettings } from '../training/settings.js';

/** Step losses are written to metrics.jsonl this often. */
const METRICS_EVERY = 10;

const scoreSchema = z.object({ accuracy: z.number(), loss: z.number() });
const stateSchema = z.object({
  epoch: z.number(),
  batch: z.number(),
  step: z.number(),
  lossSum: z.number(),
  correct: z.number(),
  seconds: z.number(),
  history: z.array(
    z.object({
      epoch: z.number(),
      seconds: z.number(),
      trainLoss: z.number(),
      trainAccuracy: z.number(),
      validation: scoreSchema,
    }),
  ),
  bestEpoch: z.number(),
  stopped: z.boolean(),
});

export interface RunOptions {
  readonly engine: Engine;
  /** Where to save; none: nothing is saved. */
  readonly folder?: RunFolder;
  readonly model: ModelConfiguration;
  readonly classes: readonly string[];
  readonly tokenizer: Tokenizer;
  readonly settings: TrainingSettings;
  readonly train: EncodedDataset;
  readonly validation: EncodedDataset;
  /** For the record: name of the data and so on. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Continue what the folder holds; begins anew if it holds nothing. */
  readonly resume?: boolean;
  readonly hooks?: Pick<FitHooks, 'onStep'> & { onEpoch?(record: EpochRecord, best: boolean): void };
  /** Told when training continues from a checkpoint. */
  readonly onResume?: (state: FitState) => void;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly state: FitState;
  /** Weights of the best epoch. */
  readonly best: ReadonlyMap<string, Float32Array>;
  /** Largest resident size of the process so far. */
  readonly peakMemoryBytes: number;
}

/** Hash of the token ids and labels: whether two trainings see the same data. */
function fingerprint({ tokens, offsets, labels }: EncodedDataset): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of [tokens, offsets, labels]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex').slice(0, 32);
}

type Weights = Map<string, Float32Array>;

async function collect(
  names: readonly string[],
  read: (name: string) => Promise<ArrayLike<number>>,
): Promise<Weights> {
  const weights: Weights = new Map();
  for (const name of names) weights.set(name, Float32Array.from(await read(name)));
  return weights;
}

/** Throws InputError naming what differs between a run and what is asked of its continuation. */
function requireSame(path: string, old: RunConfig, wanted: RunConfig): void {
  const differences: string[] = [];
  const compare = (
    where: string,
    a: Readonly<Record<string, unknown>>,
    b: Readonly<Record<string, unknown>>,
  ): void => {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const [was, is] = [JSON.stringify(a[key]), JSON.stringify(b[key])];
      if (was !== is) differences.push(`${where}.${key} was ${was}, now ${is}`);
    }
  };
  compare('model', old.model, wanted.model);
  compare('training', old.training, wanted.training);
  compare('data', old.data, wanted.data);
  compare('run', { classes: old.classes }, { classes: wanted.classes });
  if (differences.length > 0) {
    throw new InputError(
      `${path} holds a run with other settings: ${differences.join('; ')}. Resume with the same ones, or choose another folder`,
    );
  }
}

/**
 * Throws FailureError on divergence or a full disk, InterruptedError when stopped (after saving), InputError where the
 * folder already holds a run and `resume` is not set, or holds one with other settings.
 */
export async function trainRun(options: RunOptions): Promise<RunResult> {
  const { engine, folder, model, settings, train, validation, hooks = {} } = options;
  const config: RunConfig = {
    model,
    classes: [...options.classes],
    training: settings,
    data: { ...options.data, train: fingerprint(train), validation: fingerprint(validation) },
  };
  const names = modelParameters(model).map(({ name }) => name);
  await folder?.prepare();
  const continues = folder !== undefined && (await folder.hasRun());
  if (continues && !options.resume) {
    throw new InputError(
      `${folder.path} already holds a run: continue it with --resume, or choose another folder`,
    );
  }
  if (continues) requireSame(folder.path, await folder.readConfig(), config);

  const session = await engine.createTraining(lowerTraining(model), { maxBatch: settings.batchSize });
  /** Metrics on their way to the file, in order. */
  let writing = Promise.resolve();
  try {
    let state = initialState();
    let best: ReadonlyMap<string, Float32Array> = initialise(model, settings.seed);
    if (continues && (await folder.hasCheckpoint())) {
      const checkpoint = await folder.readCheckpoint(model);
      state = requireState(checkpoint.state, folder.path);
      best = checkpoint.best;
      await restore(session, checkpoint.parameters, checkpoint.m, checkpoint.v);
      // The kill may have come between the two files.
      await folder.writeModel(model, best, state.bestEpoch);
      options.onResume?.(state);
    } else {
      if (folder !== undefined) await folder.begin(config, options.tokenizer, best);
      for (const [name, values] of best) await session.setParameter(name, values);
    }
    await folder?.truncateMetrics(state.step);

    const save = async (at: FitState): Promise<void> => {
      await folder?.writeCheckpoint(model, {
        parameters: await collect(names, (name) => session.parameter(name)),
        m: await collect(names, (name) => session.moment('m', name)),
        v: await collect(names, (name) => session.moment('v', name)),
        best,
        state: at,
      });
    };
    let pending: object[] = [];
    const flush = async (): Promise<void> => {
      const records = pending;
      pending = [];
      await folder?.appendMetrics(records);
    };
    const finished = await fit({
      session,
      classes: model.classes,
      train,
      validation,
      settings,
      state,
      ...(options.signal ? { signal: options.signal } : {}),
      hooks: {
        onStep(event) {
          const { step, epoch, loss, learningRate, gradientNorm } = event;
          if (step % METRICS_EVERY === 0) {
            pending.push({ type: 'step', step, epoch, loss, learningRate, gradientNorm });
            // Written while it trains, so that others can watch; a fault is kept for the end of the epoch.
            writing = writing.then(flush);
            writing.catch(() => {});
          }
          hooks.onStep?.(event);
        },
        async onEpoch(record, at, isBest) {
          await writing;
          if (isBest) best = await collect(names, (name) => session.parameter(name));
          pending.push({ type: 'epoch', step: at.step, ...record, best: isBest });
          await flush();
          await save(at);
          if (isBest) await folder?.writeModel(model, best, at.bestEpoch);
          hooks.onEpoch?.(record, isBest);
        },
        async onInterrupt(at) {
          await writing;
          await flush();
          await save(at);
        },
      },
    });
    return { state: finished, best, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 };
  } finally {
    await writing.catch(() => {});
    await session.dispose();
  }
}

function requireState(json: unknown, path: string): FitState {
  const parsed = stateSchema.safeParse(json);
  if (!parsed.success) {
    throw new InputError(`${path}: the checkpoint is damaged:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

async function restore(
  session: Session,
  parameters: ReadonlyMap<string, Float32Array>,
  m: ReadonlyMap<string, Float32Array>,
  v: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  for (const [name, values] of parameters) await session.setParameter(name, values);
  for (const [name, values] of m) await session.setMoment('m', name, values);
  for (const [name, values] of v) await session.setMoment('v', name, values);
}
