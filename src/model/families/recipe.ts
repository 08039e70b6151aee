/** Training settings that suit a family (learning/settings.ts has the ranges and the other defaults). */
export interface Recipe {
  /** Peak of the schedule. */
  readonly learningRate: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly weightDecay?: number;
  readonly beta2?: number;
  readonly warmupShare?: number;
  readonly timeShift?: number;
  readonly timeStretch?: number;
  readonly timeMask?: number;
  readonly timeCrop?: number;
  readonly gain?: number;
  readonly mixup?: number;
}
