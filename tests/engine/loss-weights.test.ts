/** Weights of sequences' losses: the gradient is that of the weighted mean, and weights of 1 change no bit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch, Engine, Session } from '#eft/engine/engine.js';
import { modelConfigurationSchema } from '#eft/model/configuration.js';
import { lowerTraining } from '#eft/model/lowering.js';
import {
  bits,
  type EngineUnderTest,
  MAIN_ENGINES,
  REFERENCE,
  randomBatch,
  randomParameters,
} from './conformance-engines.js';

const configuration = modelConfigurationSchema.parse({
  model: 'bag',
  sequenceLength: 20,
  channels: 8,
  vocabulary: 60,
  classes: 3,
  labelSmoothing: 0.1,
});
const program = lowerTraining(configuration);
const parameters = randomParameters(program.evaluation, 7);
const names = [...parameters.keys()];
const batch = randomBatch([20, 1, 9, 4], 60, 3, 8);
const key = { seed: 4, step: 0 };

/** The sequence at `b` alone. */
function alone({ tokens, offsets, labels }: Batch, b: number): Batch {
  const own = tokens.slice(offsets[b], offsets[b + 1]);
  return { tokens: own, offsets: Int32Array.of(0, own.length), labels: labels.slice(b, b + 1) };
}

describe.each([REFERENCE, ...MAIN_ENGINES])('$name', (underTest: EngineUnderTest) => {
  let engine: Engine;
  let session: Session;
  beforeAll(async () => {
    engine = await underTest.create();
    session = await engine.createTraining(program, { maxBatch: 4 });
    for (const [name, values] of parameters) await session.setParameter(name, values);
  });
  afterAll(() => engine.dispose());

  const gradients = async (of: Batch): Promise<{ loss: number; values: Map<string, number[]> }> => {
    const { loss } = await session.backward(of, key);
    const values = new Map<string, number[]>();
    for (const name of names) values.set(name, [...(await session.gradient(name))]);
    return { loss, values };
  };

  it('adds the losses and gradients of the sequences, each by its weight', async () => {
    const weights = [0.25, 3, 0, 1.5];
    const whole = await gradients({ ...batch, lossWeights: Float32Array.from(weights) });
    const parts: { weight: number; loss: number; values: Map<string, number[]> }[] = [];
    for (const [b, weight] of weights.entries())
      parts.push({ weight, ...(await gradients(alone(batch, b))) });
    const mean = (of: (part: (typeof parts)[number]) => number): number =>
      parts.reduce((sum, part) => sum + part.weight * of(part), 0) / weights.length;
    expect(whole.loss).toBeCloseTo(
      mean(({ loss }) => loss),
      5,
    );
    for (const [name, values] of whole.values) {
      const largest = Math.max(...values.map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      values.forEach((value, i) => {
        const expected = mean((part) => part.values.get(name)![i]);
        expect(Math.abs(value - expected)).toBeLessThan(1e-5 * largest);
      });
    }
  });

  it('a sequence of two labels has the loss and the gradients of both, by their shares', async () => {
    const [sequence, share] = [alone(batch, 0), 0.3];
    const labelled = (label: number): Batch => ({ ...sequence, labels: Int32Array.of(label) });
    const [one, two] = [await gradients(labelled(0)), await gradients(labelled(2))];
    const mixed = { labels: Int32Array.of(2), shares: Float32Array.of(share) };
    const both = await gradients({ ...labelled(0), mixed });
    expect(both.loss).toBeCloseTo((1 - share) * one.loss + share * two.loss, 5);
    for (const [name, values] of both.values) {
      const largest = Math.max(...values.map(Math.abs));
      values.forEach((value, i) => {
        const expected = (1 - share) * one.values.get(name)![i] + share * two.values.get(name)![i];
        expect(Math.abs(value - expected)).toBeLessThan(1e-5 * largest);
      });
    }
    // Neither a share of 0 nor one of a batch before leaves a trace, and `forward` knows no shares.
    const none = { labels: Int32Array.of(2), shares: new Float32Array(1) };
    expect(await gradients({ ...labelled(0), mixed: none })).toEqual(one);
    expect(await gradients(labelled(0))).toEqual(one);
    const { losses } = await session.forward({ ...labelled(0), mixed });
    expect(losses).toEqual((await session.forward(labelled(0))).losses);
  });

  it('weights of 1, also after others, are none', async () => {
    const told = async (of: Batch): Promise<string> => {
      const { loss, gradientNorm } = await session.backward(of, key);
      const all = [`${loss} ${gradientNorm}`];
      for (const name of names) all.push(bits(await session.gradient(name)));
      return all.join('\n');
    };
    const plain = await told(batch);
    expect(await told({ ...batch, lossWeights: new Float32Array(4).fill(2) })).not.toBe(plain);
    expect(await told({ ...batch, lossWeights: new Float32Array(4).fill(1) })).toBe(plain);
    await told({ ...batch, lossWeights: new Float32Array(4).fill(2) });
    expect(await told(batch)).toBe(plain);
  });
});
