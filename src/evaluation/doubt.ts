/** What a model does where it may be wrong: answers that it marks as unsure, and sets of classes instead of one. */
import { InputError } from '../errors.js';
import { setThreshold } from './conformal.js';
import type { LeftOut } from './leftOut.js';
import {
  CONFIDENCE,
  lowestError,
  lowestOf,
  thresholdAt,
  thresholdForCoverage,
  thresholdForError,
} from './selective.js';

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

const UNSURE = ['unsure', 'maxError', 'minCoverage'] as const;

const asksUnsure = (asked: DoubtOptions): boolean => UNSURE.some((key) => asked[key] !== undefined);

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

/** Throws InputError where the scores of examples left out are needed and not there, or the options do not fit together. */
export function settleDoubt(asked: DoubtOptions, leftOut: LeftOut | undefined): Doubt {
  requireOneRule(asked);
  if (needsLeftOut(asked) && (leftOut === undefined || leftOut.own.length === 0)) {
    throw new InputError(
      'this model has no scores of examples that were left out (left-out.json), on which a threshold could be settled: train it again, or give a score (--unsure)',
    );
  }
  return {
    asked,
    ...(asksUnsure(asked) ? { unsure: unsureRule(asked, leftOut) } : {}),
    ...(asked.sets === undefined ? {} : { sets: setRule(leftOut!, asked.sets) }),
  };
}

const setRule = ({ own, right }: LeftOut, share: number): SetRule => ({
  least: setThreshold(own, share),
  examples: own.length,
  right: right.filter(Boolean).length,
});

function unsureRule({ unsure, maxError, minCoverage }: DoubtOptions, leftOut?: LeftOut): UnsureRule {
  if (unsure !== undefined) return leftOut === undefined ? { below: unsure } : thresholdAt(leftOut, unsure);
  if (minCoverage !== undefined) return thresholdForCoverage(leftOut!, minCoverage);
  const rule = thresholdForError(leftOut!, maxError!);
  return rule.below === null ? { ...rule, lowestError: lowestError(leftOut!) } : rule;
}

/** What was saved, with what is asked instead. Throws InputError where that cannot be promised. */
export function changedDoubt(
  saved: Doubt | undefined,
  asked: DoubtOptions,
  leftOut: LeftOut | undefined,
): Doubt {
  const changed = settleDoubt(asked, leftOut);
  const fault = brokenPromise(changed);
  if (fault !== undefined) throw new InputError(fault);
  const { unsure, maxError, minCoverage, sets } = saved?.asked ?? {};
  const kept = asksUnsure(asked) ? {} : { unsure, maxError, minCoverage };
  return { ...saved, ...changed, asked: { ...kept, sets, ...asked } };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** What to say where the error rate that was asked cannot be promised; undefined where it is. */
export function brokenPromise({ asked: { maxError = 0 }, unsure }: Doubt): string | undefined {
  if (unsure === undefined || unsure.below !== null) return undefined;
  const { examples = 0, lowestError: lowest = 1 } = unsure;
  const confidence = `${100 * CONFIDENCE}% confidence`;
  const least = lowestOf(examples);
  return least > maxError
    ? `with ${examples} examples left out no error rate below ${percent(least)} can be promised at ${confidence}, even if all were right; ${percent(maxError)} needs ${neededFor(maxError)} or more`
    : `of these ${examples} examples left out, no error rate below ${percent(lowest)} can be promised at ${confidence} for any part of the answers: ask for more than ${percent(maxError)}, or train with more examples`;
}

/** Examples, none of them wrong, that promise an error rate. */
const neededFor = (maxError: number): number => Math.ceil(Math.log(1 - CONFIDENCE) / Math.log1p(-maxError));

/** Whether an answer with this score is unsure. */
export const isUnsure = ({ below }: UnsureRule, score: number): boolean => below === null || score < below;
