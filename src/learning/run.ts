/** A training with its run folder: begins, saves after each epoch and on interruption, continues. */
import { platform } from '#platform';
import { exampleLabels, type Sequences } from '../data/encoded.js';
import { type DataSource, isStored } from '../data/source.js';
import type { Folds } from '../data/split.js';
import type { Engine } from '../engine/engine.js';
import { InputError } from '../errors.js';
import { asksDoubt, type DoubtOptions, requireOneRule } from '../evaluation/doubt.js';
import { settleDoubt } from '../evaluation/settleDoubt.js';
import type { RunConfig, RunFolder } from '../formats/runFolder.js';
import type { TrainedModel } from '../formats/trainedModel.js';
import type { Encoder } from '../input/encoder.js';
import { cutShareOf } from '../input/long.js';
import type { Reading } from '../input/reading.js';
import type { ModelConfiguration } from '../model/configuration.js';
import type { CommonConfiguration } from '../model/families/family.js';
import { familyOf } from '../model/families/index.js';
import { rowNumbers, type SignalShape } from '../model/options.js';
import { type TrainingSettings, trainingSettingsSchema } from '../model/trainingSettings.js';
import { requireState } from './checkpoint.js';
import { type FitState, fit, initialState } from './fit.js';
import { METHODS } from './methods/index.js';
import type { Method, ShallowPathTask, Trainer } from './methods/method.js';
import { Recorder, type RecorderHooks } from './recorder.js';

export interface RunOptions {
  readonly engine: Engine;
  /** Where to save; none: nothing is saved. */
  readonly folder?: RunFolder;
  readonly model: ModelConfiguration;
  readonly classes: readonly string[];
  readonly encoder: Encoder;
  readonly settings: TrainingSettings;
  readonly train: DataSource;
  readonly validation: DataSource;
  /** How its inputs were read, for prediction to do likewise. */
  readonly reading: Reading;
  /** The validation examples were kept apart from those to train on. */
  readonly keptApart?: boolean;
  /** Instead of validation examples: how the training examples are left out in turn. */
  readonly folds?: Folds;
  /** Texts without labels, of which vectors of words are made besides. */
  readonly unlabelled?: Sequences;
  /** What the path beside it may be, for a model that has one. */
  readonly shallow?: readonly Omit<ShallowPathTask, 'method'>[];
  /** For the record: name of the data and so on. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What answers are to do where they may be wrong: settled by the examples left out. */
  readonly doubt?: DoubtOptions;
  /** Continue what the folder holds; begins anew if it holds nothing. */
  readonly resume?: boolean;
  /** Continue also where the run was begun in another arithmetic; its bits are then those of neither. */
  readonly allowOtherTier?: boolean;
  readonly hooks?: RecorderHooks;
  /** Told when training continues from a checkpoint. */
  readonly onResume?: (state: FitState) => void;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** As a run folder has it. */
  readonly config: RunConfig;
  readonly state: FitState;
  /** The model of the best epoch. */
  readonly best: TrainedModel;
  /** Largest resident size of the process so far; 0 where the runtime does not tell. */
  readonly peakMemoryBytes: number;
}

/** Hash of the token ids, weights, frames and labels: whether two trainings see the same data. */
function fingerprint(source: DataSource): string {
  if (isStored(source)) return source.fingerprint;
  const { tokens, offsets, labels, sets, weights, frames } = source;
  const optional = [sets?.has, weights, frames].filter((one) => one !== undefined);
  return hashOf([tokens, offsets, labels, ...optional]);
}

function hashOf(arrays: readonly ArrayBufferView[]): string {
  const parts = arrays.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  return platform.sha256(...parts).slice(0, 32);
}

/**
 * Throws InputError naming what differs between a run and what is asked of its continuation. More epochs are no
 * difference: the schedule then goes on as that of the longer training.
 */
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
  const grown = Number(wanted.training.epochs) > Number(old.training.epochs);
  compare(
    'training',
    // Settings that came later had their defaults.
    trainingSettingsSchema.safeParse(old.training).data ?? old.training,
    grown ? { ...wanted.training, epochs: old.training.epochs } : wanted.training,
  );
  // How the data came there may differ; what they are may not.
  const facts = { source: 0, validationExamples: 0, cutShare: 0, card: 0 };
  compare('data', { ...old.data, ...facts }, { ...wanted.data, ...facts });
  // What older runs do not say had no effect, if the data are the same.
  const { html, unicode } = wanted.reading;
  compare('reading', { html, unicode, ...old.reading }, { ...wanted.reading });
  compare('run', { classes: old.classes }, { classes: wanted.classes });
  if (differences.length > 0) {
    throw new InputError(
      `${path} holds a run with other settings: ${differences.join('; ')}. Resume with the same ones, or choose another folder`,
    );
  }
}

/**
 * Throws FailureError on divergence or a full disk, InterruptedError when stopped (after saving), InputError where the
 * folder is in use, already holds a run and `resume` is not set, or holds one with other settings.
 */
export async function trainRun(options: RunOptions): Promise<RunResult> {
  const { folder } = options;
  requireOneRule(options.doubt ?? {});
  const unlock = await folder?.lock();
  try {
    await folder?.prepare();
    // Made once: it hashes all data.
    const config = configOf(options);
    const continues = folder !== undefined && (await mayContinue(folder, config, options));
    const method = await methodOf(options);
    const shallow: ShallowPathTask[] = [];
    for (const path of options.shallow ?? []) shallow.push({ ...path, method: await methodOf(path) });
    const trainer = await method({ ...options, shallow });
    try {
      return await trainWithCheckpoints(trainer, config, options, continues);
    } finally {
      await trainer.dispose();
    }
  } finally {
    await unlock?.();
  }
}

