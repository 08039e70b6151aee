/** One trial of a comparison: train one model at one length from one seed, then touch the test split once. */
import { createHash } from 'node:crypto';
import { median } from 'simple-statistics';
import { trainRun } from '../classifier/run.js';
import { requireClasses } from '../data/classes.js';
import { encodeDataset } from '../data/encode.js';
import type { Example } from '../data/example.js';
import { contentHash, splitByCounts, splitByShares } from '../data/split.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { evaluateLogits, predictedClasses, softmax } from '../evaluation/metrics.js';
import type { Trial } from '../formats/results.js';
import { RunFolder } from '../formats/runFolder.js';
import { learnTokenizer } from '../input/learn.js';
import { configureModel, type ModelConfiguration, type ModelOptions } from '../model/configuration.js';
import { lowerEvaluation, lowerTraining } from '../model/lowering.js';
import { countParameters } from '../model/parameters.js';
import { programFlops } from '../program/costs.js';
import { type ReadOptions, readDataset } from '../readers/read.js';
import { forwardDataset } from '../training/forward.js';
import type { TrainingSettings } from '../training/settings.js';

/** Which texts, and how they are divided; the same for all trials. */
export interface DataPlan {
  readonly source: string;
  readonly read: ReadOptions;
  /** Train, validation, test: shares that sum to 1, or numbers of examples. */
  readonly split: readonly [number, number, number];
  readonly tokenizer: 'words' | 'bytes';
  readonly vocabulary: number;
}

export interface TrialRequest {
  readonly name: string;
  /** Run folder of the trial. */
  readonly folder: string;
  readonly data: DataPlan;
  /** Without vocabulary and classes, which the data decide. */
  readonly model: ModelOptions;
  readonly settings: TrainingSettings;
  readonly threads: number | undefined;
  /** False for a trial of the tuning: the test split is left alone. */
  readonly test: boolean;
}

export interface SplitData {
  readonly classes: string[];
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly test: readonly Example[];
}

export async function loadSplit({ source, read, split }: DataPlan): Promise<SplitData> {
  const dataset = await readDataset(source, read);
  const classes = requireClasses(dataset);
  const whole = split.some((part) => part > 1);
  const [train, validation, test] = (whole ? splitByCounts : splitByShares)(dataset.examples, split);
  return { classes, train, validation, test };
}

/** Identifies the test items: results of other items are not comparable. */
export function hashItems(examples: readonly Example[]): string {
  const hash = createHash('sha256');
  for (const { text, label } of examples) hash.update(`${contentHash(text)} ${label}\n`);
  return hash.digest('hex').slice(0, 32);
}

export interface TrialProgress {
  /** Steps of the training that are done, 0 … 1. */
  readonly share: number;
  readonly note: string;
}

export interface TrialOutcome {
  readonly trial: Omit<Trial, 'test' | 'predictions' | 'confidence'> &
    Partial<Pick<Trial, 'test' | 'predictions' | 'confidence'>>;
  readonly tier: string;
  readonly threads: number;
}

/** Continues the trial if its folder holds a beginning. Errors as of `trainRun`. */
export async function runTrial(
  request: TrialRequest,
  onProgress: (progress: TrialProgress) => void,
  signal?: AbortSignal,
): Promise<TrialOutcome> {
  const { classes, train, validation, test } = await loadSplit(request.data);
  const tokenizer = learnTokenizer(
    train.map(({ text }) => text),
    {
      kind: request.data.tokenizer,
      vocabulary: request.data.vocabulary,
      ngrams: request.model.ngrams,
      buckets: request.model.buckets,
    },
  );
  const model: ModelConfiguration = configureModel({
    ...request.model,
    vocabulary: tokenizer.vocabulary,
    buckets: tokenizer.buckets,
    classes: classes.length,
  });
  const encode = (examples: readonly Example[]) =>
    encodeDataset(request.data.source, examples, classes, tokenizer, model.sequenceLength);
  const encodedTrain = encode(train);
  const engine = await createWasmEngine(request.threads === undefined ? {} : { threads: request.threads });
  try {
    const { state, best, peakMemoryBytes } = await trainRun({
      engine,
      folder: new RunFolder(request.folder),
      model,
      classes,
      tokenizer,
      settings: request.settings,
      train: encodedTrain,
      validation: encode(validation),
      data: { name: request.data.source, examples: train.length },
      resume: true,
      ...(signal ? { signal } : {}),
      hooks: {
        onStep: ({ step, totalSteps, epoch, loss }) =>
          onProgress({ share: step / totalSteps, note: `epoch ${epoch} loss ${loss.toFixed(3)}` }),
      },
    });
    const trial = {
      name: request.name,
      model: model.model,
      sequenceLength: model.sequenceLength,
      seed: request.settings.seed,
      parameters: countParameters(model),
      learningRate: request.settings.learningRate,
      configuration: { ...model },
      flopsPerSequence: programFlops(lowerTraining(model).training),
      realTokenShare: encodedTrain.tokens.length / (train.length * model.sequenceLength * model.ngrams),
      epochs: state.history,
      bestEpoch: state.bestEpoch,
      secondsPerEpoch: median(state.history.map(({ seconds }) => seconds)),
      peakMemoryBytes,
    };
    const { tier, threads } = engine;
    if (!request.test) return { trial, tier, threads };

    const session = await engine.createInference(lowerEvaluation(model), {
      maxBatch: request.settings.batchSize,
    });
    for (const [name, values] of best) await session.setParameter(name, values);
    const encodedTest = encode(test);
    const { logits, losses } = await forwardDataset(session, encodedTest, classes.length);
    const { accuracy, accuracyInterval, macroF1, loss, examples, confusion } = evaluateLogits(
      logits,
      losses,
      encodedTest.labels,
      classes.length,
    );
    const confidence = test.map((_, i) =>
      Math.max(...softmax(logits.subarray(i * classes.length, (i + 1) * classes.length))),
    );
    return {
      trial: {
        ...trial,
        test: {
          accuracy,
          accuracyInterval: [...accuracyInterval],
          macroF1,
          loss,
          examples,
          confusion: confusion.map((row) => [...row]),
        },
        predictions: [...predictedClasses(logits, classes.length)],
        confidence: confidence.map((value) => Number(value.toFixed(6))),
      },
      tier,
      threads,
    };
  } finally {
    await engine.dispose();
  }
}
