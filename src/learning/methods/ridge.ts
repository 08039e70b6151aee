/** Training by ridge regression in one step; of more examples than its products have room for, by gradients. */
import type { EncodedDataset } from '../../data/encoded.js';
import { joinSets } from '../../data/labelSets.js';
import { requireMemory } from '../../data/source.js';
import type { Forward } from '../../engine/engine.js';
import { cautiousTemperature } from '../../evaluation/calibration.js';
import { decidedHead, type LabelDecision } from '../../evaluation/labelDecision.js';
import { softmax } from '../../evaluation/metrics.js';
import { binaryEntropies } from '../../evaluation/multiLabel.js';
import type { ValidationScore } from '../../formats/history.js';
import { MOST_RIDGE_EXAMPLES } from '../../model/families/rocket.js';
import { scoreOf } from '../forward.js';
import { validatedLabels } from '../labelTraining.js';
import { fitRidge } from '../solvers/ridge.js';
import { gradient } from './gradient.js';
import type { Trainer, TrainingTask } from './method.js';

/** What a solution is: the head of the program, and how it did on examples left out. */
interface Head {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly score: Required<Pick<ValidationScore, 'accuracy' | 'loss' | 'macroF1'>> &
    Pick<ValidationScore, 'microF1'>;
  /** Of any number of labels. */
  readonly decision?: LabelDecision;
  /** How many times some were left out, and what was said of them. */
  readonly folds: number;
  readonly leftOut?: Float64Array;
}

export async function ridge(task: TrainingTask): Promise<Trainer> {
  const { model, encoder, folds, keptApart, settings } = task;
  const [train, validation] = [requireMemory(task.train), requireMemory(task.validation)];
  if (train.labels.length > MOST_RIDGE_EXAMPLES) return gradient(task);
  const { classes } = model;
  let head: Head = {
    weight: new Float32Array((train.frames!.length / train.labels.length) * classes),
    bias: new Float32Array(classes),
    score: { accuracy: 0, loss: 0, macroF1: 0 },
    folds: 0,
  };
  let solved = false;
  return {
    shapes: [
      { name: 'weight', shape: [head.weight.length] },
      { name: 'bias', shape: [classes] },
    ],
    async step({ labels }) {
      if (!solved) head = headOf(train, classes, settings.thresholdFor);
      solved = true;
      const { loss, accuracy } = head.score;
      return { loss, gradientNorm: 0, correct: Math.round(accuracy * labels.length) };
    },
    ...(folds === undefined
      ? {}
      : {
          // The solution says what each example gets from a model without it.
          validate: async () => ({
            ...head.score,
            crossValidation: { folds: head.folds, examples: train.labels.length },
            ...(head.leftOut ? { calibrated: { logits: head.leftOut, labels: train.labels } } : {}),
          }),
        }),
    forward: async ({ frames, labels, targets }) => forward(head, frames!, labels, targets),
    async kept() {
      return new Map([
        ['weight', head.weight],
        ['bias', head.bias],
      ]);
    },
    async restore(kept) {
      head = { ...head, weight: kept.get('weight')!, bias: kept.get('bias')! };
    },
    async model() {
      // The validation part has done its work: what it could teach is not thrown away.
      const last =
        solved && keptApart ? headOf(joined(train, validation), classes, settings.thresholdFor) : head;
      const { decision } = last;
      return {
        ...(decision
          ? { decision: { thresholds: [...decision.thresholds], for: settings.thresholdFor } }
          : {}),
        encoder,
        parameters: new Map([
          ['head.weight', last.weight],
          ['head.bias', last.bias],
        ]),
      };
    },
    async dispose() {},
  };
}

type Solvable = Pick<EncodedDataset, 'frames' | 'labels' | 'sets'>;

function joined(a: EncodedDataset, b: EncodedDataset): Solvable {
  const frames = new Float32Array(a.frames!.length + b.frames!.length);
  frames.set(a.frames!);
  frames.set(b.frames!, a.frames!.length);
  if (a.sets === undefined || b.sets === undefined) {
    return { frames, labels: Int32Array.of(...a.labels, ...b.labels) };
  }
  const { numbers, sets } = joinSets([a.labels, a.sets], [b.labels, b.sets]);
  return { frames, labels: numbers, sets };
}

/** Its scores, scaled so that their softmax says how often they are right: by examples left out. */
function headOf({ frames, labels, sets }: Solvable, classes: number, thresholdFor: string): Head {
  const { weight, bias, leftOut, folds } = fitRidge({ features: frames!, labels, classes, sets });
  if (sets !== undefined) {
    const { decision, ...score } = validatedLabels(leftOut, { labels, sets }, classes, thresholdFor);
    const head = decidedHead(
      new Map([
        ['head.weight', weight],
        ['head.bias', bias],
      ]),
      decision,
    );
    const own = { weight: head.get('head.weight')!, bias: head.get('head.bias')! };
    return { ...own, score, folds, decision };
  }
  const factor = 1 / cautiousTemperature(leftOut, labels, classes);
  const scores = leftOut.map((score) => factor * score);
  const score = scoreOf({ logits: scores, losses: lossesOf(scores, labels) }, labels, classes);
  return {
    weight: weight.map((value) => factor * value),
    bias: bias.map((value) => factor * value),
    score,
    folds,
    leftOut: scores,
  };
}

function forward(
  { weight, bias }: Head,
  frames: Float32Array,
  labels: Int32Array,
  targets?: Float32Array,
): Forward {
  const classes = bias.length;
  const width = weight.length / classes;
  const logits = new Float64Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    for (let c = 0; c < classes; c++) {
      let sum = bias[c];
      for (let f = 0; f < width; f++) sum += weight[c * width + f] * frames[i * width + f];
      logits[i * classes + c] = sum;
    }
  }
  const losses = targets ? binaryEntropies({ logits, targets, classes }) : lossesOf(logits, labels);
  return { logits, losses };
}

/** Cross-entropy of each example. */
function lossesOf(logits: Float64Array, labels: Int32Array): Float64Array {
  const classes = logits.length / labels.length;
  return Float64Array.from(
    labels,
    (label, i) =>
      -Math.log(Math.max(1e-300, softmax(logits.subarray(i * classes, (i + 1) * classes))[label])),
  );
}