const methodOf = ({ model }: Pick<RunOptions, 'model'>): Promise<Method> =>
  METHODS[familyOf(model).training.method]();

function configOf(options: RunOptions): RunConfig {
  const { engine, model, classes, settings, reading, data } = options;
  const { train, validation, unlabelled, doubt = {} } = options;
  return {
    model,
    arithmetic: engine.arithmetic,
    classes: [...classes],
    training: settings,
    reading,
    ...(asksDoubt(doubt) ? { doubt: { asked: doubt } } : {}),
    data: {
      ...data,
      cutShare: train.extent && cutShareOf(train.extent),
      validationExamples: exampleLabels(validation).length,
      train: fingerprint(train),
      validation: fingerprint(validation),
      ...(unlabelled ? { unlabelled: hashOf([unlabelled.tokens, unlabelled.offsets]) } : {}),
    },
  };
}

/** Throws InputError where the folder holds a run already. */
export async function requireNoRun(folder: RunFolder): Promise<void> {
  if (!(await folder.hasRun())) return;
  throw new InputError(
    `${folder.path} already holds a run: continue it with --resume, or choose another folder`,
  );
}

/** Whether the folder holds a run, which must then be this one. Throws InputError otherwise. */
async function mayContinue(folder: RunFolder, wanted: RunConfig, options: RunOptions): Promise<boolean> {
  if (!options.resume) await requireNoRun(folder);
  if (!(await folder.hasRun())) return false;
  const old = await folder.readConfig();
  requireSame(folder.path, old, wanted);
  if (!options.allowOtherTier) requireSameArithmetic(folder.path, old, wanted);
  if (JSON.stringify(old) !== JSON.stringify(wanted)) await folder.writeConfig(wanted);
  return true;
}

function requireSameArithmetic(path: string, old: RunConfig, wanted: RunConfig): void {
  if (old.arithmetic === undefined || old.arithmetic === wanted.arithmetic) return;
  throw new InputError(
    `${path} was begun in the arithmetic ${old.arithmetic}, this is ${wanted.arithmetic}: the result would have the bits of neither. Continue where it was begun (EFT_TIER=simd has float32, the other tiers float32-fused), or with --allow-other-tier`,
  );
}

/** Puts the trainer where the training stands: at the folder's checkpoint, or at the beginning. */
async function start(
  trainer: Trainer,
  config: RunConfig,
  options: RunOptions,
  continues: boolean,
): Promise<{ state: FitState; best: TrainedModel }> {
  const { folder, model, settings, train } = options;
  if (folder !== undefined && continues && (await folder.hasCheckpoint())) {
    const checkpoint = await folder.readCheckpoint(model, trainer.shapes);
    const batches = Math.ceil(train.labels.length / settings.batchSize);
    const state = requireState(checkpoint.state, batches, folder.path);
    await trainer.restore(checkpoint.kept, state.step);
    // The kill may have come between the two files.
    await folder.writeModel(model, checkpoint.best, state.bestEpoch);
    options.onResume?.(state);
    return { state, best: checkpoint.best };
  }
  const best = await trainer.model();
  await folder?.begin(config, best);
  return { state: initialState(), best };
}

/** Numbers of a step of what training may change in time: samples, or frames of a spectrum. */
function changeable({ kind }: Encoder, shape: SignalShape): { channels: number; bands?: number } | undefined {
  if (kind === 'signal') return { channels: shape.channels };
  return shape.bands === undefined ? undefined : { channels: rowNumbers(shape), bands: shape.bands };
}

async function trainWithCheckpoints(
  trainer: Trainer,
  begun: RunConfig,
  options: RunOptions,
  continues: boolean,
): Promise<RunResult> {
  const { folder, model, encoder, settings, train, validation, hooks = {}, signal } = options;
  const { signal: shape }: CommonConfiguration = model;
  const { state, best } = await start(trainer, begun, options, continues);
  await folder?.truncateMetrics(state.step);
  const recorder = new Recorder(trainer, model, best, folder, settings.thresholdFor);
  try {
    const finished = await fit({
      session: trainer,
      classes: model.classes,
      // Features of signals are none: they stay as they are.
      ...(shape === undefined ? {} : changeable(encoder, shape)),
      train,
      validation,
      settings,
      state,
      hooks: recorder.hooks(hooks),
      ...(signal ? { signal } : {}),
    });
    const { best: kept } = recorder;
    // Of a run that was done already the folder knows.
    const leftOut = kept.leftOut ?? (await folder?.readLeftOut());
    const trained = { ...kept, leftOut };
    const { doubt } = begun;
    const settled = {
      ...begun,
      ...(trained.linear ? { fusion: trained.linear.fusion } : {}),
      ...(doubt ? { doubt: settleDoubt(doubt.asked, leftOut) } : {}),
    };
    if (trained.linear || doubt) await folder?.writeConfig(settled);
    const config = { ...settled, model: trained.model ?? model };
    return { config, state: finished, best: trained, peakMemoryBytes: platform.peakMemory() ?? 0 };
  } finally {
    await recorder.written();
  }
}
