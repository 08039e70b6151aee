/** Writes down a training as it goes: metrics meanwhile, a checkpoint after each epoch and on interruption. */

import { leftOutOf } from '../evaluation/leftOut.js';
import type { EpochRecord } from '../formats/history.js';
import type { RunFolder } from '../formats/runFolder.js';
import type { TrainedModel } from '../formats/trainedModel.js';
import type { ModelConfiguration } from '../model/configuration.js';
import type { FitHooks, FitState, JudgedLogits, StepEvent } from './fit.js';
import { decidedModel } from './labelTraining.js';
import type { Trainer } from './methods/method.js';

/** Step losses are written to metrics.jsonl this often. */
const METRICS_EVERY = 10;

export interface RecorderHooks {
  onStep?(event: StepEvent): void;
  onEpoch?(record: EpochRecord, best: boolean): void;
}

export class Recorder {
  /** The model of the best epoch so far. */
  best: TrainedModel;
  readonly #trainer: Trainer;
  readonly #model: ModelConfiguration;
  readonly #folder: RunFolder | undefined;
  readonly #thresholdFor: string;
  #pending: object[] = [];
  /** Metrics on their way to the file, in order. */
  #writing = Promise.resolve();

  /** @param folder undefined: only the best model is kept */
  constructor(
    trainer: Trainer,
    model: ModelConfiguration,
    best: TrainedModel,
    folder: RunFolder | undefined,
    thresholdFor = 'f1',
  ) {
    this.#thresholdFor = thresholdFor;
    this.#trainer = trainer;
    this.#model = model;
    this.#folder = folder;
    this.best = best;
  }

  /** Hooks for `fit` that record, then tell others. */
  hooks(others: RecorderHooks): FitHooks {
    return {
      onStep: (event) => {
        this.#step(event);
        others.onStep?.(event);
      },
      onEpoch: async (record, state, best, judges) => {
        await this.#epoch(record, state, best, judges);
        others.onEpoch?.(record, best);
      },
      onInterrupt: async (state) => {
        await this.#writing;
        await this.#flush();
        await this.#save(state);
      },
    };
  }

  /** Waits for what is being written; a fault was thrown where it happened. */
  async written(): Promise<void> {
    await this.#writing.catch(() => {});
  }

  #step({ step, epoch, loss, learningRate, gradientNorm }: StepEvent): void {
    if (step % METRICS_EVERY !== 0) return;
    this.#pending.push({ type: 'step', step, epoch, loss, learningRate, gradientNorm });
    // Written while it trains, so that others can watch; a fault is kept for the end of the epoch.
    this.#writing = this.#writing.then(() => this.#flush());
    this.#writing.catch(() => {});
  }

  async #epoch(record: EpochRecord, state: FitState, best: boolean, judges: JudgedLogits): Promise<void> {
    await this.#writing;
    // One that is calibrated says so itself.
    if (best) {
      const trained = { temperature: record.temperature, ...(await this.#trainer.model()) };
      const { decision } = record;
      this.best =
        decision === undefined
          ? { ...trained, leftOut: this.#leftOutBy(trained, judges) }
          : decidedModel(trained, decision, this.#thresholdFor);
    }
    this.#pending.push({ type: 'epoch', step: state.step, ...record, best });
    await this.#flush();
    await this.#save(state);
    if (best) await this.#folder?.writeModel(this.#model, this.best, state.bestEpoch);
  }

  /** What the model says of the examples that judged it. */
  #leftOutBy(
    { temperature = 1 }: TrainedModel,
    { leftOut, calibrated }: JudgedLogits,
  ): TrainedModel['leftOut'] {
    const { classes } = this.#model;
    if (calibrated !== undefined) return leftOutOf(calibrated.logits, calibrated.labels, classes);
    if (leftOut === undefined) return undefined;
    const logits = this.#trainer.validated?.().logits ?? leftOut.logits.map((logit) => logit / temperature);
    return leftOutOf(logits, leftOut.labels, classes);
  }

  async #flush(): Promise<void> {
    const records = this.#pending;
    this.#pending = [];
    await this.#folder?.appendMetrics(records);
  }

  async #save(state: FitState): Promise<void> {
    if (this.#folder === undefined) return;
    const { shapes } = this.#trainer;
    const kept = await this.#trainer.kept();
    await this.#folder.writeCheckpoint(this.#model, shapes, { kept, best: this.best, state });
  }
}
