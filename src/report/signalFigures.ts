/** Signals that a model got wrong: as a trace or a spectrogram, with the parts that its answer hangs on. */
import * as Plot from '@observablehq/plot';
import type { WrongText } from '../comparison/wrong.js';
import {
  isLong,
  RANGE,
  type SignalNumbers,
  type SignalPart,
  spectrogramOf,
} from '../evaluation/signalView.js';
import { pictureOf } from './bitmap.js';
import { FRAME, renderChart } from './chart.js';
import { percent, points, signedPoints } from './format.js';

/** Lines that can be told apart. */
const MOST_CHANNELS = 4;
/** Points of a trace: more than pixels say nothing. */
const MOST_POINTS = 400;
/** Of the height, what the strip of parts takes. */
const STRIP = 0.1;

export type WrongSignal = WrongText & { readonly signal: SignalNumbers };

interface Span {
  readonly low: number;
  readonly high: number;
}

/** What time is counted in. */
const timeOf = ({ rate }: SignalNumbers): { readonly label: string; readonly step: number } =>
  rate === undefined ? { label: 'steps', step: 1 } : { label: 'seconds', step: 1 / rate };

/** Where a part is left out the answer's probability falls (its own colour) or rises (the other's). */
function strip(parts: readonly SignalPart[], step: number, { low, high }: Span): Plot.Markish[] {
  const largest = Math.max(0.01, ...parts.map(({ drop }) => Math.abs(drop)));
  const [top, bottom] = [low - 0.3 * STRIP * (high - low), low - STRIP * (high - low)];
  // Parts overlap by half: each is drawn where it is nearest.
  return parts.map(({ from, to, drop }) =>
    Plot.rect([0], {
      x1: () => ((3 * from + to) / 4) * step,
      x2: () => ((from + 3 * to) / 4) * step,
      y1: () => bottom,
      y2: () => top,
      fill: drop > 0 ? 'var(--model-1)' : 'var(--model-0)',
      fillOpacity: Math.abs(drop) / largest,
    }),
  );
}

function spectrogram(signal: SignalNumbers): {
  readonly span: Span;
  readonly label: string;
  readonly marks: Plot.Markish[];
} {
  const { rows, columns, decibels } = spectrogramOf(signal);
  const high = signal.rate === undefined ? 0.5 : signal.rate / 2000;
  const end = signal.values.length * timeOf(signal).step;
  const mark = Plot.image([0], {
    x: end / 2,
    y: high / 2,
    src: () =>
      pictureOf(
        rows,
        columns,
        decibels.map((value) => 1 + value / RANGE),
      ),
    width: FRAME.width - FRAME.marginLeft - FRAME.marginRight - 2 * FRAME.inset,
    height: (FRAME.height - FRAME.marginTop - FRAME.marginBottom - 2 * FRAME.inset) / (1 + STRIP),
    preserveAspectRatio: 'none',
  });
  return {
    span: { low: 0, high },
    label: signal.rate === undefined ? 'cycles per step' : 'kHz',
    marks: [mark],
  };
}

function trace(signal: SignalNumbers): {
  readonly span: Span;
  readonly label: string;
  readonly marks: Plot.Markish[];
} {
  const { channels, values } = signal;
  const { step } = timeOf(signal);
  const steps = values.length / channels;
  const every = Math.max(1, Math.ceil(steps / MOST_POINTS));
  const shown = Math.min(channels, MOST_CHANNELS);
  const places = Array.from({ length: Math.ceil(steps / every) }, (_, i) => i * every);
  const heights = places.flatMap((t) => Array.from({ length: shown }, (_, c) => values[t * channels + c]));
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const marks = Array.from({ length: shown }, (_, c) =>
    Plot.line(
      places.map((t) => ({ x: t * step, y: values[t * channels + c] })),
      { x: 'x', y: 'y', stroke: `var(--model-${c})`, strokeWidth: 1.2 },
    ),
  );
  const label = channels > shown ? `value, channels 1 to ${shown} of ${channels}` : 'value';
  return { span: low < high ? { low, high } : { low: low - 1, high: high + 1 }, label, marks };
}

/** One figure each. */
export function signalFigures(wrong: readonly WrongSignal[]): string {
  return wrong
    .map(({ model, signal, label, predicted, confidence, parts = [] }) => {
      const { label: unit, step } = timeOf(signal);
      const { span, label: yLabel, marks } = isLong(signal) ? spectrogram(signal) : trace(signal);
      const most = Math.max(0, ...parts.map(({ drop }) => drop));
      const hangs =
        parts.length === 0
          ? ''
          : ` Strip: red where leaving that part out lowers the score of ‘${predicted}’, by ${points(most, 0)} points at most; blue where it raises it.`;
      const end = (signal.values.length / signal.channels) * step;
      return renderChart({
        title: `${predicted} (${percent(confidence, 1)} sure), true: ${label}`,
        note: `${model}.${hangs}`,
        plot: {
          x: { label: unit, domain: [0, end], ticks: 6 },
          y: { label: yLabel, domain: [span.low - STRIP * (span.high - span.low), span.high], ticks: 5 },
          marks: [...marks, ...strip(parts, step, span)],
        },
        columns: [
          { title: `${unit}, from`, numeric: true },
          { title: 'to', numeric: true },
          { title: 'points lost without it', numeric: true },
        ],
        rows: parts.map(({ from, to, drop }) => [
          (from * step).toFixed(signal.rate === undefined ? 0 : 3),
          (to * step).toFixed(signal.rate === undefined ? 0 : 3),
          signedPoints(drop),
        ]),
      });
    })
    .join('\n');
}
