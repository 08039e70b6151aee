/** How each model is drawn: by colour, symbol and dash, so that none of them carries the meaning alone. */
import type { SymbolType } from '@observablehq/plot';
import { familyNameOf, rankOf } from '../model/families/display.js';
import { escapeHtml } from './html.js';

export interface Look {
  readonly model: string;
  readonly color: string;
  readonly symbol: SymbolType;
  readonly dash: string;
}

/** Colours of the style sheet, `--model-0` and on. */
export const COLORS = 8;

interface Shape {
  readonly symbol: SymbolType;
  /** The same in HTML, in a box of 10 by 10. */
  readonly html: string;
}

const SHAPES: readonly Shape[] = [
  { symbol: 'circle', html: '<circle cx="5" cy="5" r="4.5"/>' },
  { symbol: 'square', html: '<rect x="1" y="1" width="8" height="8"/>' },
  { symbol: 'triangle', html: '<path d="M5 0.5 9.7 9H0.3z"/>' },
  { symbol: 'diamond', html: '<path d="M5 0 9 5 5 10 1 5z"/>' },
  {
    symbol: 'star',
    html: '<path d="M5 0l1.5 3.3 3.5.4-2.6 2.4.7 3.6L5 7.9 1.9 9.7l.7-3.6L0 3.7l3.5-.4z"/>',
  },
  { symbol: 'cross', html: '<path d="M3.5 0h3v3.5H10v3H6.5V10h-3V6.5H0v-3h3.5z"/>' },
  { symbol: 'wye', html: '<path d="M3.7 5.5 0 3.4 1.5 1 5 3 8.5 1 10 3.4 6.3 5.5V10H3.7z"/>' },
];
const DASHES = ['none', '7,3', '2,3', '9,3,2,3', '5,5', '12,3', '1,2', '4,2,1,2'];

/** The colour of a family: by its place, so that it is the same on every page. */
function slotsOf(families: readonly string[]): ReadonlyMap<string, number> {
  const slots = new Map<string, number>();
  for (const family of families) {
    // Families that this program does not know share a place: the next free colour after it.
    let slot = Math.floor(rankOf(family).order);
    while ([...slots.values()].includes(slot)) slot++;
    slots.set(family, slot);
  }
  return slots;
}

/** Scaled forms of a family keep its hue, nearer to the ink, and take other symbols and dashes. */
function lookOf(model: string, slot: number, form: number): Look {
  const family = `var(--model-${slot % COLORS})`;
  const place = slot + 3 * form;
  return {
    model,
    color: form === 0 ? family : `color-mix(in srgb, ${family}, var(--ink) ${Math.min(70, 25 * form)}%)`,
    symbol: SHAPES[place % SHAPES.length].symbol,
    dash: DASHES[place % DASHES.length],
  };
}

/** The look of each model, in the order given. */
export function looksOf(models: readonly string[]): Look[] {
  const families = [...new Set(models.map(familyNameOf))];
  const slots = slotsOf(families.toSorted((a, b) => rankOf(a).order - rankOf(b).order || (a < b ? -1 : 1)));
  return models.map((model) => {
    const family = familyNameOf(model);
    const forms = models.filter((other) => familyNameOf(other) === family && other !== family);
    return lookOf(model, slots.get(family)!, model === family ? 0 : forms.indexOf(model) + 1);
  });
}

/** Symbol and name of a model as HTML. */
export function marked({ model, color, symbol }: Look): string {
  const shape = SHAPES.find((one) => one.symbol === symbol)!;
  return `<svg class="marker" viewBox="0 0 10 10" style="fill:${color}" aria-hidden="true">${shape.html}</svg>${escapeHtml(model)}`;
}

export function legend(looks: readonly Look[]): string {
  return `<ul class="legend" aria-label="Models">${looks.map((look) => `<li>${marked(look)}</li>`).join('')}</ul>`;
}
