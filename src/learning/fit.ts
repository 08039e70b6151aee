/**
 * The training loop over a session: epochs of shuffled batches, validation, best epoch, early stopping. All that
 * decides weights is in the state and the settings, so a loop that continues from a state ends with the same bits.
 */
import { augmentBatch } from '../data/augment.js';
import { balancedWeights } from '../data/classWeights.js';
import { epochOrder } from '../data/order.js';
import { batchesAhead, type DataSource } from '../data/source.js';
import type { Session } from '../engine/engine.js';
import { FailureError, InterruptedError } from '../errors.js';
import { safeTemperature } from '../evaluation/calibration.js';
import type { LabelDecision } from '../evaluation/labelDecision.js';
import type { EpochRecord, ValidationScore } from '../formats/history.js';
import type { Selection, TrainingSettings } from '../model/trainingSettings.js';
import { byExample, forwardDataset, scoreOf } from './forward.js';
import { labelWeights, validatedLabels, weightedTargets } from './labelTraining.js';
import { learningRateAt } from './schedule.js';

/** Where a training stands; plain JSON. */
export interface FitState {
  /** Epochs finished. */
  epoch: number;
  /** Batches of the current epoch that are done. */
  batch: number;
  /** Steps done in all. */
  step: number;
  /** Sums over the current epoch so far. */
  lossSum: number;
  correct: number;
  seconds: number;
  history: EpochRecord[];
  /** The best of `history`; 0 = none yet. */
  bestEpoch: number;
  /** Early stopping has ended it. */
  stopped: boolean;
}

export const initialState = (): FitState => ({
  epoch: 0,
  batch: 0,
  step: 0,
  lossSum: 0,
  correct: 0,
  seconds: 0,
  history: [],
  bestEpoch: 0,
  stopped: false,
});

export interface StepEvent {
  /** Steps done, including this one. */
  readonly step: number;
  readonly totalSteps: number;
  /** From 1. */
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
  /** Mean over the batch, before the step; and the share of it that was right. */
  readonly loss: number;
  readonly accuracy: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
}

export interface FitHooks {
  onStep?(event: StepEvent): void;
  /**
   * An epoch was validated; `best`: better than all before, its weights are in the session now.
   * @param judges by which
   */
  onEpoch?(record: EpochRecord, state: FitState, best: boolean, judges: JudgedLogits): Promise<void>;
  /** Stopped between two steps by the signal: the session and the state are of one moment. */
  onInterrupt?(state: FitState): Promise<void>;
}

/** What the loop trains: an engine's session, or anything else that learns in steps. */
export interface Trainable extends Pick<Session, 'step' | 'forward'> {
  /** What validation says; default: of what `forward` gives for the validation examples. */
  validate?(): Promise<Validated>;
}

/** What was said of examples that were left out: logits [examples, classes], and their classes. */
export interface LeftOutLogits {
  readonly logits: Float64Array;
  readonly labels: Int32Array;
}

/** A score, and what a temperature follows from where the model is not calibrated by itself. */
export interface Validated extends ValidationScore {
  /** Of any number of labels, where the model does not say it by itself. */
  readonly decision?: LabelDecision;
}

export interface JudgedLogits {
  /** What a temperature follows from, where the model is not calibrated by itself. */
  readonly leftOut?: LeftOutLogits;
  /** As the logits become scores, where it is. */
  readonly calibrated?: LeftOutLogits;
}

export interface Validated extends ValidationScore, JudgedLogits {}

export interface FitOptions {
  readonly session: Trainable;
  readonly classes: number;
  /** Of signals, which are changed a little in training: numbers a step. */
  readonly channels?: number;
  /** Of those that are spectra: bands of a channel. */
  readonly bands?: number;
  readonly train: DataSource;
  readonly validation: DataSource;
  readonly settings: TrainingSettings;
  /** Continues here; the session holds the weights and moments of that moment. */
  readonly state?: FitState;
  readonly hooks?: FitHooks;
  readonly signal?: AbortSignal;
}

/** By accuracy (of several labels micro F1) or macro F1 the higher one, of equal ones the one with less loss; by loss the lower one. */
export function isBetter(a: ValidationScore, b: ValidationScore, select: Selection = 'accuracy'): boolean {
  const of = ({ accuracy, macroF1 = 0, microF1 = accuracy }: ValidationScore): number =>
    select === 'accuracy' ? microF1 : select === 'macro-f1' ? macroF1 : 0;
  return of(a) > of(b) || (of(a) === of(b) && a.loss < b.loss);
}

