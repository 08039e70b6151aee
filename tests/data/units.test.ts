/** Groups and times: what a split must not part, and what must not come after what is judged. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { datasetOf, type Example } from '#eft/data/dataset.js';
import { foldPlaces, foldsOf, split, splitByClass, splitByCounts, splitByShares } from '#eft/data/split.js';
import { InputError } from '#eft/errors.js';
import { pairedTest } from '#eft/evaluation/pairedTest.js';
import { parseTrainOptions } from '#eft/learning/options.js';
import { partsOf } from '#eft/learning/prepare.js';
import { readDataset } from '#eft/readers/dataset.js';

/** Texts of speakers, each of both classes; some speakers say what others say. */
const speeches = (speakers: number, each: number): Example<string>[] =>
  Array.from({ length: speakers * each }, (_, i) => ({
    input: i % 31 === 0 ? `common ${i % 2}` : `text ${i}`,
    label: String(i % 2),
    group: `speaker ${Math.floor(i / each)}`,
  }));

const shared = (a: readonly Example[], b: readonly Example[], key: 'group' | 'input'): unknown[] => {
  const inside = new Set(a.map((one) => one[key]));
  return b.filter((one) => inside.has(one[key]));
};

describe('groups', () => {
  test('are on one side of every split, and so are identical texts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 40 }), fc.integer({ min: 0, max: 9 }), (speakers, seed) => {
        const examples = Array.from({ length: speakers * 5 }, (_, i) => ({
          input: i % 40 === 0 ? 'the same' : `text ${i}`,
          label: String(i % 2),
          group: `speaker ${Math.floor(i / 5)}`,
        }));
        for (const [a, b] of [
          splitByShares(examples, [0.7, 0.3], seed),
          splitByCounts(examples, [3 * speakers, 2 * speakers], seed),
          splitByClass(examples, 0.2, seed),
        ]) {
          expect(a.length + b.length).toBe(examples.length);
          expect(shared(a, b, 'group')).toEqual([]);
          expect(shared(a, b, 'input')).toEqual([]);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('come near to the shares though they are few', () => {
    const [a, b] = splitByShares(speeches(10, 20), [0.8, 0.2]);
    expect(a.length).toBeGreaterThan(b.length);
    expect(b.length).toBeGreaterThan(0);
  });

  test('are left out as a whole, their classes spread over the folds', () => {
    const examples = speeches(20, 10);
    const places = foldPlaces(examples, 5);
    const ofGroup = new Map<unknown, Set<number>>();
    examples.forEach(({ group }, i) => {
      ofGroup.set(group, (ofGroup.get(group) ?? new Set()).add(places[i]));
    });
    expect([...ofGroup.values()].every(({ size }) => size === 1)).toBe(true);
    const sizes = Array.from({ length: 5 }, (_, fold) => places.filter((place) => place === fold).length);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    for (const { rest, part } of foldsOf(examples, 5)) expect(shared(rest, part, 'group')).toEqual([]);
  });

  test('that alone have a class are never left out', () => {
    const examples = [
      ...speeches(10, 4),
      { input: 'rare', label: 'rare', group: 'hermit' },
      { input: 'rare too', label: 'rare', group: 'hermit' },
    ];
    expect([...foldPlaces(examples, 5)].slice(-2)).toEqual([-1, -1]);
  });

  test('decide the folds of few texts, and hold signals out', () => {
    const options = parseTrainOptions({ model: 'linear' });
    const { folds, train } = partsOf({ name: 'data', examples: speeches(6, 30) }, undefined, options);
    expect(folds?.count).toBe(6);
    const seen = new Map<unknown, number>();
    train.forEach(({ group }, i) => {
      expect(seen.get(group) ?? folds?.places[i]).toBe(folds?.places[i]);
      seen.set(group, folds!.places[i]);
    });
    const waves = Array.from({ length: 40 }, (_, i) => ({
      input: {
        values: Float32Array.from({ length: 64 }, (_v, t) => Math.sin(t * (1 + (i % 2)) + i)),
        channels: 1,
      },
      label: String(i % 2),
      group: `sensor ${i % 8}`,
    }));
    const parts = partsOf(
      { name: 'waves', examples: waves },
      undefined,
      parseTrainOptions({ model: 'rocket' }),
    );
    expect(parts.folds).toBeUndefined();
    expect(shared(parts.train, parts.validation, 'group')).toEqual([]);
  });

  test('too few of them are refused', () => {
    expect(() => splitByShares(speeches(1, 20), [0.8, 0.2])).toThrow(InputError);
  });
});

describe('times', () => {
  const dated = Array.from({ length: 100 }, (_, i) => ({
    input: `text ${i}`,
    label: String(i % 2),
    time: (i * 37) % 100,
  }));
  const span = (part: readonly Example[]): [number, number] => {
    const times = part.map(({ time }) => time!);
    return [Math.min(...times), Math.max(...times)];
  };

  test('what is learned from comes before what is judged', () => {
    const parts = splitByShares(dated, [0.8, 0.1, 0.1]);
    expect(parts.map(({ length }) => length)).toEqual([80, 10, 10]);
    expect(span(parts[0])[1]).toBeLessThan(span(parts[1])[0]);
    expect(span(parts[1])[1]).toBeLessThan(span(parts[2])[0]);
    const { folds, train, validation } = partsOf(
      { name: 'data', examples: dated },
      undefined,
      parseTrainOptions({ model: 'linear' }),
    );
    expect(folds).toBeUndefined();
    expect(span(train)[1]).toBeLessThan(span(validation)[0]);
  });

  test('folds expand', () => {
    const folds = foldsOf(dated, 4);
    expect(folds.map(({ rest }) => rest.length)).toEqual([20, 40, 60, 80]);
    for (const { rest, part } of folds) expect(span(rest)[1]).toBeLessThan(span(part)[0]);
  });

  test('one moment is not divided, and no example may lack one', () => {
    const days = dated.map((one) => ({ ...one, time: Math.floor(one.time / 15) }));
    const [before, after] = splitByShares(days, [0.8, 0.2]);
    expect(span(before)[1]).toBeLessThan(span(after)[0]);
    expect(() => splitByShares([...days, { input: 'x', label: '0' }], [0.8, 0.2])).toThrow(/no time/);
  });
});

test('fields of rows, and the library’s own examples, say group and time', async () => {
  const csv = 'text,label,who,day\na,x,Ann,2024-01-02\nb,y,Ben,2024-01-03\n';
  const file = Object.assign(new Blob([csv]), { name: 'a.csv' });
  const { examples } = await readDataset(file, { groupField: 'who', timeField: 'day' });
  expect(examples.map(({ group, time }) => [group, time])).toEqual([
    ['Ann', Date.parse('2024-01-02')],
    ['Ben', Date.parse('2024-01-03')],
  ]);
  await expect(readDataset(file, { groupField: 'whom' })).rejects.toThrow(/'whom'/);
  await expect(readDataset(file, { timeField: 'who' })).rejects.toThrow(/no date or number: "Ann"/);
  const given = datasetOf([{ text: 'a', label: 1, group: 7, time: new Date(5) }], 'data');
  expect(given.examples[0]).toMatchObject({ group: '7', time: 5 });
  const [one] = split(
    Array.from({ length: 40 }, (_, i) => ({ text: `t ${i}`, label: i % 2, time: i })),
    [0.5, 0.5],
  );
  expect(one.map(({ time }) => time)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test('answers to items of one group count once', () => {
  const groups = Array.from({ length: 400 }, (_, i) => Math.floor(i / 40));
  // Of ten groups seven are easier for a, three for b.
  const a = [groups.map((group) => group < 7)];
  const b = [groups.map((group) => group >= 7)];
  expect(pairedTest(a, b).pValue).toBeLessThan(1e-6);
  expect(pairedTest(a, b, groups).pValue).toBeGreaterThan(0.1);
  expect(pairedTest(a, b, groups).difference).toBe(pairedTest(a, b).difference);
  const alone = groups.map((_, i) => i);
  expect(pairedTest(a, b, alone).pValue).toBe(pairedTest(a, b).pValue);
});
