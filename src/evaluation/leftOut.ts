/** What a model said of examples that it had not learned from: all that thresholds are settled on. */
import { softmax } from './metrics.js';
import { evidenceOf } from './unlikeness.js';

/** Of each example that was left out, one number in each list. */
export interface LeftOut {
  /** Score of the class that was answered. */
  readonly confidence: readonly number[];
  /** Whether that was the example's own class. */
  readonly right: readonly boolean[];
  /** Score of the example's own class. */
  readonly own: readonly number[];
  /** How much the logits speak for the answer against the classes' mean. */
  readonly evidence: readonly number[];
}

/** More settle nothing better, and would make a large file. */
const MOST = 10_000;

/** Scores near 1 differ late. */
const DIGITS = 9;

/**
 * @param logits [examples, classes], as they become scores
 * @param labels class index of each example
 */
export function leftOutOf(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): LeftOut {
  const confidence: number[] = [];
  const right: boolean[] = [];
  const own: number[] = [];
  const evidence: number[] = [];
  const step = Math.max(1, labels.length / MOST);
  for (let at = 0; at < labels.length; at += step) {
    const i = Math.floor(at);
    const row = Array.from({ length: classes }, (_, c) => logits[i * classes + c]);
    const scores = softmax(row);
    evidence.push(Number(evidenceOf(row).toPrecision(6)));
    const answer = scores.reduce((best, score, c) => (score > scores[best] ? c : best), 0);
    confidence.push(Number(scores[answer].toFixed(DIGITS)));
    right.push(answer === labels[i]);
    own.push(Number(scores[labels[i]].toFixed(DIGITS)));
  }
  return { confidence, right, own, evidence };
}
