/** The public library, as README shows it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, type LabelledInput, load, train } from 'elastic-fourier';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const mails: LabelledInput[] = Array.from({ length: 240 }, (_, i) =>
  i % 2 === 0
    ? { text: `win a free cruise now, offer ${i}, click here`, label: 'spam' }
    : { text: `the patch for issue ${i} is in review, see the list`, label: 'ham' },
);

describe('the library', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-library-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('trains, predicts, evaluates, saves and loads', async () => {
    const epochs: number[] = [];
    const classifier = await train({
      data: mails,
      model: 'elastic-fourier',
      sequenceLength: 16,
      blocks: 1,
      epochs: 4,
      learningRate: 0.01,
      seed: 1,
      threads: 1,
      onEpoch: ({ epoch }) => epochs.push(epoch),
    });
    expect(epochs).toEqual([1, 2, 3, 4]);
    expect(classifier.classes).toEqual(['ham', 'spam']);
    const texts = ['click here for a free cruise', 'a patch for the list'];
    const before = await classifier.predict(texts);
    expect(before.map(([{ label }]) => label)).toEqual(['spam', 'ham']);
    const [first, second] = await classifier.predict(texts[0]);
    expect(first.score).toBeGreaterThan(second.score);
    expect(first.score + second.score).toBeCloseTo(1, 12);
    const evaluation = await classifier.evaluate(mails);
    expect(evaluation.accuracy).toBe(1);
    expect(evaluation.examples).toBe(240);
    await classifier.save(join(folder, 'run'));
    await classifier.dispose();

    const again = await load(join(folder, 'run'), { threads: 2 });
    expect(await again.predict(texts)).toEqual(before);
    await again.dispose();
  });

  test('refuses data of one class and folders that hold no run', async () => {
    await expect(train({ data: mails.filter(({ label }) => label === 'ham') })).rejects.toThrow(
      "data: only the label 'ham' in 120 examples; a classifier needs at least two classes",
    );
    await expect(load(folder)).rejects.toThrow(InputError);
  });
});
