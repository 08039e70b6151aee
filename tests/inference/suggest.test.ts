/** Which examples to label next. */
import { expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import { distanceOf, leastSureAndUnlike, modelFeatures } from '#eft/inference/suggest.js';
import { train } from '#eft/learning/train.js';

const features = (...ids: number[]) => modelFeatures({ ids: Int32Array.from(ids) });

test('features that have nothing in common are far apart', () => {
  expect(distanceOf(features(1, 2), features(1, 2))).toBeCloseTo(0, 6);
  expect(distanceOf(features(1, 2), features(3))).toBe(1);
  expect(distanceOf(features(1, 2, 1), features(2, 3))).toBeLessThan(1);
});

test('the least sure come first, and no copy of one that was chosen', async () => {
  const all = [features(1, 2), features(1, 2), features(3), features(4), features(5)];
  const margins = [0.1, 0.1, 0.2, 0.95, 0.3];
  const chosen = await leastSureAndUnlike(margins, 3, async (place) => all[place]);
  expect(chosen.map(({ place }) => place)).toEqual([0, 2, 4]);
  expect(await leastSureAndUnlike(margins, 9, async (place) => all[place])).toHaveLength(5);
  expect(await leastSureAndUnlike([], 3, async (place) => all[place])).toEqual([]);
});

test('a classifier asks about what lies between its classes', async () => {
  const data = Array.from({ length: 60 }, (_, i) => ({
    text: i % 2 === 0 ? `good fine nice ${i}` : `bad poor sad ${i}`,
    label: i % 2 === 0 ? 'yes' : 'no',
  }));
  const classifier = await train({ data, model: 'linear', threads: 1 });
  const found = await classifier.suggest(['good nice', 'bad poor', 'good bad', 'sad poor bad'], {
    count: 2,
    batch: 1,
  });
  expect(found[0].index).toBe(2);
  expect(found.map(({ batch }) => batch)).toEqual([1, 2]);
  expect(found[0].reason).toMatch(/ %/);
  await expect(classifier.suggest(['a'], { count: 0 })).rejects.toThrow(InputError);
  await classifier.dispose();
});
