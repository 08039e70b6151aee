/** Few examples: none is held out, and those left out in turn say how good a model is. */
import { expect, test } from 'vitest';
import type { Example } from '#eft/data/dataset.js';
import { RunFolder } from '#eft/formats/runFolder.js';
import { parseTrainOptions } from '#eft/learning/options.js';
import { partsOf } from '#eft/learning/prepare.js';
import { train } from '#eft/learning/train.js';
import { MemoryStore } from '#eft/platform/store.js';
import { RandomStream } from '#eft/random.js';

const WORDS = ['the', 'film', 'was', 'and', 'plot', 'actors', 'it', 'music'];

/** Every fifth says nothing of its class. */
function reviews(count: number, seed = 1): Example<string>[] {
  const random = new RandomStream(seed, 'test');
  return Array.from({ length: count }, (_, i) => {
    const own = i % 5 === 0 ? 'so' : i % 2 === 0 ? 'good' : 'bad';
    const words = Array.from({ length: 8 }, () => WORDS[random.nextInteger(WORDS.length)]);
    return {
      input: `${own} ${words.join(' ')} n${random.nextInteger(1e6)}`,
      label: i % 2 === 0 ? 'yes' : 'no',
    };
  });
}

const wavy = (count: number): Example[] =>
  Array.from({ length: count }, (_, i) => ({
    input: {
      values: Float32Array.from(
        { length: 64 },
        (_v, t) => Math.sin((t + i) / (i % 2 === 0 ? 2 : 9)) + 0.01 * i,
      ),
      channels: 1,
    },
    label: i % 2 === 0 ? 'fast' : 'slow',
  }));

const partsFor = (examples: readonly Example[], options: object, given?: readonly Example[]) =>
  partsOf(
    { name: 'data', examples },
    given && { name: 'given', examples: given },
    parseTrainOptions({ model: 'linear', ...options }),
  );

test('all examples are learned from where a model needs no gradients', () => {
  for (const model of ['linear', 'elastic'] as const) {
    const { train: learned, validation, folds } = partsFor(reviews(200), { model });
    expect(learned.length).toBe(200);
    expect(validation).toEqual([]);
    expect(folds?.count).toBe(10);
    expect(new Set(folds?.places)).toEqual(new Set(Array.from({ length: 10 }, (_, i) => i)));
  }
  expect(partsFor(wavy(30), { model: 'rocket' }).folds?.count).toBe(30);
});

test.each([
  ['gradients', { model: 'standard' }],
  ['a deep path alone', { model: 'elastic', deepOnly: true }],
  ['steps that were asked for', { epochs: 3 }],
  ['no folds asked for', { folds: 0 }],
] as const)('a tenth is held out for %s', (_, options) => {
  const { train: learned, validation, folds } = partsFor(reviews(200), options);
  expect(folds).toBeUndefined();
  expect(learned.length + validation.length).toBe(200);
  expect(validation.length).toBeGreaterThan(5);
});

test('validation examples that are given judge', () => {
  expect(partsFor(reviews(100), {}, reviews(50, 2)).folds).toBeUndefined();
});

test('the record says so, and how well those left out were answered', async () => {
  const out = new MemoryStore();
  const classifier = await train({ data: reviews(120), model: 'linear', threads: 1, out });
  const [{ validation }] = classifier.history;
  expect(validation.crossValidation).toMatchObject({ folds: 10, examples: 120 });
  // A fifth of the answers is a guess.
  expect(validation.accuracy).toBeGreaterThan(0.7);
  expect(validation.accuracy).toBeLessThan(0.98);
  const folder = new RunFolder(out);
  expect((await folder.readConfig()).training.folds).toBe(10);
  expect(await folder.readHistory()).toEqual(classifier.history);
  const again = await train({ data: reviews(120), model: 'linear', threads: 1, out, resume: true });
  expect(again.history).toEqual(classifier.history);
  await Promise.all([classifier.dispose(), again.dispose()]);
});

test('elastic of few texts is its linear path', async () => {
  const [elastic, linear] = await Promise.all(
    (['elastic', 'linear'] as const).map((model) => train({ data: reviews(80), model, threads: 1 })),
  );
  const text = 'good film and music';
  expect(await elastic.predict(text)).toEqual(await linear.predict(text));
  await Promise.all([elastic.dispose(), linear.dispose()]);
});

test('rocket learns from all signals, and is judged by leaving out one of each class', async () => {
  const classifier = await train({ data: wavy(24), model: 'rocket', threads: 1 });
  expect(classifier.history[0].validation.crossValidation).toMatchObject({ folds: 12, examples: 24 });
  await classifier.dispose();
});

test('short inputs of one length are told apart by what stands where', async () => {
  const random = new RandomStream(5, 'test');
  const data = Array.from({ length: 200 }, (_, i) => {
    const letters = Array.from({ length: 20 }, () => 'ACGT'[random.nextInteger(4)]);
    letters[7] = i % 2 === 0 ? 'A' : 'C';
    return { input: letters.join(''), label: i % 2 === 0 ? 'a' : 'c' };
  });
  const classifier = await train({ data, model: 'linear', threads: 1 });
  const [{ validation }] = classifier.history;
  expect(validation.crossValidation?.chosen).toContain('positions');
  expect(validation.accuracy).toBeGreaterThan(0.95);
  const [first] = await classifier.explain('CGTACGTAGTACGTACGTAC');
  expect(first.text).toContain('at 8');
  await classifier.dispose();
});

test('texts that have nothing in common train a model all the same', async () => {
  const data = Array.from({ length: 20 }, (_, i) => ({
    input: String.fromCodePoint(0x4e00 + 7 * i),
    label: i % 2 ? 'a' : 'b',
  }));
  const classifier = await train({ data, model: 'linear', threads: 1 });
  const [{ score }] = await classifier.predict('x');
  expect(score).toBeCloseTo(0.5, 1);
  await classifier.dispose();
});

test('features can be asked for where examples are held out too', async () => {
  const options = { model: 'linear', features: 'words,chars', epochs: 3, threads: 1 } as const;
  const classifier = await train({ data: reviews(100), ...options });
  expect(classifier.history.length).toBe(3);
  const pieces = (await classifier.explain('so good')).map(({ text }) => text);
  expect(pieces).toContain('good');
  expect(pieces).toContain(' go');
  await classifier.dispose();
});

test.each([
  ['words,chars', {}, ['words', 'chars']],
  ['presence of words', { weighting: 'presence' }, ['words']],
] as const)('features can be asked for: %s', async (_, asked, units) => {
  const features = 'weighting' in asked ? asked : { features: units.join(',') };
  const out = new MemoryStore();
  const classifier = await train({ data: reviews(60), model: 'linear', threads: 1, out, ...features });
  const { crossValidation } = classifier.history[0].validation;
  const known = { words: /^words/, chars: /^characters$/ };
  for (const { name } of crossValidation?.candidates ?? []) {
    if (!name.includes(' + ')) expect(units.some((unit) => known[unit].test(name))).toBe(true);
  }
  const again = await train({
    data: reviews(60),
    model: 'linear',
    threads: 1,
    out,
    resume: true,
    ...features,
  });
  expect(await again.predict('so good')).toEqual(await classifier.predict('so good'));
  await Promise.all([classifier.dispose(), again.dispose()]);
});
