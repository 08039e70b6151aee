/** How much a run of the tests tries. */
import { it } from 'vitest';

/** Whether this is `npm run test:exhaustive`. Bundles for browsers define it. */
export const EXHAUSTIVE = process.env.EFT_EXHAUSTIVE === '1';

/**
 * The `numRuns` of a property.
 * @param quick for `npm test`: enough to catch a break of the rule
 * @param exhaustive for `npm run test:exhaustive`; default: ten times as many
 */
export const runs = (quick: number, exhaustive = 10 * quick): number => (EXHAUSTIVE ? exhaustive : quick);

/** A test of `npm run test:exhaustive` alone, in a file of quick ones whose set-up it shares. */
export function exhaustively(title: string, body: () => Promise<void>): void {
  if (EXHAUSTIVE) it(title, body);
}
