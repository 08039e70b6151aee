/**
 * Runs a comparison: its trials one after the other in random order, each in a process of its own; what is finished
 * is kept and never run twice. Everything lies in one folder:
 *
 *   results.json         protocol, machine, finished trials; written whole after each
 *   trials/<name>/       the run folder of each trial
 */
import { fork } from 'node:child_process';
import { access } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FailureError, InputError, InterruptedError } from '../errors.js';
import {
  makeResults,
  type Protocol,
  protocolDifferences,
  type Results,
  readResults,
  shapeDifferences,
  type Trial,
  type TuningTrial,
} from '../evaluation/results.js';
import { requireWritableFolder, writeWhole } from '../files/whole.js';
import { type ModelName, type ModelOptions, modelConfigurationSchema } from '../model/configuration.js';
import { RandomStream } from '../random.js';
import {
  DEFAULT_LEARNING_RATES,
  type TrainingSettings,
  trainingSettingsSchema,
} from '../training/settings.js';
import {
  type DataPlan,
  hashItems,
  loadSplit,
  type TrialOutcome,
  type TrialProgress,
  type TrialRequest,
} from './trial.js';
import type { TrialMessage } from './trialProcess.js';

/** The grid of `--tune`. */
export const LEARNING_RATE_GRID = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2];

export interface ComparisonPlan {
  readonly folder: string;
  /** The command line, for the record. */
  readonly command: string;
  readonly data: DataPlan;
  readonly models: readonly ModelName[];
  readonly lengths: readonly number[];
  /** Seeds 0 … seeds − 1. */
  readonly seeds: number;
  readonly settings: Omit<TrainingSettings, 'seed' | 'learningRate'>;
  /** One rate for all models, or each model's default. */
  readonly learningRate: number | undefined;
  /** Choose each model's rate on validation first, at the shortest length. */
  readonly tune: boolean;
  readonly threads: number | undefined;
  /** Shape options of each model. */
  shape(model: ModelName): Omit<ModelOptions, 'model' | 'sequenceLength'>;
}

export interface ComparisonHooks {
  /** A trial begins; `index` of `total` that are still to be run. */
  onTrial?(trial: { name: string; index: number; total: number }): void;
  onProgress?(progress: TrialProgress & { name: string }): void;
  onTrialDone?(trial: Trial): void;
  onTuned?(trial: TuningTrial): void;
  /** Trials that an earlier run finished. */
  onKept?(count: number): void;
}

const ENTRY = fileURLToPath(new URL('./trialProcess.js', import.meta.url));

/** Runs one trial in its process. Throws InputError, FailureError or InterruptedError. */
function runInProcess(
  request: TrialRequest,
  onProgress: (progress: TrialProgress) => void,
  signal: AbortSignal | undefined,
): Promise<TrialOutcome> {
  if (signal?.aborted) return Promise.reject(new InterruptedError(`stopped before ${request.name}`));
  return new Promise((resolve, reject) => {
    const child = fork(ENTRY, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const stop = (): void => void child.kill('SIGINT');
    signal?.addEventListener('abort', stop, { once: true });
    let settled = false;
    const settle = (end: () => void): void => {
      settled = true;
      signal?.removeEventListener('abort', stop);
      end();
    };
    child.on('message', (message: TrialMessage) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'outcome') settle(() => resolve(message.outcome));
      else {
        const faults = { input: InputError, interrupted: InterruptedError, failure: FailureError };
        settle(() => reject(new faults[message.fault](`${request.name}: ${message.message}`)));
      }
    });
    child.on('error', (error) => settle(() => reject(new FailureError(`${request.name}: ${error.message}`))));
    // Not 'exit', which may come before the last message.
    child.on('close', (code, killed) => {
      if (settled) return;
      // Ctrl-C may reach the process before it can save: it then has nothing to lose.
      const how = killed ?? `code ${code}`;
      const fault =
        signal?.aborted || killed === 'SIGINT' || killed === 'SIGTERM'
          ? new InterruptedError(`${request.name}: stopped before it began`)
          : new FailureError(`${request.name}: its process ended with ${how}: too little memory?`);
      settle(() => reject(fault));
    });
    child.send(request);
  });
}

export function trialName(model: string, length: number, seed: number): string {
  return `${model}-${length}-${seed}`;
}

