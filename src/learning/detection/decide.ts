/** From scores to events: smoothing, thresholds, least durations, as they find most in validation recordings. */
import {
  type ComparedRecording,
  countEvents,
  type EventInterval,
  scoreOfCounts,
} from '../../evaluation/events.js';
import type { ClassDecision, EventDecision } from '../../model/eventDecision.js';

/** A validation recording: scores of its rows, [rows, classes], and what is true of it. */
export interface ScoredRecording {
  readonly scores: Float64Array;
  readonly truth: readonly EventInterval[];
}

const SMOOTHING = [1, 5, 9, 15];
const THRESHOLDS = [
  0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9,
];
/** The lower threshold, as a share of the upper one. */
const LOW = [0.4, 0.7, 1];
/** Least durations, as a share of the shortest that are usual. */
const LEAST = [0, 0.35, 0.7];
/** Gaps that are closed, seconds. */
const GAPS = [0, 0.15];
/** Where validation knows no event of a class. */
const UNKNOWN = { threshold: 0.5, low: 0.35 } as const;

/** The tenth part of the durations that are shorter than all others ends here. */
function usualLeast(durations: readonly number[]): number {
  const sorted = durations.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 10)] ?? 0;
}

/**
 * @param durations of the training events of each class, seconds
 * @param rate rows a second
 */
export function chooseDecision(
  recordings: readonly ScoredRecording[],
  classes: readonly string[],
  durations: readonly (readonly number[])[],
  rate: number,
): EventDecision {
  const shortest = Math.min(
    ...durations
      .slice(1)
      .map(usualLeast)
      .filter((seconds) => seconds > 0),
    1,
  );
  const candidates = SMOOTHING.filter((rows) => rows === 1 || rows / rate <= shortest * 1.2).map(
    (smoothing) => {
      const chosen = classes.map((label, c) =>
        c === 0
          ? { f1: 0, weight: 0, decision: decisionOf(UNKNOWN, 0, 0) }
          : chooseClass(recordings, label, c, classes.length, smoothing, durations[c], rate),
      );
      const score = chosen.reduce((sum, { f1, weight }) => sum + f1 * weight, 0);
      return { score, decision: { smoothing, classes: chosen.map(({ decision }) => decision) } };
    },
  );
  return candidates.reduce((best, one) => (one.score > best.score + 1e-9 ? one : best)).decision;
}

function decisionOf(
  { threshold, low }: Pick<ClassDecision, 'threshold' | 'low'>,
  least: number,
  gap: number,
): ClassDecision {
  const rounded = (value: number): number => Math.round(1e4 * value) / 1e4;
  return { threshold: rounded(threshold), low: rounded(low), least: rounded(least), gap: rounded(gap) };
}

interface Chosen {
  readonly f1: number;
  /** True events. */
  readonly weight: number;
  readonly decision: ClassDecision;
}

function chooseClass(
  recordings: readonly ScoredRecording[],
  label: string,
  c: number,
  classes: number,
  smoothing: number,
  durations: readonly number[],
  rate: number,
): Chosen {
  const shortest = usualLeast(durations);
  const own = recordings.map(({ scores, truth }) => ({
    column: smoothed(column(scores, c, classes), smoothing),
    truth: truth.filter((event) => event.label === label),
  }));
  const weight = own.reduce((sum, { truth }) => sum + truth.length, 0);
  const usual = decisionOf(UNKNOWN, LEAST[1] * shortest, 0);
  if (weight === 0) return { f1: 0, weight, decision: usual };
  let best: Chosen | undefined;
  // Of equal ones the middle threshold: neighbours of it are as good.
  for (const gap of GAPS) {
    for (const share of LEAST) {
      for (const low of LOW) {
        const scores = THRESHOLDS.map((threshold) => {
          const decision = decisionOf({ threshold, low: low * threshold }, share * shortest, gap);
          const compared: ComparedRecording[] = own.map((recording) => ({
            truth: recording.truth,
            found: foundIn(recording.column, decision, label, rate),
          }));
          return { decision, f1: scoreOfCounts(countEvents(compared, label)).f1 };
        });
        scores.forEach(({ decision, f1 }, i) => {
          // Neighbouring thresholds count as well: what is best by chance alone stands alone.
          const around =
            (scores[Math.max(0, i - 1)].f1 + 2 * f1 + scores[Math.min(scores.length - 1, i + 1)].f1) / 4;
          if (best === undefined || around > best.f1 + 1e-9) best = { f1: around, weight, decision };
        });
      }
    }
  }
  return best!;
}

function column(scores: Float64Array, c: number, classes: number): Float64Array {
  return Float64Array.from({ length: scores.length / classes }, (_, row) => scores[row * classes + c]);
}

/** The median of as many rows around each. */
function smoothed(values: Float64Array, rows: number): Float64Array {
  if (rows === 1) return values;
  const half = (rows - 1) / 2;
  return values.map((_, row) => {
    const window = values.slice(Math.max(0, row - half), row + half + 1).sort();
    return window[(window.length - 1) >> 1];
  });
}

/** What an EventTracker makes of the smoothed scores of one class: the same events, without its bookkeeping. */
export function foundIn(
  scores: Float64Array,
  { threshold, low, least, gap }: ClassDecision,
  label: string,
  rate: number,
): EventInterval[] {
  const found: EventInterval[] = [];
  let [from, to] = [-1, -1];
  const close = (): void => {
    if (from >= 0 && (to - from) / rate >= least)
      found.push({ onset: from / rate, offset: to / rate, label });
  };
  for (let row = 0; row < scores.length; row++) {
    if (scores[row] < low) continue;
    const first = row;
    let most = 0;
    for (; row < scores.length && scores[row] >= low; row++) if (scores[row] > most) most = scores[row];
    if (most < threshold) continue;
    if (from < 0 || first - to > gap * rate) {
      close();
      from = first;
    }
    to = row;
  }
  close();
  return found;
}
