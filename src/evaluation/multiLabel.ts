/** Scores of answers that are sets of labels: from a logit a label, and a threshold of its probability each. */

export interface LabelScore {
  /** Examples that have the label. */
  readonly support: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Mean precision over the examples that have it, in order of falling score; NaN where none has it. */
  readonly averagePrecision: number;
  /** Probability from which on the label is answered. */
  readonly threshold: number;
}

export interface MultiLabelScores {
  /** F1 of all answered labels of all examples together. */
  readonly microF1: number;
  readonly microPrecision: number;
  readonly microRecall: number;
  /** Mean F1 over the labels that occur or are answered. */
  readonly macroF1: number;
  /** Mean over the examples of the F1 of its labels; 1 where it has none and none is answered. */
  readonly sampleF1: number;
  /** Share of the examples whose labels were answered exactly. */
  readonly subsetAccuracy: number;
  /** Mean average precision over the labels that occur. */
  readonly averagePrecision: number;
  /** Labels an example has in the mean, and is answered. */
  readonly labelsPerExample: number;
  readonly answeredPerExample: number;
  /** One for each label. */
  readonly perLabel: readonly LabelScore[];
}

/** What is to be scored: examples with their labels, and what a model says. */
export interface LabelledLogits {
  /** [examples, labels] */
  readonly logits: ArrayLike<number>;
  /** 1 where an example has a label, [examples, labels]. */
  readonly targets: ArrayLike<number>;
  readonly classes: number;
}

/** From which probability on a label is answered, where nothing was settled. */
export const USUAL_THRESHOLD = 0.5;

export const sigmoid = (logit: number): number =>
  logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));

export const logitOf = (probability: number): number => Math.log(probability / (1 - probability));

/** The logits that the thresholds are: a label is answered from there on. */
export const thresholdLogits = (thresholds: readonly number[] | undefined, classes: number): Float64Array =>
  Float64Array.from({ length: classes }, (_, c) => logitOf(thresholds?.[c] ?? USUAL_THRESHOLD));

/** Mean over the labels of an example's binary cross-entropy, nats, [examples]. */
export function binaryEntropies({ logits, targets, classes }: LabelledLogits): Float64Array {
  const losses = new Float64Array(targets.length / classes);
  for (let i = 0; i < losses.length; i++) {
    let sum = 0;
    for (let at = i * classes; at < (i + 1) * classes; at++) {
      const z = logits[at];
      sum += Math.max(z, 0) - z * targets[at] + Math.log1p(Math.exp(-Math.abs(z)));
    }
    losses[i] = sum / classes;
  }
  return losses;
}

/** What several answers for one input say together: the logits of their mean probabilities. logits: [answers, labels]. */
export function averagedLabelLogits(logits: Float64Array, classes: number): Float64Array {
  const answers = logits.length / classes;
  if (answers === 1) return logits;
  return Float64Array.from({ length: classes }, (_, c) => {
    // Both shares, for the small one keeps its digits.
    let [yes, no] = [0, 0];
    for (let at = c; at < logits.length; at += classes) {
      yes += sigmoid(logits[at]);
      no += sigmoid(-logits[at]);
    }
    return Math.log(yes) - Math.log(no);
  });
}

