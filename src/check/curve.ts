/** What more examples would bring, from how models did that learned from fewer. */
import { fitPowerLaw } from '../evaluation/intervals.js';
import { RandomStream } from '../random.js';

export interface CurvePoint {
  readonly examples: number;
  readonly accuracy: number;
}

export interface LearningCurve {
  /** Fewest examples first. */
  readonly points: readonly CurvePoint[];
  /** With twice the examples, if errors go on to fall as they did: a power of their number. */
  readonly twice: CurvePoint & { readonly interval: readonly [number, number] };
}

const DRAWS = 500;

/**
 * @param parts how many examples were learned from, and of those judged how many were right
 * Undefined where there are fewer than three parts, or nothing is ever wrong.
 */
export function learningCurve(
  parts: readonly { readonly examples: number; readonly judged: number; readonly right: number }[],
): LearningCurve | undefined {
  if (parts.length < 3 || parts.some(({ judged, right }) => judged === 0 || right === judged))
    return undefined;
  const sizes = parts.map(({ examples }) => examples);
  const errors = parts.map(({ judged, right }) => 1 - right / judged);
  const twice = 2 * sizes[sizes.length - 1];
  const expected = (from: readonly number[]): number => {
    const { factor, exponent } = fitPowerLaw(sizes, from);
    // More examples do no harm: a curve that rises is one that chance bent.
    return Math.min(1, exponent > 0 ? from[from.length - 1] : factor * twice ** exponent);
  };
  const random = new RandomStream(0, 'bootstrap');
  const drawn = Array.from({ length: DRAWS }, () =>
    expected(
      parts.map(({ judged }, p) => {
        const error = errors[p] + random.nextNormal() * Math.sqrt((errors[p] * (1 - errors[p])) / judged);
        return Math.max(0.5 / judged, Math.min(1, error));
      }),
    ),
  ).sort((a, b) => a - b);
  const at = (q: number): number => 1 - drawn[Math.round(q * (DRAWS - 1))];
  return {
    points: parts.map(({ examples }, p) => ({ examples, accuracy: 1 - errors[p] })),
    twice: { examples: twice, accuracy: 1 - expected(errors), interval: [at(0.975), at(0.025)] },
  };
}
