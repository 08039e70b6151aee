/**
 * On random programs the reference's gradients agree with finite differences, and the fast engine with the
 * reference. EFT_RANDOM_RUNS and EFT_RANDOM_SEED ask for other programs than the fixed ones.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import { RandomStream } from '#eft/random.js';
import { centralDifference } from '../central-difference.js';
import { type EngineUnderTest, NUMERIC_ENGINES, trainingSession } from '../engine/conformance-engines.js';
import { firstDifference } from '../engine/conformance-first-difference.js';
import { runs } from '../exhaustive.js';
import { demandClose, type Expectation, expectFloat32 } from '../tolerance.js';
import type { CaseProgram } from './case-programs.js';
import { buildRandomProgram, POOLS, type Recipe, recipes, STEPS } from './random-programs.js';
import { sessionResults } from './session-results.js';

/** So many that each case is used. */
const ALL = Math.ceil(1.75 * STEPS.length);
const seed = Number(process.env.EFT_RANDOM_SEED ?? 20_240_607);
const settings = { numRuns: Number(process.env.EFT_RANDOM_RUNS ?? runs(10, ALL)), seed };
const KEY = { seed: 5, step: 3 };

/** Expectations, made once for all engines. */
const expectations = new Map<string, Promise<Expectation>>();

function expectationOf(recipe: Recipe, random: CaseProgram): Promise<Expectation> {
  const key = JSON.stringify(recipe);
  const { program, batch } = random;
  const made =
    expectations.get(key) ??
    expectFloat32(program.training, batch.tokens.length, (e) => sessionResults(e, random, KEY));
  expectations.set(key, made);
  return made;
}

it('uses every case that builds something', () => {
  const sample = fc.sample(recipes, { numRuns: ALL, seed });
  const used = sample.flatMap(({ steps }) => steps.map(({ test }) => STEPS[test].name));
  expect([...new Set(used)].sort()).toEqual(STEPS.map(({ name }) => name).sort());
  const ends = sample.flatMap(({ pool }) => (pool === POOLS.length ? [] : [POOLS[pool].name]));
  expect([...new Set(ends)].sort()).toEqual(POOLS.map(({ name }) => name).sort());
});

it('reference: the gradient agrees with finite differences in a random direction', async () => {
  await fc.assert(
    fc.asyncProperty(recipes, async (recipe: Recipe) => {
      const { program, parameters, batch } = buildRandomProgram(recipe);
      const session = await trainingSession(
        createReferenceEngine(),
        program,
        parameters,
        batch.labels.length,
      );
      const random = new RandomStream(recipe.seed, 'test', 3);
      await session.backward(batch, KEY);
      const directions: {
        name: string;
        values: ArrayLike<number>;
        direction: Float64Array;
        slope: number;
      }[] = [];
      for (const [name, values] of parameters) {
        const direction = Float64Array.from(values, () => random.nextNormal());
        const gradient = await session.gradient(name);
        const slope = direction.reduce((sum, d, i) => sum + d * gradient[i], 0);
        directions.push({ name, values, direction, slope });
      }
      const loss = async (h: number): Promise<number> => {
        for (const { name, values, direction } of directions) {
          await session.setParameter(
            name,
            direction.map((d, i) => values[i] + h * d),
          );
        }
        return (await session.backward(batch, KEY)).loss;
      };
      const expected = directions.reduce((sum, { slope }) => sum + slope, 0);
      const { slope, allowance } = await centralDifference(loss);
      expect(Math.abs(slope - expected), `${slope} instead of ${expected}`).toBeLessThanOrEqual(allowance);
    }),
    settings,
  );
});

describe.each(NUMERIC_ENGINES)('$name', (underTest: EngineUnderTest) => {
  let engine: Awaited<ReturnType<EngineUnderTest['create']>>;
  beforeAll(async () => {
    engine = await underTest.create();
  });
  afterAll(() => engine.dispose());

  it('agrees with the reference', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe: Recipe) => {
        const random = buildRandomProgram(recipe);
        const expectation = await expectationOf(recipe, random);
        try {
          demandClose(underTest.name, await sessionResults(engine, random, KEY), expectation);
        } catch (error) {
          const { program, parameters, batch } = random;
          const first = await firstDifference(engine, program.evaluation, parameters, batch);
          const where = first === undefined ? 'the forward half agrees' : `first difference: ${first}`;
          throw new Error(`${(error as Error).message}\n  ${where}`);
        }
      }),
      settings,
    );
  });
});
