/**
 * The control block: how the main thread and the workers talk during a step, by atomics alone, no messages.
 * Integers first, then float64 settings of the step.
 */

/** Places in the Int32Array over the control block. */
export const CONTROL = {
  /** Raised by the main thread for each command; workers wait on it. */
  generation: 0,
  command: 1,
  /** Next piece of work to be claimed. One counter a phase, so that none has to be reset between phases. */
  claim: 2,
  barrierCount: 16,
  barrierGeneration: 17,
  /** Workers that have finished the command. */
  finished: 18,
  /** Raised by the last worker to finish; the main thread waits on it. */
  done: 19,
  /** 1: a worker failed; all give up. */
  failed: 20,
  batch: 21,
  shardCount: 22,
  seed: 23,
  step: 24,
} as const;

/** Places in the Float64Array over the second half of the control block. */
export const SETTINGS = {
  learningRate: 0,
  beta1: 1,
  beta2: 2,
  epsilon: 3,
  weightDecay: 4,
  clipNorm: 5,
  /** Written by worker 0: the norm of the mean gradient. */
  gradientNorm: 6,
} as const;

export const COMMAND = { forward: 1, backward: 2, step: 3, exit: 4, update: 5, profile: 6 } as const;
export type Command = (typeof COMMAND)[keyof typeof COMMAND];

const HALF = 256;
export const CONTROL_BYTES = 2 * HALF;

export interface Control {
  readonly integers: Int32Array;
  readonly settings: Float64Array;
}

export function controlViews(buffer: ArrayBufferLike, at: number): Control {
  return {
    integers: new Int32Array(buffer, at, HALF / 4),
    settings: new Float64Array(buffer, at + HALF, HALF / 8),
  };
}

/** Thrown in workers that wait for one that failed. */
export class PeerFailed extends Error {}

/** Spins this often before it sleeps: the workers mostly arrive within microseconds of one another. */
const SPINS = 2000;

/** Waits until all threads are here. */
export function barrier(integers: Int32Array, threads: number): void {
  if (threads === 1) return;
  const { barrierCount, barrierGeneration, failed } = CONTROL;
  const generation = Atomics.load(integers, barrierGeneration);
  if (Atomics.add(integers, barrierCount, 1) === threads - 1) {
    Atomics.store(integers, barrierCount, 0);
    Atomics.add(integers, barrierGeneration, 1);
    Atomics.notify(integers, barrierGeneration);
    return;
  }
  for (let spin = 0; spin < SPINS; spin++) {
    if (Atomics.load(integers, barrierGeneration) !== generation) break;
  }
  while (Atomics.load(integers, barrierGeneration) === generation) {
    Atomics.wait(integers, barrierGeneration, generation);
  }
  if (Atomics.load(integers, failed) === 1) throw new PeerFailed();
}

/** A worker failed: wakes those that wait at the barrier, which then give up too. */
export function raiseFailure(integers: Int32Array): void {
  Atomics.store(integers, CONTROL.failed, 1);
  Atomics.add(integers, CONTROL.barrierGeneration, 1);
  Atomics.notify(integers, CONTROL.barrierGeneration);
}