/** By the validation examples, which no training has seen. */
async function byForward({ session, validation, classes, settings }: FitOptions): Promise<Validated> {
  const leftOut = byExample(await forwardDataset(session, validation, classes), validation, classes);
  if (validation.sets !== undefined) {
    return validatedLabels(leftOut.logits, validation, classes, settings.thresholdFor);
  }
  return { ...scoreOf(leftOut, leftOut.labels, classes), leftOut };
}

function refuseDivergence({ epoch }: FitState, step: number, what: string): never {
  const kept = epoch === 0 ? 'No epoch was finished' : `The checkpoint of epoch ${epoch} is kept`;
  throw new FailureError(
    `training diverged at step ${step}: the ${what}. ${kept}. Try a lower learning rate (--learning-rate) or gradient clipping (--clip-norm 1)`,
    'diverged',
  );
}

/**
 * Throws FailureError if the loss or its gradient is no longer finite (the weights are then those before the step),
 * InterruptedError when the signal is raised.
 */
export async function fit(options: FitOptions): Promise<FitState> {
  const { session, classes, channels, bands, train, settings, hooks = {}, signal } = options;
  const state = structuredClone(options.state ?? initialState());
  const count = train.labels.length;
  const batches = Math.ceil(count / settings.batchSize);
  const totalSteps = settings.epochs * batches;
  const balanced = settings.classWeights !== 'none';
  const classWeights =
    balanced && train.sets === undefined ? balancedWeights(train.labels, classes) : undefined;
  const perLabel = balanced && train.sets !== undefined ? labelWeights(train.labels, train.sets) : undefined;
  while (state.epoch < settings.epochs && !state.stopped) {
    const order = epochOrder(settings.seed, state.epoch, count);
    let started = performance.now();
    const spend = (): void => {
      const now = performance.now();
      state.seconds += (now - started) / 1000;
      started = now;
    };
    for await (const gathered of batchesAhead(train, order, settings.batchSize, state.batch)) {
      if (signal?.aborted) {
        spend();
        await hooks.onInterrupt?.(state);
        throw new InterruptedError(`stopped after step ${state.step} of ${totalSteps}`);
      }
      const batch =
        classWeights === undefined
          ? perLabel === undefined
            ? gathered
            : weightedTargets(gathered, perLabel)
          : { ...gathered, lossWeights: Float32Array.from(gathered.labels, (label) => classWeights[label]) };
      const learningRate = learningRateAt(settings, state.step, totalSteps);
      const { seed, beta1, beta2, epsilon, weightDecay, clipNorm } = settings;
      const { timeShift, timeStretch, timeMask, timeCrop, bandMask, gain, mixup } = settings;
      const augmentation = { timeShift, timeStretch, timeMask, timeCrop, bandMask, gain, mixup };
      const key = { seed, step: state.step };
      const optimizer = { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm };
      const { loss, gradientNorm, correct } = await session.step(
        channels === undefined ? batch : augmentBatch(batch, { channels, bands }, augmentation, key),
        key,
        optimizer,
      );
      if (!Number.isFinite(loss)) refuseDivergence(state, state.step + 1, `loss became ${loss}`);
      if (!Number.isFinite(gradientNorm)) {
        refuseDivergence(state, state.step + 1, `gradient became ${gradientNorm}`);
      }
      state.step++;
      state.batch++;
      state.lossSum += loss * batch.labels.length;
      state.correct += correct;
      hooks.onStep?.({
        step: state.step,
        totalSteps,
        epoch: state.epoch + 1,
        batch: state.batch,
        batches,
        loss,
        accuracy: correct / batch.labels.length,
        gradientNorm,
        learningRate,
      });
    }
    spend();
    const { leftOut, calibrated, decision, ...score } = (await session.validate?.()) ?? (await byForward(options));
    if (!Number.isFinite(score.loss))
      refuseDivergence(state, state.step, `validation loss became ${score.loss}`);
    const leader = state.history[state.bestEpoch - 1];
    const best = leader === undefined || isBetter(score, leader.validation, settings.select);
    const record: EpochRecord = {
      epoch: state.epoch + 1,
      seconds: state.seconds,
      trainLoss: state.lossSum / count,
      trainAccuracy: state.correct / count,
      validation: score,
      ...(best && decision ? { decision } : {}),
      ...(best && leftOut ? { temperature: safeTemperature(leftOut.logits, leftOut.labels, classes) } : {}),
    };
    state.history.push(record);
    if (best) state.bestEpoch = record.epoch;
    Object.assign(state, { epoch: state.epoch + 1, batch: 0, lossSum: 0, correct: 0, seconds: 0 });
    state.stopped = settings.patience > 0 && state.epoch - state.bestEpoch >= settings.patience;
    await hooks.onEpoch?.(record, state, best, {
      ...(leftOut ? { leftOut } : {}),
      ...(calibrated ? { calibrated } : {}),
    });
  }
  return state;
}
