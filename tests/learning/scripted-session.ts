/**
 * A session that computes next to nothing: losses and scores follow a script, and its one weight mixes everything
 * that a step is given, so that two trainings that differ in any batch, key or rate end with other weights.
 */
import type { AdamW, Batch, Forward, Profile, Session, StepKey, StepResult } from '#eft/engine/engine.js';

export interface Script {
  /** Loss of the step that follows `step` others. Default 1. */
  loss?(step: number): number;
  gradientNorm?(step: number): number;
  /** Share of right answers and loss of the k-th validation, from 0. Default: 1 and 1. */
  validation?(k: number): { correct: number; loss: number };
}

export class ScriptedSession implements Session {
  readonly training = true;
  readonly plannedBytes = 0;
  /** What every step was given. */
  readonly steps: {
    readonly key: StepKey;
    readonly labels: number[];
    readonly lossWeights: number[] | undefined;
    readonly learningRate: number;
  }[] = [];
  weight = 0;
  moment_ = 0;
  #validations: number;
  readonly #script: Script;

  /** @param validations how many have been before */
  constructor(script: Script = {}, validations = 0) {
    this.#script = script;
    this.#validations = validations;
  }

  async parameter(): Promise<Float32Array> {
    return Float32Array.of(this.weight);
  }

  async setParameter(_: string, [value]: ArrayLike<number> & Iterable<number>): Promise<void> {
    this.weight = value;
  }

  async moment(): Promise<Float32Array> {
    return Float32Array.of(this.moment_);
  }

  async setMoment(
    _which: 'm' | 'v',
    _name: string,
    [value]: ArrayLike<number> & Iterable<number>,
  ): Promise<void> {
    this.moment_ = value;
  }

  async gradient(): Promise<Float32Array> {
    return Float32Array.of(0);
  }

  /** Two classes; the label decides the right one. The whole validation comes in one call if it is small. */
  async forward({ labels }: Batch): Promise<Forward> {
    const { correct, loss } = this.#script.validation?.(this.#validations++) ?? { correct: 1, loss: 1 };
    const right = Math.round(correct * labels.length);
    const logits = new Float32Array(2 * labels.length);
    labels.forEach((label, i) => {
      logits[2 * i + (i < right ? label : 1 - label)] = 1;
    });
    return { logits, losses: new Float32Array(labels.length).fill(loss) };
  }

  backward(): Promise<StepResult> {
    throw new Error('no part of a training');
  }

  update(): Promise<void> {
    throw new Error('no part of a training');
  }

  profile(): Promise<Profile> {
    throw new Error('no part of a training');
  }

  async step(
    { tokens, labels, lossWeights }: Batch,
    key: StepKey,
    { learningRate }: AdamW,
  ): Promise<StepResult> {
    const loss = this.#script.loss?.(key.step) ?? 1;
    const gradientNorm = this.#script.gradientNorm?.(key.step) ?? 1;
    if (!Number.isFinite(loss + gradientNorm)) return { loss, gradientNorm, correct: 0 };
    this.steps.push({ key, labels: [...labels], lossWeights: lossWeights && [...lossWeights], learningRate });
    const sum = tokens.reduce((total, token, i) => total + token * (i + 1), 0);
    this.moment_ = Math.fround(0.9 * this.moment_ + Math.sin(sum + key.step + key.seed));
    this.weight = Math.fround(this.weight - learningRate * this.moment_);
    return { loss, gradientNorm, correct: 1 };
  }

  async dispose(): Promise<void> {}
}
