/** Long inputs block by block: the same answer as in one piece, whatever the blocks and the chunks. */

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import { createWasmEngine } from '#eft/engine/wasm/engine.js';
import { fittingLayout } from '#eft/engine/wasm/layout.js';
import { BlockForward, planBlocks, stepsOfRows } from '#eft/inference/blockwise/blockForward.js';
import { CosineSums } from '#eft/inference/blockwise/cosineSums.js';
import { Classifier } from '#eft/inference/classifier.js';
import { predictionOf } from '#eft/inference/prediction.js';
import type { Encoded } from '#eft/input/encoder.js';
import { WordEncoder } from '#eft/input/words.js';
import { atLength, configureModel } from '#eft/model/configuration.js';
import { lowerInference, lowerRows, lowerTraining } from '#eft/model/lowering.js';
import { initialise } from '#eft/model/parameters.js';
import { trainingSettingsSchema } from '#eft/model/trainingSettings.js';
import { RandomStream } from '#eft/random.js';
import { runs } from '../exhaustive.js';

const engine = await createWasmEngine({ threads: 2 });
afterAll(() => engine.dispose());

const signal = (patch: number, window: number, filters: number) => ({ channels: 2, patch, window, filters });

const SHAPES = {
  'a signal step by step': { signal: signal(1, 1, 0), channels: 8, blocks: 2, scales: 3, taps: 5 },
  'a signal of windows through filters': { signal: signal(4, 18, 6), channels: 8, blocks: 2, scales: 2 },
  'a signal without a long kernel': { signal: signal(1, 1, 0), channels: 8, blocks: 3, scales: 0, taps: 3 },
  'a signal with a bank and modes': {
    ...{ signal: signal(2, 4, 0), channels: 8, blocks: 1, scales: 2, taps: 3, bank: 12, cosineModes: 5 },
  },
  'tokens with a bank': { channels: 8, scales: 3, bank: 16, vocabulary: 50 },
  'tokens with a bank and blocks': { channels: 8, blocks: 1, scales: 2, taps: 5, bank: 16, vocabulary: 50 },
  'tokens without mixing': { channels: 8, blocks: 0, scales: 0, taps: 0, bank: 16, vocabulary: 50 },
} as const;

/** Rows of the whole, in one piece. */
const ROWS = 3000;

async function setUp(shape: (typeof SHAPES)[keyof typeof SHAPES]) {
  const model = configureModel({ model: 'elastic', classes: 3, ...shape, sequenceLength: 8 });
  const parameters = initialise(model, 5);
  const plan = planBlocks(model)!;
  const whole = await engine.createInference(lowerInference(atLength(model, stepsOfRows(model, ROWS))), {
    maxBatch: 1,
  });
  for (const [name, values] of parameters) await whole.setParameter(name, values);
  return { model, parameters, plan, whole };
}

/** Rows at random; those of a signal drift, so that the modes are not all but zero. */
function rowsOf(shape: (typeof SHAPES)[keyof typeof SHAPES], count: number): Encoded {
  const random = new RandomStream(count, 'test');
  if (!('signal' in shape))
    return { ids: Int32Array.from({ length: count }, () => 1 + random.nextInteger(50)) };
  const width = shape.signal.channels * shape.signal.patch;
  const frames = Float32Array.from(
    { length: count * width },
    (_, i) => random.nextNormal() + i / (count * width),
  );
  return { ids: new Int32Array(count).fill(1), frames };
}

const part = ({ ids, frames }: Encoded, from: number, to: number): Encoded => {
  const width = (frames?.length ?? 0) / ids.length;
  return {
    ids: ids.subarray(from, to),
    ...(frames === undefined ? {} : { frames: frames.subarray(from * width, to * width) }),
  };
};

function expectSame(logits: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(logits.length).toBe(expected.length);
  for (let c = 0; c < expected.length; c++) {
    expect(Math.abs(logits[c] - expected[c])).toBeLessThan(1e-5 * (1 + Math.abs(expected[c])));
  }
}

describe.each(Object.keys(SHAPES) as (keyof typeof SHAPES)[])('%s', (name) => {
  const shape = SHAPES[name];

  it('has the logits of the whole, in any blocks and chunks', async () => {
    const { model, parameters, plan, whole } = await setUp(shape);
    const { reach } = plan;
    const opened = new Map<number, BlockForward>();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: ROWS }),
        fc.constantFrom(2, 100, 700),
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
        async (count, fresh, chunks) => {
          const rows = 2 * reach + fresh;
          const blocks =
            opened.get(rows) ?? (await BlockForward.open(engine, { rows, reach }, model, parameters));
          opened.set(rows, blocks);
          const all = rowsOf(shape, count);
          const reading = blocks.begin();
          // So few rows at a time would take long.
          const sizes = fresh === 2 ? [Math.min(count, 60)] : chunks;
          const most = fresh === 2 ? sizes[0] : count;
          for (let from = 0, i = 0; from < most; i++) {
            const to = Math.min(most, from + sizes[i % sizes.length]);
            await reading.push(part(all, from, to));
            from = to;
          }
          const { frames, ids } = part(all, 0, most);
          const { logits } = await whole.forward({
            ...{ tokens: ids, offsets: Int32Array.of(0, most), labels: Int32Array.of(0) },
            ...(frames === undefined ? {} : { frames }),
          });
          expectSame(await reading.logits(), logits);
          // What follows is looked at, not taken.
          await reading.logits(part(all, 0, 1));
          expectSame(await reading.logits(), logits);
        },
      ),
      { numRuns: runs(4, 12) },
    );
    await whole.dispose();
  });
});

