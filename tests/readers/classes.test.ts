/** What is said of classes: counts, near twins, imbalance; labels that are an id. */
import { describe, expect, test } from 'vitest';
import { classReport, readDataset } from '#eft/readers/read.js';
import { expectRefusal, temporaryFolder } from '../temporary-folder.js';

const { write } = temporaryFolder();
const report = (counts: Record<string, number>) => classReport(new Map(Object.entries(counts)));

describe('classReport', () => {
  test('classes in falling order', () => {
    expect(report({ ham: 20, spam: 30, eggs: 20 })).toEqual({
      classes: [
        { name: 'spam', count: 30 },
        { name: 'eggs', count: 20 },
        { name: 'ham', count: 20 },
      ],
      twins: [],
      imbalance: undefined,
      warnings: [],
    });
  });

  test('near twins; numbers are none', () => {
    const { twins, warnings } = report({
      neg: 50,
      Neg: 20,
      'sci-fi': 30,
      'sci fi ': 31,
      '1': 40,
      '-1': 40,
      '1.0': 40,
    });
    expect(twins).toEqual([
      ['neg', 'Neg'],
      ['sci fi ', 'sci-fi'],
    ]);
    expect(warnings[0]).toBe(
      "the classes 'neg' (50) and 'Neg' (20) differ only in case, spaces or punctuation; if they are one, correct the data",
    );
  });

  test('imbalance, and classes of too few examples', () => {
    expect(report({ ham: 1000, spam: 90 }).imbalance).toEqual({
      largest: 'ham',
      smallest: 'spam',
      ratio: 1000 / 90,
    });
    expect(report({ ham: 1000, spam: 110 }).imbalance).toBeUndefined();
    expect(report({ ham: 20, spam: 9 }).warnings).toEqual([
      "fewer than 10 examples in: 'spam' (9); little can be learned of them",
    ]);
  });
});

describe('labels that are an id', () => {
  const rows = (count: number, label: (i: number) => number): string =>
    `text,id\n${Array.from({ length: count }, (_, i) => `text ${i},${label(i)}\n`).join('')}`;
  const options = { labelField: 'id' };

  test('refused: as soon as there are more than a thousand, before the rest is read', async () => {
    const path = await write('ids.csv', `${rows(5000, (i) => i)}broken\n`);
    await expect(readDataset(path, options)).rejects.toThrow(
      `is this an id? Name the right field with --label-field, or say --many-classes if they are classes`,
    );
    await expect(readDataset(path, options)).rejects.not.toThrow('5001');
  });

  test('refused: none twice, and more than a hundred of fewer than two examples each', async () => {
    const unique = await write(
      'unique.csv',
      rows(20, (i) => i),
    );
    await expectRefusal(
      readDataset(unique, options),
      `${unique}: the label field 'id' has 20 different values in 20 examples ('0', '1', '2' …): is this an id? Name the right field with --label-field, or say --many-classes if they are classes`,
    );
    const sparse = await write(
      'sparse.csv',
      rows(201, (i) => i % 101),
    );
    await expect(readDataset(sparse, options)).rejects.toThrow('101 different values in 201 examples');
  });

  test('read: as many as are usual, and any number if told', async () => {
    const usual = await write(
      'usual.csv',
      rows(202, (i) => i % 101),
    );
    expect((await readDataset(usual, options)).examples).toHaveLength(202);
    const many = await write(
      'many.csv',
      rows(1500, (i) => i),
    );
    expect((await readDataset(many, { ...options, manyClasses: true })).examples).toHaveLength(1500);
  });
});
