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

/** Pixels of the drawing and its margins. */
export const FRAME = {
  width: 400,
  height: 270,
  marginLeft: 56,
  marginRight: 18,
  marginTop: 26,
  marginBottom: 40,
  inset: 6,
} as const;

/** A log axis has no zero: times below this stand here. */
export const LEAST_SECONDS = 0.01;

/** At most about seven round numbers within the values' range, for a log axis; values of zero are left out. */
export function logTicks(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [];
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const within = (steps: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const step of steps) {
        const tick = Number((step * 10 ** power).toPrecision(2));
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    }
    return ticks;
  };
  const decades = Math.log10(high / low);
  if (decades > 2.5) {
    const every = Math.ceil(decades / 7);
    return within([1]).filter((tick) => Math.round(Math.log10(tick)) % every === 0);
  }
  const ticks = within(high / low > 20 ? [1, 3] : high / low > 4 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7]);
  // A narrow range may hold no round number, or one: then its ends say more.
  if (ticks.length > 1) return ticks;
  return [...new Set([low, high].map((value) => Number(value.toPrecision(3))))];
}

function svg(title: string, note: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const element = Plot.plot({
    ...FRAME,
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
  return element.outerHTML.replace(GEOMETRY, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100)),
  );
}

/** Attributes whose numbers are pixels, where two decimals are enough; those of labels stay as they are. */
const GEOMETRY = / (?:d|x|y|x1|x2|y1|y2|cx|cy|r|width|height|transform|points)="[^"]*"/g;

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
