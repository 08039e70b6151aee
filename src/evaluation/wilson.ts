/** The interval of a share; in a file of its own, for a prediction needs it and none of the other intervals. */
import { normalQuantile } from './distributions.js';

/** Wilson's score interval of a share (Wilson 1927). Of no trials at all it is [0, 1]. */
export function wilsonInterval(successes: number, total: number, confidence = 0.95): [number, number] {
  if (total === 0) return [0, 1];
  const z = normalQuantile(0.5 + confidence / 2);
  const share = successes / total;
  const centre = share + (z * z) / (2 * total);
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
