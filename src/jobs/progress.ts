/** How far a job is. */
export interface JobProgress {
  /** What is done, 0 … 1. */
  readonly share: number;
  readonly note: string;
}
