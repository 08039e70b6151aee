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
  /** A weight a sequence, by which its loss counts in `backward` and `step`. Length B. Absent: all 1. */
  readonly lossWeights?: Float32Array;
  /**
   * A second class a sequence, and its share of the target of `backward` and `step` (the label has the rest). Length B
   * each. Absent: no shares.
   */
  readonly mixed?: { readonly labels: Int32Array; readonly shares: Float32Array };
  /**
   * For programs whose loss is of any number of labels: what each should be, 0 … 1, [B, labels]; and by how much it counts.
   * Absent: 0, and all alike.
   */
  readonly targets?: Float32Array;
  readonly targetWeights?: Float32Array;
  /** Numbers of each row, for programs that read frames: as many a row as they say, one row a token. */
  readonly frames?: Float32Array;
}

export interface Forward {
  /** [B, classes], row-major; of a program that gives rows, those of all sequences, [tokens, columns]. */
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
  /** Mean loss over the batch, each by its weight. NaN or infinite if training diverged; parameters are then left untouched. */
  readonly loss: number;
  /** Global L2 norm of the mean gradient, before clipping. */
  readonly gradientNorm: number;
  /** Sequences of the batch whose largest logit was the label; of any number of labels, whose logits had all the right signs. */
  readonly correct: number;
}

/** Milliseconds by kind of operation, summed over all threads. */
export type Profile = ReadonlyMap<string, number>;

/**
 * A training or inference in memory: parameters, and for training gradients and AdamW moments.
 *
 * All that touches this memory is asynchronous, reading and writing too: it may lie on another device. Calls do not
 * queue: await one before the next. What overlaps a running `forward`, `backward`, `update` or `step` is refused with
 * an internal error (the queue belongs above), and so is everything after `dispose`. Faults reject the promise.
 */
export interface Session {
  readonly training: boolean;
  /** Bytes of the arrays the session holds. */
  readonly plannedBytes: number;
  /** Copies out; `name` is a parameter's name. RangeError on an unknown name. */
  parameter(name: string): Promise<RealArray>;
  /** Copies in; the length must be that of the parameter, else RangeError. */
  setParameter(name: string, values: ArrayLike<number>): Promise<void>;
  /** AdamW's first (`m`) and second (`v`) moment of a parameter. Training only. */
  moment(which: 'm' | 'v', name: string): Promise<RealArray>;
  setMoment(which: 'm' | 'v', name: string, values: ArrayLike<number>): Promise<void>;
  /** Gradient of the mean weighted loss, left by the last `backward` or `step`, before clipping. Training only. */
  gradient(name: string): Promise<RealArray>;
  /** Forward only, dropout off. Any number of sequences. */
  forward(batch: Batch): Promise<Forward>;
  /** Forward and backward of the mean loss of the batch; changes no parameter. Training only. */
  backward(batch: Batch, key: StepKey): Promise<StepResult>;
  /**
   * Clips the gradients of the last `backward` and applies AdamW with the bias correction of `key.step`. Once for each
   * `backward`; parameters may have been set in between. Leaves all as it is where the gradient's norm is not finite.
   */
  update(optimizer: AdamW, key: StepKey): Promise<void>;
  /** `backward` and `update` in one, with the same bits, faster. */
  step(batch: Batch, key: StepKey, optimizer: AdamW): Promise<StepResult>;
  /** Where the time went since the session was opened, for one opened with `profile`. */
  profile(): Promise<Profile>;
  /** Ends its threads and lets go of its memory; a command that is running is broken off and rejects. */
  dispose(): Promise<void>;
}

export interface SessionOptions {
  /** Most sequences of a `backward` or `step`; `forward` takes any number, so many at once. */
  readonly maxBatch: number;
  /** Measures the time by kind of operation. Costs some of it. Default: false. */
  readonly profile?: boolean;
}

export interface Engine {
  readonly name: string;
  /** `float64`, `simd`, `relaxed-simd` or `simd-256`. */
  readonly tier: string;
  readonly threads: number;
  /** Engines of one arithmetic give the same bits, whatever their threads: `float64`, `float32` or `float32-fused`. */
  readonly arithmetic: string;
  /** A session that can train; `forward` uses the same loss without dropout. */
  createTraining(program: TrainingProgram, options: SessionOptions): Promise<Session>;
  /** A session for `forward` alone: needs a fraction of the memory. */
  createInference(program: Program, options: SessionOptions): Promise<Session>;
  /** Disposes of the sessions that are still open. */
  dispose(): Promise<void>;
}
