/** Places labels beside the points of a chart so that none covers another. */
import * as Plot from '@observablehq/plot';
import { FRAME } from './chart.js';

export interface Axis {
  readonly type: 'linear' | 'log';
  readonly domain: readonly [number, number];
}

export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly color: string;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const FONT = 10.5;
/** Beside the point, from the best place on. */
const LABEL_OFFSETS = [
  { dx: 6, dy: 0, textAnchor: 'start' },
  { dx: 0, dy: -10, textAnchor: 'middle' },
  { dx: 0, dy: 11, textAnchor: 'middle' },
  { dx: -6, dy: 0, textAnchor: 'end' },
  { dx: 6, dy: -11, textAnchor: 'start' },
  { dx: 6, dy: 11, textAnchor: 'start' },
] as const;

function along({ type, domain: [low, high] }: Axis, from: number, to: number): (value: number) => number {
  const of = type === 'log' ? Math.log : (value: number) => value;
  const range = of(high) - of(low) || 1;
  return (value) => from + ((of(value) - of(low)) / range) * (to - from);
}

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/**
 * Marks for the labels, each where it covers neither a point nor a label before it; one that finds no place is left
 * out, since the data stand under the chart. Both axes need the domains that the chart has.
 */
export function labelMarks(
  points: readonly Labelled[],
  {
    x,
    y,
    marginRight = FRAME.marginRight,
  }: { readonly x: Axis; readonly y: Axis; readonly marginRight?: number },
): Plot.Markish[] {
  const { width, height, marginLeft, marginTop, marginBottom, inset } = FRAME;
  const across = along(x, marginLeft + inset, width - marginRight - inset);
  const up = along(y, height - marginBottom - inset, marginTop + inset);
  const occupied: Box[] = points.map((point) => {
    const [left, top] = [across(point.x), up(point.y)];
    return { left: left - 4, right: left + 4, top: top - 4, bottom: top + 4 };
  });
  return points.flatMap((point) => {
    const length = 0.58 * FONT * point.text.length;
    for (const { dx, dy, textAnchor } of LABEL_OFFSETS) {
      const start = across(point.x) + dx - { start: 0, middle: length / 2, end: length }[textAnchor];
      const middle = up(point.y) + dy;
      const box = { left: start, right: start + length, top: middle - FONT / 2, bottom: middle + FONT / 2 };
      if (box.left < 0 || box.right > width || box.top < 0 || occupied.some((other) => overlap(box, other)))
        continue;
      occupied.push(box);
      return [
        Plot.text([point], {
          x: 'x',
          y: 'y',
          text: 'text',
          dx,
          dy,
          textAnchor,
          fontSize: FONT,
          fill: point.color,
        }),
      ];
    }
    return [];
  });
}
