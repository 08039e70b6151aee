/** Training settings that suit a family (model/trainingSettings.ts has the ranges and the other defaults). */
export interface Recipe {
  /** Peak of the schedule. */
  readonly learningRate: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly weightDecay?: number;
  readonly beta2?: number;
  readonly warmupShare?: number;
  /** Default: a third of the epochs, at least 6. */
  readonly patience?: number;
  /** What makes an epoch the best on validation. */
  readonly select?: 'accuracy' | 'macro-f1' | 'loss';
  readonly timeShift?: number;
  readonly timeStretch?: number;
  readonly timeMask?: number;
  readonly bandMask?: number;
  readonly timeCrop?: number;
  readonly gain?: number;
  readonly mixup?: number;
}
