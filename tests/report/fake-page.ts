/** A page of invented results with every section, for tests. */
import { compareResults } from '#eft/evaluation/comparison.js';
import { summarizeFilter } from '#eft/evaluation/filters.js';
import { RandomStream } from '#eft/random.js';
import { renderPage } from '#eft/report/page.js';
import { type FakeOptions, fakeResults } from '../evaluation/fake-results.js';

export function fakePage(options: FakeOptions = {}): string {
  const results = fakeResults(options);
  results.operations = ['elastic-fourier', 'standard'].map((model) => ({
    model,
    sequenceLength: 1024,
    operations: Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`operation<${i}>`, 4 / (1 + i)])),
  }));
  const filters = Array.from({ length: 8 }, (_, layer) => {
    const random = new RandomStream(layer, 'test');
    const bins = 257;
    const draw = (): Float64Array =>
      Float64Array.from(
        { length: bins * 8 },
        (_, i) => 0.02 * random.nextNormal() + (0.1 * layer) / (1 + i / 80),
      );
    return summarizeFilter({ model: 'elastic-fourier', sequenceLength: 512, layer }, draw(), draw());
  });
  const wrong = Array.from({ length: 4 }, (_, i) => ({
    model: 'standard',
    sequenceLength: 1024,
    text: `<script>alert(${i})</script> & "quoted" ${'a long mail about nothing '.repeat(30)}${'x'.repeat(200)}`,
    label: 'ham',
    predicted: 'spam',
    confidence: 0.99 - i / 100,
  }));
  return renderPage({ results, comparison: compareResults(results), filters, wrong });
}
