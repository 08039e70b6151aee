/** Tables, sparklines and progress on terminals and in pipes. */
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { createProgress } from '#eft/cli/progress.js';
import { compareResults } from '#eft/evaluation/comparison.js';
import { formatMemory, renderComparison, shortSeconds, sparkline } from '#eft/report/comparisonTable.js';
import { renderTable } from '#eft/report/terminal.js';
import { fakeResults } from '../evaluation/fake-results.js';

describe('renderTable', () => {
  it('puts numbers to the right, words to the left, and no colour into a pipe', () => {
    const text = renderTable(
      ['name', 'count'],
      [
        ['a', '1'],
        ['bc', '1,000'],
      ],
      { color: false },
    );
    expect(text).toContain('│ a    │     1 │');
    expect(text).toContain('│ bc   │ 1,000 │');
    expect(text).not.toContain('\u001b');
    expect(renderTable(['name'], [['a']], { color: true })).toContain('\u001b[1m');
  });
});

describe('renderComparison', () => {
  const comparison = compareResults(fakeResults({ items: 100, seeds: 2 }));
  const text = renderComparison(comparison, { color: false });
  it('shows every cell, the verdict and the majority', () => {
    for (const part of [
      '751,978',
      '+22.7 %',
      '438,114',
      '+1.9 %',
      '70.0',
      ...comparison.advice,
      ...comparison.findings,
    ]) {
      expect(text.includes(part) || text.includes(part.replace('70.0', '70.00'))).toBe(true);
    }
    expect(text).not.toContain('\u001b');
  });
});

describe('renderComparison on a narrow terminal', () => {
  it('leaves out what does not fit', () => {
    const comparison = compareResults(fakeResults({ items: 50, seeds: 1 }));
    for (const width of [120, 90]) {
      const lines = renderComparison(comparison, { color: true, width }).split('\n');
      const table = lines.filter((line) => /[│┌├└]/.test(line));
      expect(Math.max(...table.map((line) => stripVTControlCharacters(line).length))).toBeLessThanOrEqual(
        width,
      );
    }
  });
});

describe('formats', () => {
  it('draws a line of bars, even a flat one', () => {
    expect(sparkline([0, 0.5, 1])).toBe('▁▅█');
    expect(sparkline([3, 3])).toBe('▁▁');
  });
  it('keeps figures short', () => {
    expect([0.0456, 0.5, 9.96, 870.25].map(shortSeconds)).toEqual(['0.046', '0.50', '10.0', '870.3']);
    expect([5e6, 1.5e9].map(formatMemory)).toEqual(['5 MB', '1.50 GB']);
  });
});

describe('createProgress', () => {
  const terminal = () => {
    const stream = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 80,
      rows: 24,
      cursorTo() {},
      clearLine() {},
    });
    return stream as unknown as NodeJS.WriteStream & PassThrough;
  };
  it('is silent where there is no terminal', () => {
    const stream = Object.assign(terminal(), { isTTY: false });
    const progress = createProgress({ label: 'x', total: 10, stream });
    progress.update(5);
    progress.stop();
    expect(stream.read()).toBeNull();
  });
  it('waits two seconds, then shows label, counts and note', () => {
    vi.useFakeTimers();
    try {
      const stream = terminal();
      const progress = createProgress({ label: 'trial 1/3', total: 10, stream });
      progress.update(1);
      expect(stream.read()).toBeNull();
      vi.advanceTimersByTime(2100);
      progress.update(5, 'loss 0.5');
      progress.stop();
      expect(String(stream.read())).toMatch(/trial 1\/3 .*50 % \| 5\/10/);
    } finally {
      vi.useRealTimers();
    }
  });
});
