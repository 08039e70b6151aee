/**
 * Runs a comparison: its trials in random order, as many at the same time as the executor takes, each in a process of its
 * own; what is finished is kept and never run twice. Everything lies in one folder:
 *
 *   results.json         protocol, machine, finished trials; written whole after each
 *   trials/<name>/       the run folder of each trial
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Executor } from '../jobs/executor.js';
import { inTurns } from '../jobs/inTurns.js';
import { FolderStore } from '../platform/node/folder.js';
import { writeWhole } from '../platform/node/whole.js';
import { RandomStream } from '../random.js';
import { modelsToPair, pairModels } from './pairModels.js';
import { type SplitData, testGroupsOf } from './parts.js';
import type { ComparisonHooks, ComparisonPlan } from './plan.js';
import { profileTrials } from './profile.js';
import { protocolBeforeTuning, requireSameProtocol } from './protocol.js';
import { makeResults, readResults, serializeResults } from './results/file.js';
import type { Machine, Results, Trial } from './results/schema.js';
import { type ScheduledTrial, scheduleTrials, trialRequest } from './schedule.js';
import { loadSplit } from './splitData.js';
import type { TrialJobs } from './trial.js';
import { chooseLearningRates } from './tune.js';

/**
 * Throws InputError where the folder is in use, or holds a comparison with other settings, and InterruptedError when
 * stopped; what is finished is kept.
 * @param data of the plan, where they are read already
 */
export async function runComparison(
  plan: ComparisonPlan,
  executor: Executor<TrialJobs>,
  hooks: ComparisonHooks = {},
  signal?: AbortSignal,
  data?: SplitData,
): Promise<Results> {
  modelsToPair(plan);
  const folder = new FolderStore(plan.folder);
  const unlock = await folder.lock();
  try {
    await folder.prepare();
    return await compareInFolder(plan, data ?? (await loadSplit(plan.data)), hooks, signal, executor);
  } finally {
    await unlock();
  }
}

async function compareInFolder(
  plan: ComparisonPlan,
  data: SplitData,
  hooks: ComparisonHooks,
  signal: AbortSignal | undefined,
  executor: Executor<TrialJobs>,
): Promise<Results> {
  const path = join(plan.folder, 'results.json');
  const earlier = existsSync(path) ? await readResults(new FolderStore(plan.folder)) : undefined;

  const beforeTuning = protocolBeforeTuning(plan, data);
  // Before the tuning, which may take hours; the rates are known only after it.
  requireSameProtocol(plan, beforeTuning, earlier);
  const { learningRates, tuning } = await chooseLearningRates(
    plan,
    executor,
    earlier?.tuning ?? [],
    hooks,
    signal,
  );
  const protocol = { ...beforeTuning, learningRates };
  requireSameProtocol(plan, protocol, earlier);
  const pairings = await pairModels(plan, data, earlier?.pairings ?? [], hooks, signal);

  const trials = new Map(earlier?.trials.map((trial) => [trial.name, withMachine(trial, earlier.machine)]));
  const operations = [...(earlier?.operations ?? [])];
  let machine = earlier?.machine;
  const current = (): Results =>
    makeResults({
      command: plan.command,
      protocol,
      machine: machine ?? NO_MACHINE,
      testLabels: data.test.map(({ label }) => data.classes.indexOf(label)),
      ...testGroupsOf(data.test),
      trials: [...trials.values()],
      tuning,
      pairings,
      operations,
    });
  const save = savingOne(() => writeWhole(path, serializeResults(current())));
  // A time is never measured twice the same: what was found must outlive a kill.
  if (pairings.length > (earlier?.pairings.length ?? 0)) await save();

  const wanted = scheduleTrials(plan, pairings);
  const missing = wanted.filter(({ name }) => !trials.has(name));
  if (missing.length < wanted.length) hooks.onKept?.(wanted.length - missing.length);
  const order = new RandomStream(0, 'order').permutation(missing.length);
  const runNext = async (place: number, index: number): Promise<void> => {
    const scheduled = missing[place];
    hooks.onTrial?.({ name: scheduled.name, index, total: missing.length });
    const trial = await runScheduled(
      plan,
      executor,
      scheduled,
      learningRates[scheduled.model],
      hooks,
      signal,
    );
    machine = trial.machine;
    trials.set(trial.name, trial);
    await save();
    hooks.onTrialDone?.(trial);
  };
  await inTurns([...order], executor.concurrency, runNext, (error, place) =>
    hooks.onFailed?.(missing[place].name, error),
  );
  if (plan.profile && machine !== undefined) {
    await profileTrials([...trials.values()], operations, machine.threads, hooks, signal).catch(
      async (error: Error) => {
        await save();
        throw error;
      },
    );
  }
  await save();
  return current();
}

/** Calls that come while one is at work share the next. */
function savingOne(write: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve();
  let following: Promise<void> | undefined;
  return () => {
    following ??= running
      .catch(() => {})
      .then(() => {
        following = undefined;
        running = write();
        return running;
      });
    return following;
  };
}

async function runScheduled(
  plan: ComparisonPlan,
  executor: Executor<TrialJobs>,
  scheduled: ScheduledTrial,
  learningRate: number,
  hooks: ComparisonHooks,
  signal: AbortSignal | undefined,
): Promise<Trial & { machine: Machine }> {
  const { name, label, scaled } = scheduled;
  const { trial, machine, host } = await executor.run(
    'trial',
    name,
    trialRequest(plan, scheduled, learningRate, { test: true }),
    (progress) => hooks.onProgress?.({ ...progress, name }),
    signal,
  );
  return {
    ...(trial as Trial),
    model: label,
    ...(scaled === undefined ? {} : { paired: true }),
    machine,
    ...(host === undefined ? {} : { host }),
  };
}

/** What ran with other threads or another Node keeps its own machine: such times are not compared. */
function withMachine(trial: Trial, machine: Machine): Trial {
  return { machine, ...trial };
}

/** Of results without trials. */
const NO_MACHINE: Machine = { node: process.version, cpu: 'unknown', threads: 0, tier: 'unknown' };
