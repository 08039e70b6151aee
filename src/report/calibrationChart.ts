/** Whether the models' confidence can be believed: accuracy against confidence at the greatest length. */
import * as Plot from '@observablehq/plot';
import type { Cell, Comparison } from '../comparison/compareResults.js';
import { expectedCalibrationError, type ReliabilityBin, reliabilityBins } from '../evaluation/calibration.js';
import { renderChart } from './chart.js';
import { count, percent, points } from './format.js';
import { escapeHtml } from './html.js';
import type { Look } from './palette.js';

const BINS = 10;
/** Fewer answers say too little to be drawn. */
const LEAST_ANSWERS = 5;

/** All seeds together. */
function binsOf({ trials }: Cell, labels: readonly number[]): ReliabilityBin[] {
  return reliabilityBins(
    trials.flatMap(({ confidence }) => confidence),
    trials.flatMap(({ predictions }) => predictions.map((answer, i) => answer === labels[i])),
    BINS,
  ).filter(({ count: answers }) => answers > 0);
}

/** Larger dots stand for more answers. */
function radius(bins: readonly ReliabilityBin[]): (bin: ReliabilityBin) => number {
  const most = Math.max(...bins.map((bin) => bin.count));
  return (bin) => 2 + 4 * Math.sqrt(bin.count / most);
}

interface Curve {
  readonly look: Look;
  readonly bins: readonly ReliabilityBin[];
  /** Those with answers enough. */
  readonly drawn: readonly ReliabilityBin[];
  readonly error: number;
}

function curvesAt(
  length: number,
  cells: readonly Cell[],
  labels: readonly number[],
  looks: readonly Look[],
): Curve[] {
  return looks.flatMap((look) => {
    const cell = cells.find(({ model, sequenceLength }) => model === look.model && sequenceLength === length);
    if (cell === undefined) return [];
    const bins = binsOf(cell, labels);
    const drawn = bins.filter((bin) => bin.count >= LEAST_ANSWERS);
    return [{ look, bins, drawn, error: expectedCalibrationError(bins) }];
  });
}

const rowsOf = ({ look, bins }: Curve): string[][] =>
  bins.map((bin) => [
    escapeHtml(look.model),
    percent(bin.low, 0),
    percent(bin.high, 0),
    count(bin.count),
    percent(bin.confidence, 1),
    percent(bin.accuracy, 1),
  ]);

export function calibrationChart(
  { cells, unit }: Comparison,
  labels: readonly number[],
  looks: readonly Look[],
): string {
  const longest = Math.max(...cells.map(({ sequenceLength }) => sequenceLength));
  const curves = curvesAt(longest, cells, labels, looks);
  const least = Math.min(
    0.9,
    ...curves.flatMap(({ drawn }) => drawn.flatMap((bin) => [bin.confidence, bin.accuracy])),
  );
  const x = ({ confidence }: ReliabilityBin): number => 100 * confidence;
  const y = ({ accuracy }: ReliabilityBin): number => 100 * accuracy;
  const errors = curves.map(({ look, error }) => `${look.model} ${points(error)}`).join('; ');
  return renderChart({
    title: `${count(longest)} ${unit}: right answers by confidence`,
    note: `On the thin line confidence matches accuracy; below it the model is too sure. Large dots stand for many answers; bins with fewer than ${LEAST_ANSWERS} are in the table only. Expected calibration error in points: ${errors}.`,
    plot: {
      r: { type: 'identity' },
      x: { label: 'confidence, %', ticks: 6, domain: [100 * least, 100] },
      y: { label: 'right, %', grid: true, ticks: 6, domain: [100 * least, 100] },
      marks: [
        Plot.line(
          [
            [100 * least, 100 * least],
            [100, 100],
          ],
          { stroke: 'var(--quiet)', strokeDasharray: '1,3' },
        ),
        ...curves.flatMap(({ look: { color, symbol, dash }, drawn }) => [
          Plot.line(drawn, { x, y, stroke: color, strokeWidth: 1.5, strokeDasharray: dash }),
          Plot.dot(drawn, { x, y, symbol, fill: color, r: radius(drawn) }),
        ]),
      ],
    },
    columns: [
      { title: 'model' },
      { title: 'confidence from', numeric: true },
      { title: 'to', numeric: true },
      { title: 'answers', numeric: true },
      { title: 'mean confidence', numeric: true },
      { title: 'right', numeric: true },
    ],
    rows: curves.flatMap(rowsOf),
  });
}
