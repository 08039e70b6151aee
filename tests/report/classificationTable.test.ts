/** The tables of an evaluation on a terminal. */
import { describe, expect, it } from 'vitest';
import { evaluateLogits } from '#eft/evaluation/metrics.js';
import {
  confusionsOf,
  renderClassificationReport,
  renderConfusion,
} from '#eft/report/classificationTable.js';

// True 0 0 0 1 1, said 0 0 1 1 0.
const evaluation = evaluateLogits(
  [2, 1, 2, 1, 1, 2, 1, 2, 2, 1],
  [0, 0, 0, 0, 0],
  Int32Array.of(0, 0, 0, 1, 1),
  2,
);
const plain = { color: false };

describe('renderClassificationReport', () => {
  const lines = renderClassificationReport(evaluation, ['ham', 'sp\u001bam'], plain).split('\n');
  const cells = (line: string): string[] =>
    line
      .split('│')
      .slice(1, -1)
      .map((cell) => cell.trim());
  it('has a row a class and the two averages', () => {
    const rows = lines.filter((line) => line.startsWith('│')).map(cells);
    expect(rows).toEqual([
      ['class', 'precision', 'recall', 'F1', 'examples'],
      ['ham', '66.67 %', '66.67 %', '66.67 %', '3'],
      ['sp␛am', '50.00 %', '50.00 %', '50.00 %', '2'],
      ['macro average', '58.33 %', '58.33 %', '58.33 %', '5'],
      ['weighted average', '60.00 %', '60.00 %', '60.00 %', '5'],
    ]);
  });
});

describe('renderConfusion', () => {
  it('is a matrix for a few classes', () => {
    const text = renderConfusion(evaluation, ['ham', 'spam'], plain);
    expect(text).toMatch(/true \\ predicted │ ham │ spam/);
    expect(text).toMatch(/ham {2,}│ +2 │ +1 │/);
    expect(text).toMatch(/spam {2,}│ +1 │ +1 │/);
  });
  it('is a list of the most frequent for many', () => {
    const confusion = Array.from({ length: 12 }, (_, i) =>
      Array.from({ length: 12 }, (_, j) =>
        i === j ? 50 : i === 3 && j === 7 ? 9 : i === 1 && j === 0 ? 4 : 0,
      ),
    );
    expect(confusionsOf(confusion)).toEqual([
      { truth: 3, answer: 7, times: 9 },
      { truth: 1, answer: 0, times: 4 },
    ]);
    const text = renderConfusion(
      { confusion },
      Array.from({ length: 12 }, (_, i) => `class ${i}`),
      plain,
    );
    expect(text).toMatch(/class 3 │ class 7 +│ +9 │/);
    expect(text).not.toContain('50');
  });
});
