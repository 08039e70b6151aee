/** The classes of a dataset. */
import { describe, expect, test } from 'vitest';
import { requireClasses, sortClasses } from '#eft/data/classes.js';

const withLabels = (...labels: string[]) => labels.map((label) => ({ input: 'a', label }));

describe('classes', () => {
  test('are sorted, numbers by their value', () => {
    expect(sortClasses(new Set(['spam', 'ham', 'spam']))).toEqual(['ham', 'spam']);
    expect(sortClasses(new Set(['10', '9', '-1', '2.5']))).toEqual(['-1', '2.5', '9', '10']);
    expect(sortClasses(new Set(['10', '9', 'x']))).toEqual(['10', '9', 'x']);
    expect(sortClasses(new Set(['true', 'false']))).toEqual(['false', 'true']);
  });

  test('refused: fewer than two', () => {
    expect(() => requireClasses({ name: 'a.csv', examples: withLabels('x', 'x') })).toThrow(
      "a.csv: only the label 'x' in 2 examples; a classifier needs at least two classes",
    );
    expect(() => requireClasses({ name: 'a.csv', examples: [] })).toThrow('a.csv: no label in 0 examples');
  });
});
