/** The most confident mistakes. */
import { expect, it } from 'vitest';
import { confidentlyWrong } from '#eft/comparison/wrong.js';
import { fakeResults } from './fake-results.js';

it('takes mistakes of the longest length and first seed, the surest first', () => {
  const results = fakeResults({ items: 200, lengths: [64, 128], seeds: 2 });
  const texts = results.testLabels.map((_, i) => `text ${i}`);
  const wrong = confidentlyWrong(results, texts, 3);
  expect(new Set(wrong.map(({ sequenceLength }) => sequenceLength))).toEqual(new Set([128]));
  for (const model of ['elastic-fourier', 'standard', 'bag']) {
    const trial = results.trials.find(({ name }) => name === `${model}-128-0`)!;
    const own = wrong.filter((item) => item.model === model);
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThanOrEqual(3);
    expect(own.map(({ confidence }) => confidence)).toEqual(
      own.map(({ confidence }) => confidence).sort((a, b) => b - a),
    );
    for (const { text, label, predicted } of own) {
      const i = Number(text.slice(5));
      expect(label).toBe(results.protocol.classes[results.testLabels[i]]);
      expect(predicted).toBe(results.protocol.classes[trial.predictions[i]]);
      expect(label).not.toBe(predicted);
    }
  }
});
