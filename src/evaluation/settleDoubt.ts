/** Settles what a model does in doubt on examples that were left out. Loaded where it is asked for: predictions need none of it. */
import { InputError } from '../errors.js';
import { setThreshold } from './conformal.js';
import {
  asksUnsure,
  brokenPromise,
  type Doubt,
  type DoubtOptions,
  needsLeftOut,
  requireOneRule,
  type SetRule,
  type UnsureRule,
} from './doubt.js';
import type { LeftOut } from './leftOut.js';
import { lowestError, thresholdAt, thresholdForCoverage, thresholdForError } from './selective.js';

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
