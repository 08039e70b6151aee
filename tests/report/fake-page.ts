/** A page of invented results with every section, for tests. */
import { compareResults } from '#eft/comparison/compareResults.js';
import { filterResponses } from '#eft/evaluation/filterResponse.js';
import { summarizeFilter } from '#eft/evaluation/filters.js';
import { occlusionsOf, type SignalNumbers } from '#eft/evaluation/signalView.js';
import { RandomStream } from '#eft/random.js';
import { renderPage } from '#eft/report/page.js';
import { type FakeOptions, fakeResults } from '../comparison/fake-results.js';

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
    return summarizeFilter(
      { model: 'elastic-fourier', sequenceLength: 512, unit: 'token', layer },
      draw(),
      draw(),
    );
  });
  const wrong = Array.from({ length: 4 }, (_, i) => ({
    model: 'standard',
    sequenceLength: 1024,
    item: i,
    text: `<script>alert(${i})</script> & "quoted" ${'a long mail about nothing '.repeat(30)}${'x'.repeat(200)}`,
    label: 'ham',
    predicted: 'spam',
    confidence: 0.99 - i / 100,
    pieces: [
      { text: 'free <money>', evidence: 1.25 },
      { text: 'agenda', evidence: -0.5 },
    ],
  }));
  return renderPage({ results, comparison: compareResults(results), filters, wrong });
}

const RATE = 8000;

/** A tone that rises, at 8 kHz; or a few steps of two channels of unknown rate. */
const SOUND: SignalNumbers = {
  channels: 1,
  rate: RATE,
  values: Float32Array.from({ length: 4000 }, (_, t) => Math.sin((0.1 + t / 8000) * t)),
};
const TRACE: SignalNumbers = {
  channels: 2,
  values: Float32Array.from({ length: 120 }, (_, i) => Math.sin(i / 9) * (1 + (i % 2))),
};

/** The same of signals. */
export function fakeSignalPage(): string {
  const results = fakeResults({ items: 100, lengths: [300] });
  results.protocol.input = 'signal';
  const [pairs, window] = [6, 32];
  const waves = (pitch: number): Float32Array =>
    Float32Array.from({ length: 2 * pairs * window }, (_, i) => {
      const [row, t] = [Math.floor(i / window), i % window];
      const angle = pitch * (1 + (row % pairs)) * t;
      return row < pairs ? Math.cos(angle) : Math.sin(angle);
    });
  const responses = [RATE, undefined].map((rate) =>
    filterResponses(
      { model: 'elastic', sequenceLength: 4000, rate },
      { filters: pairs, channels: 1 },
      waves(0.4),
      waves(0.3),
    ),
  );
  const wrong = [SOUND, TRACE].map((signal, item) => ({
    model: 'elastic',
    sequenceLength: 4000,
    item,
    text: 'a signal',
    signal,
    parts: occlusionsOf(signal).map(({ from, to }, p) => ({ from, to, drop: Math.sin(p) / 3 })),
    label: '<b>"',
    predicted: 'spam',
    confidence: 0.9 - item / 10,
  }));
  return renderPage({ results, comparison: compareResults(results), responses, wrong });
}
