/** What became of a model's doubt on labelled examples: whether its promises held there. */
import { setOf } from './conformal.js';
import { type Doubt, isUnsure } from './doubt.js';
import { softmax, UNKNOWN_CLASS } from './metrics.js';
import { type RankArea, rankAreaOf } from './rankArea.js';
import { type RiskCoverage, riskCoverageOf } from './riskCoverage.js';
import { wilsonInterval } from './wilson.js';

/** A share of counted examples, and its 95% interval (Wilson). */
export interface MeasuredShare {
  readonly share: number;
  readonly interval: readonly [number, number];
}

export interface MeasuredUnsure {
  /** Answers with a lower score are unsure; null: all are. */
  readonly below: number | null;
  /** Answers that are not unsure, and wrong ones among these. */
  readonly answered: MeasuredShare;
  readonly wrong: MeasuredShare;
}

export interface MeasuredUnlike {
  /** Examples of the model's classes that count as more unlike than 95% of those left out: a twentieth, if they are like them. */
  readonly over95: MeasuredShare;
  /** How well it tells examples of other classes from those of the model's; where there are some. */
  readonly apart?: RankArea;
}

export interface DoubtMeasured {
  /** How often the model is wrong if it answers only what it is surest of. */
  readonly riskCoverage: RiskCoverage;
  /** Of a model that marks answers as unsure. */
  readonly unsure?: MeasuredUnsure;
  /** Of a model that gives sets of classes. */
  readonly sets?: {
    /** The coverage that was asked. */
    readonly asked: number;
    /** Sets that hold the right class. */
    readonly coverage: MeasuredShare;
    readonly meanSize: number;
    /** Sets of so many classes, from 0. */
    readonly sizes: readonly number[];
  };
  /** Of a model that says how unlike the training inputs an input is. */
  readonly unknownScore?: MeasuredUnlike;
}

const shareOf = (part: number, whole: number): MeasuredShare => ({
  share: whole === 0 ? 0 : part / whole,
  interval: wilsonInterval(part, whole),
});

export interface ScoredExamples {
  /** [examples, classes] */
  readonly logits: Float64Array;
  /** Class index of each; −1: of no class of the model, which no answer and no set can hold. */
  readonly labels: Int32Array;
  /** How unlike the training inputs each is, where that is known. */
  readonly unlike?: Float64Array | undefined;
}

export function measureDoubt(
  { logits, labels, unlike }: ScoredExamples,
  classes: number,
  doubt: Doubt | undefined,
): DoubtMeasured {
  const confidence = new Float64Array(labels.length);
  const right: boolean[] = [];
  const sizes = new Array<number>(classes + 1).fill(0);
  let covered = 0;
  for (let i = 0; i < labels.length; i++) {
    const scores = softmax(logits.subarray(i * classes, (i + 1) * classes));
    const answer = scores.reduce((best, score, c) => (score > scores[best] ? c : best), 0);
    confidence[i] = scores[answer];
    right.push(answer === labels[i]);
    if (doubt?.sets === undefined) continue;
    const set = setOf(scores, doubt.sets.least);
    sizes[set.length]++;
    covered += Number(set.includes(labels[i]));
  }
  const sets = doubt?.sets && {
    asked: doubt.asked.sets!,
    coverage: shareOf(covered, labels.length),
    meanSize: sizes.reduce((sum, count, size) => sum + count * size, 0) / Math.max(1, labels.length),
    sizes,
  };
  return {
    riskCoverage: riskCoverageOf(confidence, right),
    ...(doubt?.unsure ? { unsure: measureUnsure(doubt.unsure, confidence, right) } : {}),
    ...(sets ? { sets } : {}),
    ...(unlike ? { unknownScore: measureUnlike(unlike, labels) } : {}),
  };
}

function measureUnlike(unlike: Float64Array, labels: Int32Array): MeasuredUnlike {
  const known = unlike.filter((_, i) => labels[i] !== UNKNOWN_CLASS);
  const apart = rankAreaOf(
    unlike.filter((_, i) => labels[i] === UNKNOWN_CLASS),
    known,
  );
  return {
    over95: shareOf(known.filter((one) => one > 0.95).length, known.length),
    ...(apart ? { apart } : {}),
  };
}

function measureUnsure(
  rule: NonNullable<Doubt['unsure']>,
  confidence: Float64Array,
  right: readonly boolean[],
): MeasuredUnsure {
  const answered = right.filter((_, i) => !isUnsure(rule, confidence[i]));
  return {
    below: rule.below,
    answered: shareOf(answered.length, right.length),
    wrong: shareOf(answered.filter((one) => !one).length, answered.length),
  };
}
