/** How often a model is wrong if it answers only what it is surest of: the risk-coverage curve and its area. */
import { RandomStream } from '../random.js';
import { wilsonInterval } from './wilson.js';

export interface RiskPoint {
  /** Share of the examples that is answered, and the lowest score among them. */
  readonly coverage: number;
  readonly score: number;
  /** Share of these answers that is wrong, and its 95% interval (Wilson). */
  readonly error: number;
  readonly errorInterval: readonly [number, number];
}

export interface RiskCoverage {
  /** From few answers to all. */
  readonly points: readonly RiskPoint[];
  /** Mean error over all coverages, 0 … 1: the area under the curve; and its 95% interval (bootstrap of the examples). */
  readonly area: number;
  readonly areaInterval: readonly [number, number];
}

/** Points of the curve, evenly over the coverage. */
const POINTS = 20;
/** Draws of the examples; fewer of many. */
const drawsOf = (examples: number): number => Math.round(Math.max(100, Math.min(400, 4e6 / examples)));

/** @param counts how often each example occurs, the surest first */
function areaOf(wrong: Uint8Array, counts?: Uint16Array): number {
  let [seen, errors, sum] = [0, 0, 0];
  for (let i = 0; i < wrong.length; i++) {
    for (let n = counts?.[i] ?? 1; n > 0; n--) {
      seen++;
      errors += wrong[i];
      sum += errors / seen;
    }
  }
  return seen === 0 ? 0 : sum / seen;
}

/**
 * @param confidence of each answer
 * @param right whether it was right
 */
export function riskCoverageOf(
  confidence: ArrayLike<number>,
  right: ArrayLike<boolean>,
  points = POINTS,
): RiskCoverage {
  const count = confidence.length;
  const order = Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => confidence[b] - confidence[a] || a - b,
  );
  const wrong = Uint8Array.from(order, (i) => Number(!right[i]));
  const sums = [0];
  for (const one of wrong) sums.push(sums[sums.length - 1] + one);
  const places = Array.from({ length: points }, (_, p) => Math.round(((p + 1) * count) / points));
  const curve = [...new Set(places)].flatMap((answered): RiskPoint[] =>
    answered === 0
      ? []
      : [
          {
            coverage: answered / count,
            score: confidence[order[answered - 1]],
            error: sums[answered] / answered,
            errorInterval: wilsonInterval(sums[answered], answered),
          },
        ],
  );
  return { points: curve, area: areaOf(wrong), areaInterval: areaInterval(wrong) };
}

function areaInterval(wrong: Uint8Array): [number, number] {
  const random = new RandomStream(0, 'bootstrap');
  const draws = drawsOf(wrong.length);
  const areas = Float64Array.from({ length: draws }, () => {
    const counts = new Uint16Array(wrong.length);
    for (let n = 0; n < wrong.length; n++) counts[random.nextInteger(wrong.length)]++;
    return areaOf(wrong, counts);
  }).sort();
  const at = (q: number): number => areas[Math.round(q * (draws - 1))];
  return [at(0.025), at(0.975)];
}
