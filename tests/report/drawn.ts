/** What a chart draws, read back from its SVG in the units of its vertical axis. */
import { parseHTML } from 'linkedom';

/** What is drawn in one colour, in the order drawn. */
export interface Series {
  readonly dots: readonly number[];
  /** Upright bars: from, to. */
  readonly bars: readonly (readonly [number, number])[];
}

/**
 * The series of each colour.
 * @param html of figures
 * @param title of the one to read; its vertical axis is linear
 */
export function drawnIn(html: string, title: string): ReadonlyMap<string, Series> {
  const { document } = parseHTML(`<body>${html}</body>`);
  const figure = [...document.querySelectorAll('figure')].find(
    (one) => one.querySelector('figcaption strong')?.textContent === title,
  );
  if (figure === undefined) throw new Error(`there is no chart "${title}"`);
  const heightOf = (element: Element): number =>
    Number(/,([-\d.]+)\)$/.exec(element.getAttribute('transform') ?? '')?.[1]);
  const ticks = [...figure.querySelectorAll('svg g[font-variant][text-anchor=end] text')].map((tick) => ({
    y: heightOf(tick),
    value: Number(tick.textContent?.replace('−', '-')),
  }));
  const [first, last] = [ticks[0], ticks[ticks.length - 1]];
  const valueAt = (y: number): number =>
    first.value + ((y - first.y) * (last.value - first.value)) / (last.y - first.y);
  const series = new Map<string, { dots: number[]; bars: [number, number][] }>();
  const of = (color: string): { dots: number[]; bars: [number, number][] } => {
    if (!series.has(color)) series.set(color, { dots: [], bars: [] });
    return series.get(color)!;
  };
  for (const group of figure.querySelectorAll('svg g[fill^="var(--model"]')) {
    for (const dot of group.querySelectorAll('path')) {
      of(group.getAttribute('fill')!).dots.push(valueAt(heightOf(dot)));
    }
    for (const dot of group.querySelectorAll('circle')) {
      of(group.getAttribute('fill')!).dots.push(valueAt(Number(dot.getAttribute('cy'))));
    }
  }
  for (const group of figure.querySelectorAll('svg g[stroke^="var(--model"]')) {
    for (const bar of group.querySelectorAll('line')) {
      const [from, to] = ['y1', 'y2'].map((end) => valueAt(Number(bar.getAttribute(end))));
      of(group.getAttribute('stroke')!).bars.push([from, to]);
    }
  }
  return series;
}
