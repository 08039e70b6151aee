/** What a detector learns from: recordings with the times of their events, or clips of which each is one. */

/** Steps from … to − 1 at which a class is active; `class` counts from 1, 0 is the background. */
export interface MarkedEvent {
  readonly class: number;
  readonly from: number;
  readonly to: number;
}

/** Samples of one channel at the model's rate. */
export interface MarkedRecording {
  readonly name: string;
  readonly values: Float32Array;
  /** In order of their beginning. */
  readonly events: readonly MarkedEvent[];
}

/** One sound of a class; of class 0 it is a background. */
export interface Clip {
  readonly class: number;
  readonly values: Float32Array;
}
