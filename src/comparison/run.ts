/**
 * Runs a comparison: its trials one after the other in random order, each in a process of its own; what is finished
 * is kept and never run twice. Everything lies in one folder:
 *
 *   results.json         protocol, machine, finished trials; written whole after each
 *   trials/<name>/       the run folder of each trial
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../errors.js';
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
import { type ModelConfiguration, type ModelName, modelConfigurationSchema } from '../model/configuration.js';
import { RandomStream } from '../random.js';
import {
  DEFAULT_LEARNING_RATES,
  type TrainingSettings,
  trainingSettingsSchema,
} from '../training/settings.js';
import { runInProcess } from './launch.js';
import { modelsToPair, pairModels } from './pairModels.js';
import type { ComparisonHooks, ComparisonPlan } from './plan.js';
import { profileTrials } from './profile.js';
import { hashItems, loadSplit, type TrialRequest } from './trial.js';
import { tune } from './tune.js';

/** Also a folder's name: "standard, equal FLOPs" gives standard-equal-FLOPs-512-0. */
export function trialName(model: string, length: number, seed: number): string {
  return `${model.replaceAll(/\W+/g, '-')}-${length}-${seed}`;
}

/** Where a trial's run folder lies in a comparison's folder. */
export function trialFolder(folder: string, name: string): string {
  return join(folder, 'trials', name);
}

/** Throws InputError where the folder holds a comparison with other settings. */
export async function runComparison(
  plan: ComparisonPlan,
  hooks: ComparisonHooks = {},
  signal?: AbortSignal,
): Promise<Results> {
  modelsToPair(plan);
  await requireWritableFolder(plan.folder);
  const data = await loadSplit(plan.data);
  const { classes, train, validation, test } = data;
  const label = new Map(classes.map((name, i) => [name, i]));
  const testLabels = test.map((example) => label.get(example.label)!);
  const path = join(plan.folder, 'results.json');
  const earlier = existsSync(path) ? await readResults(plan.folder) : undefined;
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

  const settled: Protocol = {
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
    learningRates: {},
  };
  const requireSame = (protocol: Protocol): void => {
    if (earlier === undefined) return;
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
  };
  // Before the tuning, which may take hours; the rates are known only after it.
  requireSame(settled);
  const learningRates: Record<string, number> = {};
  const given = plan.learningRate;
  for (const model of plan.models) {
    learningRates[model] =
      (typeof given === 'number' ? given : given?.[model]) ??
      (plan.tune ? await tune(plan, model, tuning, request, hooks, signal) : DEFAULT_LEARNING_RATES[model]);
  }
  const protocol: Protocol = { ...settled, learningRates };
  requireSame(protocol);

  const pairings = await pairModels(plan, data, earlier?.pairings ?? [], hooks, signal);
  const competitors: Competitor[] = plan.lengths.flatMap((length) => [
    ...plan.models.map((model) => ({ name: model, model, length })),
    ...pairings
      .filter(({ sequenceLength, cost }) => sequenceLength === length && plan.pairings.includes(cost))
      .map(({ name, configuration }) => {
        const { model, channels, hidden, blocks } = modelConfigurationSchema.parse(configuration);
        return { name, model, length, scaled: { channels, hidden, blocks } };
      }),
  ]);
  const wanted = competitors.flatMap((competitor) =>
    Array.from({ length: plan.seeds }, (_, seed) => ({
      ...competitor,
      seed,
      trial: trialName(competitor.name, competitor.length, seed),
    })),
  );
  // What ran with other threads or another Node keeps its own machine: such times are not compared.
  const trials = new Map(
    (earlier?.trials ?? []).map((trial): [string, Trial] => [
      trial.name,
      earlier === undefined ? trial : { machine: earlier.machine, ...trial },
    ]),
  );
  const missing = wanted.filter(({ trial }) => !trials.has(trial));
  if (missing.length < wanted.length) hooks.onKept?.(wanted.length - missing.length);
  const order = new RandomStream(0, 'order').permutation(missing.length);
  let machine = earlier?.machine;
  const operations = [...(earlier?.operations ?? [])];
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
      pairings,
      operations,
    });
    await writeWhole(path, `${JSON.stringify(results)}\n`);
    return results;
  };
  // A time is never measured twice the same: what was found must outlive a kill.
  if (pairings.length > (earlier?.pairings.length ?? 0)) await save();
  for (const [index, place] of order.entries()) {
    const { name, model, length, scaled, seed, trial: folder } = missing[place];
    hooks.onTrial?.({ name: folder, index, total: missing.length });
    const planned = request(folder, model, length, { seed, learningRate: learningRates[model] }, true);
    const outcome = await runInProcess(
      { ...planned, model: { ...planned.model, ...scaled } },
      (progress) => hooks.onProgress?.({ ...progress, name: folder }),
      signal,
    );
    machine = {
      node: process.version,
      cpu: cpus()[0]?.model ?? 'unknown',
      threads: outcome.threads,
      tier: outcome.tier,
    };
    const trial: Trial = {
      ...(outcome.trial as Trial),
      model: name,
      ...(scaled === undefined ? {} : { paired: true }),
      machine,
    };
    trials.set(folder, trial);
    await save();
    hooks.onTrialDone?.(trial);
  }
  if (plan.profile && machine !== undefined) {
    operations.push(...(await profileTrials([...trials.values()], operations, machine.threads, hooks)));
  }
  return save();
}

/** One row of the comparison: a preset, or a model scaled for a pairing. */
interface Competitor {
  readonly name: string;
  readonly model: ModelName;
  readonly length: number;
  readonly scaled?: Pick<ModelConfiguration, 'channels' | 'hidden' | 'blocks'>;
}
