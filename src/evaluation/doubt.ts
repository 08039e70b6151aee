/** What a model does where it may be wrong: answers that it marks as unsure, and sets of classes instead of one. */
import { InputError } from '../errors.js';

/** With what probability, over the draws of the examples left out, a promise holds. */
export const CONFIDENCE = 0.95;

/** What may be asked of answers; at most one of the first three. */
export interface DoubtOptions {
  /** Answers with a lower score are unsure. */
  readonly unsure?: number | undefined;
  /** Largest share of wrong ones among the answers that are not unsure. */
  readonly maxError?: number | undefined;
  /** Least share of answers that are not unsure. */
  readonly minCoverage?: number | undefined;
  /** Answers carry a set of classes that holds the right one with this probability. */
  readonly sets?: number | undefined;
}

/** Which answers are unsure. */
export interface UnsureRule {
  /** Those with a lower score; null: all, for what was asked cannot be promised. */
  readonly below: number | null;
  /** As of AnswerThreshold; absent where the score was given and no examples left out are known. */
  readonly examples?: number | undefined;
  readonly answered?: number | undefined;
  readonly wrong?: number | undefined;
  /** Where it is null: the lowest error rate that could have been promised. */
  readonly lowestError?: number | undefined;
}

/** Which classes a set holds. */
export interface SetRule {
  /** Those with at least this score. */
  readonly least: number;
  /** Examples that settled it, and how many of them the best class alone was right for. */
  readonly examples: number;
  readonly right: number;
}

export interface Doubt {
  readonly asked: DoubtOptions;
  readonly unsure?: UnsureRule | undefined;
  readonly sets?: SetRule | undefined;
}

/** Only one of these decides. */
const UNSURE = ['unsure', 'maxError', 'minCoverage'] as const;

/** Whether one of these is given. */
export const asksUnsure = (asked: DoubtOptions): boolean => UNSURE.some((key) => asked[key] !== undefined);

/** Whether anything is asked. */
export const asksDoubt = (asked: DoubtOptions): boolean => asksUnsure(asked) || asked.sets !== undefined;

/** Whether a threshold has to be settled on examples left out. */
export const needsLeftOut = ({ maxError, minCoverage, sets }: DoubtOptions): boolean =>
  maxError !== undefined || minCoverage !== undefined || sets !== undefined;

/** Throws InputError where several rules would decide which answers are unsure. */
export function requireOneRule(asked: DoubtOptions): void {
  const given = UNSURE.filter((key) => asked[key] !== undefined);
  if (given.length > 1) {
    throw new InputError(
      `'${given[0]}' and '${given[1]}' both decide which answers are unsure: give one of them`,
    );
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** What to say where the error rate that was asked cannot be promised; undefined where it is. */
export function brokenPromise({ asked: { maxError = 0 }, unsure }: Doubt): string | undefined {
  if (unsure === undefined || unsure.below !== null) return undefined;
  const { examples = 0, lowestError: lowest = 1 } = unsure;
  const confidence = `${100 * CONFIDENCE}% confidence`;
  const least = 1 - (1 - CONFIDENCE) ** (1 / Math.max(1, examples));
  return least > maxError
    ? `with ${examples} examples left out no error rate below ${percent(least)} can be promised at ${confidence}, even if all were right; ${percent(maxError)} needs ${neededFor(maxError)} or more`
    : `of these ${examples} examples left out, no error rate below ${percent(lowest)} can be promised at ${confidence} for any part of the answers: ask for more than ${percent(maxError)}, or train with more examples`;
}

/** Examples, none of them wrong, that promise an error rate. */
const neededFor = (maxError: number): number => Math.ceil(Math.log(1 - CONFIDENCE) / Math.log1p(-maxError));

/** Whether an answer with this score is unsure. */
export const isUnsure = ({ below }: UnsureRule, score: number): boolean => below === null || score < below;
