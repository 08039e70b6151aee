/** The figures that the paper printed, to stand beside ours. Its data and machine are not named. */

export interface PaperRow {
  readonly model: string;
  readonly sequenceLength: number;
  readonly parameters: number;
  /** Fraction over half the length, as printed. */
  readonly growth: number;
  /** Set where the printed growth does not follow from the paper's own counts. */
  readonly trueGrowth?: number;
  /** Undefined where the paper says "TBD". */
  readonly secondsPerEpoch?: number;
  readonly accuracy?: number;
}

export const PAPER: readonly PaperRow[] = [
  {
    model: 'standard',
    sequenceLength: 512,
    parameters: 438_114,
    growth: 0.037,
    // 438,114 / 429,922 − 1
    trueGrowth: 0.019,
    secondsPerEpoch: 1091.43,
    accuracy: 0.8732,
  },
  {
    model: 'elastic-fourier',
    sequenceLength: 512,
    parameters: 751_978,
    growth: 0.227,
    secondsPerEpoch: 870.25,
    accuracy: 0.8736,
  },
  { model: 'standard', sequenceLength: 1024, parameters: 454_498, growth: 0.037 },
  { model: 'elastic-fourier', sequenceLength: 1024, parameters: 1_030_506, growth: 0.37 },
];

export function paperRow(model: string, sequenceLength: number): PaperRow | undefined {
  return PAPER.find((row) => row.model === model && row.sequenceLength === sequenceLength);
}
