/** Something that happens in a recording, from … to. */
export interface TimedEvent {
  /** Seconds from the recording's beginning. */
  readonly onset: number;
  readonly offset: number;
  readonly label: string;
}

/** One that a model found. */
export interface FoundEvent extends TimedEvent {
  /** The largest of the frames' scores, 0 … 1. */
  readonly score: number;
}
