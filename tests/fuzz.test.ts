/** The short form of `node scripts/fuzz.js`. */
import { expect, it } from 'vitest';
import { fuzz } from '../scripts/fuzz.js';
import { runs } from './exhaustive.js';

it('damaged files are refused or read, whatever the damage', async () => {
  const mutants = runs(150, 4000);
  const { faults, counts } = await fuzz({ seed: 2, from: 0, mutants });
  expect(faults).toEqual([]);
  const all = [...counts.values()];
  expect(all.reduce((sum, { accepted, refused }) => sum + accepted + refused, 0)).toBe(mutants);
  expect(counts.size).toBe(11);
});
