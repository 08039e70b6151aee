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
      ['ham', '66.67%', '66.67%', '66.67%', '3'],
      ['sp␛am', '50.00%', '50.00%', '50.00%', '2'],
      ['macro average', '58.33%', '58.33%', '58.33%', '5'],
      ['weighted average', '60.00%', '60.00%', '60.00%', '5'],
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

describe('labels that are no class of the model', () => {
  const odd = evaluateLogits([2, 1, 1, 2, 1, 2], [0, 0, 0], Int32Array.of(0, 1, -1), 2, ['eggs']);
  const cells = (text: string): string[][] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('│'))
      .map((line) =>
        line
          .split('│')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );

  it('have a row of the report', () => {
    const rows = cells(renderClassificationReport(odd, ['ham', 'spam'], plain));
    expect(rows[2]).toEqual(['spam', '50.00%', '100.00%', '66.67%', '1']);
    expect(rows[3]).toEqual(['unknown to the model', '–', '–', '–', '1']);
  });

  it('and of the confusions, as a matrix or a list', () => {
    expect(cells(renderConfusion(odd, ['ham', 'spam'], plain))[3]).toEqual([
      'unknown to the model',
      '0',
      '1',
    ]);
    const names = Array.from({ length: 11 }, (_, i) => `class ${i}`);
    const square = names.map((_, i) => names.map((_, j) => (i === j ? 1 : 0)));
    const unknown = { examples: 3, labels: [], predicted: names.map((_, j) => (j === 4 ? 3 : 0)) };
    expect(cells(renderConfusion({ confusion: square, unknown }, names, plain))[1]).toEqual([
      'unknown to the model',
      'class 4',
      '3',
    ]);
  });
});
