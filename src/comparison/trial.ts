/** One trial of a comparison, as its process runs it: from the data's name to what the results keep of it. */
import { cpus } from 'node:os';
import { platform } from '#platform';
import { RunFolder } from '../formats/runFolder.js';
import type { JobProgress } from '../jobs/progress.js';
import type { TrainSettings } from '../learning/options.js';
import type { Machine } from './results/schema.js';
import { type DataPlan, loadSplit } from './splitData.js';
import { type TrialOutcome, trainTrial } from './trainTrial.js';

export interface TrialRequest {
  readonly name: string;
  /** Run folder of the trial. */
  readonly folder: string;
  readonly data: DataPlan;
  readonly options: TrainSettings;
  readonly threads: number | undefined;
  /** False for a trial of the tuning: the test split is left alone. */
  readonly test: boolean;
}

/** With what it ran on. */
export interface PlacedOutcome extends Pick<TrialOutcome, 'trial'> {
  readonly machine: Machine;
  /** Name of the computer, where that was another. */
  readonly host?: string;
}

/** What an executor of comparisons must take. */
export type TrialJobs = {
  readonly trial: { readonly request: TrialRequest; readonly outcome: PlacedOutcome };
};

/** Continues the trial if its folder holds a beginning. Errors as of `trainRun`. */
export async function runTrial(
  request: TrialRequest,
  onProgress: (progress: JobProgress) => void,
  signal?: AbortSignal,
): Promise<PlacedOutcome> {
  const { data, folder, ...trial } = request;
  const parts = await loadSplit(data);
  const run = { ...trial, source: data.name ?? data.source, folder: new RunFolder(platform.folder(folder)) };
  const { trial: found, threads, tier } = await trainTrial(parts, run, onProgress, signal);
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', threads, tier };
  return { trial: found, machine };
}
