/** Every case, checked number by number against central differences in float64. */
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import { centralDifference } from '../central-difference.js';
import { trainingSession } from '../engine/conformance-engines.js';
import { EXHAUSTIVE } from '../exhaustive.js';
import { caseProgram } from './case-programs.js';
import { ALL_CASES } from './cases.js';

/** Exhaustively also the least length, and an even one. */
describe.each(EXHAUSTIVE ? [2, 5, 6] : [5])('n = %i', (n) => {
  it.each(ALL_CASES)('%s', async (_, test) => {
    const size = { n, channels: 3, width: 4, heads: 2 };
    const { program, parameters, batch } = caseProgram(test, size);
    const session = await trainingSession(createReferenceEngine(), program, parameters, 3);
    const key = { seed: 9, step: 4 };
    await session.backward(batch, key);
    const gradients = new Map<string, ArrayLike<number>>();
    for (const parameter of parameters.keys()) gradients.set(parameter, await session.gradient(parameter));
    let moved = 0;
    for (const [parameter, values] of parameters) {
      for (let i = 0; i < values.length; i++) {
        const { slope, allowance } = await centralDifference(async (h) => {
          const changed = Float64Array.from(values);
          changed[i] += h;
          await session.setParameter(parameter, changed);
          return (await session.backward(batch, key)).loss;
        });
        const gradient = gradients.get(parameter)![i];
        if (gradient !== 0) moved++;
        const what = `${parameter}[${i}]: gradient ${gradient}, difference ${slope}`;
        expect(Math.abs(gradient - slope), what).toBeLessThanOrEqual(allowance);
      }
      await session.setParameter(parameter, values);
    }
    expect(moved).toBeGreaterThan(0);
  });
});
