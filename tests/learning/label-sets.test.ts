/** Every family that learns any number of labels does, on texts, bytes and signals, and says the same when it is loaded again. */
import { describe, expect, test } from 'vitest';
import { Classifier } from '#eft/inference/classifier.js';
import { answeredOf } from '#eft/inference/prediction.js';
import { train } from '#eft/learning/train.js';
import type { TrainingOptions } from '#eft/learning/trainingOptions.js';
import { RandomStream } from '#eft/random.js';
import { temporaryFolder } from '../temporary-folder.js';

const { at } = temporaryFolder();

const TOPICS = {
  sport: 'ball team goal match',
  food: 'bread soup oven salt',
  law: 'court judge appeal claim',
};
const NAMES = Object.keys(TOPICS) as (keyof typeof TOPICS)[];

/** Texts with the words of their labels, none to all three. */
function textsOf(count: number, seed: number): { text: string; label: string[] }[] {
  return Array.from({ length: count }, (_, i) => {
    const random = new RandomStream(seed, 'test', i);
    const label = NAMES.filter(() => random.next() < 0.4);
    const words = ['the', 'and', 'some', 'other', `n${random.nextInteger(50)}`];
    for (const name of label) {
      const own = TOPICS[name].split(' ');
      words.push(own[random.nextInteger(4)], own[random.nextInteger(4)]);
    }
    return { text: words.join(' '), label };
  });
}

/** Waves of the labels' frequencies, one on the other. */
function signalsOf(count: number, seed: number): { signal: Float32Array; label: string[] }[] {
  return Array.from({ length: count }, (_, i) => {
    const random = new RandomStream(seed, 'test', i);
    const label = ['low', 'high'].filter(() => random.next() < 0.5);
    const phase = 6 * random.next();
    const signal = Float32Array.from({ length: 64 }, (_, t) => {
      const low = label.includes('low') ? Math.sin(0.2 * t + phase) : 0;
      const high = label.includes('high') ? Math.sin(1.4 * t + phase) : 0;
      return low + high + 0.1 * random.nextNormal();
    });
    return { signal, label };
  });
}

const SMALL = { sequenceLength: 32, channels: 16, hidden: 16, blocks: 1, seed: 1, threads: 1 } as const;

describe('any number of labels', () => {
  test.each<[string, TrainingOptions, number]>([
    ['linear', { model: 'linear' }, 0.9],
    ['linear of bytes', { model: 'linear', tokenizer: 'bytes' }, 0.85],
    ['bag', { model: 'bag', sequenceLength: 32, channels: 16, epochs: 30, learningRate: 0.02 }, 0.85],
    ['elastic-fourier', { model: 'elastic-fourier', ...SMALL, epochs: 15, learningRate: 0.01 }, 0.7],
    ['elastic', { model: 'elastic' }, 0.9],
    ['elastic, both paths', { model: 'elastic', folds: 0, sequenceLength: 32, epochs: 3, bank: 16 }, 0.85],
  ])('of texts: %s', async (name, options, least) => {
    const classifier = await train({ data: textsOf(240, 1), ...options } as Parameters<typeof train>[0]);
    try {
      expect(classifier.multiLabel).toBe(true);
      expect(classifier.classes).toEqual(['food', 'law', 'sport']);
      const test = textsOf(100, 2);
      const { multiLabel, accuracy } = await classifier.evaluate(test);
      expect(multiLabel!.microF1).toBeGreaterThan(least);
      expect(multiLabel!.subsetAccuracy).toBe(accuracy);
      const { text } = test[0];
      const prediction = await classifier.predict(text);
      for (const { label, score, chosen } of prediction) {
        expect(chosen).toBe(score >= classifier.thresholds!.get(label)!);
      }
      const place = at(name.replaceAll(/\W/g, ''));
      await classifier.save(place);
      const again = await Classifier.load(place, { threads: 1 });
      expect(await again.predict(text)).toEqual(prediction);
      await again.dispose();
    } finally {
      await classifier.dispose();
    }
  });

  test.each<[string, TrainingOptions]>([
    ['rocket', { model: 'rocket' }],
    ['elastic', { model: 'elastic' }],
  ])('of signals: %s', async (_, options) => {
    const classifier = await train({ data: signalsOf(80, 1), ...options, threads: 1 } as Parameters<
      typeof train
    >[0]);
    try {
      const { multiLabel } = await classifier.evaluate(signalsOf(60, 2));
      expect(multiLabel!.microF1).toBeGreaterThan(0.9);
      expect(answeredOf(await classifier.predict(signalsOf(60, 3)[0].signal))).toEqual(
        expect.arrayContaining(signalsOf(60, 3)[0].label),
      );
    } finally {
      await classifier.dispose();
    }
  });

  test('a kind of model that answers one class refuses them', async () => {
    await expect(train({ data: signalsOf(20, 1), model: 'spectrum' })).rejects.toThrow(
      'spectrum answers one class; rocket and elastic take any number of labels',
    );
  });

  test('labels that training has never seen are missed, and listed', async () => {
    const classifier = await train({ data: textsOf(120, 1), model: 'linear', threads: 1 });
    const test = textsOf(50, 2);
    const { unknown, multiLabel } = await classifier.evaluate([
      ...test,
      { text: 'a ball', label: ['sport', 'new'] },
      { text: 'soup', label: ['new'] },
    ]);
    const { multiLabel: before } = await classifier.evaluate(test);
    expect(unknown).toMatchObject({ examples: 2, labels: [{ label: 'new', examples: 2 }] });
    expect(multiLabel!.microRecall).toBeLessThan(before!.microRecall);
    await classifier.dispose();
  });
});

describe('what does not take any number of labels says so', () => {
  test('a comparison', async () => {
    const { splitDataset } = await import('#eft/comparison/splitData.js');
    const { datasetOf } = await import('#eft/data/dataset.js');
    await expect(splitDataset(datasetOf(textsOf(20, 1), 'data'), [0.8, 0.1, 0.1])).rejects.toThrow(
      'comparisons are of models of one label each',
    );
  });

  test('a choice between models judges all that is left out', async () => {
    const { chooseModel } = await import('#eft/learning/choose.js');
    const examples = textsOf(40, 1).map(({ text, label }) => ({
      input: text,
      label: label.join(),
      labels: label,
    }));
    const judged: unknown[] = [];
    await chooseModel({ name: 'data', examples }, async () => {
      const classifier = {
        async evaluateRead(given: readonly unknown[]) {
          judged.push(...given);
          return { accuracy: 1, loss: 1 };
        },
        async dispose() {},
      };
      return classifier as unknown as Classifier;
    });
    expect(judged).toHaveLength(2 * examples.length);
  });
});
