/**
 * How well events were found in recordings (Mesaros et al. 2016, "Metrics for polyphonic sound event detection", as the
 * package sed_eval computes them): by segments of a second, and by events whose onsets, and perhaps offsets, must agree.
 */

/** From … to, in seconds. */
export interface EventInterval {
  readonly onset: number;
  readonly offset: number;
  readonly label: string;
}

/** What is true of a recording, and what was found in it. */
export interface ComparedRecording {
  readonly truth: readonly EventInterval[];
  readonly found: readonly EventInterval[];
  /** Seconds; default: the last offset. */
  readonly duration?: number;
}

export interface Counts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

export interface EventScore extends Counts {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface ClassEventScore {
  readonly label: string;
  /** True events. */
  readonly events: number;
  readonly eventF1: number;
  readonly precision: number;
  readonly recall: number;
  readonly segmentF1: number;
}

export interface EventEvaluation {
  /** Of all classes together (micro). */
  readonly segmentF1: number;
  /** Substitutions, deletions and insertions of segments by the active ones of the truth; it may exceed 1. */
  readonly errorRate: number;
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
  /** By onsets alone. */
  readonly eventF1: number;
  readonly eventPrecision: number;
  readonly eventRecall: number;
  /** By onsets and offsets. */
  readonly eventOffsetF1: number;
  /** Found events that match none, an hour of recording. */
  readonly falseAlarmsAnHour: number;
  readonly recordings: number;
  readonly seconds: number;
  readonly events: number;
  readonly perClass: readonly ClassEventScore[];
}

export interface EventMatching {
  /** Seconds that onsets may differ by. Default: 0.2. */
  readonly collar?: number;
  /** Whether offsets must agree too: within the collar, or this share of the true event's length. */
  readonly offsetShare?: number | undefined;
}

const COLLAR = 0.2;
const OFFSET_SHARE = 0.2;
/** Seconds of a segment. */
const SEGMENT = 1;
/** Times are decimal numbers of milliseconds: what their differences are rounded by does not count. */
const ROUNDING = 1e-9;

/** Pairs [truth, found] of one class's events: as many as can be, each event in one at most (maximum matching). */
export function matchEvents(
  truth: readonly EventInterval[],
  found: readonly EventInterval[],
  { collar = COLLAR, offsetShare }: EventMatching = {},
): readonly (readonly [truth: number, found: number])[] {
  const near = truth.map((event) => {
    const allowed =
      offsetShare === undefined ? Number.POSITIVE_INFINITY : offsetShare * (event.offset - event.onset);
    return found.flatMap((other, f) =>
      event.label === other.label &&
      Math.abs(event.onset - other.onset) <= collar + ROUNDING &&
      (offsetShare === undefined ||
        Math.abs(event.offset - other.offset) <= Math.max(collar, allowed) + ROUNDING)
        ? [f]
        : [],
    );
  });
  const takenBy = new Map<number, number>();
  const place = (t: number, tried: Set<number>): boolean =>
    near[t].some((f) => {
      if (tried.has(f)) return false;
      tried.add(f);
      const holder = takenBy.get(f);
      if (holder !== undefined && !place(holder, tried)) return false;
      takenBy.set(f, t);
      return true;
    });
  truth.forEach((_, t) => void place(t, new Set()));
  return Array.from(takenBy, ([f, t]) => [t, f] as const);
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

export function scoreOfCounts(counts: Counts): EventScore {
  const { truePositives, falsePositives, falseNegatives } = counts;
  return {
    ...counts,
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}

const NOTHING: Counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };

const sumOf = (a: Counts, b: Counts): Counts => ({
  truePositives: a.truePositives + b.truePositives,
  falsePositives: a.falsePositives + b.falsePositives,
  falseNegatives: a.falseNegatives + b.falseNegatives,
});

/** Of the events with one label. */
export function countEvents(
  recordings: readonly ComparedRecording[],
  label: string,
  matching?: EventMatching,
): Counts {
  return recordings.reduce((sum, recording) => {
    const truth = recording.truth.filter((event) => event.label === label);
    const found = recording.found.filter((event) => event.label === label);
    const { length } = matchEvents(truth, found, matching);
    return sumOf(sum, {
      truePositives: length,
      falsePositives: found.length - length,
      falseNegatives: truth.length - length,
    });
  }, NOTHING);
}

const durationOf = ({ truth, found, duration }: ComparedRecording): number =>
  duration ?? [...truth, ...found].reduce((last, { offset }) => Math.max(last, offset), 0);

/** Labels that are active in each segment. */
function activity(events: readonly EventInterval[], segments: number): readonly ReadonlySet<string>[] {
  const active = Array.from({ length: segments }, () => new Set<string>());
  for (const { onset, offset, label } of events) {
    const last = Math.min(segments, Math.ceil(offset / SEGMENT - ROUNDING));
    for (let s = Math.max(0, Math.floor(onset / SEGMENT + ROUNDING)); s < last; s++) active[s].add(label);
  }
  return active;
}

/** @param labels of the classes that the model knows; those of the truth are added */
export function evaluateEvents(
  recordings: readonly ComparedRecording[],
  labels: readonly string[] = [],
): EventEvaluation {
  const known = new Set(labels);
  for (const { truth, found } of recordings) {
    for (const { label } of [...truth, ...found]) known.add(label);
  }
  const segments = new Map(Array.from(known, (label) => [label, NOTHING] as const));
  let [substitutions, deletions, insertions, active, seconds] = [0, 0, 0, 0, 0];
  for (const recording of recordings) {
    const duration = durationOf(recording);
    seconds += duration;
    const count = Math.ceil(duration / SEGMENT - ROUNDING);
    const truth = activity(recording.truth, count);
    const found = activity(recording.found, count);
    for (let s = 0; s < count; s++) {
      for (const label of new Set([...truth[s], ...found[s]])) {
        const [is, was] = [truth[s].has(label), found[s].has(label)];
        segments.set(
          label,
          sumOf(segments.get(label)!, {
            truePositives: is && was ? 1 : 0,
            falsePositives: was && !is ? 1 : 0,
            falseNegatives: is && !was ? 1 : 0,
          }),
        );
      }
      const both = [...truth[s]].filter((label) => found[s].has(label)).length;
      const [missed, extra] = [truth[s].size - both, found[s].size - both];
      substitutions += Math.min(missed, extra);
      deletions += Math.max(0, missed - extra);
      insertions += Math.max(0, extra - missed);
      active += truth[s].size;
    }
  }
  const all = [...known];
  const byLabel = all.map((label) => countEvents(recordings, label));
  const total = scoreOfCounts(byLabel.reduce(sumOf, NOTHING));
  const offsets = all.map((label) => countEvents(recordings, label, { offsetShare: OFFSET_SHARE }));
  const perClass = all.map((label, i) => {
    const { f1, precision, recall, truePositives, falseNegatives } = scoreOfCounts(byLabel[i]);
    const segmentF1 = scoreOfCounts(segments.get(label)!).f1;
    return { label, events: truePositives + falseNegatives, eventF1: f1, precision, recall, segmentF1 };
  });
  return {
    segmentF1: scoreOfCounts([...segments.values()].reduce(sumOf, NOTHING)).f1,
    errorRate: active === 0 ? insertions : (substitutions + deletions + insertions) / active,
    substitutions,
    deletions,
    insertions,
    eventF1: total.f1,
    eventPrecision: total.precision,
    eventRecall: total.recall,
    eventOffsetF1: scoreOfCounts(offsets.reduce(sumOf, NOTHING)).f1,
    falseAlarmsAnHour: seconds === 0 ? 0 : (3600 * total.falsePositives) / seconds,
    recordings: recordings.length,
    seconds,
    events: total.truePositives + total.falseNegatives,
    perClass,
  };
}
