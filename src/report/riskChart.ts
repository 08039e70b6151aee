/** How often the models are wrong if they answer only what they are surest of, at the greatest length. */
import * as Plot from '@observablehq/plot';
import type { Cell, Comparison } from '../comparison/compareResults.js';
import { type RiskCoverage, type RiskPoint, riskCoverageOf } from '../evaluation/riskCoverage.js';
import { renderChart } from './chart.js';
import { count, percent } from './format.js';
import { escapeHtml } from './html.js';
import type { Look } from './palette.js';

const POINTS = 20;
/** Fewer answers say too little to be drawn. */
const LEAST_ANSWERS = 20;

interface Curve extends RiskCoverage {
  readonly look: Look;
  /** Those with answers enough. */
  readonly drawn: readonly RiskPoint[];
}

/** All seeds together. */
function curveOf(look: Look, { trials }: Cell, labels: readonly number[]): Curve {
  const confidence = trials.flatMap((trial) => trial.confidence);
  const right = trials.flatMap(({ predictions }) => predictions.map((answer, i) => answer === labels[i]));
  const curve = riskCoverageOf(confidence, right, POINTS);
  const drawn = curve.points.filter(({ coverage }) => coverage * confidence.length >= LEAST_ANSWERS);
  return { look, ...curve, drawn };
}

const rowsOf = ({ look, points }: Curve): string[][] =>
  points.map(({ coverage, score, error, errorInterval: [low, high] }) => [
    escapeHtml(look.model),
    percent(coverage, 0),
    percent(score, 1),
    percent(error, 1),
    percent(low, 1),
    percent(high, 1),
  ]);

export function riskChart(
  { cells, unit }: Comparison,
  labels: readonly number[],
  looks: readonly Look[],
): string {
  const longest = Math.max(...cells.map(({ sequenceLength }) => sequenceLength));
  const curves = looks.flatMap((look) => {
    const cell = cells.find(
      ({ model, sequenceLength }) => model === look.model && sequenceLength === longest,
    );
    return cell === undefined ? [] : [curveOf(look, cell, labels)];
  });
  const x = ({ coverage }: RiskPoint): number => 100 * coverage;
  const areas = curves.map(
    ({ look, area, areaInterval: [low, high] }) =>
      `${look.model} ${percent(area)} (${percent(low)} to ${percent(high)})`,
  );
  const most = Math.max(0.02, ...curves.flatMap(({ drawn }) => drawn.map((point) => point.errorInterval[1])));
  return renderChart({
    title: `${count(longest)} ${unit}: wrong answers, where only the surest are given`,
    note: `Bands are 95% intervals (Wilson). Mean error over all coverages, with its 95% interval: ${areas.join('; ')}.`,
    plot: {
      x: { label: 'answered, %', ticks: 6, domain: [0, 100] },
      y: { label: 'wrong, %', grid: true, ticks: 6, domain: [0, 100 * most] },
      marks: curves.flatMap(({ look: { color, dash }, drawn }) => [
        Plot.areaY(drawn, {
          x,
          y1: ({ errorInterval }: RiskPoint) => 100 * errorInterval[0],
          y2: ({ errorInterval }: RiskPoint) => 100 * errorInterval[1],
          fill: color,
          fillOpacity: 0.12,
        }),
        Plot.line(drawn, {
          x,
          y: ({ error }: RiskPoint) => 100 * error,
          stroke: color,
          strokeWidth: 1.5,
          strokeDasharray: dash,
        }),
      ]),
    },
    columns: [
      { title: 'model' },
      { title: 'answered', numeric: true },
      { title: 'score from', numeric: true },
      { title: 'wrong', numeric: true },
      { title: 'interval from', numeric: true },
      { title: 'to', numeric: true },
    ],
    rows: curves.flatMap(rowsOf),
  });
}