/** 1 where a label is answered, [examples, labels]. */
export function answeredLabels(
  logits: ArrayLike<number>,
  classes: number,
  thresholds: readonly number[] | undefined,
): Uint8Array {
  const limits = thresholdLogits(thresholds, classes);
  return Uint8Array.from({ length: logits.length }, (_, at) => Number(logits[at] >= limits[at % classes]));
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** 2 · both / (given + answered). */
const f1Of = (both: number, given: number, answered: number): number => ratio(2 * both, given + answered);

/** F1 of each example's labels, [examples]; 1 where it has none and none is answered. */
export function itemF1s(
  targets: ArrayLike<number>,
  answers: ArrayLike<number>,
  classes: number,
): Float64Array {
  const scores = new Float64Array(targets.length / classes);
  for (let i = 0; i < scores.length; i++) {
    let [both, given, answered] = [0, 0, 0];
    for (let at = i * classes; at < (i + 1) * classes; at++) {
      both += targets[at] * answers[at];
      given += targets[at];
      answered += answers[at];
    }
    scores[i] = given + answered === 0 ? 1 : f1Of(both, given, answered);
  }
  return scores;
}

/**
 * @param missed labels of the examples that are none of the model's: each counts as one that was not answered
 */
export function multiLabelScores(
  { logits, targets, classes }: LabelledLogits,
  thresholds: readonly number[] | undefined,
  missed: ArrayLike<number> = [],
): MultiLabelScores {
  const answers = answeredLabels(logits, classes, thresholds);
  const examples = targets.length / classes;
  const both = new Float64Array(classes);
  const given = new Float64Array(classes);
  const answered = new Float64Array(classes);
  let [exact, sample, allMissed] = [0, 0, 0];
  for (let i = 0; i < examples; i++) {
    const unknown = missed[i] ?? 0;
    let [own, has, says] = [0, unknown, 0];
    let same = unknown === 0;
    for (let c = 0, at = i * classes; c < classes; c++, at++) {
      const [target, answer] = [targets[at], answers[at]];
      given[c] += target;
      answered[c] += answer;
      both[c] += target * answer;
      own += target * answer;
      has += target;
      says += answer;
      if (target !== answer) same = false;
    }
    allMissed += unknown;
    sample += has + says === 0 ? 1 : f1Of(own, has, says);
    if (same) exact++;
  }
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const [allBoth, allGiven, allAnswered] = [sum(both), sum(given) + allMissed, sum(answered)];
  const perLabel = Array.from(
    { length: classes },
    (_, c): LabelScore => ({
      support: given[c],
      precision: ratio(both[c], answered[c]),
      recall: ratio(both[c], given[c]),
      f1: f1Of(both[c], given[c], answered[c]),
      averagePrecision: averagePrecision({ logits, targets, classes }, c),
      threshold: thresholds?.[c] ?? USUAL_THRESHOLD,
    }),
  );
  const seen = perLabel.filter((_, c) => given[c] + answered[c] > 0);
  const occurring = perLabel.filter(({ support }) => support > 0);
  const mean = (values: readonly number[]): number =>
    ratio(
      values.reduce((total, value) => total + value, 0),
      values.length,
    );
  return {
    microF1: f1Of(allBoth, allGiven, allAnswered),
    microPrecision: ratio(allBoth, allAnswered),
    microRecall: ratio(allBoth, allGiven),
    macroF1: mean(seen.map(({ f1 }) => f1)),
    sampleF1: ratio(sample, examples),
    subsetAccuracy: ratio(exact, examples),
    averagePrecision: mean(occurring.map((one) => one.averagePrecision)),
    labelsPerExample: ratio(allGiven, examples),
    answeredPerExample: ratio(allAnswered, examples),
    perLabel,
  };
}

/** Of equal scores all count as the last of them. */
function averagePrecision({ logits, targets, classes }: LabelledLogits, c: number): number {
  const examples = targets.length / classes;
  const order = Array.from({ length: examples }, (_, i) => i * classes + c).sort(
    (a, b) => logits[b] - logits[a],
  );
  let [right, sum] = [0, 0];
  for (let rank = 0; rank < order.length; ) {
    let end = rank;
    let own = 0;
    while (end < order.length && logits[order[end]] === logits[order[rank]]) own += targets[order[end++]];
    right += own;
    sum += own * (right / end);
    rank = end;
  }
  return right === 0 ? Number.NaN : sum / right;
}

/** Precision and recall of a label at each of its scores, in order of falling scores, at most so many points. */
export function precisionRecall(
  { logits, targets, classes }: LabelledLogits,
  c: number,
  most = 100,
): { readonly precision: number; readonly recall: number; readonly threshold: number }[] {
  const examples = targets.length / classes;
  const order = Array.from({ length: examples }, (_, i) => i * classes + c).sort(
    (a, b) => logits[b] - logits[a],
  );
  const all = order.reduce((sum, at) => sum + targets[at], 0);
  const points: { precision: number; recall: number; threshold: number }[] = [];
  let right = 0;
  order.forEach((at, rank) => {
    right += targets[at];
    if (rank + 1 < order.length && logits[order[rank + 1]] === logits[at]) return;
    points.push({ precision: right / (rank + 1), recall: ratio(right, all), threshold: sigmoid(logits[at]) });
  });
  const step = Math.max(1, points.length / most);
  return Array.from({ length: Math.min(most, points.length) }, (_, p) => points[Math.floor(p * step)]);
}

/** How often a label that was missed stands beside one that was wrongly answered, [missed][answered]. */
export function confusedPairs(
  targets: ArrayLike<number>,
  answers: ArrayLike<number>,
  classes: number,
): number[][] {
  const pairs = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let first = 0; first < targets.length; first += classes) {
    const wrong: number[] = [];
    for (let c = 0; c < classes; c++) if (answers[first + c] > targets[first + c]) wrong.push(c);
    for (let c = 0; c < classes; c++) {
      if (targets[first + c] === 0) continue;
      if (answers[first + c] === 1) pairs[c][c]++;
      else for (const other of wrong) pairs[c][other]++;
    }
  }
  return pairs;
}
