/** Writes report.html for the results of one or several folders, with what their runs and inputs can add. */
import { join } from 'node:path';
import { Classifier } from '../classifier/classifier.js';
import { compareResults } from '../evaluation/comparison.js';
import { type FilterResponses, filterResponses } from '../evaluation/filterResponse.js';
import { type FilterSummary, summarizeFilters } from '../evaluation/filters.js';
import { occlusionsOf, type Part } from '../evaluation/signalView.js';
import { confidentlyWrong, type WrongText } from '../evaluation/wrong.js';
import { trialFolder } from '../experiment/schedule.js';
import { type DataPlan, loadSplit } from '../experiment/splitData.js';
import { mergeResults, type Results, type Trial } from '../formats/results.js';
import { RunFolder, type SavedModel } from '../formats/runFolder.js';
import { describeInput, isSignal, type Signal } from '../input/input.js';
import type { CommonConfiguration } from '../model/families/family.js';
import { tokenCapacity } from '../model/lowering.js';
import { initialise } from '../model/parameters.js';
import { FolderStore } from '../platform/node/folder.js';
import { writeWhole } from '../platform/node/whole.js';
import { renderPage } from '../report/page.js';
import { originNow } from './origin.js';

export interface ResultsFolder {
  readonly name: string;
  readonly results: Results;
}

/** A trial and where its run lies. */
interface Run {
  readonly folder: string;
  readonly trial: Trial;
}

/**
 * Returns the page's path. Throws InputError where the results conflict.
 * @param data where the inputs are; without it the page shows none
 */
export async function writePage(
  folder: string,
  all: readonly ResultsFolder[],
  data?: DataPlan,
): Promise<string> {
  const results = mergeResults(all);
  const path = join(folder, 'report.html');
  const runs = all
    .flatMap(({ name, results: { trials } }) =>
      trials.map((trial): Run => ({ folder: trialFolder(name, trial.name), trial })),
    )
    .sort((a, b) => b.trial.sequenceLength - a.trial.sequenceLength || a.trial.seed - b.trial.seed);
  const content = {
    origin: originNow(),
    results,
    comparison: compareResults(results),
    filters: await learnedFilters(runs),
    responses: await learnedResponses(runs),
    wrong: data === undefined ? [] : await wrongInputs(results, runs, data),
  };
  await writeWhole(path, renderPage(content));
  return path;
}

async function wrongInputs(results: Results, runs: readonly Run[], data: DataPlan): Promise<WrongText[]> {
  const { test } = await loadSplit(data);
  const wrong = confidentlyWrong(
    results,
    test.map(({ input }) => describeInput(input)),
  );
  const shown: WrongText[] = [];
  for (const model of new Set(wrong.map((item) => item.model))) {
    const own = wrong.filter((item) => item.model === model);
    const signals = own.map(({ item }) => test[item].input).filter(isSignal);
    const run = runs.find(({ trial }) => trial.model === model);
    if (signals.length < own.length || run === undefined) shown.push(...own);
    else shown.push(...(await withParts(own, signals, run.folder)));
  }
  return shown;
}

/** With the signals themselves and, where the run is still there, what leaving out parts of them does. */
async function withParts(
  wrong: readonly WrongText[],
  signals: readonly Signal[],
  folder: string,
): Promise<WrongText[]> {
  const classifier = await Classifier.load(folder).catch(() => undefined);
  if (classifier === undefined) return wrong.map((item, i) => ({ ...item, signal: signals[i] }));
  try {
    return await Promise.all(
      wrong.map(async (item, i) => {
        const { sequenceLength } = classifier.configuration;
        const signal = headOf(signals[i], sequenceLength);
        return { ...item, signal, parts: await partsOf(classifier, signal, item.predicted) };
      }),
    );
  } finally {
    await classifier.dispose();
  }
}

/** What a model reads of a signal. */
function headOf({ values, ...signal }: Signal, steps: number): Signal {
  return { ...signal, values: values.subarray(0, steps * signal.channels) };
}

async function partsOf(classifier: Classifier, signal: Signal, answer: string): Promise<Part[]> {
  const without = occlusionsOf(signal);
  const [whole, ...others] = await classifier.predict([signal, ...without.map((part) => part.signal)]);
  const scoreOf = (prediction: typeof whole): number =>
    prediction.find(({ label }) => label === answer)?.score ?? 0;
  return without.map(({ from, to }, p) => ({ from, to, drop: scoreOf(whole) - scoreOf(others[p]) }));
}

/** Results travel without their runs; the page then says nothing of them. */
const modelIn = (folder: string): Promise<SavedModel | undefined> =>
  new RunFolder(new FolderStore(folder)).readModel().catch(() => undefined);

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
