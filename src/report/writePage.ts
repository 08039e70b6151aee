/** Writes report.html for the results of one or several folders, with what their runs and inputs can add. */
import { join } from 'node:path';
import type { Comparison } from '../comparison/compareResults.js';
import type { Results } from '../comparison/results/schema.js';
import { trialFolder } from '../comparison/schedule.js';
import type { Example } from '../data/dataset.js';
import { type FilterResponses, filterResponses } from '../evaluation/filterResponse.js';
import { type FilterSummary, summarizeFilters } from '../evaluation/filters.js';
import type { CommonConfiguration } from '../model/families/family.js';
import { tokenCapacity } from '../model/lowering.js';
import { initialise } from '../model/parameters.js';
import { writeWhole } from '../platform/node/whole.js';
import type { Origin } from './document.js';
import { renderPage } from './page.js';
import { modelIn, type Run, wrongInputs } from './wrongInputs.js';

export interface ResultsFolder {
  readonly name: string;
  readonly results: Results;
}

/**
 * Returns the page's path.
 * @param folders where the trials' runs lie
 * @param content what is shown: the results of all folders together, and their comparison
 * @param test the test items; without them the page shows no inputs
 */
export async function writePage(
  folder: string,
  folders: readonly ResultsFolder[],
  content: { readonly origin: Origin; readonly results: Results; readonly comparison: Comparison },
  test?: readonly Example[],
): Promise<string> {
  const path = join(folder, 'report.html');
  const runs = folders
    .flatMap(({ name, results: { trials } }) =>
      trials.map((trial): Run => ({ folder: trialFolder(name, trial.name), trial })),
    )
    .sort((a, b) => b.trial.sequenceLength - a.trial.sequenceLength || a.trial.seed - b.trial.seed);
  const page = renderPage({
    ...content,
    filters: await learnedFilters(runs),
    responses: await learnedResponses(runs),
    wrong: test === undefined ? [] : await wrongInputs(content.results, runs, test),
  });
  await writeWhole(path, page);
  return path;
}

/** Filters of the longest model with any whose run folder is still there. */
async function learnedFilters(runs: readonly Run[]): Promise<FilterSummary[]> {
  for (const { folder, trial } of runs) {
    const saved = await modelIn(folder);
    if (saved === undefined) continue;
    const { signal }: CommonConfiguration = saved.config.model;
    const rate = signal === undefined ? undefined : saved.encoder.rate;
    const filters = summarizeFilters(
      {
        model: trial.model,
        sequenceLength: tokenCapacity(saved.config.model),
        unit: signal === undefined ? 'token' : 'frame',
        ...(rate === undefined || signal === undefined ? {} : { rowRate: rate / signal.patch }),
      },
      saved.parameters,
    );
    if (filters.length > 0) return filters;
  }
  return [];
}

/** What the filters of signals answer to, of each model the longest. */
async function learnedResponses(runs: readonly Run[]): Promise<FilterResponses[]> {
  const found = new Map<string, FilterResponses>();
  for (const { folder, trial } of runs) {
    const { model, sequenceLength } = trial;
    const shape = (trial.configuration as Partial<CommonConfiguration>).signal;
    if (found.has(model) || shape === undefined || shape.filters === 0) continue;
    const saved = await modelIn(folder);
    const weight = saved?.parameters.get(FILTERS);
    if (saved === undefined || weight === undefined) continue;
    const before = initialise(saved.config.model, trial.seed).get(FILTERS)!;
    const which = { model, sequenceLength, rate: saved.encoder.rate };
    found.set(model, filterResponses(which, shape, weight, before));
  }
  return [...found.values()];
}

const FILTERS = 'filters.weight';
