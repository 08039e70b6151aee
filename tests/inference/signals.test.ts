/** Models on signals: they learn what order alone tells, keep their bits, and refuse what they cannot take. */
import { describe, expect, it } from 'vitest';
import type { Example } from '#eft/data/dataset.js';
import { InputError } from '#eft/errors.js';
import { Classifier } from '#eft/inference/classifier.js';
import type { Signal } from '#eft/input/input.js';
import { chooseModel } from '#eft/learning/choose.js';
import { partsOf } from '#eft/learning/prepare.js';
import { type TrainOptions, train } from '#eft/learning/train.js';
import { MemoryStore } from '#eft/platform/store.js';
import { RandomStream } from '#eft/random.js';

/** A bump and then a dent, or the other way round, in noise: their sums are alike. Lengths differ. */
function bumps(count: number, seed: number, channels = 1): Example<Signal>[] {
  const random = new RandomStream(seed, 'test');
  return Array.from({ length: count }, (_, i) => {
    const steps = 40 + random.nextInteger(20);
    const [first, second] = [5 + random.nextInteger(10), 25 + random.nextInteger(10)];
    const sign = i % 2 === 0 ? 1 : -1;
    const values = new Float32Array(steps * channels);
    for (let t = 0; t < steps; t++) {
      const bump = Math.exp(-(((t - first) / 2) ** 2)) - Math.exp(-(((t - second) / 2) ** 2));
      for (let c = 0; c < channels; c++) {
        values[t * channels + c] = (c === 0 ? 3 * sign * bump : 0) + 0.3 * random.nextNormal();
      }
    }
    return { input: { channels, values }, label: i % 2 === 0 ? 'up' : 'down' };
  });
}

const SMALL = {
  channels: 8,
  blocks: 1,
  epochs: 8,
  batchSize: 8,
  learningRate: 0.01,
  seed: 1,
  threads: 1,
} as const;

const learned = (options: Partial<TrainOptions>): Promise<Classifier> =>
  train({ data: bumps(160, 1), ...SMALL, ...options } as TrainOptions);

describe.each([
  ['elastic', {}],
  ['elastic', { patch: 4, window: 12, filters: 8, epochs: 20 }],
  ['elastic-fourier', { hidden: 16 }],
  ['standard', { hidden: 16, heads: 2, epochs: 20 }],
] as const)('%s with %o', (model, options) => {
  it('learns what order alone tells, and predicts the same when it is loaded', async () => {
    const classifier = await learned({ model, ...options });
    const test = bumps(60, 2);
    const { accuracy } = await classifier.evaluate(test);
    expect(accuracy).toBeGreaterThan(0.9);
    const inputs = test.slice(0, 5).map(({ input }) => input);
    const told = await classifier.predict(inputs);
    const store = new MemoryStore();
    await classifier.save(store);
    await classifier.dispose();
    const again = await Classifier.load(store, { threads: 1 });
    expect(again.inputKind).toBe('signal');
    expect(await again.predict(inputs)).toEqual(told);
    await again.dispose();
  });
});

describe.each(['rocket', 'spectrum'] as const)('%s', (model) => {
  it('learns few signals in one step, and predicts the same when it is loaded', async () => {
    const classifier = await train({ data: bumps(40, 1, 2), model, seed: 1, threads: 1 });
    expect(classifier.history).toHaveLength(1);
    const test = bumps(60, 2, 2);
    const { accuracy, loss } = await classifier.evaluate(test);
    expect(accuracy).toBeGreaterThan(0.9);
    // Its probabilities were fitted on examples left out: they are no certainties.
    expect(loss).toBeLessThan(0.4);
    const told = await classifier.predict(test[0].input);
    const store = new MemoryStore();
    await classifier.save(store);
    await classifier.dispose();
    const again = await Classifier.load(store, { threads: 2 });
    expect(await again.predict(test[0].input)).toEqual(told);
    await again.dispose();
  });
});

describe('rocket', () => {
  it('learns from what was kept apart too, but not from what was given for validation', async () => {
    const data = bumps(40, 1);
    const { train: kept, validation } = partsOf({ name: 'bumps', examples: data });
    const weights = async (options: object): Promise<Uint8Array | undefined> => {
      const classifier = await train({ model: 'rocket', seed: 1, threads: 1, ...options } as TrainOptions);
      const store = new MemoryStore();
      await classifier.save(store);
      await classifier.dispose();
      return store.read('model.safetensors');
    };
    const apart = await weights({ data });
    const given = await weights({ data: kept, validation });
    const other = await weights({ data: kept, validation: bumps(10, 7) });
    expect(given).toEqual(other);
    expect(apart).not.toEqual(given);
  });

  it('is refused on texts', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => ({ text: `word ${i}`, label: i % 2 ? 'a' : 'b' }));
    await expect(train({ data: texts, model: 'rocket', threads: 1 })).rejects.toThrow(/rocket takes signals/);
  });
});

