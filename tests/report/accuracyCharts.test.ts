/** The charts of accuracy draw each model's mean, and bars over the whole of its 95% interval. */
import { expect, it } from 'vitest';
import { compareResults } from '#eft/comparison/compareResults.js';
import { accuracyCharts } from '#eft/report/accuracyCharts.js';
import { looksOf } from '#eft/report/palette.js';
import { fakeResults } from '../comparison/fake-results.js';
import { drawnIn } from './drawn.js';

const MODELS = ['elastic-fourier', 'standard', 'bag'];
const LENGTHS = [64, 128];
const looks = looksOf(MODELS);
const comparison = compareResults(
  fakeResults({ items: 100, epochs: 3, seeds: 2, lengths: LENGTHS, models: MODELS }),
);
const html = accuracyCharts(comparison, looks, LENGTHS);

it.each(['Test accuracy at each length', 'Test accuracy against training time'])('%s', (title) => {
  const drawn = drawnIn(html, title);
  for (const { model, color } of looks) {
    const cells = comparison.cells.filter((cell) => cell.model === model);
    expect(cells).toHaveLength(LENGTHS.length);
    const { dots, bars } = drawn.get(color)!;
    expect(dots).toHaveLength(cells.length);
    expect(bars).toHaveLength(cells.length);
    cells.forEach(({ accuracy, accuracyInterval }, i) => {
      // A pixel is about 0.1%; two decimals of it are written.
      expect(dots[i]).toBeCloseTo(100 * accuracy.mean, 1);
      const [low, high] = [...bars[i]].sort((a, b) => a - b);
      expect(low).toBeCloseTo(100 * accuracyInterval[0], 1);
      expect(high).toBeCloseTo(100 * accuracyInterval[1], 1);
    });
  }
});
