/** Tables, sparklines and progress on terminals and in pipes. */
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { createProgress } from '#eft/cli/progress.js';
import { compareResults } from '#eft/comparison/compareResults.js';
import { renderComparison, sparkline } from '#eft/report/comparisonTable.js';
import { renderTable } from '#eft/report/terminal.js';
import { verdictOf } from '#eft/report/verdict.js';
import { fakeResults } from '../comparison/fake-results.js';

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

describe('what comes from outside', () => {
  it('cannot reach the terminal from a cell or a name', () => {
    const text = renderTable(['\u001b[2J'], [['\u0007a\nb']], { color: false });
    expect(text).toContain('␛[2J');
    expect(text).toContain('␇a␊b');
    const results = fakeResults({ items: 50, seeds: 1, lengths: [256] });
    for (const trial of results.trials) {
      if (trial.model === 'standard') trial.model = 'standard\u001b]0;owned\u0007\u202e';
    }
    for (const width of [400, 60]) {
      const shown = renderComparison(compareResults(results), { color: false, width });
      expect(shown).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
      expect(shown).toContain('␛]0;owned␇<U+202E>');
    }
  });
});

describe('renderComparison', () => {
  const comparison = compareResults(fakeResults({ items: 100, seeds: 2 }));
  const verdict = verdictOf(comparison);
  const text = renderComparison(comparison, { color: false });
  it('shows every cell, the verdict and the majority', () => {
    for (const part of [
      '751,978',
      '+22.7%',
      '438,114',
      '+1.9%',
      '70.00%',
      ...verdict.advice,
      ...verdict.rows.flat(),
      ...verdict.missing,
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('\u001b');
  });
});

describe('the answer of renderComparison', () => {
  const of = (epochs: number, width?: number): string[] =>
    renderComparison(compareResults(fakeResults({ items: 100, seeds: 1, lengths: [256], epochs })), {
      color: false,
      ...(width === undefined ? {} : { width }),
      data: 'Data: 100 of 900 mails.',
    }).split('\n');
  it('comes first, with what was read and the rule for ties behind it', () => {
    const lines = of(3);
    expect(lines[0]).toMatch(/^Use \S+ at 256 tokens: .*\. It gets /);
    expect(lines[1]).toBe('Data: 100 of 900 mails.');
    expect(lines.findIndex((line) => line.startsWith('The rule for ties'))).toBeLessThan(
      lines.findIndex((line) => line.includes('┌')),
    );
    expect(lines.at(-1)).toMatch(/^- One seed only/);
  });
  it('draws learning curves where there are epochs enough, and never an empty "no"', () => {
    expect(of(3).join('\n')).not.toMatch(/[▁▂▃▄▅▆▇█]|│ no +│/);
    expect(of(5).join('\n')).toMatch(/[▁▂▃▄▅▆▇█]{5}/);
  });
});

describe('renderComparison on a narrow terminal', () => {
  it('leaves out what does not fit', () => {
    const comparison = compareResults(fakeResults({ items: 50, seeds: 1 }));
    for (const width of [140, 120, 90]) {
      const lines = renderComparison(comparison, { color: true, width }).split('\n');
      const table = lines.filter((line) => /[│┌├└]/.test(line));
      expect(Math.max(...table.map((line) => stripVTControlCharacters(line).length))).toBeLessThanOrEqual(
        width,
      );
    }
  });
});

describe('sparkline', () => {
  it('draws a line of bars, even a flat one', () => {
    expect(sparkline([0, 0.5, 1])).toBe('▁▅█');
    expect(sparkline([3, 3])).toBe('▁▁');
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
  it('appears when nothing is done yet, and stays away when all is done before', () => {
    vi.useFakeTimers();
    try {
      const [slow, quick] = [terminal(), terminal()];
      const first = createProgress({ label: 'epoch 1/3', total: 10, stream: slow });
      const second = createProgress({ label: 'epoch 1/3', total: 10, stream: quick });
      second.update(10);
      second.stop();
      vi.advanceTimersByTime(2100);
      first.stop();
      const shown = String(slow.read());
      expect(shown).toMatch(/epoch 1\/3 .* 0% \| 0\/10 \|/);
      expect(shown).not.toMatch(/NULL|INF|NaN|undefined/);
      expect(quick.read()).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });
  it('waits two seconds, then shows label, counts and note', () => {
    vi.useFakeTimers();
    try {
      const stream = terminal();
      const progress = createProgress({ label: 'trial 1/3', total: 10, stream });
      progress.update(1);
      expect(stream.read()).toBeNull();
      vi.advanceTimersByTime(2100);
      expect(String(stream.read())).toMatch(/trial 1\/3 .*10% \| 1\/10 \| time left not known yet/);
      progress.update(5, 'loss 0.5');
      progress.stop();
      expect(String(stream.read())).toMatch(/trial 1\/3 .*50% \| 5\/10/);
    } finally {
      vi.useRealTimers();
    }
  });
});
