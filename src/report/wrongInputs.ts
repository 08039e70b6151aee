/** The test inputs that models got wrong, with what decided. */

import type { Results, Trial } from '../comparison/results/schema.js';
import { confidentlyWrong, type WrongText } from '../comparison/wrong.js';
import type { Example } from '../data/dataset.js';
import { occlusionsOf, type SignalPart } from '../evaluation/signalView.js';
import { RunFolder, type SavedModel } from '../formats/runFolder.js';
import { Classifier } from '../inference/classifier.js';
import { canExplain, explanationOf } from '../inference/explanation.js';
import { describeInput, type Input, isSignal, type Signal } from '../input/input.js';
import { FolderStore } from '../platform/node/folder.js';

/** Of each text. */
const MOST_PIECES = 8;

/** A trial and where its run lies. */
export interface Run {
  readonly folder: string;
  readonly trial: Trial;
}

/** Results travel without their runs; the page then says nothing of them. */
export const modelIn = (folder: string): Promise<SavedModel | undefined> =>
  new RunFolder(new FolderStore(folder)).readModel().catch(() => undefined);

/** With what decided, where the run is still there. */
export async function wrongInputs(
  results: Results,
  runs: readonly Run[],
  test: readonly Example[],
): Promise<WrongText[]> {
  const wrong = confidentlyWrong(
    results,
    test.map(({ input }) => describeInput(input)),
  );
  const shown: WrongText[] = [];
  for (const model of new Set(wrong.map((item) => item.model))) {
    const own = wrong.filter((item) => item.model === model);
    const inputs = own.map(({ item }) => test[item].input);
    const signals = inputs.filter(isSignal);
    const run = runs.find(({ trial }) => trial.model === model);
    if (run === undefined) shown.push(...own);
    else if (signals.length < own.length) shown.push(...(await withPieces(own, inputs, run.folder)));
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

async function partsOf(classifier: Classifier, signal: Signal, answer: string): Promise<SignalPart[]> {
  const without = occlusionsOf(signal);
  const signals = [signal, ...without.map((part) => part.signal)];
  const [whole, ...others] = await Promise.all(signals.map((one) => classifier.predictRead(one)));
  const scoreOf = (prediction: typeof whole): number =>
    prediction.find(({ label }) => label === answer)?.score ?? 0;
  return without.map(({ from, to }, p) => ({ from, to, drop: scoreOf(whole) - scoreOf(others[p]) }));
}

/** With the pieces of the texts that decided, of models that can say. */
async function withPieces(
  wrong: readonly WrongText[],
  inputs: readonly Input[],
  folder: string,
): Promise<WrongText[]> {
  const saved = await modelIn(folder);
  if (saved === undefined || !canExplain(saved)) return [...wrong];
  const { classes } = saved.config;
  return wrong.map((item, i) => {
    const [of, against] = [classes.indexOf(item.predicted), classes.indexOf(item.label)];
    const pieces = explanationOf(saved, inputs[i], of)
      .map(({ text, evidence }) => ({ text, evidence: evidence[of] - evidence[against] }))
      .sort((a, b) => Math.abs(b.evidence) - Math.abs(a.evidence))
      .slice(0, MOST_PIECES);
    return { ...item, pieces };
  });
}
