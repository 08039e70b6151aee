/** Trains one model at one length from one seed, then touches the test split once. */
import { median } from 'simple-statistics';
import type { Example } from '../data/dataset.js';
import type { Engine } from '../engine/engine.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { predictedClasses, softmax } from '../evaluation/metrics.js';
import type { RunFolder } from '../formats/runFolder.js';
import { Classifier } from '../inference/classifier.js';
import type { JobProgress } from '../jobs/progress.js';
import type { TrainSettings } from '../learning/options.js';
import { type Prepared, prepare, unknownShare } from '../learning/prepare.js';
import { type RunResult, trainRun } from '../learning/run.js';
import { lowerTraining, tokenCapacity } from '../model/lowering.js';
import { countParameters } from '../model/parameters.js';
import { programFlops } from '../program/costs.js';
import type { SplitData } from './parts.js';
import type { Trial } from './results/schema.js';

export interface TrialRun {
  readonly name: string;
  /** Of the data, for the record. */
  readonly source: string;
  readonly options: TrainSettings;
  readonly threads: number | undefined;
  /** False for a trial of the tuning: the test split is left alone. */
  readonly test: boolean;
  /** Where it is kept, and goes on if it was begun; undefined: nowhere. */
  readonly folder?: RunFolder;
}

type Tested = Pick<Trial, 'test' | 'cutShare' | 'predictions' | 'confidence'>;

export interface TrialOutcome {
  readonly trial: Omit<Trial, keyof Tested> & Partial<Tested>;
  readonly tier: string;
  readonly threads: number;
}

/** Errors as of `trainRun`. */
export async function trainTrial(
  { test, reading, ...parts }: SplitData,
  { name, source, options, threads, folder, ...run }: TrialRun,
  onProgress: (progress: JobProgress) => void,
  signal?: AbortSignal,
): Promise<TrialOutcome> {
  const prepared = await prepare({ ...parts, name: source }, options, threads);
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  try {
    const result = await trainRun({
      engine,
      ...prepared,
      ...(folder === undefined ? {} : { folder }),
      reading: { long: prepared.long, ...reading },
      data: { name: source, examples: parts.train.length },
      resume: true,
      ...(signal ? { signal } : {}),
      hooks: {
        onStep: ({ step, totalSteps, epoch, loss }) =>
          onProgress({ share: step / totalSteps, note: `epoch ${epoch} loss ${loss.toFixed(3)}` }),
      },
    });
    const trial = {
      name,
      ...describeTraining(prepared, result),
      unknownShare: unknownShare(parts.validation, prepared),
    };
    const tested = run.test ? await testOnce(engine, prepared, result, test) : {};
    return { trial: { ...trial, ...tested }, tier: engine.tier, threads: engine.threads };
  } finally {
    await engine.dispose();
  }
}

/** What the results keep of a training. */
function describeTraining(
  { model, settings, train }: Prepared,
  { state, best, peakMemoryBytes }: RunResult,
): Omit<Trial, 'name' | keyof Tested> {
  return {
    model: model.model,
    sequenceLength: model.sequenceLength,
    seed: settings.seed,
    parameters: countParameters(model) + (best.linear === undefined ? 0 : countParameters(best.linear.model)),
    learningRate: settings.learningRate,
    configuration: { ...model },
    ...(best.linear ? { fusion: best.linear.fusion } : {}),
    flopsPerSequence: programFlops(lowerTraining(model).training),
    realTokenShare: train.offsets[train.labels.length] / (train.labels.length * tokenCapacity(model)),
    epochs: state.history,
    bestEpoch: state.bestEpoch,
    secondsPerEpoch: median(state.history.map(({ seconds }) => seconds)),
    peakMemoryBytes,
  };
}

/** The best epoch's weights on the test split. */
async function testOnce(
  engine: Engine,
  { name, classes }: Prepared,
  { config, best, state }: RunResult,
  test: readonly Example[],
): Promise<Tested> {
  const classifier = await Classifier.open({ config, ...best, epoch: state.bestEpoch }, engine);
  const {
    logits,
    losses: _losses,
    labels: _labels,
    perClass: _,
    cutShare,
    extent: _extent,
    ...scores
  } = await classifier.evaluateRead(test, name);
  const count = classes.length;
  const confidence = test.map((_, i) => Math.max(...softmax(logits.subarray(i * count, (i + 1) * count))));
  return {
    test: {
      ...scores,
      accuracyInterval: [...scores.accuracyInterval],
      confusion: scores.confusion.map((row) => [...row]),
    },
    cutShare,
    predictions: [...predictedClasses(logits, count)],
    confidence: confidence.map((value) => Number(value.toFixed(6))),
  };
}
