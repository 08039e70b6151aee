/** What a check of data found; plain JSON. */
import type { CurvePoint, LearningCurve } from './curve.js';
import type { Drift } from './drift.js';
import type { GiveAway } from './giveAways.js';

export type { CurvePoint, Drift, GiveAway, LearningCurve };

/** What may be checked. */
export const CHECKS = ['labels', 'duplicates', 'leaks', 'classes', 'drift', 'curve'] as const;
export type CheckName = (typeof CHECKS)[number];

/** What may be wrong with one example. */
export const ISSUE_KINDS = [
  'label',
  'conflict',
  'leak',
  'duplicate',
  'near duplicate',
  'class name',
  'several labels',
  'empty',
  'cut',
  'length',
  'script',
] as const;
export type IssueKind = (typeof ISSUE_KINDS)[number];

export interface Issue {
  readonly kind: IssueKind;
  /** Number of the example among those that were read, from 0. */
  readonly example: number;
  readonly place: string;
  readonly label: string;
  /** Another label; 'remove'; absent where a person has to say. */
  readonly suggestion?: string;
  /** 0 … 1: how sure it is. */
  readonly confidence: number;
  readonly reason: string;
  /** Of a text its beginning. */
  readonly text?: string;
}

export interface LabelCheck {
  /** Accuracy of models on examples that they had not seen, and its 95 % interval. */
  readonly accuracy: number;
  readonly interval: readonly [number, number];
  readonly folds: number;
  readonly method: string;
  /** So many labels are wrong, by estimate, of so many examples. */
  readonly estimated: number;
  readonly judged: number;
  /** Pairs of classes that are most confused: label, probable label, and how many examples. */
  readonly confused: readonly {
    readonly label: string;
    readonly suggestion: string;
    readonly count: number;
  }[];
}

export interface DuplicateCheck {
  /** Groups of examples that are the same, and of those that are nearly so; examples too many in each. */
  readonly identical: { readonly groups: number; readonly surplus: number };
  readonly near: { readonly groups: number; readonly surplus: number };
  /** Groups whose examples have different labels. */
  readonly conflicts: number;
  /** Examples of the other data that these data have too, and how many there are. */
  readonly across?: { readonly shared: number; readonly of: number };
}

export interface CheckReport {
  readonly name: string;
  readonly examples: number;
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** Sentences on classes. */
  readonly warnings: readonly string[];
  readonly labels?: LabelCheck;
  readonly duplicates?: DuplicateCheck;
  readonly giveAways?: readonly GiveAway[];
  readonly drift?: Drift;
  readonly curve?: LearningCurve;
  /** What may be wrong with examples: labels first, those in most doubt first. */
  readonly issues: readonly Issue[];
  /** What was not checked, and why. */
  readonly notChecked: readonly string[];
  readonly seconds: number;
}
