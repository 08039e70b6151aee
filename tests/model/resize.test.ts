/** Resizing: filters move exactly, and short texts get the same answers. */
import { describe, expect, test } from 'vitest';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import { InputError } from '#eft/errors.js';
import { configureModel, type ModelConfiguration } from '#eft/model/configuration.js';
import { lowerEvaluation } from '#eft/model/lowering.js';
import { initialise } from '#eft/model/parameters.js';
import { resizeFilter, resizeModel } from '#eft/model/resize.js';
import { RandomStream } from '#eft/random.js';

const COLUMNS = 3;

function randomFilter(n: number): { real: Float32Array; imaginary: Float32Array } {
  const random = new RandomStream(n, 'test');
  const numbers = (): Float32Array =>
    Float32Array.from({ length: (Math.floor(n / 2) + 1) * COLUMNS }, () => random.nextNormal());
  const [real, imaginary] = [numbers(), numbers()];
  // What has no influence does not come back.
  imaginary.fill(0, 0, COLUMNS);
  if (n % 2 === 0) imaginary.fill(0, -COLUMNS);
  return { real, imaginary };
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

test.each([
  [8, 16],
  [8, 13],
  [9, 10],
  [15, 31],
])('a filter of %i tokens comes back from %i', (from, to) => {
  const filter = randomFilter(from);
  const back = resizeFilter(resizeFilter(filter, COLUMNS, from, to), COLUMNS, to, from);
  expect(largestDifference(back.real, filter.real)).toBeLessThan(1e-5);
  expect(largestDifference(back.imaginary, filter.imaginary)).toBeLessThan(1e-5);
});

async function logitsOf(
  model: ModelConfiguration,
  parameters: ReadonlyMap<string, Float32Array>,
  tokens: Int32Array,
): Promise<number[]> {
  const engine = createReferenceEngine();
  const session = await engine.createInference(lowerEvaluation(model), { maxBatch: 1 });
  for (const [name, values] of parameters) await session.setParameter(name, values);
  const offsets = Int32Array.of(0, tokens.length);
  const { logits } = await session.forward({ tokens, offsets, labels: Int32Array.of(0) });
  await engine.dispose();
  return [...logits];
}

describe.each(['elastic-fourier', 'standard'] as const)('%s', (name) => {
  const shape = { model: name, blocks: 1, channels: 8, hidden: 8, heads: 2, vocabulary: 20, classes: 3 };
  const model = configureModel({ ...shape, sequenceLength: 14 });
  const parameters = initialise(model, 1);

  test.each([28, 15, 12])('texts of half the length get the same answers at %i tokens', async (length) => {
    const resized = resizeModel(model, parameters, length);
    expect(resized.model.sequenceLength).toBe(length);
    for (const count of [1, 4, 6]) {
      const tokens = Int32Array.from({ length: count }, (_, i) => 1 + ((5 * i) % 20));
      const [before, after] = [
        await logitsOf(model, parameters, tokens),
        await logitsOf(resized.model, resized.parameters, tokens),
      ];
      before.forEach((value, c) => {
        expect(after[c]).toBeCloseTo(value, 5);
      });
    }
  });

  test('longer ones can be asked', async () => {
    const resized = resizeModel(model, parameters, 28);
    const logits = await logitsOf(resized.model, resized.parameters, new Int32Array(28).fill(3));
    expect(logits.every(Number.isFinite)).toBe(true);
  });

  test('the same length is a copy', () => {
    const resized = resizeModel(model, parameters, 14);
    expect(resized.parameters).toEqual(parameters);
    expect(resized.parameters.get('head.bias')).not.toBe(parameters.get('head.bias'));
  });
});

test('families of any length need none', () => {
  const model = configureModel({ model: 'bag', sequenceLength: 8 });
  expect(() => resizeModel(model, new Map(), 16)).toThrow(InputError);
  expect(() => resizeModel(model, new Map(), 16)).toThrow('give --seq-len to eft predict');
});
