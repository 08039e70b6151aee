/** What the training loop does otherwise where examples have any number of labels. */
import { exampleLabels } from '../data/encoded.js';
import { type LabelSets, supportsOf, targetsOfSets } from '../data/labelSets.js';
import type { DataSource } from '../data/source.js';
import type { Batch } from '../engine/engine.js';
import {
  decided,
  decidedHead,
  type LabelDecision,
  parseThresholdGoal,
  settleDecision,
} from '../evaluation/labelDecision.js';
import type { ValidationScore } from '../formats/history.js';
import type { TrainedModel } from '../formats/trainedModel.js';
import { labelScoreOf } from './forward.js';

/** The score of examples that were left out, by what is settled on them: calibration and thresholds. */
export function validatedLabels(
  logits: Float64Array,
  validation: Pick<DataSource, 'labels' | 'inputs' | 'sets'>,
  classes: number,
  thresholdFor: string,
): ValidationScore & { readonly macroF1: number; readonly decision: LabelDecision } {
  const targets = targetsOfSets(exampleLabels(validation), validation.sets!);
  const goal = parseThresholdGoal(thresholdFor) ?? { score: 'f1' };
  const decision = settleDecision({ logits, targets, classes }, goal);
  const score = labelScoreOf({ logits: decided(logits, decision), targets, classes }, decision.thresholds);
  return { ...score, decision };
}

/** The model with calibrated scores, and when it answers each label. */
export function decidedModel(
  trained: TrainedModel,
  decision: LabelDecision,
  thresholdFor: string,
): TrainedModel {
  const { linear, parameters } = trained;
  const deep = parameters.size > 0;
  return {
    ...trained,
    temperature: 1,
    decision: { thresholds: [...decision.thresholds], for: thresholdFor },
    ...(deep ? { parameters: decidedHead(parameters, decision) } : {}),
    // The shift is wanted once.
    ...(linear === undefined
      ? {}
      : { linear: { ...linear, parameters: decidedHead(linear.parameters, decision, !deep) } }),
  };
}

/** More than this says nothing but that there are few. */
const MOST_WEIGHT = 20;

/** By label, how much an example with it counts and one without: together as much. */
export function labelWeights(
  labels: Int32Array,
  sets: LabelSets,
): { readonly with: Float64Array; readonly without: Float64Array } {
  const supports = supportsOf(labels, sets);
  const all = labels.length;
  const weight = (some: number): number => Math.min(MOST_WEIGHT, all / Math.max(1, 2 * some));
  return { with: supports.map(weight), without: supports.map((support) => weight(all - support)) };
}

/** The batch with the weights of its targets. */
export function weightedTargets(batch: Batch, weights: ReturnType<typeof labelWeights>): Batch {
  const { targets } = batch;
  if (targets === undefined) return batch;
  const classes = weights.with.length;
  const targetWeights = targets.map((target, at) => {
    const c = at % classes;
    return target * weights.with[c] + (1 - target) * weights.without[c];
  });
  return { ...batch, targetWeights };
}
