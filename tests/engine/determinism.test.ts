/** Same seed, same tier: the same bits for any number of threads, with dropout. */
import { describe, expect, it } from 'vitest';
import { modelConfigurationSchema } from '#eft/model/configuration.js';
import { lowerTraining } from '#eft/model/lowering.js';
import { initialise } from '#eft/model/parameters.js';
import {
  alone,
  bits,
  type EngineUnderTest,
  REFERENCE,
  randomBatch,
  trainingSession,
  WASM_ENGINES,
  WASM_TIERS,
} from './conformance-engines.js';

const MODELS = ['elastic-fourier', 'standard', 'elastic'] as const;
const STEPS = 4;
const LENGTHS = [24, 1, 7, 23, 13, 24, 2, 17, 11, 5, 19];
const ADAMW = { learningRate: 3e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 };

/** Losses and parameters, to the bit, after some steps on batches of different sizes. */
async function train(underTest: EngineUnderTest, model: (typeof MODELS)[number]): Promise<string> {
  const configuration = modelConfigurationSchema.parse({
    model,
    sequenceLength: 24,
    channels: 16,
    hidden: 40,
    blocks: 2,
    vocabulary: 50,
    classes: 3,
    dropout: 0.2,
    wordDropout: 0.2,
  });
  const engine = await underTest.create();
  const parameters = initialise(configuration, 42);
  const session = await trainingSession(engine, lowerTraining(configuration), parameters, LENGTHS.length);
  const told: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const batch = randomBatch(LENGTHS, 50, 3, step);
    // One sequence alone, so that most threads have nothing to do.
    const { loss, gradientNorm } = await session.step(
      step === 2 ? alone(batch, 0) : batch,
      { seed: 42, step },
      ADAMW,
    );
    told.push(`${loss} ${gradientNorm}`);
  }
  for (const name of parameters.keys()) told.push(`${name} ${bits(await session.parameter(name))}`);
  await session.dispose();
  await engine.dispose();
  return told.join('\n');
}

describe.each(MODELS)('%s', (model) => {
  it('reference: the same bits twice', async () => {
    expect(await train(REFERENCE, model)).toBe(await train(REFERENCE, model));
  });

  it('wasm: the same bits for 1, 2 and 3 threads, and without shared memory', async () => {
    const ends = new Map<string, string>();
    for (const engine of WASM_ENGINES) ends.set(engine.name, await train(engine, model));
    const [first] = ends.values();
    for (const [name, end] of ends) expect(end === first, name).toBe(true);
  });

  it('wasm: the same bits whether registers are joined or not', async () => {
    const [, ...fused] = WASM_TIERS;
    const ends = new Set<string>();
    for (const engine of fused) ends.add(await train(engine, model));
    expect(ends.size).toBeLessThanOrEqual(1);
  });
});