/** Where a trial's run folder lies in a comparison's folder. */
export function trialFolder(folder: string, name: string): string {
  return join(folder, 'trials', name);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Throws InputError where the folder holds a comparison with other settings. */
export async function runComparison(
  plan: ComparisonPlan,
  hooks: ComparisonHooks = {},
  signal?: AbortSignal,
): Promise<Results> {
  await requireWritableFolder(plan.folder);
  const { classes, train, validation, test } = await loadSplit(plan.data);
  const label = new Map(classes.map((name, i) => [name, i]));
  const testLabels = test.map((example) => label.get(example.label)!);
  const path = join(plan.folder, 'results.json');
  const earlier = (await exists(path)) ? await readResults(plan.folder) : undefined;
  const tuning: TuningTrial[] = [...(earlier?.tuning ?? [])];

  const request = (
    name: string,
    model: ModelName,
    sequenceLength: number,
    settings: Partial<TrainingSettings>,
    isTest: boolean,
  ): TrialRequest => ({
    name,
    folder: trialFolder(plan.folder, name),
    data: plan.data,
    model: { ...plan.shape(model), model, sequenceLength },
    settings: trainingSettingsSchema.parse({ ...plan.settings, ...settings }),
    threads: plan.threads,
    test: isTest,
  });

  const learningRates: Record<string, number> = {};
  for (const model of plan.models) {
    learningRates[model] =
      plan.learningRate ??
      (plan.tune ? await tune(plan, model, tuning, request, hooks, signal) : DEFAULT_LEARNING_RATES[model]);
  }

  const protocol: Protocol = {
    data: plan.data.source,
    testItems: hashItems(test),
    splits: { train: train.length, validation: validation.length, test: test.length },
    classes,
    testClasses: classes.map((_, c) => testLabels.filter((other) => other === c).length),
    epochs: plan.settings.epochs,
    batchSize: plan.settings.batchSize,
    tokenizer: plan.data.tokenizer,
    vocabulary: plan.data.vocabulary,
    weightDecay: plan.settings.weightDecay,
    clipNorm: plan.settings.clipNorm,
    warmupShare: plan.settings.warmupShare,
    learningRates,
  };
  if (earlier !== undefined) {
    const planned = plan.models.map((model) => ({
      name: 'this command',
      model,
      configuration: modelConfigurationSchema.parse({
        ...plan.shape(model),
        model,
        sequenceLength: plan.lengths[0],
      }),
    }));
    const differences = [
      ...protocolDifferences(earlier.protocol, protocol),
      ...shapeDifferences([...earlier.trials, ...planned]),
    ];
    if (differences.length > 0) {
      throw new InputError(
        `${plan.folder} holds a comparison with other settings: ${differences.join('; ')}. Choose another folder`,
      );
    }
  }

  const wanted = plan.lengths.flatMap((length) =>
    plan.models.flatMap((model) =>
      Array.from({ length: plan.seeds }, (_, seed) => ({
        model,
        length,
        seed,
        name: trialName(model, length, seed),
      })),
    ),
  );
  // What ran with other threads or another Node keeps its own machine: such times are not compared.
  const trials = new Map(
    (earlier?.trials ?? []).map((trial): [string, Trial] => [
      trial.name,
      earlier === undefined ? trial : { machine: earlier.machine, ...trial },
    ]),
  );
  const missing = wanted.filter(({ name }) => !trials.has(name));
  if (missing.length < wanted.length) hooks.onKept?.(wanted.length - missing.length);
  const order = new RandomStream(0, 'order').permutation(missing.length);
  let machine = earlier?.machine;
  const save = async (): Promise<Results> => {
    const results = makeResults({
      command: plan.command,
      protocol,
      machine: machine ?? {
        node: process.version,
        cpu: cpus()[0]?.model ?? 'unknown',
        threads: 0,
        tier: 'unknown',
      },
      testLabels,
      trials: [...trials.values()],
      tuning,
    });
    await writeWhole(path, `${JSON.stringify(results)}\n`);
    return results;
  };
  for (const [index, place] of order.entries()) {
    const { model, length, seed, name } = missing[place];
    hooks.onTrial?.({ name, index, total: missing.length });
    const settings = { seed, learningRate: learningRates[model] };
    const outcome = await runInProcess(
      request(name, model, length, settings, true),
      (progress) => hooks.onProgress?.({ ...progress, name }),
      signal,
    );
    machine = {
      node: process.version,
      cpu: cpus()[0]?.model ?? 'unknown',
      threads: outcome.threads,
      tier: outcome.tier,
    };
    const trial: Trial = { ...(outcome.trial as Trial), machine };
    trials.set(name, trial);
    await save();
    hooks.onTrialDone?.(trial);
  }
  return save();
}

/** The rate of the grid with the best validation at the shortest length; trials of an earlier run are not repeated. */
async function tune(
  plan: ComparisonPlan,
  model: ModelName,
  tuning: TuningTrial[],
  request: (
    name: string,
    model: ModelName,
    length: number,
    settings: Partial<TrainingSettings>,
    test: boolean,
  ) => TrialRequest,
  hooks: ComparisonHooks,
  signal: AbortSignal | undefined,
): Promise<number> {
  const sequenceLength = Math.min(...plan.lengths);
  for (const [index, learningRate] of LEARNING_RATE_GRID.entries()) {
    const done = tuning.some((trial) => trial.model === model && trial.learningRate === learningRate);
    if (done) continue;
    const name = `tune-${model}-${sequenceLength}-${learningRate}`;
    hooks.onTrial?.({ name, index, total: LEARNING_RATE_GRID.length });
    const { trial } = await runInProcess(
      request(name, model, sequenceLength, { seed: 0, learningRate }, false),
      (progress) => hooks.onProgress?.({ ...progress, name }),
      signal,
    ).catch((error: Error) => {
      // A rate at which training diverges has lost; anything else is a fault.
      if (error instanceof FailureError && /diverged/.test(error.message)) return { trial: undefined };
      throw error;
    });
    const best = trial?.epochs[trial.bestEpoch - 1];
    const result = {
      model,
      sequenceLength,
      learningRate,
      epochs: plan.settings.epochs,
      validation: best?.validation ?? { accuracy: 0, loss: Number.MAX_VALUE },
    };
    tuning.push(result);
    hooks.onTuned?.(result);
  }
  const own = tuning.filter((trial) => trial.model === model);
  const better = (a: TuningTrial, b: TuningTrial): number =>
    b.validation.accuracy - a.validation.accuracy || a.validation.loss - b.validation.loss;
  return [...own].sort(better)[0].learningRate;
}
