/**
 * Below which score a model had better not answer (selective classification; Geifman and El-Yaniv 2017): a threshold
 * settled on examples that it did not learn from, so that what is promised of new ones holds with a stated confidence.
 */
import { atMost, lowerBound } from './binomial.js';
import { CONFIDENCE } from './doubt.js';
import type { LeftOut } from './leftOut.js';

/** A threshold, and what it made of the examples that settled it. */
export interface AnswerThreshold {
  /** Answers with a lower score are unsure; null: all are, for no threshold keeps what is asked. */
  readonly below: number | null;
  readonly examples: number;
  /** How many of the examples it answers, and how many of these answers are wrong. */
  readonly answered: number;
  readonly wrong: number;
}

/** The examples, the surest first, as far as thresholds can tell them apart. */
interface Ranks {
  readonly count: number;
  /** Score of the k-th, from 0. */
  readonly scores: readonly number[];
  /** Wrong ones among the first k. */
  readonly wrong: readonly number[];
  /** Whether a threshold can lie behind the first k. */
  ends(k: number): boolean;
}

function ranksOf({ confidence, right }: Pick<LeftOut, 'confidence' | 'right'>): Ranks {
  const order = confidence.map((_, i) => i).sort((a, b) => confidence[b] - confidence[a] || a - b);
  const wrong = [0];
  for (const i of order) wrong.push(wrong[wrong.length - 1] + Number(!right[i]));
  const scores = order.map((i) => confidence[i]);
  const ends = (k: number): boolean => k === scores.length || scores[k] < scores[k - 1];
  return { count: scores.length, scores, wrong, ends };
}

/** The tests begin with this share of the examples, or with so many that one mistake among them may be. */
const FIRST = 1 / 4;

/** Steps of a sequence of tests. */
const STEPS = 400;

/** The first number of examples to test; more than there are: no test could succeed. */
function firstTest(count: number, most: number): number {
  const level = 1 - CONFIDENCE;
  const least = (mistakes: number): number => {
    let k = Math.max(1, Math.ceil(FIRST * count));
    while (k <= count && atMost(mistakes, k, most) > level) k++;
    return k;
  };
  const one = least(1);
  return one <= count ? one : least(0);
}

/** How many of the surest can be answered so that the error rate of new answers stays below `most`; 0: none. */
function answerable({ count, wrong, ends }: Ranks, most: number): number {
  const first = firstTest(count, most);
  const step = Math.max(1, Math.floor((count - first) / STEPS));
  let best = 0;
  for (let k = first; k <= count; k = k === count ? count + 1 : Math.min(count, k + step)) {
    if (!ends(k)) continue;
    if (atMost(wrong[k], k, most) > 1 - CONFIDENCE) break;
    best = k;
  }
  return best;
}

/** @param answered how many of the surest; 0: no threshold does */
function thresholdBehind({ count, scores, wrong }: Ranks, answered: number): AnswerThreshold {
  const below = answered === count ? 0 : answered === 0 ? null : scores[answered - 1];
  return { below, examples: count, answered, wrong: wrong[answered] };
}

/**
 * The threshold that answers most, while the error rate of new answers is at most `most` with 95% confidence. Exact
 * binomial tests go from the surest quarter of the examples to less sure ones and end where one fails, so that many
 * thresholds cost no more than one (fixed-sequence testing; Angelopoulos et al. 2021). It is assumed that the error rate
 * does not fall again where answers become less sure.
 */
export function thresholdForError(leftOut: LeftOut, most: number): AnswerThreshold {
  const ranks = ranksOf(leftOut);
  return thresholdBehind(ranks, answerable(ranks, most));
}

/**
 * The highest threshold that answers at least a share `least` of new inputs, with 95% confidence: how many exceed the k-th score
 * of the examples has a known distribution, whatever the scores are.
 */
export function thresholdForCoverage(leftOut: LeftOut, least: number): AnswerThreshold {
  const ranks = ranksOf(leftOut);
  const { count, ends } = ranks;
  // The k-th score and all above are answered: of so many draws at least k fall there.
  const enough = (k: number): boolean => k === count || lowerBound(k - 1, count, CONFIDENCE) >= least;
  let [low, high] = [1, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle + 1;
  }
  while (!ends(low)) low++;
  return thresholdBehind(ranks, low);
}

/** What a threshold that is given makes of the examples. */
export function thresholdAt(leftOut: LeftOut, below: number): AnswerThreshold {
  const ranks = ranksOf(leftOut);
  const answered = ranks.scores.filter((score) => score >= below).length;
  return { below, examples: ranks.count, answered, wrong: ranks.wrong[answered] };
}

/** The lowest error rate that can be promised of a share of the answers, however few; to a thousandth of itself. */
export function lowestError(leftOut: LeftOut): number {
  const ranks = ranksOf(leftOut);
  let [low, high] = [0, 1];
  while (high - low > 1e-5 && high - low > 1e-3 * high) {
    const middle = (low + high) / 2;
    if (answerable(ranks, middle) > 0) high = middle;
    else low = middle;
  }
  return high;
}
