/** How each model is drawn: by colour, symbol and dash, so that none of them carries the meaning alone. */
import type { SymbolType } from '@observablehq/plot';
import { escapeHtml } from './html.js';

export interface Look {
  readonly model: string;
  readonly color: string;
  readonly symbol: SymbolType;
  readonly dash: string;
}

const SYMBOLS: readonly SymbolType[] = ['circle', 'square', 'triangle', 'diamond', 'star', 'cross'];
const DASHES = ['none', '7,3', '2,3', '9,3,2,3', '5,5', '12,3'];
/** The same symbols in HTML, in a box of 10 by 10. */
const SHAPES = [
  '<circle cx="5" cy="5" r="4.5"/>',
  '<rect x="1" y="1" width="8" height="8"/>',
  '<path d="M5 0.5 9.7 9H0.3z"/>',
  '<path d="M5 0 9 5 5 10 1 5z"/>',
  '<path d="M5 0l1.5 3.3 3.5.4-2.6 2.4.7 3.6L5 7.9 1.9 9.7l.7-3.6L0 3.7l3.5-.4z"/>',
  '<path d="M3.5 0h3v3.5H10v3H6.5V10h-3V6.5H0v-3h3.5z"/>',
];

/** The look of each model, in the order given. */
export function looksOf(models: readonly string[]): Look[] {
  return models.map((model, i) => ({
    model,
    color: `var(--model-${i % SHAPES.length})`,
    symbol: SYMBOLS[i % SYMBOLS.length],
    dash: DASHES[i % DASHES.length],
  }));
}

/** Symbol and name of a model as HTML. */
export function marked({ model, color, symbol }: Look): string {
  const shape = SHAPES[SYMBOLS.indexOf(symbol)];
  return `<svg class="marker" viewBox="0 0 10 10" style="fill:${color}" aria-hidden="true">${shape}</svg>${escapeHtml(model)}`;
}

export function legend(looks: readonly Look[]): string {
  return `<ul class="legend" aria-label="Models">${looks.map((look) => `<li>${marked(look)}</li>`).join('')}</ul>`;
}
