/** Writes report.html for the results of one or several folders, with what their runs and texts can add. */
import { join } from 'node:path';
import { compareResults } from '../evaluation/comparison.js';
import { type FilterSummary, summarizeFilters } from '../evaluation/filters.js';
import { confidentlyWrong, type WrongText } from '../evaluation/wrong.js';
import { trialFolder } from '../experiment/schedule.js';
import { type DataPlan, loadSplit } from '../experiment/splitData.js';
import { mergeResults, type Results } from '../formats/results.js';
import { RunFolder } from '../formats/runFolder.js';
import { describeInput } from '../input/input.js';
import { FolderStore } from '../platform/node/folder.js';
import { writeWhole } from '../platform/node/whole.js';
import { renderPage } from '../report/page.js';
import { originNow } from './origin.js';

export interface ResultsFolder {
  readonly name: string;
  readonly results: Results;
}

/**
 * Returns the page's path. Throws InputError where the results conflict.
 * @param data where the texts are; without it the page shows no texts
 */
export async function writePage(
  folder: string,
  all: readonly ResultsFolder[],
  data?: DataPlan,
): Promise<string> {
  const results = mergeResults(all);
  const path = join(folder, 'report.html');
  const content = {
    origin: originNow(),
    results,
    comparison: compareResults(results),
    filters: await learnedFilters(all),
    wrong: data === undefined ? [] : await wrongTexts(results, data),
  };
  await writeWhole(path, renderPage(content));
  return path;
}

async function wrongTexts(results: Results, data: DataPlan): Promise<WrongText[]> {
  const { test } = await loadSplit(data);
  return confidentlyWrong(
    results,
    test.map(({ input }) => describeInput(input)),
  );
}

/** Filters of the longest model with any whose run folder is still there. */
async function learnedFilters(all: readonly ResultsFolder[]): Promise<FilterSummary[]> {
  const runs = all
    .flatMap(({ name, results }) => results.trials.map((trial) => ({ name, trial })))
    .sort((a, b) => b.trial.sequenceLength - a.trial.sequenceLength || a.trial.seed - b.trial.seed);
  for (const { name, trial } of runs) {
    // Results travel without their runs; the page is then without filters.
    const model = await new RunFolder(new FolderStore(trialFolder(name, trial.name)))
      .readModel()
      .catch(() => undefined);
    const filters =
      model === undefined ? [] : summarizeFilters(trial.model, trial.sequenceLength, model.parameters);
    if (filters.length > 0) return filters;
  }
  return [];
}
