/** What makes an epoch the best, where it is not said and where it is. */
import { expect, test } from 'vitest';
import { parseTrainOptions, settingDefaults, type TrainRequest } from '#eft/learning/options.js';
import { prepareModel } from '#eft/learning/prepare.js';

const texts = Array.from({ length: 20 }, (_, i) => ({
  input: `${i % 2 ? 'win a cruise' : 'the patch'} ${i}`,
  label: i % 2 ? 'spam' : 'ham',
}));
const signals = texts.map(({ label }, i) => ({
  input: { channels: 1, values: Float32Array.from({ length: 20 }, (_, t) => Math.sin(t + i)) },
  label,
}));

const selected = (options: TrainRequest, train: typeof texts | typeof signals = texts): string =>
  prepareModel({ classes: ['ham', 'spam'], train }, parseTrainOptions(options as never)).settings.select;

test('by accuracy; of two paths by loss, by which they are weighed', () => {
  expect(selected({ model: 'bag' })).toBe('accuracy');
  expect(selected({ model: 'linear' })).toBe('accuracy');
  expect(selected({ model: 'elastic' })).toBe('loss');
  expect(selected({ model: 'elastic', deepOnly: true })).toBe('accuracy');
  expect(selected({ model: 'elastic' }, signals)).toBe('accuracy');
});

test('balanced classes by macro F1', () => {
  for (const model of ['bag', 'elastic'] as const) {
    expect(selected({ model, classWeights: 'balanced' })).toBe('macro-f1');
  }
});

test.each(['accuracy', 'macro-f1', 'loss'] as const)('%s where it is given, for every model', (select) => {
  for (const model of ['bag', 'linear', 'elastic'] as const) {
    expect(selected({ model, select })).toBe(select);
    expect(selected({ model, select, classWeights: 'balanced' })).toBe(select);
  }
  expect(selected({ model: 'elastic', select }, signals)).toBe(select);
});

test('help says so', () => {
  expect(settingDefaults.select).toBe('accuracy; elastic: loss');
});
