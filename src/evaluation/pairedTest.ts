/**
 * Whether one model is more accurate than another on the same test items: the test that decides, its interval, the
 * correction for many pairs, and how many items a difference would need.
 *
 * The test is Student's t over test items and seeds. Simulations chose it (tests/evaluation/pairedTest.test.ts): with
 * no true difference it finds one in at most about 5%. A percentile bootstrap over seeds and items does so too often
 * with few items and one seed and then hardly ever with three; McNemar's test on one seed does not see the seeds and
 * finds one in up to 30% where these vary. With one seed a model, the exact McNemar test is asked as well and the
 * more careful of the two counts, so that the two never contradict.
 */
import { betaQuantile, normalQuantile, studentQuantile, studentTwoSided } from './distributions.js';

/** [seed][test item]: whether the answer was right. */
export type RightAnswers = readonly (readonly boolean[])[];

export interface PairedTest {
  /** Mean accuracy of a − that of b. */
  readonly difference: number;
  /** Two-sided, of no true difference. */
  readonly pValue: number;
  /** Exact McNemar of the first seeds: for support; never larger than `pValue` where each has one seed. */
  readonly mcNemar: number;
  /** Variance of one item's difference: what decides how many items would be needed. */
  readonly itemVariance: number;
  /** Variance of the difference from the choice of seeds; 0 where neither has several. */
  readonly seedVariance: number;
  /** Holds 0 exactly where `pValue` ≥ 1 − level. */
  interval(level: number): readonly [number, number];
}

/** Two-sided exact McNemar test (McNemar 1947): only items that exactly one of the two got right count. */
export function exactMcNemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  if (n === 0) return 1;
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(onlyA, onlyB); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(n - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * tail);
}

/**
 * The interval of onlyA − onlyB that holds 0 exactly where the exact McNemar test does not reject: Clopper and
 * Pearson (1934), given the number of items on which the two differ.
 */
function mcNemarInterval(onlyA: number, onlyB: number, level: number): [number, number] {
  const n = onlyA + onlyB;
  const outside = (1 - level) / 2;
  const low = onlyA === 0 ? 0 : betaQuantile(outside, onlyA, onlyB + 1);
  const high = onlyB === 0 ? 1 : betaQuantile(1 - outside, onlyA + 1, onlyB);
  return [n * (2 * low - 1), n * (2 * high - 1)];
}

interface SeedSpread {
  /** Variance over seeds of a model's accuracy. */
  readonly variance: number;
  readonly freedom: number;
}

/** Of the models together, as if their seeds varied alike; undefined where each has one seed. */
function seedSpread(models: readonly RightAnswers[]): SeedSpread | undefined {
  const freedom = models.reduce((sum, runs) => sum + runs.length - 1, 0);
  if (freedom === 0) return undefined;
  const squares = models.flatMap((runs) => {
    const means = runs.map((run) => run.reduce((sum, right) => sum + Number(right), 0) / run.length);
    const centre = means.reduce((sum, value) => sum + value, 0) / means.length;
    return means.map((value) => (value - centre) ** 2);
  });
  return { variance: squares.reduce((sum, value) => sum + value, 0) / freedom, freedom };
}

interface Part {
  readonly variance: number;
  readonly freedom: number;
}

/**
 * Half the width of an interval over the standard error, where that is made of several parts: the mean of Student's
 * quantiles, weighted by their variances (Cochran and Cox 1950). On the careful side for few seeds, where an
 * estimated number of degrees of freedom is too bold.
 */
function quantileOf(parts: readonly Part[], level: number): number {
  const whole = parts.reduce((sum, { variance }) => sum + variance, 0);
  return parts
    .filter(({ variance }) => variance > 0)
    .reduce(
      (sum, { variance, freedom }) => sum + (variance / whole) * studentQuantile((1 + level) / 2, freedom),
      0,
    );
}

