/** Invented but plausible results of a comparison, for tests of what reads them. */

import { makeResults } from '#eft/comparison/results/file.js';
import type { Results, Trial } from '#eft/comparison/results/schema.js';
import { evaluateLogits } from '#eft/evaluation/metrics.js';
import { wilsonInterval } from '#eft/evaluation/wilson.js';
import { RandomStream } from '#eft/random.js';

export interface FakeOptions {
  readonly models?: readonly string[];
  readonly lengths?: readonly number[];
  readonly seeds?: number;
  readonly items?: number;
  readonly epochs?: number;
  readonly classes?: readonly string[];
}

const PARAMETERS: Record<string, (n: number) => number> = {
  'elastic-fourier': (n) => 473_450 + 544 * n,
  standard: (n) => 421_730 + 32 * n,
  bag: () => 320_066,
};
const SECONDS: Record<string, (n: number) => number> = {
  'elastic-fourier': (n) => 0.021 * n,
  standard: (n) => 0.018 * n + 0.000045 * n * n,
  bag: (n) => 0.0006 * n,
};
const ACCURACY: Record<string, number> = { 'elastic-fourier': 0.962, standard: 0.958, bag: 0.93 };

function fakeTrial(
  model: string,
  n: number,
  seed: number,
  labels: readonly number[],
  options: Required<FakeOptions>,
): Trial {
  const random = new RandomStream(seed + n, 'test', model.length);
  const classes = options.classes.length;
  const logits = new Float64Array(labels.length * classes);
  const losses = new Float64Array(labels.length);
  const predictions: number[] = [];
  const confidence: number[] = [];
  for (const [i, label] of labels.entries()) {
    const right = random.next() < ACCURACY[model] + 0.00001 * n;
    const predicted = right ? label : (label + 1) % classes;
    const sure = 0.5 + 0.5 * random.next() ** (right ? 0.2 : 2);
    predictions.push(predicted);
    confidence.push(sure);
    for (let c = 0; c < classes; c++) {
      logits[i * classes + c] = Math.log(c === predicted ? sure : (1 - sure) / (classes - 1) + 1e-9);
    }
    losses[i] = -logits[i * classes + label];
  }
  const { perClass: _, ...test } = evaluateLogits(logits, losses, Int32Array.from(labels), classes);
  const epochs = Array.from({ length: options.epochs }, (_, e) => ({
    epoch: e + 1,
    seconds: SECONDS[model](n) * (1 + 0.06 * random.nextNormal()),
    trainLoss: 0.65 * Math.exp(-0.7 * e) + 0.02,
    trainAccuracy: 0.99 - 0.3 * Math.exp(-0.8 * e),
    validation: {
      accuracy: ACCURACY[model] - 0.2 * Math.exp(-0.9 * e) + 0.004 * random.nextNormal(),
      loss: 0.2,
    },
  }));
  const sorted = epochs.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return {
    name: `${model}-${n}-${seed}`,
    model,
    sequenceLength: n,
    seed,
    parameters: PARAMETERS[model](n),
    learningRate: 1e-3,
    configuration: {
      model,
      sequenceLength: n,
      channels: 32,
      hidden: 128,
      blocks: 8,
      vocabulary: 10_000,
      dropout: 0.1,
    },
    flopsPerSequence: 1e6 * n,
    realTokenShare: Math.min(1, 190 / n),
    epochs,
    bestEpoch: options.epochs - 1 || 1,
    secondsPerEpoch: sorted[sorted.length >> 1],
    peakMemoryBytes: 9e7 + (model === 'standard' ? 1.2 * n * n * 32 * 4 : 32_000 * 8 * 4 * n * 0.3),
    test: {
      ...test,
      accuracyInterval: [...test.accuracyInterval],
      confusion: test.confusion.map((row) => [...row]),
    },
    predictions,
    confidence,
  };
}

/** Gives a trial other answers, and the figures that follow from them. */
export function withAnswers(trial: Trial, labels: readonly number[], predictions: readonly number[]): void {
  const classes = trial.test.confusion.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  labels.forEach((label, i) => {
    confusion[label][predictions[i]]++;
  });
  const right = confusion.reduce((sum, row, c) => sum + row[c], 0);
  trial.predictions = [...predictions];
  Object.assign(trial.test, {
    confusion,
    accuracy: right / labels.length,
    accuracyInterval: wilsonInterval(right, labels.length),
  });
}

export function fakeResults(given: FakeOptions = {}): Results {
  const options: Required<FakeOptions> = {
    models: ['elastic-fourier', 'standard', 'bag'],
    lengths: [256, 512, 1024],
    seeds: 3,
    items: 600,
    epochs: 6,
    classes: ['ham', 'spam'],
    ...given,
  };
  const { models, lengths, seeds, items, epochs, classes } = options;
  const labels = Array.from({ length: items }, (_, i) => (i % 10 < 7 ? 0 : 1 + (i % (classes.length - 1))));
  return makeResults({
    command: `eft compare --lengths ${lengths.join(',')} --seeds ${seeds}`,
    protocol: {
      data: 'spam-assassin',
      input: 'text',
      testItems: '0123456789abcdef',
      splits: { train: 2620, validation: 300, test: items },
      classes: [...classes],
      testClasses: classes.map((_, c) => labels.filter((label) => label === c).length),
      epochs,
      batchSize: 32,
      tokenizer: 'words',
      long: 'head',
      vocabulary: 10_000,
      weightDecay: 0.01,
      clipNorm: 1,
      warmupShare: 0.1,
      classWeights: 'none',
      select: 'accuracy',
      learningRates: Object.fromEntries(models.map((model) => [model, 1e-3])),
    },
    machine: { node: 'v20.19.0', cpu: 'Fake CPU @ 2.60GHz', threads: 2, tier: 'simd-threads' },
    testLabels: labels,
    trials: lengths.flatMap((n) =>
      models.flatMap((model) =>
        Array.from({ length: seeds }, (_, seed) => fakeTrial(model, n, seed, labels, options)),
      ),
    ),
    tuning: models.flatMap((model) =>
      [3e-4, 1e-3, 3e-3].map((learningRate) => ({
        model,
        sequenceLength: lengths[0],
        learningRate,
        epochs,
        validation: { accuracy: 0.95 - 10 * Math.abs(learningRate - 1e-3), loss: 0.2 },
      })),
    ),
  });
}
