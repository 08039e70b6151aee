/** One trial of a comparison, as its process runs it: from the data's name to what the results keep of it. */
import { platform } from '#platform';
import type { TrainSettings } from '../classifier/options.js';
import { RunFolder } from '../formats/runFolder.js';
import type { JobProgress } from './progress.js';
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

/** Continues the trial if its folder holds a beginning. Errors as of `trainRun`. */
export async function runTrial(
  request: TrialRequest,
  onProgress: (progress: JobProgress) => void,
  signal?: AbortSignal,
): Promise<TrialOutcome> {
  const { data, folder, ...trial } = request;
  const parts = await loadSplit(data);
  const run = { ...trial, source: data.source, folder: new RunFolder(platform.folder(folder)) };
  return trainTrial(parts, run, onProgress, signal);
}