/** The p-value that goes with it: 1 − the level at which the interval just reaches zero. */
function probabilityOf(parts: readonly Part[], t: number): number {
  if (parts.length === 1) return studentTwoSided(t, parts[0].freedom);
  let [low, high] = [0, 1];
  // Down to 1e-12 of the p-value itself, which may be small.
  for (let i = 0; i < 100 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (quantileOf(parts, 1 - middle) > t) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Student's t of a − b over items and seeds, both drawn at random: the variance of the items' mean differences
 * (with two items more, one for either model, after Agresti and Min 2005, so that few items are not too sure) plus
 * that of the seeds. A model with one seed is lent the other's spread. Chance in the items counts in both variances:
 * on the careful side. Of items in groups the groups are drawn: the answers to items of one group go together.
 * @param groups number of each item's group
 */
export function pairedTest(
  a: RightAnswers,
  b: RightAnswers,
  groups: readonly number[] | undefined = undefined,
): PairedTest {
  const items = a[0].length;
  const share = (runs: RightAnswers, i: number): number =>
    runs.reduce((sum, run) => sum + Number(run[i]), 0) / runs.length;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < items; i++) {
    const difference = share(a, i) - share(b, i);
    sum += difference;
    squares += difference ** 2;
  }
  const n = items + 2;
  const centre = sum / n;
  const drawn = groups === undefined ? items : new Set(groups).size;
  const itemVariance =
    drawn === items
      ? (squares + 1) / n - centre ** 2
      : groupedVariance(
          Array.from({ length: items }, (_, i) => share(a, i) - share(b, i)),
          groups!,
          centre,
        );
  const spread = seedSpread([a, b]);
  const seedVariance = (spread?.variance ?? 0) * (1 / a.length + 1 / b.length);
  const parts = [
    { variance: itemVariance / n, freedom: drawn === items ? n - 1 : Math.max(1, drawn - 1) },
    ...(spread === undefined ? [] : [{ variance: seedVariance, freedom: spread.freedom }]),
  ];
  const error = Math.sqrt(itemVariance / n + seedVariance);
  const onlyA = a[0].filter((right, i) => right && !b[0][i]).length;
  const onlyB = b[0].filter((right, i) => right && !a[0][i]).length;
  const mcNemar = exactMcNemar(onlyA, onlyB);
  // McNemar's test takes items to be independent.
  const alone = a.length === 1 && b.length === 1 && drawn === items;
  const student = probabilityOf(parts, Math.abs(centre) / error);
  return {
    difference: sum / items,
    pValue: alone ? Math.max(student, mcNemar) : student,
    mcNemar,
    itemVariance,
    seedVariance,
    interval(level) {
      const reach = quantileOf(parts, level) * error;
      const [low, high] = [centre - reach, centre + reach];
      if (!alone) return [low, high];
      const exact = mcNemarInterval(onlyA, onlyB, level);
      return [Math.min(low, exact[0] / items), Math.max(high, exact[1] / items)];
    },
  };
}

/**
 * What an item's variance would have to be for the mean to vary as it does over groups (Liang and Zeger 1986), with one
 * group more that favours either model.
 */
function groupedVariance(differences: readonly number[], groups: readonly number[], centre: number): number {
  const sums = new Map<number, number>();
  differences.forEach((difference, i) => {
    sums.set(groups[i], (sums.get(groups[i]) ?? 0) + difference - centre);
  });
  const n = differences.length + 2;
  const count = sums.size;
  const squares = [...sums.values()].reduce((sum, value) => sum + value ** 2, 0);
  return ((squares + 1) / n) * (count / Math.max(1, count - 1));
}

export interface Corrected {
  /** p-values after Holm's correction, in the order given. */
  readonly adjusted: readonly number[];
  /**
   * Level of the intervals that fit the decisions: an interval of this level holds 0 exactly where its pair is not
   * shown to differ.
   */
  readonly level: number;
}

/**
 * Holm's correction (Holm 1979): of all the differences called shown, any is false in at most `error` of cases.
 * @param error default 0.05
 */
export function holm(pValues: readonly number[], error = 0.05): Corrected {
  const count = pValues.length;
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
  const adjusted = new Array<number>(count).fill(1);
  let largest = 0;
  let shown = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (count - rank) * pValues[i]));
    adjusted[i] = largest;
    if (largest < error) shown++;
  }
  return { adjusted, level: 1 - error / Math.max(1, count - shown) };
}

/**
 * Test items for which a true difference of this size would be shown in four of five such comparisons. Infinity for
 * no difference, and where the seeds alone leave more doubt than the difference: then more seeds are needed.
 * @param level of the interval that decides
 */
export function itemsNeeded(
  {
    difference,
    itemVariance,
    seedVariance,
  }: Pick<PairedTest, 'difference' | 'itemVariance' | 'seedVariance'>,
  level: number,
): number {
  const reach = normalQuantile((1 + level) / 2) + normalQuantile(0.8);
  const left = (difference / reach) ** 2 - seedVariance;
  return left > 0 ? Math.ceil(itemVariance / left) : Number.POSITIVE_INFINITY;
}
