/** What the spectral mixers have learned, layer by layer: a filter over frequency, and as a kernel over distance. */
import * as Plot from '@observablehq/plot';
import type { FilterSummary } from '../evaluation/filters.js';
import { logTicks, renderChart } from './chart.js';
import { count, shortNumber } from './format.js';
import { type Look, looksOf } from './palette.js';

/** Depth as darkness of one colour, so that the order of the layers can be seen. */
const strength = (layer: number, layers: number): number => 0.3 + (0.7 * (layer + 1)) / layers;

/** A table of every tenth point or so is enough to read. */
const thinned = <T>(points: readonly T[]): T[] =>
  points.filter((_, i) => i % Math.ceil(points.length / 16) === 0);

interface Group {
  /** Of one model and length, by layer. */
  readonly filters: readonly FilterSummary[];
  readonly name: string;
  readonly look: Look;
}

const layersOf = (filters: readonly FilterSummary[]) =>
  filters.map(({ layer }) => ({ title: `layer ${layer + 1}`, numeric: true }));

const styleOf = ({ filters, look }: Group, layer: number) => ({
  stroke: look.color,
  strokeWidth: 1.5,
  strokeOpacity: strength(layer, filters.length),
});

function overFrequency(group: Group): string {
  const { filters, name } = group;
  const [{ magnitude, unit, rowRate }] = filters;
  const [label, factor] = rowRate === undefined ? [`cycles per ${unit}`, 1] : ['Hz', rowRate];
  const whole = unit === 'token' ? 'text' : 'signal';
  return renderChart({
    title: `${name}: filter over frequency`,
    note: `Root mean square of |W| over the channels; one line a layer, from the first (faint) to the last (strong). A slow drift over the ${whole} is on the left, a change from ${unit} to ${unit} on the right.`,
    plot: {
      x: { label, ticks: 6 },
      y: { label: 'magnitude', grid: true, zero: true, ticks: 6 },
      marks: filters.map(({ layer, magnitude: points }) =>
        Plot.line(points, { x: ({ frequency }) => factor * frequency, y: 'value', ...styleOf(group, layer) }),
      ),
    },
    columns: [{ title: label, numeric: true }, ...layersOf(filters)],
    rows: thinned(magnitude.map((_, i) => i)).map((i) => [
      (factor * magnitude[i].frequency).toPrecision(4),
      ...filters.map((filter) => filter.magnitude[i].value.toPrecision(3)),
    ]),
  });
}

function overDistance(group: Group): string {
  const { filters, name } = group;
  const [{ kernel, sequenceLength, unit }] = filters;
  // A log axis has no 0, so the token itself stands at one half.
  const place = ({ distance }: { distance: number }): number => Math.max(distance, 0.5);
  const ticks = logTicks(filters.flatMap((filter) => filter.kernel.map(({ energy }) => energy)));
  return renderChart({
    title: `${name}: the same filter as a kernel over ${unit} distance`,
    note: `The same layers. Energy at a distance, divided by the mean over all distances; random numbers give 1 everywhere. The ${unit} itself (distance 0) is at the left edge.`,
    plot: {
      x: {
        type: 'log',
        ticks: logTicks([1, sequenceLength / 2]),
        tickFormat: shortNumber,
        label: `${unit}s apart`,
      },
      y: { type: 'log', ticks, tickFormat: shortNumber, label: 'relative energy' },
      marks: [
        Plot.gridY(ticks),
        Plot.ruleY([1], { stroke: 'var(--quiet)', strokeDasharray: '1,3' }),
        ...filters.map(({ layer, kernel: points }) =>
          Plot.line(
            points.filter(({ energy }) => energy > 0),
            { x: place, y: 'energy', ...styleOf(group, layer) },
          ),
        ),
      ],
    },
    columns: [{ title: `${unit}s apart`, numeric: true }, ...layersOf(filters)],
    rows: thinned(kernel.map((_, i) => i)).map((i) => [
      count(kernel[i].distance),
      ...filters.map((filter) => filter.kernel[i].energy.toPrecision(3)),
    ]),
  });
}

/** Two charts for each model and length among the filters. */
export function filterCharts(filters: readonly FilterSummary[]): string {
  const groups = new Map<string, FilterSummary[]>();
  for (const filter of filters) {
    const key = `${filter.model} ${filter.sequenceLength}`;
    groups.set(key, [...(groups.get(key) ?? []), filter]);
  }
  return [...groups.values()]
    .map((layers) => {
      const [{ model, sequenceLength, unit }] = layers;
      const group = {
        filters: layers.toSorted((a, b) => a.layer - b.layer),
        name: `${model}, ${count(sequenceLength)} ${unit}s`,
        look: looksOf([model])[0],
      };
      return `${overFrequency(group)}\n${overDistance(group)}`;
    })
    .join('\n');
}
