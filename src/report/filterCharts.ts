/** What the spectral mixers have learned, layer by layer: a filter over frequency, and as a kernel over distance. */
import * as Plot from '@observablehq/plot';
import type { FilterSummary } from '../evaluation/filters.js';
import { logTicks, renderChart, shortNumber } from './chart.js';

/** Depth as darkness of one colour, so that the order of the layers can be seen. */
const strength = (layer: number, layers: number): number => 0.3 + (0.7 * (layer + 1)) / layers;

/** A table of every tenth point or so is enough to read. */
const thinned = <T>(points: readonly T[]): T[] =>
  points.filter((_, i) => i % Math.ceil(points.length / 16) === 0);

function charts(filters: readonly FilterSummary[]): string {
  const [{ model, sequenceLength, magnitude, kernel }] = filters;
  const layers = filters.map(({ layer }) => ({ title: `layer ${layer + 1}`, numeric: true }));
  const name = `${model}, ${sequenceLength.toLocaleString('en')} tokens`;
  const style = (layer: number) => ({
    stroke: 'var(--model-0)',
    strokeWidth: 1.5,
    strokeOpacity: strength(layer, filters.length),
  });
  const overFrequency = renderChart({
    title: `${name}: filter over frequency`,
    note: `Root mean square of |W| over the channels; one line a layer, from the first (faint) to the last (strong). A slow drift over the text stands on the left, a change from token to token on the right.`,
    plot: {
      x: { label: 'cycles per token', ticks: 6 },
      y: { label: 'magnitude', grid: true, zero: true, ticks: 6 },
      marks: filters.map(({ layer, magnitude: points }) =>
        Plot.line(points, { x: 'frequency', y: 'value', ...style(layer) }),
      ),
    },
    columns: [{ title: 'cycles per token', numeric: true }, ...layers],
    rows: thinned(magnitude.map((_, i) => i)).map((i) => [
      magnitude[i].frequency.toFixed(4),
      ...filters.map((filter) => filter.magnitude[i].value.toPrecision(3)),
    ]),
  });
  // A log axis has no 0, so the token itself stands at one half.
  const place = ({ distance }: { distance: number }): number => Math.max(distance, 0.5);
  const energies = filters
    .flatMap((filter) => filter.kernel.map(({ energy }) => energy))
    .filter((energy) => energy > 0);
  const ticks = logTicks(energies);
  const overDistance = renderChart({
    title: `${name}: the same filter as a kernel over token distance`,
    note: 'The same layers. Energy at a distance over the mean of all distances: 1 everywhere is what random numbers give. The token itself (distance 0) stands at the left edge.',
    plot: {
      x: {
        type: 'log',
        ticks: logTicks([1, sequenceLength / 2]),
        tickFormat: shortNumber,
        label: 'tokens apart',
      },
      y: { type: 'log', ticks, tickFormat: shortNumber, label: 'relative energy' },
      marks: [
        Plot.gridY(ticks),
        Plot.ruleY([1], { stroke: 'var(--quiet)', strokeDasharray: '1,3' }),
        ...filters.map(({ layer, kernel: points }) =>
          Plot.line(
            points.filter(({ energy }) => energy > 0),
            { x: place, y: 'energy', ...style(layer) },
          ),
        ),
      ],
    },
    columns: [{ title: 'tokens apart', numeric: true }, ...layers],
    rows: thinned(kernel.map((_, i) => i)).map((i) => [
      String(kernel[i].distance),
      ...filters.map((filter) => filter.kernel[i].energy.toPrecision(3)),
    ]),
  });
  return `${overFrequency}\n${overDistance}`;
}

/** Two charts for each model and length among the filters. */
export function filterCharts(filters: readonly FilterSummary[]): string {
  const groups = new Map<string, FilterSummary[]>();
  for (const filter of filters) {
    const key = `${filter.model} ${filter.sequenceLength}`;
    groups.set(key, [...(groups.get(key) ?? []), filter]);
  }
  return [...groups.values()].map((group) => charts(group.sort((a, b) => a.layer - b.layer))).join('\n');
}
