/** What is said of classes: counts, near twins, imbalance; labels that are an id. */
import { describe, expect, test } from 'vitest';
import { classReport } from '#eft/readers/parse/classReport.js';
import { expectRefusal, temporaryFolder } from '../temporary-folder.js';
import { readWhole } from './read.js';

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

  test('near twins', () => {
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
      ['1', '1.0'],
      ['sci fi ', 'sci-fi'],
    ]);
    expect(warnings[1]).toBe(
      "the classes '1' (40) and '1.0' (40) are the same number; if they are one, correct the data",
    );
    expect(warnings[0]).toBe(
      "the classes 'neg' (50) and 'Neg' (20) differ only in case, spaces or punctuation; if they are one, correct the data",
    );
  });

  test.each([
    ['1', '1.0'],
    ['1', '01'],
    ['0.5', '.50'],
    ['+3', '3.'],
    ['-0', '0'],
    ['1', '１'],
    ['spam', 'spam\u200b'],
    ['spam', '\ufeffspam'],
    ['spam', 'sp\u00adam'],
    ['1', '1\u200d'],
    ['a', 'a,'],
    ['a', 'a.'],
    ['a', '"a"'],
    ['a', '(a)'],
    ['no', ' No!'],
    ['ﬁne', 'fine'],
    ['Straße', 'STRASSE'],
    ['café', 'cafe\u0301'],
    ['very good', 'very_good'],
    ['very good', 'very\u00a0 good;'],
  ])('%j and %j are twins', (a, b) => {
    expect(report({ [a]: 30, [b]: 20 }).twins).toEqual([[a, b]]);
  });

  test.each([
    ['1', '-1'],
    ['1', '10'],
    ['1.5', '15'],
    ['9007199254740992', '9007199254740993'],
    ['C', 'C#'],
    ['C', 'C++'],
    ['+', '-'],
    ['?', '!'],
    ['.', ','],
    ['e', 'é'],
    ['a', 'ab'],
  ])('%j and %j are not', (a, b) => {
    expect(report({ [a]: 30, [b]: 20 }).twins).toEqual([]);
  });

  test('invisible characters are shown', () => {
    expect(report({ spam: 30, 'spam\u200b': 20 }).warnings).toEqual([
      "the classes 'spam' (30) and 'spam\\u{200b}' (20) differ only in case, spaces, punctuation or invisible characters; if they are one, correct the data",
    ]);
  });

  test.each([
    [{ billing: 30, refund: 30, 'billing;refund': 12 }, "'billing;refund' (12)", "';'"],
    [{ 'a|b': 30, c: 30 }, "'a|b' (30)", "'|'"],
    [{ 'x, y': 30, 'y, z': 30, 'x, z': 30 }, "'x, y' (30) and 2 more", "','"],
    [{ a: 30, b: 20, 'a,b': 10 }, "'a,b' (10)", "','"],
  ])('several labels in one cell: %j', (counts, which, separator) => {
    const { warnings, twins } = report(counts as unknown as Record<string, number>);
    expect(twins).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      `the label ${which} looks like several labels in one cell, separated by ${separator}`,
    );
  });

  test('a list of labels, as JSON and Python write it', () => {
    for (const list of ['["a", "b"]', "['a', 'b']"]) {
      expect(report({ [list]: 30, c: 30 }).warnings[0]).toContain('looks like a list of labels');
    }
  });

  test('one label each: names with commas of their own, a separator at an end', () => {
    for (const names of [
      ['Fruits, fresh', 'Vegetables, fresh', 'Bread'],
      ['Washington, D.C.', 'Paris'],
      ['a;', 'b'],
      ['1,5', '2,5'],
    ]) {
      const { warnings } = report(Object.fromEntries(names.map((name) => [name, 30])));
      expect(warnings).toEqual([]);
    }
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
    await expect(readWhole(path, options)).rejects.toThrow(
      `is this an id? Name the right field with --label-field, or say --many-classes if they are classes`,
    );
    await expect(readWhole(path, options)).rejects.not.toThrow('5001');
  });

  test('refused: none twice, and more than a hundred of fewer than two examples each', async () => {
    const unique = await write(
      'unique.csv',
      rows(20, (i) => i),
    );
    await expectRefusal(
      readWhole(unique, options),
      `${unique}: the label field 'id' has 20 different values in 20 examples ('0', '1', '2' …): is this an id? Name the right field with --label-field, or say --many-classes if they are classes`,
    );
    const sparse = await write(
      'sparse.csv',
      rows(201, (i) => i % 101),
    );
    await expect(readWhole(sparse, options)).rejects.toThrow('101 different values in 201 examples');
  });

  test('read: as many as are usual, and any number if told', async () => {
    const usual = await write(
      'usual.csv',
      rows(202, (i) => i % 101),
    );
    expect((await readWhole(usual, options)).examples).toHaveLength(202);
    const many = await write(
      'many.csv',
      rows(1500, (i) => i),
    );
    expect((await readWhole(many, { ...options, manyClasses: true })).examples).toHaveLength(1500);
  });
});
