/** One chart: an Observable Plot drawn without a browser, as inline SVG in a figure with its data as a table. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { details, escapeHtml, type TableColumn, table } from './html.js';

export interface ChartContent {
  readonly title: string;
  /** Plain text under the title: what to see. */
  readonly note?: string;
  readonly plot: Plot.PlotOptions;
  /** The same data as a table; cells are HTML. */
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
}

const WIDTH = 400;
const HEIGHT = 270;

/** At most about seven round numbers within the values' range, for a log axis. */
export function logTicks(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const decades = Math.floor(Math.log10(low));
  const steps =
    high / low > 300 ? [1] : high / low > 20 ? [1, 3] : high / low > 4 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  const ticks: number[] = [];
  for (let power = decades; 10 ** power <= high; power++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** power).toPrecision(2));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** 1500000 → "1.5M", 0.25 → "0.25". */
export function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

function svg(title: string, note: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const element = Plot.plot({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 56,
    marginRight: 18,
    marginTop: 26,
    marginBottom: 40,
    inset: 6,
    ...options,
    className: 'plot',
    style: { background: 'transparent', color: 'currentColor', fontSize: '12px', fontFamily: 'inherit' },
    document,
  });
  // The page's own style sheet does what Plot's would do in each chart again.
  element.querySelector('style')?.remove();
  element.setAttribute('role', 'img');
  element.setAttribute('aria-label', `${title}. ${note} The data are in the table below.`);
  element.setAttribute('font-family', 'system-ui, sans-serif');
  // Within an image nothing else is read out.
  for (const part of element.querySelectorAll('[aria-label], [aria-description]')) {
    part.removeAttribute('aria-label');
    part.removeAttribute('aria-description');
  }
  // Two decimals are a hundredth of a pixel.
  return element.outerHTML.replace(/-?\d+\.\d{3,}/g, (number) =>
    String(Math.round(Number(number) * 100) / 100),
  );
}

export function renderChart({ title, note = '', plot, columns, rows }: ChartContent): string {
  const caption = note === '' ? '' : ` <span class="quiet">${escapeHtml(note)}</span>`;
  return `<figure><figcaption><strong>${escapeHtml(title)}</strong>${caption}</figcaption>
${svg(title, note, plot)}
${details('Data', table(title, columns, rows))}</figure>`;
}

/** Figures beside each other, as many as fit; nothing where there are none. */
export function charts(figures: string): string {
  return figures === '' ? '' : `<div class="charts">${figures}</div>`;
}