describe('models on signals', () => {
  it.each(['elastic', 'elastic-fourier', 'standard'] as const)(
    '%s ends with the same bits on any number of threads, augmented too',
    async (model) => {
      const weights = async (threads: number): Promise<Uint8Array | undefined> => {
        const changes = {
          timeShift: 0.1,
          timeStretch: 0.1,
          timeMask: 0.2,
          timeCrop: 0.3,
          gain: 0.5,
          mixup: 0.3,
        };
        const classifier = await learned({ model, threads, epochs: 2, dropout: 0.1, ...changes });
        const store = new MemoryStore();
        await classifier.save(store);
        await classifier.dispose();
        return store.read('model.safetensors');
      };
      const one = await weights(1);
      expect(one!.length).toBeGreaterThan(1000);
      expect(await weights(2)).toEqual(one);
      expect(await weights(3)).toEqual(one);
    },
  );

  it('take several channels, one of which tells', async () => {
    const classifier = await learned({ model: 'elastic', data: bumps(160, 1, 3) });
    expect((await classifier.evaluate(bumps(60, 2, 3))).accuracy).toBeGreaterThan(0.9);
    await expect(classifier.predict(bumps(1, 3, 2)[0].input)).rejects.toThrow(/2 channels; 3 are needed/);
    await expect(classifier.predict('text')).rejects.toThrow(/is a text; this model takes a signal/);
    await classifier.dispose();
  });

  it('are refused by models of texts, and texts by models of signals', async () => {
    for (const model of ['bag', 'linear'] as const) {
      await expect(train({ data: bumps(40, 1), model, threads: 1 })).rejects.toThrow(
        /takes texts, and these are signals; .*elastic/,
      );
    }
    await expect(learned({ model: 'elastic', patch: 4, window: 2 })).rejects.toThrow(InputError);
    const texts = Array.from({ length: 40 }, (_, i) => ({ text: `word ${i}`, label: i % 2 ? 'a' : 'b' }));
    const classifier = await train({ data: texts, model: 'bag', epochs: 1, threads: 1 });
    await expect(classifier.predict(bumps(1, 1)[0].input)).rejects.toThrow(
      /is a signal; this model takes a text/,
    );
    await expect(
      classifier.evaluate(bumps(1, 1).map(({ input }) => ({ input, label: 'a' }))),
    ).rejects.toThrow(/is a signal; this model takes a text/);
    await classifier.dispose();
  });
});

describe('the validation part of few signals', () => {
  it('holds some of every class, and is the same every time', () => {
    const examples = bumps(24, 5);
    const { train: kept, validation } = partsOf({ name: 'bumps', examples });
    expect(new Set(validation.map(({ label }) => label))).toEqual(new Set(['up', 'down']));
    expect(validation).toHaveLength(2);
    expect(new Set([...kept, ...validation])).toEqual(new Set(examples));
    // Identical ones stay together.
    const twice = [...examples, ...validation];
    const again = partsOf({ name: 'bumps', examples: twice });
    for (const example of validation) expect(again.train).not.toContain(example);
  });
});

describe('auto', () => {
  it('trains the family that cross-validation prefers, with the options that mean something to it', async () => {
    const data = bumps(60, 1);
    const asked = { ...SMALL, model: 'auto', epochs: 2, deepOnly: true } as const;
    const classifier = await train({ data, ...asked });
    // Two epochs are too few for elastic; rocket needs none, and passes them over.
    expect(classifier.configuration.model).toBe('rocket');
    expect((await classifier.evaluate(bumps(40, 2))).accuracy).toBeGreaterThan(0.9);
    await classifier.dispose();
  });

  it('judges by examples that a candidate has not seen, each once', async () => {
    const data = bumps(30, 1);
    const taught: { model: string; examples: readonly Example[] }[] = [];
    const judged: Example[] = [];
    const wrong = new Set(data.slice(0, 4));
    const { model, scores, examples } = await chooseModel(
      { name: 'bumps', examples: data },
      async (part, candidate) => {
        taught.push({ model: candidate, examples: part.examples });
        return {
          async evaluateRead(given: readonly Example[]) {
            for (const example of given) expect(part.examples).not.toContain(example);
            if (candidate === 'elastic') judged.push(...given);
            const right = given.filter(
              (example) => candidate === 'elastic' || !wrong.has(example as Example<Signal>),
            );
            return { accuracy: right.length / given.length, loss: 1 };
          },
          async dispose() {},
        } as unknown as Classifier;
      },
    );
    expect(model).toBe('elastic');
    expect(examples).toBe(30);
    expect(new Set(judged)).toEqual(new Set(data));
    expect(judged).toHaveLength(30);
    expect(taught.map((one) => one.model)).toEqual(Array(5).fill(['rocket', 'elastic']).flat());
    expect(scores.map((one) => [one.model, Math.round(30 * one.accuracy)])).toEqual([
      ['rocket', 26],
      ['elastic', 30],
    ]);
  });
});
