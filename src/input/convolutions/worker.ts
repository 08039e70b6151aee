/** What a thread does that shares in a batch of signals: takes one after the other until none is left. */
import { type FeaturePlan, featuresOf } from './plan.js';
import { Transform } from './transform.js';

/** A batch of signals in shared memory. */
export interface ConvolutionTask {
  readonly module: WebAssembly.Module;
  readonly plan: FeaturePlan;
  /** All signals, one after the other. */
  readonly values: Float32Array;
  /** `offsets[i] … offsets[i + 1]`: the numbers of signal i. */
  readonly offsets: Float64Array;
  /** [signals, features] */
  readonly features: Float32Array;
  /** The signal that is taken next. */
  readonly next: Int32Array;
}

/** Works on the next signal; false when none is left. */
export function takeNext(
  { plan, values, offsets, features, next }: ConvolutionTask,
  own: Transform,
): boolean {
  const i = Atomics.add(next, 0, 1);
  if (i >= offsets.length - 1) return false;
  const width = featuresOf(plan);
  own.transform(values.subarray(offsets[i], offsets[i + 1]), features.subarray(i * width, (i + 1) * width));
  return true;
}

export type ConvolutionMessage = { readonly kind: 'done' };

export function serveConvolutions(task: ConvolutionTask, send: (message: ConvolutionMessage) => void): void {
  const own = new Transform(task.module, task.plan);
  while (takeNext(task, own));
  send({ kind: 'done' });
}
