/** What a running job tells of itself. */
export interface JobProgress {
  /** What is done, 0 … 1. */
  readonly share: number;
  readonly note: string;
}
