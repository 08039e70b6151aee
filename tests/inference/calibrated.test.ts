/** Classes of unequal size, and scores that mean what they say, from the library's entry to the saved model. */
import { afterAll, expect, test } from 'vitest';
import { calibrationOf } from '#eft/evaluation/calibration.js';
import { RunFolder } from '#eft/formats/runFolder.js';
import type { Classifier } from '#eft/inference/classifier.js';
import { type LabelledInput, load, MemoryStore, train } from '#eft/node.js';
import { RandomStream } from '#eft/random.js';

const open: Classifier[] = [];
afterAll(() => Promise.all(open.map((classifier) => classifier.dispose())));

/** A word of the text says its class with probability `truth`; one of `rare` in so many examples is of class b. */
function examples(count: number, { seed, rare, truth }: { seed: number; rare: number; truth: number }) {
  const random = new RandomStream(seed, 'test');
  return Array.from({ length: count }, (_, i): LabelledInput => {
    const label = i % rare === 0 ? 'b' : 'a';
    const told = random.next() < truth ? label : label === 'a' ? 'b' : 'a';
    const noise = Array.from({ length: 6 }, () => `w${random.nextInteger(400)}`);
    return { text: [`says-${told}`, ...noise].join(' '), label };
  });
}

test.each(['bag', 'linear'] as const)('%s: balanced classes find more of the rare one', async (model) => {
  const data = examples(600, { seed: 1, rare: 20, truth: 0.8 });
  const held = examples(600, { seed: 2, rare: 20, truth: 0.8 });
  const recall = async (classWeights: 'none' | 'balanced'): Promise<number> => {
    const classifier = await train({ data, validation: held, model, classWeights, threads: 1, epochs: 6 });
    open.push(classifier);
    expect(classifier.training.training).toMatchObject({
      classWeights,
      select: classWeights === 'none' ? 'accuracy' : 'macro-f1',
    });
    return (await classifier.evaluate(held)).perClass[1].recall;
  };
  const [plain, balanced] = [await recall('none'), await recall('balanced')];
  expect(balanced).toBeGreaterThan(plain + 0.2);
});

test('scores of a model that knows its training by heart are made less sure, and stay so when saved', async () => {
  const data = examples(300, { seed: 1, rare: 2, truth: 0.75 });
  const validation = examples(400, { seed: 2, rare: 2, truth: 0.75 });
  const held = examples(600, { seed: 3, rare: 2, truth: 0.75 });
  const classifier = await train({
    data,
    validation,
    model: 'bag',
    epochs: 4,
    learningRate: 0.2,
    threads: 1,
  });
  open.push(classifier);
  expect(classifier.temperature).toBeGreaterThan(1.5);
  const store = new MemoryStore();
  await classifier.save(store);
  const again = await load(store);
  open.push(again);
  expect(again.temperature).toBe(classifier.temperature);
  const texts = held.map((one) => ('text' in one ? one.text : ''));
  expect(await again.predict(texts)).toEqual(await classifier.predict(texts));

  // The same weights with temperature 1: what the model itself says.
  const [plain, run] = [new MemoryStore(), new RunFolder(store)];
  await classifier.save(plain);
  const saved = await run.readModel();
  await new RunFolder(plain).writeModel(saved.config.model, { ...saved, temperature: 1 }, saved.epoch);
  const uncalibrated = await load(plain);
  open.push(uncalibrated);
  expect(uncalibrated.temperature).toBe(1);
  const { logits: raw } = await uncalibrated.evaluate(held);

  const { logits, loss } = await classifier.evaluate(held);
  logits.forEach((logit, i) => {
    expect(logit).toBeCloseTo(raw[i] / classifier.temperature, 10);
  });
  const labels = held.map(({ label }) => classifier.classes.indexOf(String(label)));
  const calibrated = calibrationOf(logits, labels, 2);
  expect(calibrated.loss).toBeCloseTo(loss, 10);
  const before = calibrationOf(raw, labels, 2);
  expect(calibrated.loss).toBeLessThan(before.loss);
  expect(calibrated.error).toBeLessThan(before.error);
  const [best] = await classifier.predict(texts[0]);
  const own = raw.subarray(0, 2).map((logit) => logit / classifier.temperature);
  expect(best.score).toBeCloseTo(1 / (1 + Math.exp(-Math.abs(own[0] - own[1]))), 10);
});

test('a temperature that is none is a damaged file', async () => {
  const classifier = await train({
    data: examples(100, { seed: 1, rare: 2, truth: 1 }),
    model: 'bag',
    epochs: 1,
    threads: 1,
  });
  open.push(classifier);
  const store = new MemoryStore();
  await classifier.save(store);
  const run = new RunFolder(store);
  const saved = await run.readModel();
  await run.writeModel(saved.config.model, { ...saved, temperature: -1 }, saved.epoch);
  await expect(load(store)).rejects.toThrow('is damaged: its temperature is "-1"');
});