describe('the sums of cosines', () => {
  it('are those of the definition, however many rows come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 6 }), (count, modes) => {
        const random = new RandomStream(count, 'test');
        const values = Float64Array.from({ length: count }, (_, t) => random.nextNormal() + t / count);
        const sums = new CosineSums(1, modes);
        for (let t = 0; t < count; t++) sums.add(values, t);
        sums.means().forEach((mean, k) => {
          const expected = values.reduce(
            (sum, x, t) => sum + (Math.cos((Math.PI * k * (t + 0.5)) / count) * x) / count,
            0,
          );
          expect(Math.abs(mean - expected)).toBeLessThan(1e-6);
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('a program that gives rows', () => {
  it('gives those of every sequence of a batch, on both engines the same', async () => {
    const shape = SHAPES['a signal with a bank and modes'];
    const model = configureModel({ model: 'elastic', classes: 3, ...shape, sequenceLength: 80 });
    const program = lowerRows(model);
    const all = rowsOf(shape, 60);
    const batch = {
      ...{ tokens: all.ids, frames: all.frames!, offsets: Int32Array.of(0, 40, 41, 60) },
      labels: new Int32Array(3),
    };
    const results = [];
    for (const one of [engine, createReferenceEngine()]) {
      // Two at once: the third comes in a batch of its own.
      const session = await one.createInference(program, { maxBatch: 2 });
      for (const [name, values] of initialise(model, 5)) {
        if (!name.startsWith('head')) await session.setParameter(name, values);
      }
      results.push((await session.forward(batch)).logits);
      await session.dispose();
    }
    const [fast, exact] = results;
    expect(fast.length).toBe(60 * (shape.channels + shape.bank));
    expect(fast.length).toBe(exact.length);
    exact.forEach((value, i) => {
      expect(Math.abs(fast[i] - value)).toBeLessThan(1e-4);
    });
  });
});

describe('a classifier asked for more than it reads at once', () => {
  it('gives the answer of one piece', async () => {
    const shape = SHAPES['tokens with a bank and blocks'];
    const model = configureModel({ model: 'elastic', ...shape, deepOnly: true, sequenceLength: 40_000 });
    const config = {
      model,
      classes: ['a', 'b'],
      training: trainingSettingsSchema.parse({ learningRate: 0.01 }),
      reading: { long: 'head' },
      data: {},
    } as const;
    const encoder = new WordEncoder(
      Array.from({ length: 49 }, (_, i) => `w${i}`),
      { vocabulary: 50 },
    );
    const saved = {
      config: { ...config, classes: [...config.classes] },
      encoder,
      parameters: initialise(model, 5),
      epoch: 1,
    };
    const own = await createWasmEngine({ threads: 2 });
    const classifier = await Classifier.open(saved, own);
    const random = new RandomStream(3, 'test');
    const text = Array.from({ length: 39_000 }, () => `w${random.nextInteger(60)}`).join(' ');
    const scores = await classifier.predict(text);
    const whole = await own.createInference(lowerInference(model), { maxBatch: 1 });
    for (const [name, values] of saved.parameters) await whole.setParameter(name, values);
    const { ids } = encoder.encode(text, 40_000);
    const batch = { tokens: ids, offsets: Int32Array.of(0, ids.length), labels: Int32Array.of(0) };
    const { logits } = await whole.forward(batch);
    const expected = predictionOf(logits, ['a', 'b']);
    expect(scores.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
    scores.forEach(({ score }, i) => {
      expect(Math.abs(score - expected[i].score)).toBeLessThan(1e-5);
    });
    await classifier.dispose();
  });
});

describe('threads', () => {
  it('are as many as there is work and memory for', () => {
    const preset = configureModel({ model: 'elastic-fourier', sequenceLength: 65_536 });
    const { evaluation, training } = lowerTraining(preset);
    const layout = fittingLayout(evaluation, training, { threads: 8, maxBatch: 8 });
    expect(layout.threads).toBe(1);
    expect(layout.bytes).toBeLessThan(2 ** 32);
    const small = lowerTraining(configureModel({ model: 'elastic-fourier', sequenceLength: 64 }));
    expect(fittingLayout(small.evaluation, small.training, { threads: 8, maxBatch: 2 }).threads).toBe(8);
    expect(fittingLayout(small.evaluation, undefined, { threads: 8, maxBatch: 2 }).threads).toBe(2);
  });
});

describe('families and kernels that need the whole', () => {
  it('have no blocks', () => {
    for (const model of ['elastic-fourier', 'standard', 'bag'] as const) {
      expect(planBlocks(configureModel({ model }))).toBeUndefined();
    }
    expect(planBlocks(configureModel({ model: 'elastic', scales: 20 }))).toBeUndefined();
    expect(planBlocks(configureModel({ model: 'elastic' }))).toEqual({ rows: 8192, reach: 508 });
  });
});
