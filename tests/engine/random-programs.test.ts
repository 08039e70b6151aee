/**
 * On random programs the reference's gradients agree with finite differences, and the fast engine with the
 * reference. EFT_RANDOM_RUNS and EFT_RANDOM_SEED ask for more programs than the fixed ones.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '#eft/engine/engine.js';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import { RandomStream } from '#eft/random.js';
import { demandClose, type Expectation, expectFloat32, type Tensors } from '../tolerance.js';
import { type EngineUnderTest, trainingSession, WASM_ENGINES } from './conformance-engines.js';
import { firstDifference } from './conformance-first-difference.js';
import { centralDifference } from './finite-differences.js';
import {
  buildRandomProgram,
  type RandomProgram,
  type Recipe,
  recipes,
  STEP_KINDS,
} from './random-programs.js';

const numRuns = Number(process.env.EFT_RANDOM_RUNS ?? 40);
const settings = { numRuns, seed: Number(process.env.EFT_RANDOM_SEED ?? 20_240_607) };
const KEY = { seed: 5, step: 3 };

/** Loss, logits, and every gradient. */
async function results(engine: Engine, { program, parameters, batch }: RandomProgram): Promise<Tensors> {
  const session = await trainingSession(engine, program, parameters, batch.labels.length);
  const { logits, losses } = await session.forward(batch);
  const { loss, gradientNorm } = await session.backward(batch, KEY);
  const found = new Map<string, ArrayLike<number>>([
    ['logits', logits],
    ['losses', losses],
    ['loss', [loss]],
    ['gradient norm', [gradientNorm]],
  ]);
  for (const name of parameters.keys()) found.set(`gradient of ${name}`, await session.gradient(name));
  await session.dispose();
  return found;
}

/** Expectations, made once for all engines. */
const expectations = new Map<string, Promise<Expectation>>();

function expectationOf(recipe: Recipe, random: RandomProgram): Promise<Expectation> {
  const key = JSON.stringify(recipe);
  const { program, batch } = random;
  const made =
    expectations.get(key) ?? expectFloat32(program.training, batch.tokens.length, (e) => results(e, random));
  expectations.set(key, made);
  return made;
}

it('uses every kind of step', () => {
  const kinds = fc.sample(recipes, settings).flatMap(({ steps }) => steps.map(({ kind }) => kind));
  expect(new Set(kinds)).toEqual(new Set(STEP_KINDS));
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

describe.each(WASM_ENGINES)('$name', (underTest: EngineUnderTest) => {
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
          demandClose(underTest.name, await results(engine, random), expectation);
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
