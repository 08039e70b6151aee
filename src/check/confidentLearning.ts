/**
 * Labels that are probably wrong, from scores of examples that were left out (confident learning, Northcutt, Jiang and
 * Chuang 2021): an example counts as of another class where its probability is as large as is usual of that class's own.
 */

/** Scores of examples that were left out. */
export interface LeftOutScores {
  /** [examples, classes], each row sums to 1. */
  readonly probabilities: Float64Array;
  /** The label that each has. */
  readonly labels: Int32Array;
  readonly classes: number;
}

export interface ConfidentLearning {
  /** Of all examples so many labels are wrong, by estimate. */
  readonly estimated: number;
  /** [given label][probable label]: share of the examples, by estimate. */
  readonly joint: readonly Float64Array[];
  /** Examples in order of doubt: by the probability of their label, smallest first. */
  readonly ranking: readonly number[];
  /** Probability of the label less that of the best other class, of each example. */
  readonly margins: Float64Array;
  /** Of each example the most probable class other than its label. */
  readonly rivals: Int32Array;
}

export function confidentLearning({ probabilities, labels, classes }: LeftOutScores): ConfidentLearning {
  const count = labels.length;
  const sizes = new Float64Array(classes);
  const thresholds = new Float64Array(classes);
  labels.forEach((label, i) => {
    sizes[label]++;
    thresholds[label] += probabilities[i * classes + label];
  });
  // A class without examples has no usual probability, and none is as large.
  for (let c = 0; c < classes; c++)
    thresholds[c] = sizes[c] === 0 ? Number.POSITIVE_INFINITY : thresholds[c] / sizes[c];
  const counts = Array.from({ length: classes }, () => new Float64Array(classes));
  const rivals = new Int32Array(count);
  const margins = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const own = probabilities.subarray(i * classes, (i + 1) * classes);
    const label = labels[i];
    let confident = -1;
    let rival = label === 0 ? 1 : 0;
    for (let c = 0; c < classes; c++) {
      if (own[c] >= thresholds[c] && (confident < 0 || own[c] > own[confident])) confident = c;
      if (c !== label && own[c] > own[rival]) rival = c;
    }
    if (confident >= 0) counts[label][confident]++;
    rivals[i] = rival;
    margins[i] = own[label] - own[rival];
  }
  const joint = counts.map((row, label) => {
    const sum = row.reduce((total, value) => total + value, 0);
    const share = count === 0 ? 0 : sizes[label] / count;
    return row.map((value, c) => (sum === 0 ? (c === label ? share : 0) : (value / sum) * share));
  });
  const wrong = joint.reduce(
    (total, row, label) => total + row.reduce((sum, value, c) => sum + (c === label ? 0 : value), 0),
    0,
  );
  const ranking = byOwnProbability({ probabilities, labels, classes });
  return { estimated: Math.round(wrong * count), joint, ranking, margins, rivals };
}

/**
 * Examples by the probability of their label, smallest first. Measured on flipped labels of reviews and posts, this order is
 * better than that of margins, and than one in which those that count as of another class come first (docs/research.md).
 */
function byOwnProbability({ probabilities, labels, classes }: LeftOutScores): number[] {
  const own = labels.map((_, i) => i);
  const of = (i: number): number => probabilities[i * classes + labels[i]];
  return Array.from(own).sort((a, b) => of(a) - of(b) || a - b);
}

/** Area under precision over recall: the mean precision at each place of the list where one is wrong. */
export function averagePrecision(ranking: readonly number[], isWrong: (example: number) => boolean): number {
  let hits = 0;
  let sum = 0;
  ranking.forEach((example, place) => {
    if (!isWrong(example)) return;
    hits++;
    sum += hits / (place + 1);
  });
  return hits === 0 ? 0 : sum / hits;
}
