/**
 * The contract of every engine: it runs programs over batches. It knows neither models nor data files.
 * `engine/reference` is the definition (float64, slow), `engine/wasm` the fast one.
 */
import type { Program, TrainingProgram } from '../program/program.js';

export type RealArray = Float32Array | Float64Array;

/** Sequences of one batch, real tokens only, one after the other. */
export interface Batch {
  /** Token ids of all sequences; id 0 (padding) does not occur. */
  readonly tokens: Int32Array;
  /** `offsets[b] … offsets[b + 1]`: the tokens of sequence b. Length B + 1. Every sequence has ≥ 1 token. */
  readonly offsets: Int32Array;
  /** Class index a sequence. Length B. May be all zero where labels are unknown. */
  readonly labels: Int32Array;
  /** A weight a token, for programs with a weighted sum. Absent: all 1. */
  readonly weights?: Float32Array;
}

export interface Forward {
  /** [B, classes], row-major. */
  readonly logits: RealArray;
  /** Cross-entropy (with the program's label smoothing) a sequence, [B]. */
  readonly losses: RealArray;
}

/** AdamW (Loshchilov & Hutter 2019, decoupled weight decay), as in torch.optim.AdamW. */
export interface AdamW {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients are scaled so that their global norm is at most this; 0 = off. */
  readonly clipNorm: number;
}

/** Keys of the counter-based generator for one training step (dropout). */
export interface StepKey {
  readonly seed: number;
  /** Steps done before this one: 0, 1, … AdamW's bias correction uses step + 1. */
  readonly step: number;
}

export interface StepResult {
  /** Mean loss over the batch. NaN or infinite if training diverged; parameters are then left untouched. */
  readonly loss: number;
  /** Global L2 norm of the mean gradient, before clipping. */
  readonly gradientNorm: number;
  /** Sequences of the batch whose largest logit was the label. */
  readonly correct: number;
}

/** A training or inference in memory: parameters, and for training gradients and AdamW moments. */
export interface Session {
  readonly training: boolean;
  /** Copies out; `name` is a parameter's name. Throws RangeError on an unknown name. */
  parameter(name: string): RealArray;
  /** Copies in; the length must be that of the parameter. */
  setParameter(name: string, values: ArrayLike<number>): void;
  /** AdamW's first (`m`) and second (`v`) moment of a parameter. Training only. */
  moment(which: 'm' | 'v', name: string): RealArray;
  setMoment(which: 'm' | 'v', name: string, values: ArrayLike<number>): void;
  /** Forward only, dropout off. Any number of sequences. */
  forward(batch: Batch): Promise<Forward>;
  /** Forward and backward of the mean loss of the batch; no update. Afterwards `gradient` reads. Training only. */
  backward(batch: Batch, key: StepKey): Promise<StepResult>;
  /** Gradient of the mean loss, left by the last `backward` or `step`. */
  gradient(name: string): RealArray;
  /** Forward, backward, clip, AdamW. Training only. */
  step(batch: Batch, key: StepKey, optimizer: AdamW): Promise<StepResult>;
  /** Bytes of the arrays the session holds. */
  readonly plannedBytes: number;
  dispose(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  /** `float64`, `simd`, `relaxed-simd` or `simd-256`. */
  readonly tier: string;
  readonly threads: number;
  /** A session that can train; `forward` uses the same loss without dropout. `maxBatch`: most sequences a step. */
  createTraining(program: TrainingProgram, options: { maxBatch: number }): Promise<Session>;
  /** A session for `forward` alone: needs a fraction of the memory. */
  createInference(program: Program, options: { maxBatch: number }): Promise<Session>;
  /** Ends all sessions and gives their memory back. */
  dispose(): Promise<void>;
}
